"""Names of persons that are found by lists."""

from __future__ import annotations

import pytest

from safelight.verify import Verifier
from safelight.verify.notes import NotesVerifier
from safelight.verify.person_names import find_person_names
from tests.verify.objects import output, to_bytes


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("CHEST for Barbara Lindquist today", "Barbara Lindquist"),
        ("seen by JAMES WILSON", "JAMES WILSON"),
        ("Wilson, James: follow-up", "Wilson, James"),
        ("WILSON,JAMES", "WILSON,JAMES"),
        ("copy to Elizabeth M. Brown", "Elizabeth M. Brown"),
        ("With Maria Garcia-Lopez", "Maria Garcia-Lopez"),
        ("Head Patricia O'Brien", "Patricia O'Brien"),
    ],
)
def test_a_given_name_next_to_a_surname_is_found(text: str, name: str) -> None:
    assert list(find_person_names(text)) == [name]


@pytest.mark.parametrize(
    "text",
    [
        "", "CHEST AP LATERAL", "Sag T2 Dixon", "Mallory Weiss tear", "Philips Medical Systems",
        "Austin Flint murmur", "Ax T1 FLAIR Post Gad", "Head Routine Adult", "HEAD NECK ANGIO",
        "Siemens Healthineers MAGNETOM Skyra", "Osgood Schlatter", "Victoria General", "MARK IV",
        "Henry Schein catheter", "Kaposi Sarcoma", "james wilson", "LEFT HIP, RIGHT KNEE",
    ],
)  # fmt: skip
def test_technical_text_and_eponyms_are_no_names(text: str) -> None:
    assert list(find_person_names(text)) == []


def test_a_name_in_a_description_and_in_a_note_is_reported_without_originals() -> None:
    ds = output()
    ds.StudyDescription = "CHEST Barbara Lindquist"
    (defect,) = Verifier().check(to_bytes(ds))
    assert defect.detail == "has the shape of a name of a person"
    note = b"Barbara Lindquist was seen."
    (found,) = NotesVerifier().check(note, "txt")
    assert found.detail == defect.detail
    assert NotesVerifier(kept_entities=frozenset({"NAME"})).check(note, "txt") == ()
