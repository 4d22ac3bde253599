"""Test that the de-identifier returns a result for any input, without PHI in its messages."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.notes.formats import FilePart
from safelight.notes.models import EVERYONE, PatientFacts
from safelight.records import Status
from safelight.text.known.known_phi import KnownValue
from tests.notes.fhir.test_resources import PATIENT
from tests.notes.helpers import KEY, deidentifier, read_csv, text_of
from tests.notes.hl7v2.test_messages import MESSAGE

FORMATS = ("txt", "csv", "tsv", "jsonl", "json", "parquet", "hl7")
SEEDS = (json.dumps(PATIENT).encode(), MESSAGE.encode(), b"patient_id,note\nP1,Zyxwell\n")


@pytest.mark.parametrize("file_format", FORMATS)
@settings(deadline=None, max_examples=40)
@given(st.sampled_from(SEEDS), st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 255))))
def test_malformed_input_gives_a_result(
    file_format: str, seed: bytes, changes: list[tuple[int, int]]
) -> None:
    data = bytearray(seed)
    for at, value in changes:
        data[at % len(data)] = value
    result = deidentifier().deidentify(FilePart(bytes(data), file_format, "in/Zyxwell"))
    messages = result.reason + "".join(note.reason + note.note_id for note in result.notes)
    assert "Zyxwell" not in messages and "P1" not in messages
    codes = {note.reason_code for note in result.notes} | {result.reason_code}
    assert "internal_error" not in codes


_leaf = st.sampled_from(["Quimbleton", "by Oduyaforth, MD", "2020-01-02", 7, True, None])
_names = st.sampled_from(
    ["text", "value", "valueString", "comment", "name", "note", "item", "answer", "title", "line",
     "description", "contact", "reason", "display", "x-y", "reference", "url", "extension"]
)  # fmt: skip
_trees: Any = st.recursive(
    _leaf, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_names, inner, max_size=4)
)


@settings(deadline=None)
@given(st.dictionaries(_names, _trees, max_size=5), st.booleans())
def test_spans_of_the_model_are_replaced_in_trees_of_any_shape(
    tree: dict[str, Any], resource: bool
) -> None:
    value = {"resourceType": "Observation", **tree} if resource else {"patient_id": "P1", **tree}
    result = deidentifier().deidentify(FilePart(json.dumps(value).encode(), "jsonl", "x"))
    assert [note.status for note in result.notes] == [Status.DEIDENTIFIED]
    written = text_of(result)
    assert "Quimbleton" not in written and "Oduyaforth" not in written


@pytest.mark.parametrize("size", [1, 1_000_000])
def test_a_note_may_have_any_size(size: int) -> None:
    text = ("Quimbleton saw nothing of note. " * (size // 30 + 1))[:size]
    result = deidentifier().deidentify(FilePart(text.encode(), "txt", "x"))
    assert result.status is Status.DEIDENTIFIED
    assert "Quimbleton" not in text_of(result)


def test_the_same_input_gives_the_same_bytes() -> None:
    part = FilePart(MESSAGE.replace("8859/1", "").encode(), "hl7", "x")
    assert deidentifier().deidentify(part) == deidentifier().deidentify(part)


def test_a_model_that_fails_quarantines_the_file() -> None:
    part = FilePart(b"note\nQuimbleton\n", "csv", "x")
    broken = deidentifier()
    broken.annotate = lambda texts: 1 / 0  # type: ignore[assignment, return-value]
    assert broken.deidentify(part).status is Status.QUARANTINED
    (note,) = deidentifier().rebuild(part, {}).notes
    assert (note.status, note.reason_code) == (Status.QUARANTINED, "text_not_cleaned")


def test_the_key_may_not_be_short() -> None:
    from safelight.notes.deidentifier import NotesDeidentifier

    with pytest.raises(ValueError, match="31 bytes"):
        NotesDeidentifier("research", key=KEY[:31])


NOTES_OF_SEVERAL = (
    "mrn,text\nP1,a Grobbendonk test\nP2,see test grobbendonk today\n,no patient Grobbendonk\n"
)


def test_values_of_everyone_are_hidden_in_the_notes_of_all_patients() -> None:
    facts = {EVERYONE: PatientFacts("", (KnownValue("NAME", "Grobbendonk", "CLINICIAN"),))}
    result = deidentifier().deidentify(FilePart(NOTES_OF_SEVERAL.encode(), "csv", "in/a"), facts)
    texts = [row["text"] for row in read_csv(result.data)]
    assert texts == ["a [NAME] test", "see test [NAME] today", "no patient [NAME]"]


def test_the_values_of_everyone_are_requested_for_each_part() -> None:
    assert (
        EVERYONE in deidentifier().scan(FilePart(NOTES_OF_SEVERAL.encode(), "csv", "in/a")).patients
    )
