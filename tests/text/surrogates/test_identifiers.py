from __future__ import annotations

import re

import pytest

from safelight.pseudonyms import Pseudonyms
from safelight.text.surrogates.identifiers import is_patient_id, surrogate_id

PSEUDONYMS = Pseudonyms(bytes(range(32)), "tests")
PATIENT = PSEUDONYMS.patient("12345")


def test_an_identifier_keeps_its_format() -> None:
    assert re.fullmatch(r"[A-Z]{2}-\d{5}-\d", surrogate_id("AB-00123-7", PSEUDONYMS, PATIENT))


def test_spellings_of_one_identifier_agree() -> None:
    joined = surrogate_id("AB-00123-7", PSEUDONYMS, PATIENT).replace("-", "").lower()
    assert surrogate_id("ab001237", PSEUDONYMS, PATIENT) == joined


@pytest.mark.parametrize("text", ["12345", "0012345", "12-345"])
def test_the_own_identifier_of_the_patient_becomes_the_pseudonym(text: str) -> None:
    assert is_patient_id(text, PATIENT)
    assert surrogate_id(text, PSEUDONYMS, PATIENT) == PATIENT.pseudonym


def test_a_uid_is_replaced_as_in_headers() -> None:
    assert surrogate_id("1.2.3.4.5.6", PSEUDONYMS, PATIENT) == PSEUDONYMS.uid("1.2.3.4.5.6")
