from __future__ import annotations

import pytest

from safelight.text.recognizers import check_digits

VALID = [
    ("has_luhn_digit", "4111 1111 1111 1111"),
    ("is_npi", "1234567893"),
    ("is_nhs_number", "943 476 5919"),
    ("is_dea_number", "AB1234563"),
    ("is_iban", "DE89 3704 0044 0532 0130 00"),
    ("is_vin", "1HGCM82633A004352"),
    ("is_dni", "12345678Z"),
    ("is_nir", "2 55 08 14 168 025 38"),
]


@pytest.mark.parametrize(("function", "number"), VALID)
def test_a_right_check_digit_is_accepted(function: str, number: str) -> None:
    assert getattr(check_digits, function)(number)


@pytest.mark.parametrize(("function", "number"), VALID)
def test_a_wrong_check_digit_is_rejected(function: str, number: str) -> None:
    place = next(i for i, c in enumerate(number) if c in "12345678")
    wrong = number[:place] + str(int(number[place]) + 1) + number[place + 1 :]
    assert not getattr(check_digits, function)(wrong)
