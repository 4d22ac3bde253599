from __future__ import annotations

import re

import pytest

from safelight.pseudonyms import Pseudonyms
from safelight.text.surrogates.contacts import surrogate_contact

PSEUDONYMS = Pseudonyms(bytes(range(32)), "tests")
PATIENT = PSEUDONYMS.patient("12345")


def test_a_phone_number_keeps_its_format() -> None:
    surrogate = surrogate_contact("(555) 234-5678", PSEUDONYMS, PATIENT)
    assert re.fullmatch(r"\(\d{3}\) \d{3}-\d{4}", surrogate) and "234" not in surrogate


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("jane@mercy.org", r"user\d{6}@example\.org"),
        ("@jane", r"@user\d{6}"),
        ("10.1.2.3", r"192\.0\.2\.\d+"),
        ("fe80::1:2", r"2001:db8::[0-9a-f]+"),
        ("https://mercy.org/jane", r"https://example\.org/\d{6}"),
    ],
)
def test_addresses_come_from_the_ranges_for_documentation(text: str, pattern: str) -> None:
    assert re.fullmatch(pattern, surrogate_contact(text, PSEUDONYMS, PATIENT))
