from __future__ import annotations

import pytest

from safelight.pseudonyms import Pseudonyms
from safelight.text.surrogates.professions import surrogate_profession

PSEUDONYMS = Pseudonyms(bytes(range(32)), "tests")
PATIENT = PSEUDONYMS.patient("12345")


@pytest.mark.parametrize("text", ["librarian", "bus driver", "LIBRARIAN"])
def test_a_profession_becomes_another_in_the_same_case(text: str) -> None:
    surrogate = surrogate_profession(text, PSEUDONYMS, PATIENT)
    assert surrogate and surrogate.lower() != text.lower()
    assert surrogate.isupper() == text.isupper()
