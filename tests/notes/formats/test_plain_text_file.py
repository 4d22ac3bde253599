"""Test plain text files."""

from __future__ import annotations

import pytest

from safelight.notes.formats.plain_text_file import patient_id_from_path
from safelight.notes.options import PatientFrom
from safelight.records import Status
from tests.notes.helpers import clean, patient, text_of


@pytest.mark.parametrize(
    ("path", "patient_from", "patient_id"),
    [("in/P1/a.txt", "folder", "P1"), ("in/P1.txt", "name", "P1"), ("in/P1.txt.gz", "name", "P1"),
     ("in/P1/a.txt", "none", "")],
)  # fmt: skip
def test_the_patient_id_is_in_the_path_if_the_user_says_so(
    path: str, patient_from: PatientFrom, patient_id: str
) -> None:
    assert patient_id_from_path(path, patient_from) == patient_id


def test_the_patient_of_the_path_has_the_pseudonym_of_images() -> None:
    result = clean("Quimbleton about P1", "txt", "in/P1/a.txt", patient_from="folder")
    assert result.notes[0].patient_pseudonym == patient("P1").pseudonym


def test_a_file_without_a_patient_has_a_pseudonym_of_its_own() -> None:
    result = clean("Quimbleton on 3/4/2020", "txt", "in/P1/a.txt")
    assert result.notes[0].patient_pseudonym != patient("P1").pseudonym


def test_a_file_of_another_encoding_is_refused() -> None:
    assert clean(b"caf\xe9\x81", "txt").notes[0].status is Status.QUARANTINED


def test_the_encoding_of_the_input_is_kept() -> None:
    result = clean("café".encode("latin-1"), "txt", encoding="latin-1")
    assert result.data == "café".encode("latin-1")


def test_the_text_is_removed_if_text_is_off() -> None:
    assert text_of(clean("Quimbleton", "txt", text=False)) == ""
