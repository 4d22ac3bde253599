from __future__ import annotations

import gzip
import json

import pytest

from jobs.aws.submit.driver_output import find_last_line, find_stored, read_stored
from jobs.common.cli.errors import JobError
from jobs.common.storage import s3_client
from jobs.common.storage.location import Location

LINE = json.dumps({"run_id": "r", "seen": 3})


def test_last_line_is_the_last_json_object_of_a_run() -> None:
    output = f'{LINE}\n{{"other": 1}}\nDOE^JANE at Main.java:3\n[1]\n{{broken\n'
    assert find_last_line(output) == LINE


@pytest.mark.parametrize("output", [None, "", "no object", '{"other": 1}'])
def test_output_without_a_last_line_shows_nothing(output: str | None) -> None:
    assert find_last_line(output) is None


@pytest.mark.parametrize("line", ['{"release": "a"}', '{"checked": 1}'])
def test_other_commands_have_other_fields(line: str) -> None:
    assert find_last_line(line) == line


def test_stored_output_is_unpacked(services: str) -> None:
    client = s3_client.get_client()
    client.put_object(Bucket=services, Key="logs/b/stdout.gz", Body=gzip.compress(LINE.encode()))
    client.put_object(Bucket=services, Key="logs/a/stdout.gz", Body=b"half")
    assert read_stored(Location(services, "logs/b/stdout.gz")) == LINE
    assert read_stored(Location(services, "logs/a/stdout.gz")) is None
    assert read_stored(Location(services, "logs/c/stdout.gz")) is None
    found = find_stored(Location(services, "logs/"), "/stdout.gz")
    assert found == Location(services, "logs/b/stdout.gz")
    assert find_stored(Location(services, "logs/"), "/stderr.gz") is None


def test_unreadable_logs_are_one_sentence(services: str) -> None:
    missing = Location(f"{services}-missing", "logs/")
    with pytest.raises(JobError, match="the logs in the bucket"):
        find_stored(missing, "x")
