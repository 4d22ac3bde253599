"""CSV files of notes."""

from __future__ import annotations

from tests.fuzz.note_files import check_file


def run(data: bytes) -> None:
    """De-identify a table."""
    check_file(data, "csv")


def seeds() -> list[bytes]:
    """Return tables with columns of all kinds."""
    return [
        b"patient_id,patient_name,dob,visit_date,age,zip,phone,text\n"
        b'P1,"Zyxquandary, Anna",1950-03-04,2020-01-02,93,02139,617-555-0142,"seen, ""well"""\n',
        b"patient_id;note;note;=x;\nP1;a b;c\n\n;;;;\n",
        "patient_id\tMüller\ttext\n7\t3\tseen on 3. März 2020\n".encode("utf-16"),
    ]
