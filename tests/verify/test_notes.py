"""Verification of notes in every format."""

from __future__ import annotations

import base64
import io
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from safelight.verify import ConsistencyLink
from safelight.verify.notes import NotesVerifier

KEY = b"k" * 32


def parquet(rows: list[dict[str, object]]) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), sink)
    return sink.getvalue()


def findings(
    new: bytes, old: bytes, kind: str, kept_entities: frozenset[str] = frozenset()
) -> list[object]:
    verifier = NotesVerifier(KEY, kept_entities)
    rows = [verifier.read(data, kind) for data in (new, old)]
    return [*verifier.check(new, kind), *verifier.compare(*rows)]


ORIGINAL = {
    "patient_id": "PAT-00917", "patient_name": "Zyxwell, Anna", "dob": "1950-03-04",
    "phone": "617-555-0142", "visit_date": "2020-01-02", "note": "Zyxwell sat long",
}  # fmt: skip
CLEAN = {
    "patient_id": "K7", "patient_name": "K7", "dob": "1948", "phone": None,
    "visit_date": "2019-01-02", "note": "[NAME] sat long",
}  # fmt: skip


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("note", "Zyxwell sat long"), ("note", "seen by zyxwell"), ("note", "case PAT-00917"),
        ("note", "call (617) 555 0142"), ("note", "born 3/4/1950"), ("patient_name", "ANNA"),
        ("dob", "1950-03-04"), ("note", "Dr. Farnsbury"), ("note", "x@mail.test"),
        ("note", base64.b64encode(b"a letter for Zyxwell").decode()),
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["jsonl", "parquet", "csv"])
def test_a_remaining_value_is_found_in_every_format(kind: str, field: str, value: str) -> None:
    def encoded(row: dict[str, object]) -> bytes:
        if kind == "parquet":
            return parquet([row])
        if kind == "csv":
            values = (json.dumps(v or "", ensure_ascii=False) for v in row.values())
            return ",".join(row).encode() + b"\n" + ",".join(values).encode() + b"\n"
        return json.dumps(row).encode() + b"\n"

    old = encoded(dict(ORIGINAL))
    assert all(
        isinstance(found, ConsistencyLink) for found in findings(encoded(dict(CLEAN)), old, kind)
    )
    (shift,) = findings(encoded(dict(CLEAN)), old, kind)
    assert isinstance(shift, ConsistencyLink) and shift.right == "-365"
    left = findings(encoded(CLEAN | {field: value}), old, kind)
    assert [found for found in left if not isinstance(found, ConsistencyLink)]
    assert "yxwell" not in str(left) and "0142" not in str(left)


def test_a_name_that_is_a_word_of_the_text_is_not_a_leak() -> None:
    old = json.dumps({"patient_name": "Long, Mrs. Rose", "note": "a long night"}).encode()
    assert not findings(json.dumps({"note": "Mrs. [NAME], a long night"}).encode(), old, "jsonl")
    assert findings(json.dumps({"note": "a rose night"}).encode(), old, "jsonl")


def test_messages_are_compared() -> None:
    head = "MSH|^~\\&|A|B|||20200102||ORU^R01|M1|P|2.5\r"
    old = f"{head}PID|1||P917^^^^MR||Zyxwell^Anna\rOBX|1|TX|||by\\.br\\Zyxwell\r"
    new = f"{head}PID|1||K7^^^^MR||K7\rOBX|1|TX|||by\\.br\\[NAME]\r"
    assert not findings(new.encode(), old.encode(), "hl7")
    assert findings(new.replace("[NAME]", "Anna").encode(), old.encode(), "hl7")


def test_documents_are_compared() -> None:
    old = "<ClinicalDocument><name><given>Anna</given></name><text>A<b>nna</b></text>"
    old += "</ClinicalDocument>"
    new = "<ClinicalDocument><name/><text>{}</text></ClinicalDocument>"
    assert not findings(new.format("[NAME]").encode(), old.encode(), "xml")
    assert findings(new.format("An<b>na</b>").encode(), old.encode(), "xml")


@pytest.mark.parametrize(
    ("data", "kind"), [(b"{", "json"), (b"<a", "xml"), (b"no", "parquet"), (b"\x1f\x8bx", "txt")]
)
def test_an_unreadable_file_is_reported(data: bytes, kind: str) -> None:
    assert NotesVerifier().check(data, kind)[0].check.value == "unreadable"


def test_a_kept_entity_is_not_a_defect() -> None:
    assert not NotesVerifier(KEY, frozenset({"NAME"})).check(b"Dr. Farnsbury", "txt")
    assert NotesVerifier(KEY).check(b"Dr. Farnsbury", "txt")


def test_an_address_of_a_standard_is_not_a_defect() -> None:
    assert not NotesVerifier(KEY).check(
        b'{"system": "http://loinc.org", "fullUrl": "http://example.org/fhir/Patient/K7"}', "json"
    )
