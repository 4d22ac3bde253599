from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from jobs.common.delta.rows import AuditRow, RunRow, VerificationRow
from jobs.common.delta.tables.table_set import Tables
from jobs.common.report import counts
from jobs.common.report.counts import Section, count_sections
from jobs.common.storage.location import parse_uri

MORNING = datetime(2026, 1, 1, 8, 30, tzinfo=timezone.utc)
ROWS = [
    RunRow("r1", "deidentify", MORNING, MORNING, "done", counts={"seen": 2}, bytes_in=7),
    RunRow("r2", "deidentify", MORNING),
]
AUDIT = [
    AuditRow(run, 0, "s", "1.2", "(0010,0010)", "PatientName", "PN", action, "E.1-1 Z", "")
    for run, action in (("r1", "removed"), ("r1", "emptied"), ("r2", "emptied"))
]
VERIFIED = VerificationRow("v", MORNING, "/out/a", "1.2", "clean", 0, [], True, False, "", "1")


@pytest.fixture
def tables(spark: Any, tmp_path: Path) -> Tables:
    made = Tables(spark, parse_uri(str(tmp_path)))
    made.append_rows(ROWS)
    made.append_rows(AUDIT)
    made.append_rows([VERIFIED])
    return made


def find(sections: list[Section], title: str) -> Section:
    (found,) = (section for section in sections if section.title == title)
    return found


@pytest.mark.usefixtures("tables")
def test_small_tables_are_counted_without_spark(tmp_path: Path) -> None:
    sections = count_sections(Tables(None, parse_uri(str(tmp_path))))
    actions = find(sections, "Elements by recorded action")
    assert actions.rows == (("emptied", 2), ("removed", 1))
    assert [row[:6] for row in find(sections, "Runs").rows] == [
        ("r1", "deidentify", "2026-01-01 08:30", "done", 0, 2),
        ("r2", "deidentify", "2026-01-01 08:30", None, "", ""),
    ]
    verified = find(sections, "Outputs by outcome of verify")
    assert verified.rows == (("2026-01-01 08:30 UTC", "clean", "yes", 1),)


def test_spark_counts_large_tables_with_the_same_result(
    tables: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = count_sections(tables)
    monkeypatch.setattr(counts, "LOCAL_MAX_ROWS", 0)
    assert count_sections(tables) == before


@pytest.mark.usefixtures("tables")
def test_a_report_of_one_run_has_its_rows_only(tmp_path: Path) -> None:
    sections = count_sections(Tables(None, parse_uri(str(tmp_path))), "r2")
    assert find(sections, "Elements by recorded action").rows == (("emptied", 1),)
    assert "Outputs by outcome of verify" not in {section.title for section in sections}


def test_a_transfer_syntax_has_its_name() -> None:
    described = counts._describe_value("transfer_syntax_in", "1.2.840.10008.1.2.4.91")
    assert described == "JPEG 2000 Image Compression (1.2.840.10008.1.2.4.91)"
    assert counts._describe_value("transfer_syntax_in", "1.2.3.4") == "1.2.3.4"
