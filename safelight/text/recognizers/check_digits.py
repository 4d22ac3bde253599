"""Verify the check digits of identifiers that an expression has found."""

from __future__ import annotations


def digits_of(text: str) -> str:
    """Return the ASCII digits of a text."""
    return "".join(character for character in text if "0" <= character <= "9")


def has_luhn_digit(text: str) -> bool:
    """Return whether the check digit of a payment card is right (ISO/IEC 7812-1 Annex B)."""
    digits = [int(digit) for digit in reversed(digits_of(text))]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return len(set(digits)) > 1 and (sum(digits[::2]) + sum(doubled)) % 10 == 0


def is_npi(text: str) -> bool:
    """Return whether a number is a US National Provider Identifier.

    Its check digit is that of Luhn after the prefix 80840 (45 CFR 162.406).
    """
    return len(digits_of(text)) == 10 and has_luhn_digit("80840" + digits_of(text))


def is_nhs_number(text: str) -> bool:
    """Return whether a number is an NHS number of England.

    Weights 10 to 2, modulus 11 (NHS Data Dictionary).
    """
    digits = [int(digit) for digit in digits_of(text)]
    rest = 11 - sum(digit * (10 - place) for place, digit in enumerate(digits[:9])) % 11
    return len(digits) == 10 and rest % 11 == digits[9] and rest != 10


def is_dea_number(text: str) -> bool:
    """Return whether a number is a US DEA registration.

    The last digit is that of (1st + 3rd + 5th) + 2 · (2nd + 4th + 6th).
    """
    digits = [int(digit) for digit in digits_of(text)]
    return (sum(digits[0:6:2]) + 2 * sum(digits[1:6:2])) % 10 == digits[-1]


def is_iban(text: str) -> bool:
    """Return whether a number is an IBAN (ISO 13616).

    The number with its first four characters at the end is 1 modulo 97.
    """
    plain = text.replace(" ", "").upper()
    rearranged = "".join(str(int(character, 36)) for character in plain[4:] + plain[:4])
    return int(rearranged) % 97 == 1


def is_vin(text: str) -> bool:
    """Return whether 17 characters are a vehicle identification number.

    ISO 3779 with the check digit of 49 CFR 565.15; both letters and digits are required.
    """
    if text.isdigit() or text.isalpha():
        return False
    letters = zip("ABCDEFGHJKLMNPRSTUVWXYZ", "12345678123457923456789", strict=True)
    values = {letter: int(digit) for letter, digit in letters}
    weights = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
    numbers = [int(c) if c.isdigit() else values[c] for c in text]
    rest = sum(n * weight for n, weight in zip(numbers, weights, strict=True)) % 11
    return text[8] == ("X" if rest == 10 else str(rest))


def is_dni(text: str) -> bool:
    """Return whether a number is a Spanish DNI or NIE: the letter is the number modulo 23."""
    number = text[:-1].replace("-", "")
    number = number.replace("X", "0").replace("Y", "1").replace("Z", "2")
    return "TRWAGMYFPDXBNJZSQVHLCKE"[int(number) % 23] == text[-1]


def is_nir(text: str) -> bool:
    """Return whether a number is a French NIR: the key is 97 minus the number modulo 97.

    The departments 2A and 2B of Corsica count as 19 and 18.
    """
    plain = text.replace(" ", "").upper().replace("2A", "19").replace("2B", "18")
    return int(plain[-2:]) == 97 - int(plain[:-2]) % 97
