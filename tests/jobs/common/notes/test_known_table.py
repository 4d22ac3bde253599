"""Test that the table of known values is read, and that malformed rows are refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jobs.common.cli.errors import UsageError
from jobs.common.notes.known_table import read_known_facts
from safelight.notes.options import NotesOptions


def known(spark: Any, path: Path, text: str) -> dict[str, list[str]]:
    path.write_text(text)
    rows = read_known_facts(spark, str(path), NotesOptions()).collect()
    return {row.key: [value.text for value in row.known] for row in rows}


def test_quoted_fields_are_read(spark: Any, tmp_path: Path) -> None:
    text = 'patient_id,name\nP1,"Wobbletina ""W"" Zyxquandary"\nP2,"Larks,pur"\n'
    found = known(spark, tmp_path / "known.csv", text)
    assert sorted(found.values()) == [["Larks,pur"], ['Wobbletina "W" Zyxquandary']]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("known.csv", "patient_id,name\nP1,Zyxquandary,555,extra\nP2,x\n"),
        ("known.csv", "patient_id,name,phone\nP1,Zyxquandary\nP2,x,1\n"),
        ("known.jsonl", '{"patient_id": "P1", "name": "x"}\n{"patient_id": "Zyxquandary"\n'),
    ],
)
def test_malformed_rows_are_counted_and_not_quoted(
    spark: Any, tmp_path: Path, name: str, text: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(UsageError, match="has 1 malformed rows") as raised:
        known(spark, tmp_path / name, text)
    assert "Zyxquandary" not in str(raised.value) + capfd.readouterr().err
