from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from jobs import class_archive
from jobs.class_archive import write_sample
from jobs.common.cli.errors import JobError
from jobs.common.cli.log import log_event
from jobs.common.spark.class_archive import archive_options
from jobs.common.spark.session import JARS
from safelight import Deidentifier
from safelight.records import Status

_RECORD = """
import sys
from pathlib import Path
from jobs import class_archive
class_archive.run_commands = lambda folder: None
class_archive.record(Path(sys.argv[1]), "classes-x-")
"""

_USE = """
import sys
from jobs.common.spark.session import start_session
options = [f"-XX:SharedArchiveFile={sys.argv[1]}", "-Xshare:on"]  # fail if it does not fit
start_session("test", "local[1]", java_options=options)
"""


def test_the_sample_is_one_object_and_one_note(tmp_path: Path) -> None:
    write_sample(tmp_path)
    result = Deidentifier(key=bytes(range(32)), pixels=False).deidentify(
        (tmp_path / "images" / "object.dcm").read_bytes()
    )
    assert result.status == Status.DEIDENTIFIED
    assert (tmp_path / "notes" / "note.txt").read_text()


def test_make_jars_has_created_an_archive() -> None:
    if not (JARS / ".archived").exists():
        pytest.skip("`make jars` was not run")
    assert archive_options(JARS)


@pytest.mark.parametrize("fails", [False, True])
def test_lines_of_the_recorded_runs_are_printed_only_if_they_fail(
    fails: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def record(folder: Path, prefix: str) -> None:
        del folder, prefix
        log_event("progress", "SCAN: 1 of 1 objects")
        if fails:
            raise JobError("the recorded run failed")

    monkeypatch.setattr(class_archive, "record", record)
    monkeypatch.setattr(class_archive, "archive_prefix", lambda: "classes-x-")
    class_archive.main()
    assert ("SCAN" in capsys.readouterr().err) == fails


def test_java_starts_with_the_archive_that_it_wrote(tmp_path: Path) -> None:
    other = tmp_path / "classes-y-1.jsa"
    other.touch()
    subprocess.run([sys.executable, "-c", _RECORD, str(tmp_path)], check=True)
    (archive,) = tmp_path.glob("*.jsa")
    assert archive.name == f"classes-x-{archive.stat().st_size}.jsa"
    subprocess.run([sys.executable, "-c", _USE, str(archive)], check=True)
