from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jobs.common.report import source_outcomes
from jobs.common.report.source_outcomes import OutcomeFilter, list_outcomes
from tests.jobs.common.report.make_outcomes import write_tables


def list_short(tables: Any, with_uris: bool = False, **wanted: str) -> list[tuple[Any, ...]]:
    return [
        (o.kind, o.source_uri or o.source_id, o.piece, o.row, o.reason_code, o.output_uri)
        for o in list_outcomes(tables, OutcomeFilter(**wanted), with_uris)
    ]


ALL = [
    ("object", "/in/1.dcm", None, None, "truncated", ""),
    ("object", "/in/2.dcm", None, None, "", "/out/b.dcm"),
    ("object", "/in/3-doe.dcm", None, None, "", "/new/a.dcm"),
    ("object", "/in/3-doe.dcm", None, None, "", "/out/a.dcm"),
    ("file", "/in/notes.csv", 1, None, "", "/out/1.csv"),
    ("note", "/in/notes.csv", 2, 4, "malformed_row", ""),
    ("file", "/in/notes.csv", 2, None, "", "/out/2.csv"),
    ("note", "/in/notes.csv", 3, 6, "malformed_row", ""),
]


def sort_rows(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return sorted(rows, key=repr)


def test_each_source_has_its_latest_outcome_in_each_output_folder(tmp_path: Path) -> None:
    found = list_short(write_tables(tmp_path), with_uris=True)
    assert sort_rows(found) == sort_rows(ALL)
    assert [row[1] for row in found] == [row[1] for row in ALL]


def test_spark_lists_the_same(spark: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tables = write_tables(tmp_path, spark=spark)
    wanted = OutcomeFilter(status="quarantined")  # the first outcome of "b" was replaced
    in_driver = list(list_outcomes(tables, wanted, with_uris=True))
    monkeypatch.setattr(source_outcomes, "DRIVER_MAX_ROWS", 0)
    in_spark = list(list_outcomes(tables, wanted, with_uris=True))
    assert [o.row for o in in_spark] == [None, 4, 6]
    assert in_spark == in_driver


def test_sources_have_their_id_if_the_uris_are_not_read(tmp_path: Path) -> None:
    found = list_short(write_tables(tmp_path))
    assert [row[1] for row in found] == ["a", "a", "b", "c", "n", "n", "n", "n"]


def test_a_run_has_the_outcomes_that_later_runs_replaced(tmp_path: Path) -> None:
    found = list_short(write_tables(tmp_path), run_id="r1")
    assert ("object", "b", None, None, "unreadable_source", "") in found


def test_outcomes_are_selected_by_status_and_reason(tmp_path: Path) -> None:
    tables = write_tables(tmp_path)
    assert [row[1] for row in list_short(tables, status="quarantined")] == ["c", "n", "n"]
    assert [row[1] for row in list_short(tables, reason="truncated")] == ["c"]
    assert list_short(tables, reason="unreadable_source") == []
