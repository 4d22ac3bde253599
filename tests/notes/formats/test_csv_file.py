"""Test CSV and TSV files."""

from __future__ import annotations

from safelight.records import Status
from tests.notes.helpers import clean, open_note_format, patient, read_csv, text_of

HEADER = "patient_id,note_id,name,dob,age,zip,ssn,visit,unknown,note"
ROW = 'P1,N1,Zyxwell,1950-03-04,93,02139,123-45-6789,2020-01-02,31415926,"Zyxwell, by Quimbleton"'


def test_a_malformed_row_is_refused_alone() -> None:
    data = f"{HEADER}\n{ROW}\nP2,Zyxwell\n{ROW}\nP3,N3,é,,,,,,,".encode() + b'"\xff"\n'
    result = clean(data, "csv")
    assert [(n.row, n.status) for n in result.notes] == [
        (1, Status.DEIDENTIFIED), (2, Status.QUARANTINED),
        (3, Status.DEIDENTIFIED), (4, Status.QUARANTINED),
    ]  # fmt: skip
    assert "Zyxwell" not in "".join(note.reason for note in result.notes)
    assert len(read_csv(result.data)) == 2


def test_columns_with_equal_or_empty_names_are_kept_apart() -> None:
    result = clean(",patient_id,note,note,\n0,P1,by Quimbleton,fine,\n", "csv")
    assert text_of(result) == (
        f",patient_id,note,note,\n0,{patient('P1').pseudonym},by [NAME],fine,\n"
    )


def test_empty_lines_are_not_records() -> None:
    records = list(open_note_format("note_id\n1\n\n2\n", "csv").read_records())
    assert [record.row for record in records] == [1, 2]


def test_a_quoted_field_may_contain_line_ends() -> None:
    (record,) = open_note_format('note_id,note\n1,"a\nb"\n', "csv").read_records()
    assert record.value == {"note_id": "1", "note": "a\nb"}


def test_a_tsv_file_is_written_with_tabs() -> None:
    assert text_of(clean("note_id\tsex\n1\tF\n", "tsv")).splitlines()[0] == "note_id\tsex"


def test_formulas_are_neutralized_unless_the_user_keeps_them() -> None:
    data = "patient_id,note\nP1,=1+1\nP1,-1.5\n"
    assert [row["note"] for row in read_csv(clean(data, "csv").data)] == ["'=1+1", "-1.5"]
    kept = read_csv(clean(data, "csv", csv_formulas="keep").data)
    assert kept[0]["note"] == "=1+1"


def test_damaged_utf_16_is_refused() -> None:
    result = clean(b"\xff\xfep\x00\x00\xda\x01\x00", "csv")
    assert result.reason_code == "malformed"
