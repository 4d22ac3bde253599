"""Columns that the arguments name must be in the tables of the input."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jobs.common.cli.errors import UsageError
from jobs.common.notes.column_check import check_named_columns
from safelight.notes.options import NotesOptions
from tests.jobs.listed_sources import list_sources


def check(place: Path, **options: object) -> None:
    check_named_columns(iter(list_sources(str(place))), NotesOptions(**options))  # type: ignore[arg-type]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "a.csv").write_text("mrn;report\n1;text\n")
    (tmp_path / "b.tsv").write_text("mrn\treport\n1\ttext\n")
    (tmp_path / "c.jsonl").write_text('{"mrn": 1, "report": "text"}\n')
    pq.write_table(pa.table({"mrn": ["1"], "report": ["text"]}), tmp_path / "d.parquet")
    return tmp_path


@pytest.mark.parametrize("name", ["a.csv", "b.tsv", "c.jsonl", "d.parquet"])
def test_a_column_that_no_table_has_is_refused(place: Path, name: str) -> None:
    check(place / name, text_columns=("report",), patient_column="mrn")
    with pytest.raises(UsageError, match="--text-column nope: no table of the input has"):
        check(place / name, text_columns=("nope",))
    with pytest.raises(UsageError, match="--patient-column MRN"):
        check(place / name, text_columns=("report",), patient_column="MRN")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.txt", "a note"),
        ("a.csv", ""),
        ("a.csv.gz", "no gzip"),
        ("a.jsonl", "{broken"),
        ("a.jsonl", '{"resourceType": "Patient"}\n'),
        ("a.parquet", "no Parquet"),
    ],
)
def test_what_is_no_readable_table_is_left_to_the_run(
    tmp_path: Path, name: str, content: str
) -> None:
    (tmp_path / name).write_text(content)
    check(tmp_path / name, text_columns=("nope",))
