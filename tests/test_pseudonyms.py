from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.pseudonyms import Pseudonyms, is_usable_shift

KEY = bytes(range(32))
PSEUDONYMS = Pseudonyms(KEY, "study-a")


def derive_all(pseudonyms: Pseudonyms) -> tuple[object, ...]:
    patient = pseudonyms.patient("PX440172")
    return (
        patient.pseudonym,
        pseudonyms.uid("1.2.3"),
        pseudonyms.token("id", "A7731904"),
        pseudonyms.number("id", "A7731904", 10**9),
        pseudonyms.hexdigest("text", "A7731904"),
    )


def test_same_key_and_namespace_derive_the_same_values() -> None:
    assert derive_all(PSEUDONYMS) == derive_all(Pseudonyms(KEY, "study-a"))


@pytest.mark.parametrize(
    "other", [Pseudonyms(KEY, "study-b"), Pseudonyms(bytes(range(32, 64)), "study-a")]
)
def test_other_key_or_namespace_derives_other_values(other: Pseudonyms) -> None:
    assert not set(derive_all(PSEUDONYMS)) & set(derive_all(other))


def test_derived_values_do_not_change_between_versions() -> None:
    # A change would break the links to objects that are already released.
    assert derive_all(PSEUDONYMS)[:4] == (
        "YMMRUV5XPKFS5BLL",
        "2.25.144575834717217807352190711341341690574",
        "YU6OA6XOA64B6ECK",
        458077156,
    )


@pytest.mark.parametrize("key", [bytes(32), b"k" * 64, b"0123" * 20])
def test_a_key_that_is_not_random_is_reported(key: bytes) -> None:
    with pytest.warns(UserWarning, match="not random"):
        Pseudonyms(key)


def test_short_key_is_an_error() -> None:
    with pytest.raises(ValueError, match="at least 32"):
        Pseudonyms(b"short")


@pytest.mark.parametrize("shift_range", [(0, 0), (5, 4), (364, 367), (-731, -730)])
def test_shift_range_without_a_day_is_an_error(shift_range: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="multiples of a year"):
        Pseudonyms(KEY, shift_range=shift_range)


@given(
    st.tuples(st.integers(-40, 40), st.integers(-40, 40)).map(sorted).filter(any),
    st.text(min_size=1, max_size=8),
)
def test_shift_is_in_range_and_never_zero(shift_range: list[int], identity: str) -> None:
    first, last = shift_range
    shift = Pseudonyms(KEY, shift_range=(first, last)).patient(identity).shift_days
    assert first <= shift <= last and shift != 0


def test_every_day_of_the_range_but_zero_is_used() -> None:
    pseudonyms = Pseudonyms(KEY, shift_range=(-2, 2))
    shifts = {pseudonyms.patient(f"P{number}").shift_days for number in range(200)}
    assert shifts == {-2, -1, 1, 2}


@given(st.integers(-4000, 4000), st.dates(datetime.date(1900, 1, 1), datetime.date(2100, 1, 1)))
def test_a_usable_shift_hides_day_and_month(days: int, date: datetime.date) -> None:
    shifted = date + datetime.timedelta(days=days)
    if is_usable_shift(days):
        assert (shifted.month, shifted.day) != (date.month, date.day)
    assert is_usable_shift(365) is is_usable_shift(-1462) is is_usable_shift(0) is False
    assert is_usable_shift(363) and is_usable_shift(368) and is_usable_shift(-1)


def test_only_shifts_by_a_multiple_of_a_year_are_derived_again() -> None:
    pseudonyms = Pseudonyms(KEY, shift_range=(-1095, -1))
    for number in range(2000):
        first = -1095 + pseudonyms.number("shift", f"P{number}", 1095)
        shift = pseudonyms.patient(f"P{number}").shift_days
        assert is_usable_shift(shift) and (shift == first or not is_usable_shift(first))


@given(st.text(max_size=80))
def test_uid_is_valid(original: str) -> None:
    uid = PSEUDONYMS.uid(original)
    assert uid.startswith("2.25.") and uid[5:].isdigit() and len(uid) <= 64


@pytest.mark.parametrize(("length", "prefix"), [(16, ""), (16, "SUB-"), (10, "")])
def test_token_has_its_length_and_prefix(length: int, prefix: str) -> None:
    token = PSEUDONYMS.token("id", "A7731904", length, prefix)
    assert len(token) == length and token.startswith(prefix)


def test_prefix_that_leaves_too_few_characters_is_an_error() -> None:
    with pytest.raises(ValueError, match="choose a shorter prefix"):
        PSEUDONYMS.token("id", "A7731904", 16, "SUBJECT-")


def test_patient_pseudonym_has_16_characters_after_its_prefix() -> None:
    pseudonym = Pseudonyms(KEY, patient_prefix="SUB-").patient("PX440172").pseudonym
    assert pseudonym.startswith("SUB-") and len(pseudonym) == 20


def test_number_is_below_its_limit() -> None:
    assert all(0 <= PSEUDONYMS.number("id", str(n), 7) < 7 for n in range(50))


def test_key_id_depends_on_the_key_only() -> None:
    ids = [
        Pseudonyms(key, name).key_id for key in (KEY, bytes(range(32, 64))) for name in ("a", "b")
    ]
    assert ids[0] == ids[1] != ids[2] == ids[3]
