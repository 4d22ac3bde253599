"""The checks of one partition of notes, without Spark."""

from __future__ import annotations

import hashlib
from pathlib import Path

from jobs.common.spark.object_limits import ObjectLimits
from jobs.common.verification.check_results import FINDING, make_checked
from jobs.common.verification.comparison_keys import ComparisonKeys
from jobs.common.verification.note_checks import NoteCheck, NoteChecker, NoteOutput
from tests.jobs.listed_sources import list_sources


def check(tmp_path: Path, text: str, notes: int = 1, sha256: str = "") -> list[str]:
    path = tmp_path / "note.txt"
    path.write_text(text)
    (source,) = list_sources(str(path))
    digest = sha256 or hashlib.sha256(text.encode()).hexdigest()
    output = NoteOutput(1, source.uri, source.version, digest, notes)
    checker = NoteChecker(ComparisonKeys.derive(None), frozenset(), ObjectLimits())
    found = list(checker.check([NoteCheck([output], [0])]))
    assert found[-1] == make_checked(source.uri, False)
    return [result.detail for result in found if result.kind == FINDING]


def test_a_clean_note_has_no_findings(tmp_path: Path) -> None:
    assert check(tmp_path, "The liver is normal.") == []


def test_an_identifier_in_a_note_is_a_finding(tmp_path: Path) -> None:
    assert check(tmp_path, "SSN 123-45-6789")


def test_a_file_that_differs_from_its_row_is_a_finding(tmp_path: Path) -> None:
    found = check(tmp_path, "The liver is normal.", sha256="0" * 64)
    assert found == ["differs from its row (SHA-256)"]


def test_a_missing_record_is_a_finding(tmp_path: Path) -> None:
    assert check(tmp_path, "The liver is normal.", notes=2) == ["has 1 records; its row says 2"]
