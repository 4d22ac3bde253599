"""The real command on real objects, killed without warning, and run again."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from jobs.common.delta.table_set import Tables
from jobs.common.storage.location import parse_uri
from tests.jobs.runs import all_but_sources

STUDY = Path(__file__).parents[1] / "data" / "study"


def command(place: Path, key_file: str) -> list[str]:
    arguments = ["--input", str(STUDY), "--key", key_file, "--pixels", "off", "--text", "off"]
    arguments += ["--output", str(place / "out"), "--tables", str(place / "tables")]
    return [sys.executable, "-m", "jobs.cli", "deidentify", *arguments, "--master", "local[2]"]


def test_a_killed_run_loses_and_doubles_no_row(spark: Any, tmp_path: Path, key_file: str) -> None:
    place = tmp_path / "place"
    with (tmp_path / "log").open("wb") as log:
        first = subprocess.Popen(
            command(place, key_file), stdout=log, stderr=log, start_new_session=True
        )
        deadline = time.monotonic() + 240
        while not any((place / "out").rglob("*.dcm")) and time.monotonic() < deadline:
            assert first.poll() is None, (tmp_path / "log").read_text()
            time.sleep(0.05)
        os.killpg(first.pid, signal.SIGKILL)
        first.wait()
    done = subprocess.run(command(place, key_file), capture_output=True, text=True, check=True)
    summary = json.loads(done.stdout.splitlines()[-1])
    assert summary["seen"] == 16
    assert summary["deidentified"] + summary["filtered"] + summary["quarantined"] == 16

    tables = Tables(spark, parse_uri(str(place / "tables")))
    instances = tables.read("instances").collect()
    assert len(instances) == len({row.source_id for row in instances}) == 16
    objects = {str(path): path.read_bytes() for path in (place / "out").rglob("*.dcm")}
    rows = {row.output_uri: row.output_sha256 for row in instances if row.output_uri}
    assert rows == {uri: hashlib.sha256(data).hexdigest() for uri, data in objects.items()}
    run_ids = {row.run_id for row in instances}
    for table in ("audit", "catalog"):
        found = tables.read(table)
        assert {row.run_id for row in found.select("run_id").distinct().collect()} == run_ids
    assert tables.read("catalog").count() == len(objects)
    assert not list((place / "out").rglob(".partial-*"))

    # Names of people and files occur in the source only, and the name of a file in ``sources``.
    left = all_but_sources(place / "tables")
    for planted in ("Archibald", "98890234", "CompressedSamples", "doe-peter", "cut-short"):
        assert planted.encode() not in left
        assert planted not in done.stdout + done.stderr
        assert not any(planted.encode() in data for data in objects.values())
    shutil.rmtree(place)
