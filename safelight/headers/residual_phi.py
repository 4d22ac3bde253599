"""Find known values of the patient in structured values that the rules keep.

No text model reads codes, numbers and UIDs, and a word in a code is usually a term and not a name.
A name or number of the patient in such a value still identifies the patient.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from safelight.headers.descriptions.institutions import INSTITUTION
from safelight.records import Reason, Refusal, Span
from safelight.text.known.dates import read_known_date
from safelight.text.known.known_phi import KnownPHI, KnownValue
from safelight.text.lexicon.folding import fold_text
from safelight.text.lexicon.word_lists import word_set
from safelight.text.lexicon.words import (
    given_names,
    imaging_words,
    is_known_name,
    is_name_rather_than_term,
    is_rare_word_and_name,
    is_word,
)

#: Bytes that a kept value may contain, by VR (PS3.5, table 6.2-1).
ALLOWED_BYTES = {
    "DS": b"0123456789+-.eE \\\0",
    "IS": b"0123456789+-.eE \\\0",
    "UI": b"0123456789.\\\0 ",
    "AS": b"0123456789DWMY \\\0",
    "DA": b"0123456789.- \\\0",
    "DT": b"0123456789.+- \\\0",
    "TM": b"0123456789.:- \\\0",
}

#: Minimum length of a known number. Shorter numbers occur in too many other values.
MIN_KNOWN_NUMBER_DIGITS = 6
#: Values shorter than this are not searched for known values of the patient.
_MIN_CODE_CHARACTERS = 3
#: An identifier with fewer letters and digits is a number that counts something.
_MIN_IDENTIFIER_CHARACTERS = 4

#: Kinds of identifiers whose numbers count studies and steps, as series and instances are counted.
_COUNTED_SUBTYPES = frozenset({"study_id", "procedure", "container"})

#: Digits with the punctuation of phone numbers; dotted numbers are versions.
_PHONE_NUMBER = re.compile(r"\+?[(\d][\d ()/.x-]{5,}\d")
_VERSION = re.compile(r"\d+(?:\.\d+)+")
_PHONE_MIN_DIGITS = 7
#: A street with the number of a house, and a town with its postal code, and no more.
_ADDRESS = re.compile(r"[^,;\d]{3,40}\d{1,4}\w?, [^,;\d]{3,40} \d{4,7}")

_WORD = re.compile(r"[^\W\d_]+")
#: Sign after a digit, and two points, as in a telephone number or a date; not valid in DS and IS.
_SIGN_AFTER_DIGIT = re.compile(rb"[0-9.][+-]")
_TWO_POINTS = re.compile(rb"\.[0-9]*\.")


def collect_known_numbers(values: Iterable[KnownValue]) -> frozenset[bytes]:
    """Return the digits of known identifiers, phone numbers and birth dates without leading zeros.

    Parameters
    ----------
    values : iterable of KnownValue
        Identifying values of the patient.

    Returns
    -------
    frozenset of bytes
        PHI.
    """
    numbers: set[str] = set()
    for value in values:
        if value.entity == "DATE":
            numbers.update(day.strftime("%Y%m%d") for day in read_known_date(value.text))
        elif value.entity in ("ID", "CONTACT") and value.subtype not in _COUNTED_SUBTYPES:
            numbers.add("".join(filter(str.isdigit, value.text)).lstrip("0"))
    return frozenset(
        number.encode("ascii", "ignore")
        for number in numbers
        if len(number) >= MIN_KNOWN_NUMBER_DIGITS
    )


def is_number_safe(raw: bytes, vr: str, known_numbers: frozenset[bytes]) -> bool:
    """Return whether a number, date, age or UID is valid for its VR and is not a known number.

    Parameters
    ----------
    raw : bytes
        Encoded value.
    vr : str
        A key of :data:`ALLOWED_BYTES`.
    known_numbers : frozenset of bytes
        See :func:`collect_known_numbers`.

    Returns
    -------
    bool
    """
    if raw.translate(None, ALLOWED_BYTES[vr]):
        return False
    if vr in ("DS", "IS") and (_SIGN_AFTER_DIGIT.search(raw) or _TWO_POINTS.search(raw)):
        return False
    if not known_numbers or vr not in ("DS", "IS", "UI") or len(raw) < MIN_KNOWN_NUMBER_DIGITS:
        return True
    parts = raw.translate(None, b" \0").replace(b".", b"\\").split(b"\\")
    return known_numbers.isdisjoint(part.lstrip(b"+-0") for part in parts)


def find_known_in_code(known: KnownPHI, value: str) -> list[Span]:
    """Find the known values in a coded string.

    Ordinary words are not counted as names, because the patients of test and phantom studies are
    named after what is scanned (``PERFUSION``), and image types contain the same words. A surname
    that is also a body part or a direction counts only together with another part of the name.

    Parameters
    ----------
    known : KnownPHI
        Known values of the patient.
    value : str
        One value.

    Returns
    -------
    list of Span
    """
    if len(value.strip()) < _MIN_CODE_CHARACTERS:
        return []
    return [
        span
        for span in known.find(value)
        if span.entity in ("ID", "DATE", "CONTACT")
        or not (words := _WORD.findall(fold_text(value[span.begin : span.end])))
        or _is_name(words)
    ]


def _is_name(words: list[str]) -> bool:
    """Return whether known words in a code are a name: several words, or one that is not a term."""
    if len(words) > 1 and all(map(_can_be_name, words)):
        return True
    return any(len(word) > 2 and _is_name_in_code(word) for word in words)


def _is_name_in_code(word: str) -> bool:
    return (
        not is_word(word)
        or is_name_rather_than_term(word)
        or is_rare_word_and_name(word)
        or _is_given_name(word)
    )


def _is_given_name(word: str) -> bool:
    return word in given_names() and word not in imaging_words()


def _can_be_name(word: str) -> bool:
    return not is_word(word) or is_known_name(word)


def is_contact_detail(value: str) -> bool:
    """Return whether a value consists only of a phone number or of a postal address.

    Parameters
    ----------
    value : str
        Value of a text element.
    """
    text = value.strip(" \0")
    if _ADDRESS.fullmatch(text):
        return True
    if _PHONE_NUMBER.fullmatch(text) is None or _VERSION.fullmatch(text):
        return False
    return sum(map(str.isdigit, text)) >= _PHONE_MIN_DIGITS


def is_small_number(value: str, span: Span) -> bool:
    """Return whether an identifier of the patient is as short as a number that counts something.

    Parameters
    ----------
    value : str
        One value of an element that the rules keep.
    span : Span
        Known value of the patient in ``value``.

    Returns
    -------
    bool
        True if the entity is ID and the span has fewer than 4 letters and digits.
    """
    characters = sum(map(str.isalnum, value[span.begin : span.end]))
    return span.entity == "ID" and characters < _MIN_IDENTIFIER_CHARACTERS


def is_manufacturer_name(value: str, span: Span) -> bool:
    """Return whether a known place is the name of the manufacturer in this value.

    It is if it is the whole value or contains the name of a manufacturer. Text after the name of a
    manufacturer may be the place of the device.

    Parameters
    ----------
    value : str
        Value of an attribute about the product.
    span : Span
        Known value in it.

    Returns
    -------
    bool
    """
    place = value[span.begin : span.end]
    if span.entity != "LOCATION" or INSTITUTION.search(place):
        return False
    words = _WORD.findall(fold_text(place))
    if not word_set("device_makers.surname").isdisjoint(words):
        return True
    return place.strip() == value.strip() and word_set("institutions.leading").isdisjoint(words)


def residual_phi_refusal(location: str, entity: str) -> Refusal:
    """Return the refusal of an object with PHI in a kept value.

    Parameters
    ----------
    location : str
        Tag path of the value.
    entity : str
        Label of the finding.

    Returns
    -------
    Refusal
    """
    return Refusal(
        Reason.HEADER_PHI_REMAINS,
        f"{location} is kept by the rules but seems to hold a {entity}; review it manually, or let "
        "the rules clean or remove it",
    )
