from __future__ import annotations

import pytest

from safelight.headers.new_values import cap_age, replace_uid, shift_value, tokenize_identifier
from safelight.pseudonyms import Pseudonyms

PSEUDONYMS = Pseudonyms(bytes(range(32)))


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        ("089Y", "089Y"),
        ("090Y", "090Y"),
        ("1200M", None),
        ("999W", "999W"),
        ("45", "045Y"),
        (" 013m ", "013M"),
        ("old", None),
    ],
)
def test_age_over_89_years_is_capped(age: str, expected: str | None) -> None:
    assert cap_age(age) == expected


def test_uid_of_an_instance_is_replaced() -> None:
    new = replace_uid("1.2.826.0.1.3680043.8.498.1 ", PSEUDONYMS)
    assert new == PSEUDONYMS.uid("1.2.826.0.1.3680043.8.498.1")


@pytest.mark.parametrize("uid", ["1.2.840.10008.5.1.4.1.1.2", ""])
def test_registered_uid_is_kept(uid: str) -> None:
    assert replace_uid(uid, PSEUDONYMS) == uid


@pytest.mark.parametrize(
    ("value", "vr", "expected"),
    [
        ("20200301", "DA", "20200302"),
        ("2020", "DA", "2020"),
        ("2020", "LO", None),
        ("20200301", "LO", "20200302"),
        ("101500", "TM", "101500"),
        ("SMITH", "TM", None),
    ],
)
def test_dates_are_shifted_and_times_are_kept(value: str, vr: str, expected: str | None) -> None:
    assert shift_value(value, vr, 1) == expected


@pytest.mark.parametrize(("vr", "length"), [("LO", 16), ("SH", 16), ("CS", 16)])
def test_token_fits_its_vr(vr: str, length: int) -> None:
    assert len(tokenize_identifier("A7731904", vr, PSEUDONYMS)) == length


def test_token_of_integer_string_is_a_number() -> None:
    assert tokenize_identifier("A7731904", "IS", PSEUDONYMS).isdigit()


def test_identifier_has_the_same_token_in_every_element() -> None:
    tokens = {tokenize_identifier(v, vr, PSEUDONYMS) for v in ("A1 ", "A1") for vr in ("LO", "SH")}
    assert len(tokens) == 1
