from __future__ import annotations

from pathlib import Path

import pytest

from jobs.common.access_log.entries import find_defects, hash_pseudonym
from jobs.common.access_log.log import open_log, read_entries
from jobs.common.cli.errors import JobError, UsageError
from jobs.common.delta.tables.table_set import Tables
from jobs.common.run.original_access import (
    Access,
    AccessRecorder,
    find_restricted_folder,
    hash_concerned,
    uses_aws,
)
from jobs.common.storage.location import Location
from safelight.pseudonyms import Pseudonyms

NAMES = Pseudonyms(bytes(range(32)))


def test_each_pseudonym_that_is_not_empty_has_one_hash() -> None:
    assert hash_concerned(NAMES, ["P", "", "P"]) == {hash_pseudonym(NAMES, "P")}


@pytest.mark.parametrize(
    ("key", "store", "bucket", "expected"),
    [
        ("file:key", "delta", "", False),
        ("aws-kms:key", "delta", "", True),
        ("file:key", "dynamodb:table", "", True),
        ("file:key", "delta", "bucket", True),
    ],
)
def test_aws_is_used_for_a_key_a_store_or_a_folder(
    key: str, store: str, bucket: str, expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"):
        monkeypatch.delenv(name, raising=False)
    assert uses_aws(key, store, [Location(bucket, "tables")]) is expected


def test_a_folder_without_a_mapping_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="has no table `mapping`"):
        find_restricted_folder(str(tmp_path), "delta")


def test_a_refused_access_is_recorded_and_raised(tmp_path: Path) -> None:
    restricted = Location("", str(tmp_path / "restricted"))
    tables = Tables(None, Location("", str(tmp_path / "tables")), restricted)
    (tmp_path / "restricted").mkdir()
    (tmp_path / "restricted" / "access_rules.yaml").write_text("rules: [{callers: [nobody]}]")
    access = Access("why", "patient", 3, 2, "default", frozenset(), frozenset({"hash"}))
    with open_log(restricted, None) as append:
        recorder = AccessRecorder(tables, append, False, restricted)
        with pytest.raises(JobError, match="no rule for this caller"):
            recorder.record(NAMES, access)
        with pytest.raises(JobError, match="no rule for this caller"):
            recorder.refuse_any_number(NAMES, access)
    entry, again = read_entries(restricted)
    assert (again.refusal, again.asked_count) == (entry.refusal, 3)
    assert (entry.refusal, entry.asked_count, entry.answered_count) == (
        "no rule for this caller", 3, 0,
    )  # fmt: skip
    assert find_defects([entry, again], {NAMES.key_id: bytes(range(32))}, {}) == []

    (tmp_path / "restricted" / "access_rules.yaml").write_text("rules: [{callers: ['*']}]")
    with open_log(restricted, None) as append:
        AccessRecorder(tables, append, False, restricted).record(NAMES, access)
    assert [entry.refusal for entry in read_entries(restricted)].count(None) == 1


def test_an_access_is_not_refused_before_its_number_is_known(tmp_path: Path) -> None:
    restricted = Location("", str(tmp_path))
    (tmp_path / "access_rules.yaml").write_text("rules: [{callers: ['*'], per_call: 2}]")
    access = Access("why", "patient", 3, 0, "default", frozenset(), frozenset({"hash"}))
    with open_log(restricted, None) as append:
        recorder = AccessRecorder(Tables(None, restricted), append, False, restricted)
        recorder.refuse_any_number(NAMES, access)
        with pytest.raises(JobError, match="at most 2 pseudonyms"):
            recorder.record(NAMES, access)
