"""Verify the check digits of identifiers that an expression has found."""

from __future__ import annotations

import hashlib
import re

#: Alphabets of Bitcoin addresses.
_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
#: Document code, issuer and names of the first line of a machine readable passport or visa.
_MRZ_NAMES = re.compile(r"[PIACV][A-Z<][A-Z<]{3}[A-Z<]*<<[A-Z<]+")
#: Values of letters in odd places of an Italian tax code (decree of 23 December 1976).
_ODD_VALUES = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25,
               24, 23)  # fmt: skip


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


def has_mrz_check_digits(line: str) -> bool:
    """Return whether a line is part of a machine readable zone (ICAO 9303).

    A line with names has a document code and two fillers between names. A line with numbers has
    a check digit after its document number (TD1: in the first line) or birth date.
    """
    if len(line) not in (30, 36, 44):
        return False
    if _MRZ_NAMES.fullmatch(line):
        return True
    fields = ((0, 9), (13, 19), (5, 14), (0, 6))
    right = [_mrz_digit(line[first:last]) == line[last] for first, last in fields]
    return (right[0] and right[1]) or (line[0] in "IAC" and right[2]) or right[3]


def _mrz_digit(field: str) -> str:
    """Return the check digit of a field: weights 7, 3, 1 (ICAO 9303-3, section 4.9)."""
    values = (0 if c == "<" else int(c, 36) for c in field)
    return str(sum(value * (7, 3, 1)[i % 3] for i, value in enumerate(values)) % 10)


def is_bitcoin_address(text: str) -> bool:
    """Return whether a text is a Bitcoin address: Base58Check, or Bech32 (BIP 173, BIP 350)."""
    if text.lower().startswith("bc1"):
        return _has_bech32_checksum(text.lower())
    if any(c not in _BASE58 for c in text):
        return False
    number = 0
    for character in text:
        number = number * 58 + _BASE58.index(character)
    if number >= 1 << 200:
        return False
    data = number.to_bytes(25, "big")
    return hashlib.sha256(hashlib.sha256(data[:21]).digest()).digest()[:4] == data[21:]


def _has_bech32_checksum(text: str) -> bool:
    """Return whether the checksum of a Bech32 or Bech32m text is right."""
    prefix, _, data = text.rpartition("1")
    if not prefix or any(c not in _BECH32 for c in data):
        return False
    values = [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix]
    checksum = 1
    for value in values + [_BECH32.index(c) for c in data]:
        top = checksum >> 25
        checksum = (checksum & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate(
            (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
        ):
            checksum ^= generator if top >> bit & 1 else 0
    return checksum in (1, 0x2BC830A3)


def is_gtin(text: str) -> bool:
    """Return whether 14 digits are a GS1 item number: weights 3 and 1 (GS1, section 7.9)."""
    digits = [int(digit) for digit in digits_of(text)[:14]]
    total = sum(digit * (3 if place % 2 == 0 else 1) for place, digit in enumerate(digits[:13]))
    return len(digits) == 14 and (10 - total % 10) % 10 == digits[13]


def is_udi(text: str) -> bool:
    """Return whether a text with application identifiers starts with a GS1 item number."""
    return is_gtin(text[4:])


def is_codice_fiscale(text: str) -> bool:
    """Return whether 16 characters are an Italian tax code with the right control letter."""
    text = text.upper()
    total = 0
    for place, character in enumerate(text[:15]):
        value = int(character, 36) - (10 if character.isalpha() else 0)
        total += _ODD_VALUES[value] if place % 2 == 0 else value
    return len(text) == 16 and chr(ord("A") + total % 26) == text[15]


def is_cpf(text: str) -> bool:
    """Return whether 11 digits are a Brazilian CPF: two check digits modulo 11."""
    digits = [int(digit) for digit in digits_of(text)]
    if len(digits) != 11 or len(set(digits)) == 1:
        return False
    for length in (9, 10):
        total = sum(digit * (length + 1 - place) for place, digit in enumerate(digits[:length]))
        if total * 10 % 11 % 10 != digits[length]:
            return False
    return True


def is_ahv(text: str) -> bool:
    """Return whether 13 digits are a Swiss AHV number, with the check digit of EAN-13."""
    digits = [int(digit) for digit in digits_of(text)]
    total = sum(digit * (1 if place % 2 == 0 else 3) for place, digit in enumerate(digits[:12]))
    return len(digits) == 13 and (10 - total % 10) % 10 == digits[12]


def is_personal_number(text: str) -> bool:
    """Return whether 10 or 12 digits are a Swedish personal number, with the digit of Luhn."""
    digits = digits_of(text)[-10:]
    month, day = int(digits[2:4]), int(digits[4:6])
    return 1 <= month <= 12 and 1 <= day % 60 <= 31 and has_luhn_digit(digits)
