"""Check what an expression alone cannot decide: calendar dates, plausibility, words.

:func:`checks` and :func:`trims` hold the functions that ``patterns.yaml`` refers to by name.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from functools import cache

from safelight.text.dates.parsing import parse_date_text
from safelight.text.lexicon.phrases import eponyms
from safelight.text.lexicon.word_lists import word_set
from safelight.text.lexicon.words import everyday_words, is_word
from safelight.text.recognizers.base64_text import is_base64_text
from safelight.text.recognizers.check_digits import (
    digits_of,
    has_luhn_digit,
    has_mrz_check_digits,
    is_ahv,
    is_bitcoin_address,
    is_codice_fiscale,
    is_cpf,
    is_dea_number,
    is_dni,
    is_iban,
    is_nhs_number,
    is_nir,
    is_npi,
    is_personal_number,
    is_udi,
    is_vin,
)
from safelight.text.recognizers.person_checks import (
    find_lower_case_name_end,
    find_name_end,
    folded_words,
    is_full_person_name,
    is_initials,
    is_name_with_nickname,
    is_person,
    is_person_after_role,
    is_person_before_birth_date,
    is_person_before_degree,
    is_person_in_capitals,
    is_person_in_lower_case,
    may_follow_title,
    starts_with_given_name,
)

#: Month names and abbreviations that are also English, Spanish or French words.
_AMBIGUOUS_MONTHS = frozenset(("may", "mar", "mars", "dec", "sep", "jan", "nov", "set", "mai"))
_ENDINGS_OF_SPECIALITIES = ("ic", "al", "ar", "logy")
#: End of a sentence between a number and ``Dr``: ``1 PRBC. Call Dr.``, not ``12 St. Mary Dr``.
_SENTENCE_END = re.compile(r"[^\W\d_]{4}\. (?=\D)")
_YEAR_OF_LINE = re.compile(r"(?:19|20)\d\d\r?\n")
_PUBLIC_CODE = re.compile(
    r"(?:NCT|ISRCTN|EUCTR|PMID|PMC|CVE|RS|NM|NP|NR|ICD|COVID|SARS)[- _]?[0-9]"
)
#: Words after a device maker's name that do not make it the name of an institution.
_WORDS_AFTER_MAKER = frozenset(
    "medical systems system health healthcare imaging center centre".split()
)


#: Sphere and cylinder of a lens in dioptres: ``+1.25/-0.50``.
_LENS_POWER = re.compile(r"[+-]\d{1,2}\.\d{2} ?[/-]")


def is_ip_v6(text: str) -> bool:
    """Return whether a text is an IPv6 address (RFC 4291), not a time of day."""
    try:
        return ipaddress.IPv6Address(text) is not None
    except ValueError:
        return False


def is_phone_number(text: str) -> bool:
    """Return whether a text has 5 to 15 digits (ITU-T E.164) and is not a date or a lens power."""
    is_number = 5 <= len(digits_of(text)) <= 15 and not is_date(text)
    return is_number and _LENS_POWER.match(text) is None


def is_url(text: str) -> bool:
    """Return whether a text is a URL, not an abbreviation such as ``e.g.com``."""
    return len(text) > 6


def is_date(text: str) -> bool:
    """Return whether a text is a date of the calendar."""
    return parse_date_text(text) is not None or parse_date_text(text, day_first=True) is not None


def is_date_or_digits(text: str) -> bool:
    """Return whether a text is a date, or digits that may be one."""
    return text.isdigit() or is_date(text)


def is_month_and_day(text: str) -> bool:
    """Return whether ``M/D`` is a date, not a strength or a pain score (``5/5``, ``8/10``)."""
    month, day = map(int, text.split("/"))
    return month <= 12 and 1 <= day <= 31 and not (day in (5, 10) and month <= day)


def has_month_name(text: str) -> bool:
    """Return whether the month of a date without a year is a name: ``may 5`` is not one."""
    words = re.findall(r"[^\W\d_]{3,}", text)
    return any(word[0].isupper() or word not in _AMBIGUOUS_MONTHS for word in words)


def is_month_in_words(text: str) -> bool:
    """Return whether a date in words has a month; ``may second`` may be a verb."""
    return not (text.startswith(("may ", "march ")) and len(text.split()) == 2)


def is_nonzero(text: str) -> bool:
    """Return whether a number has a digit other than zero."""
    return bool(text.strip("0"))


def is_not_public_code(text: str) -> bool:
    """Return whether a code is not that of a trial, an article, a gene variant or a transcript."""
    return _PUBLIC_CODE.match(text.upper()) is None


def is_street(text: str) -> bool:
    """Return whether no word before the suffix of a street is a measure or an examination.

    A year at the end of a line is not a house number, and ``Dr`` on the next line or in the next
    sentence is a title.
    """
    if _YEAR_OF_LINE.match(text) or _SENTENCE_END.search(text):
        return False
    if "\n" in text and folded_words(text)[-1] == "dr":
        return False
    return not any(word in word_set("not_street_words") for word in folded_words(text)[:-1])


def has_distinctive_word(text: str) -> bool:
    """Return whether the name of an institution has a word that is not an everyday word.

    The name of a device maker alone (``Philips Healthcare``) does not identify an institution.
    """
    first, *rest = words = folded_words(text)
    is_maker = first in word_set("device_makers.surname")
    if is_maker and all(word in _WORDS_AFTER_MAKER for word in rest):
        return False
    proper = [word for word in words if word not in word_set("institutions.common")]
    return any(word not in everyday_words() for word in proper) or first == "st"


def is_place_name(text: str) -> bool:
    """Return whether the name of a school, company or prison has a word that no dictionary has."""
    return any(len(word) > 3 and not is_word(word) for word in folded_words(text))


def is_practice(text: str) -> bool:
    """Return whether the first word before ``Surgery`` is neither a word nor an eponym."""
    first = folded_words(text)[0]
    is_term = is_word(first) or first.endswith(_ENDINGS_OF_SPECIALITIES) or first in eponyms()
    return len(first) > 3 and not is_term and first not in word_set("institutions.common")


def is_town(text: str) -> bool:
    """Return whether words before a state may be a town, unlike ``Interpreter ID 30442``."""
    return any(not is_word(word) or word not in everyday_words() for word in folded_words(text))


@cache
def checks() -> dict[str, Callable[[str], bool]]:
    """Return the functions that the field ``check`` of ``patterns.yaml`` may name."""
    functions = (
        has_luhn_digit, is_npi, is_nhs_number, is_dea_number, is_iban, is_vin, is_dni, is_nir,
        has_mrz_check_digits, is_bitcoin_address, is_udi, is_codice_fiscale, is_cpf, is_ahv,
        is_personal_number, is_ip_v6, is_phone_number, is_url, is_date, is_date_or_digits,
        is_month_and_day, has_month_name, is_month_in_words, is_nonzero, is_not_public_code,
        is_street, is_base64_text, is_practice,
        has_distinctive_word, is_place_name, is_town, is_person, is_full_person_name,
        is_person_before_degree, is_person_in_capitals,
        is_person_in_lower_case, is_person_after_role, is_person_before_birth_date,
        starts_with_given_name, is_initials, is_name_with_nickname, may_follow_title,
    )  # fmt: skip
    return {function.__name__: function for function in functions}


@cache
def trims() -> dict[str, Callable[[str], int]]:
    """Return the functions that the field ``trim`` of ``patterns.yaml`` may name."""
    functions = (find_name_end, find_lower_case_name_end)
    return {function.__name__: function for function in functions}
