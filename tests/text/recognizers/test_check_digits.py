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
    ("has_mrz_check_digits", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"),
    ("is_bitcoin_address", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"),
    ("is_bitcoin_address", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"),
    ("is_gtin", "00643169007222"),
    ("is_codice_fiscale", "RSSMRA85T10A562S"),
    ("is_cpf", "529.982.247-25"),
    ("is_ahv", "756.9217.0769.85"),
    ("is_personal_number", "811228-9874"),
]


@pytest.mark.parametrize(("function", "number"), VALID)
def test_a_right_check_digit_is_accepted(function: str, number: str) -> None:
    assert getattr(check_digits, function)(number)


@pytest.mark.parametrize(("function", "number"), VALID)
def test_a_wrong_check_digit_is_rejected(function: str, number: str) -> None:
    place = next(i for i, c in enumerate(number) if c in "12345678")
    wrong = number[:place] + str(int(number[place]) + 1) + number[place + 1 :]
    assert not getattr(check_digits, function)(wrong)
