from __future__ import annotations

import pytest

from jobs.common.report.source_outcomes import SourceOutcome
from jobs.common.report.status_list import format_outcome

OBJECT = SourceOutcome(
    "object", "id1", "", None, None, "deidentified", "", "", "/out/1.dcm", "r1", "t"
)  # fmt: skip


def test_an_object_has_status_source_and_output() -> None:
    assert format_outcome(OBJECT).split() == ["deidentified", "-", "id1", "->", "/out/1.dcm"]


def test_the_uri_replaces_the_id() -> None:
    assert "/in/1.dcm ->" in format_outcome(OBJECT._replace(source_uri="/in/1.dcm"))


@pytest.mark.parametrize(
    ("kind", "piece", "row", "end"),
    [
        ("file", 1, None, "id1"),
        ("file", 3, None, "id1 piece 3"),
        ("note", 2, 7, "id1 piece 2 row 7"),
    ],
)
def test_pieces_and_rows_are_named(kind: str, piece: int, row: int, end: str) -> None:
    outcome = OBJECT._replace(
        kind=kind, piece=piece, row=row, status="quarantined", reason_code="truncated",
        output_uri="",
    )  # fmt: skip
    assert format_outcome(outcome).split(maxsplit=2) == ["quarantined", "truncated", end]


def test_control_characters_of_a_file_name_do_not_reach_the_terminal() -> None:
    line = format_outcome(OBJECT._replace(source_uri="/in/\x1b[2J\n.dcm"))
    assert "/in/?[2J?.dcm" in line
