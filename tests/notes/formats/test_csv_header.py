"""Test the detection of the delimiter and the header of CSV tables."""

from __future__ import annotations

import pytest

from safelight.notes.formats.csv_header import detect_delimiter, original_header, read_header
from safelight.notes.options import NotesOptions
from safelight.records import Reason, Refusal, Status
from tests.notes.helpers import clean, read_csv


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_detected(delimiter: str) -> None:
    rows = ["patient_id|note|score", 'P1|"one, two; three"|7', "P2|a, b, c|8"]
    text = "\n".join(rows).replace("|", delimiter) + "\n"
    if delimiter == ",":
        text = text.replace("a, b, c", '"a, b, c"')
    (first, second) = read_csv(clean(text, "csv").data, delimiter)
    assert (first["note"], second["note"]) == ("one, two; three", "a, b, c")


def test_the_delimiter_of_the_user_has_priority() -> None:
    assert detect_delimiter("csv", NotesOptions(delimiter="#"), "a,b\n") == "#"


def test_the_delimiter_of_tsv_is_a_tab() -> None:
    assert detect_delimiter("tsv", NotesOptions(), "a,b\n") == "\t"


@pytest.mark.parametrize(
    "data",
    [
        "",
        "P1,Anna Zyxwell was here\nP2,and here\n",
        "text,48213377\nx,y\n",
        "text,2020-01-02\nx,y\n",
        "text,zyx@mail.test\nx,y\n",
        f"text,{'very ' * 9}long\nx,y\n",
    ],
)
def test_a_table_without_a_header_is_refused(data: str) -> None:
    assert clean(data, "csv").status is Status.QUARANTINED


def test_equal_names_have_distinct_keys() -> None:
    keys = read_header(["note", "note", "note"], NotesOptions())
    assert len(set(keys)) == 3 and original_header(keys) == ["note"] * 3


def test_a_table_of_too_many_columns_is_refused() -> None:
    with pytest.raises(Refusal, match="columns"):
        read_header([f"note {number}" for number in range(20_000)], NotesOptions())


def test_a_name_that_a_thousand_columns_have_is_refused() -> None:
    with pytest.raises(Refusal) as raised:
        read_header(("note", *[""] * 200_000), NotesOptions())
    assert raised.value.reason is Reason.MALFORMED
