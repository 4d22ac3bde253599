"""Check digits, calendars and plausibility: what an expression alone cannot decide."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from functools import cache

from safelight.text.dates.parsing import parse_date_text
from safelight.text.lexicon.folding import fold_text
from safelight.text.lexicon.word_lists import word_set
from safelight.text.lexicon.words import (
    everyday_words,
    given_names,
    is_known_name,
    is_word,
    may_be_name,
    surnames_that_are_words,
)


def _digits(text: str) -> str:
    return "".join(character for character in text if "0" <= character <= "9")


def luhn(text: str) -> bool:
    """ISO/IEC 7812-1 Annex B: payment cards and others."""
    digits = [int(digit) for digit in reversed(_digits(text))]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return len(set(digits)) > 1 and (sum(digits[::2]) + sum(doubled)) % 10 == 0


def npi(text: str) -> bool:
    """US National Provider Identifier: Luhn after the prefix 80840 (45 CFR 162.406)."""
    return len(_digits(text)) == 10 and luhn("80840" + _digits(text))


def nhs(text: str) -> bool:
    """NHS number of England: weights 10 to 2, modulus 11 (NHS Data Dictionary)."""
    digits = [int(digit) for digit in _digits(text)]
    rest = 11 - sum(digit * (10 - place) for place, digit in enumerate(digits[:9])) % 11
    return len(digits) == 10 and rest % 11 == digits[9] and rest != 10


def dea(text: str) -> bool:
    """US DEA registration: (1st+3rd+5th) + 2·(2nd+4th+6th), last digit the seventh."""
    digits = [int(digit) for digit in _digits(text)]
    return (sum(digits[0:6:2]) + 2 * sum(digits[1:6:2])) % 10 == digits[-1]


def iban(text: str) -> bool:
    """ISO 13616: modulus 97 of the number with its head at the end."""
    plain = text.replace(" ", "").upper()
    moved = "".join(str(int(character, 36)) for character in plain[4:] + plain[:4])
    return int(moved) % 97 == 1


def vin(text: str) -> bool:
    """ISO 3779 with the check digit of 49 CFR 565.15; letters and digits both."""
    if text.isdigit() or text.isalpha():
        return False
    letters = zip("ABCDEFGHJKLMNPRSTUVWXYZ", "12345678123457923456789", strict=True)
    values = {letter: int(digit) for letter, digit in letters}
    weights = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
    numbers = [int(c) if c.isdigit() else values[c] for c in text]
    rest = sum(n * weight for n, weight in zip(numbers, weights, strict=True)) % 11
    return text[8] == ("X" if rest == 10 else str(rest))


def dni(text: str) -> bool:
    """Spanish DNI and NIE: the letter is the number modulo 23."""
    number = text[:-1].replace("-", "")
    number = number.replace("X", "0").replace("Y", "1").replace("Z", "2")
    return "TRWAGMYFPDXBNJZSQVHLCKE"[int(number) % 23] == text[-1]


def nir(text: str) -> bool:
    """French NIR: 97 less the number modulo 97; Corsica's 2A and 2B count as 19 and 18."""
    plain = text.replace(" ", "").upper().replace("2A", "19").replace("2B", "18")
    return int(plain[-2:]) == 97 - int(plain[:-2]) % 97


def ip_v6(text: str) -> bool:
    """RFC 4291; a time of day is none."""
    try:
        return ipaddress.IPv6Address(text) is not None
    except ValueError:
        return False


def phone(text: str) -> bool:
    """5 to 15 digits (ITU-T E.164), and not a date."""
    return 5 <= len(_digits(text)) <= 15 and not date(text)


def url(text: str) -> bool:
    """Not an abbreviation such as ``e.g.com``: a host has two letters before its domain."""
    return len(text) > 6


def date(text: str) -> bool:
    """Whether the text is a date of the calendar."""
    return parse_date_text(text) is not None or parse_date_text(text, day_first=True) is not None


def month_and_day(text: str) -> bool:
    """Month before day, no pain score or strength (``5/5``, ``8/10``), which keys precede too."""
    month, day = map(int, text.split("/"))
    return month <= 12 and 1 <= day <= 31 and not (day in (5, 10) and month <= day)


def date_like(text: str) -> bool:
    """A date, or six or eight digits that may be one."""
    return text.isdigit() or date(text)


_AMBIGUOUS_MONTHS = frozenset(("may", "mar", "mars", "dec", "sep", "jan", "nov", "set", "mai"))


def month_word(text: str) -> bool:
    """Whether the month of a date without year is written as a name: ``may 5`` is not."""
    words = re.findall(r"[^\W\d_]{3,}", text)
    return any(w[0].isupper() or w not in _AMBIGUOUS_MONTHS for w in words)


def not_zero(text: str) -> bool:
    """Not all zeros."""
    return bool(text.strip("0"))


_PUBLIC_CODE = re.compile(
    r"(?:NCT|ISRCTN|EUCTR|PMID|PMC|CVE|RS|NM|NP|NR|ICD|COVID|SARS)[- _]?[0-9]"
)


def not_public_code(text: str) -> bool:
    """Not the number of a trial, an article, a gene variant or a transcript."""
    return _PUBLIC_CODE.match(text.upper()) is None


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", fold_text(text))


def street(text: str) -> bool:
    """Some word between number and suffix that is no measure or examination."""
    middle = _words(text)[:-1]
    return not any(word in word_set("not_street_words") for word in middle)


_MAKER_AFTER = frozenset("medical systems system health healthcare imaging center centre".split())


def not_all_words(text: str) -> bool:
    """At least one word of an institution's name is no everyday word; no maker's: ``Philips``."""
    first, *rest = _words(text)
    if first in word_set("device_makers.surname") and all(word in _MAKER_AFTER for word in rest):
        return False
    words = [word for word in _words(text) if word not in word_set("institutions.common")]
    return any(word not in everyday_words() for word in words) or "st" in _words(text)[:1]


def place_name(text: str) -> bool:
    """A name of a school, a firm or a prison: some word of it is none of the language."""
    return any(len(word) > 3 and not is_word(word) for word in _words(text))


def person(text: str) -> bool:
    """A name after a title or a key: no clinical word, pronoun or answer in its place."""
    words = [word for word in _words(text) if len(word) > 1]
    if not words or words[0] in word_set("words_after_titles") or re.match(r"I['’ ]", text):
        return False
    return any(map(may_be_name, words))


def person_sure(text: str) -> bool:
    """A name where a sentence may stand as well: two words, and people bear both."""
    words = [word for word in _words(text[: name(text)]) if len(word) > 1]
    return (
        len(words) > 1
        and person(text)
        and all(
            may_be_name(word) and word not in word_set("words_after_titles") for word in words[:2]
        )
    )


_EXAMINATION = re.compile(r"(?:graphy|gram|grams|scopy|metry|guided|imaging)$")


def person_capitals(text: str) -> bool:
    """A name after MR or DR in capitals: no word, and no examination."""
    words = [word for word in _words(text) if len(word) > 2]
    return (
        bool(words) and person(text) and not is_word(words[0]) and not _EXAMINATION.search(words[0])
    )


def _goes_on(word: str, caseless: bool) -> bool:
    """Whether a folded word may go on with a name that has begun."""
    if len(word) == 1:
        return True
    if word in word_set("words_after_titles") or not may_be_name(word):
        return False
    if caseless and is_word(word):
        # run-on capitals: "DR VORA NO FEVER": a word goes on only when people bear it
        return is_known_name(word)
    return True


def name(text: str) -> int:
    """Where a name ends: what comes after it with capitals too and is borne by nobody.

    In capitals throughout the first such word ends it, and so does shorthand in capitals behind
    a name in small letters (``Lee ABD W``); else those at the end are left out.
    """
    pieces = list(re.finditer(r"[^\W\d_]+", text))
    folded = [fold_text(piece.group()) for piece in pieces]
    end = len(text)
    if text.isupper() and "^" not in text:
        for piece, word in zip(pieces[1:], folded[1:]):
            if not _goes_on(word, True):
                end = piece.start()
                break
    else:
        for piece, word in zip(pieces[1:], folded[1:]):
            if len(word) > 1 and piece.group().isupper() and not _goes_on(word, True):
                pieces = [one for one in pieces if one.start() < piece.start()]
                end = piece.start()
                break
        folded = folded[: len(pieces)]
        for piece, word in reversed(list(zip(pieces[1:], folded[1:]))):
            if _goes_on(word, False):
                break
            end = piece.start()
    return len(text[:end].rstrip(" ,;:-")) if end < len(text) else end


def name_small(text: str) -> int:
    """As :func:`name`, where a verb may follow: the second word must be no word at all."""
    first, _, second = text.partition(" ")
    folded = fold_text(second)
    if not second or folded in word_set("words_after_titles"):
        return len(first)
    return len(text) if is_known_name(folded) or not is_word(folded) else len(first)


def person_small(text: str) -> bool:
    """Small words after ``dr``: a name that is no everyday word."""
    first = fold_text(text.split(" ")[0])
    return first not in word_set("words_after_titles") and may_be_name(first)


def person_role(text: str) -> bool:
    """A name after a role or a relation, where a sentence or an abbreviation may stand as well."""
    words = [word for word in _words(text) if len(word) > 1]
    if not words or not person(text):
        return False
    if re.match(r"[A-Z]{2,4}\b", text) and words[0] not in given_names():
        return False
    return (
        not is_word(words[0])
        or words[0] in given_names()
        or (words[0] in surnames_that_are_words() and words[0] not in everyday_words())
    )


def person_given(text: str) -> bool:
    """A name that begins with a given name, where a disease may stand as well."""
    words = _words(text)
    return bool(words) and words[0] in given_names() and person(text)


def person_birth(text: str) -> bool:
    """A name before a date of birth: two words, the last of which may be a name."""
    words = [word for word in _words(text) if len(word) > 1]
    return bool(words) and words[0] not in word_set("words_after_titles") and may_be_name(words[-1])


_INITIALS_NOT = frozenset(
    "us ct mr xr nm pt ot rt rn md np pa er ed or ir no na ok am pm id iv im po the and not for "
    "icu gi gu ob ld nicu picu micu sicu pacu ccu ent ivf hd bmt med sur psy ww ltc snf vna "
    "by in on at to of is was see yes per all new two".split()
)


def initials(text: str) -> bool:
    """Two or three letters after a key that asks for a person: no modality, no word."""
    return text.lower() not in _INITIALS_NOT


def age(text: str) -> bool:
    """At most 125 years."""
    return int(_digits(text) or 0) <= 125


def town(text: str) -> bool:
    """A word before a state that nobody takes for a place: ``Interpreter ID 30442``."""
    return any(not is_word(word) or word not in everyday_words() for word in _words(text))


@cache
def checks() -> dict[str, Callable[[str], bool]]:
    """The checks that patterns.yaml may name."""
    functions = (
        luhn, npi, nhs, dea, iban, vin, dni, nir, ip_v6, phone, url, date, date_like,
        month_and_day, month_word, not_public_code, street, not_all_words, person, person_sure,
        person_small, person_capitals, person_role, person_birth, initials, not_zero, age, town,
        place_name, person_given,
    )  # fmt: skip
    return {function.__name__: function for function in functions}


@cache
def trims() -> dict[str, Callable[[str], int]]:
    """The functions that patterns.yaml may name to cut the end of a value."""
    return {"name": name, "name_small": name_small}
