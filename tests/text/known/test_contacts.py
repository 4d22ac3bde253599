from __future__ import annotations

import pytest

from safelight.text.known.known_phi import KnownValue
from tests.text.known.finding import find_texts


@pytest.mark.parametrize("text", ["555.123.4567", "+1 555 123-4567", "123-4567"])
def test_phone_numbers_are_found_with_any_separators_and_without_area_code(text: str) -> None:
    assert find_texts([KnownValue("CONTACT", "(555) 123-4567")], f"call {text} now") == [text]


def test_short_numbers_are_ignored() -> None:
    assert find_texts([KnownValue("CONTACT", "4471")], "paged 4471") == []


@pytest.mark.parametrize("text", ["JSmith9@mercy.org", "jsmith9"])
def test_e_mail_addresses_are_found_whole_and_by_their_local_part(text: str) -> None:
    assert find_texts([KnownValue("CONTACT", "jsmith9@mercy.org")], f"to {text} only") == [text]
