"""Fixtures for the tests of documents."""

from __future__ import annotations

import pytest

from safelight.documents.text_cleaner import TextCleaner
from safelight.pseudonyms import Pseudonyms
from safelight.rules.policies import TextPolicy
from safelight.text.known.known_phi import KnownPHI


@pytest.fixture
def cleaner() -> TextCleaner:
    """Return a cleaner for a patient of whom no value is known."""
    pseudonyms = Pseudonyms(bytes(range(32)), "tests", (-10, -10))
    return TextCleaner(KnownPHI([]), TextPolicy(), pseudonyms, pseudonyms.patient("x"))
