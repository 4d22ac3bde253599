"""What is known of the patient in structured values that the rules keep.

Codes, numbers and UIDs are not text: no model reads them, and a word of them is no name for
being one. But a patient's name or number that stands in them gives the patient away.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from safelight.dicom.encoding import NUMBER_LAYOUTS
from safelight.headers.text_classifier import INSTITUTION
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
    is_word,
)

#: The bytes that kept values of these VRs may hold (PS3.5, table 6.2-1).
ALLOWED_BYTES = {
    "DS": b"0123456789+-.eE \\\0",
    "IS": b"0123456789+-.eE \\\0",
    "UI": b"0123456789.\\\0 ",
    "AS": b"0123456789DWMY \\\0",
    "DA": b"0123456789.- \\\0",
    "DT": b"0123456789.+- \\\0",
    "TM": b"0123456789.:- \\\0",
}

#: Shorter numbers are too common to be a patient's wherever they stand.
SHORTEST_NUMBER = 6
#: So many bytes of floating numbers do not look like words by chance, as those of one may.
LONGER_THAN_FLOATS = 16
#: Numbers of studies and steps count as series and instances do.
_COUNTED = frozenset({"study_id", "procedure", "container"})
#: Larger values of bytes are samples, not somebody's notes.
LONGEST_NOTE = 64 << 10

_WORD = re.compile(r"[^\W\d_]+")
#: A sign inside of digits, as in a telephone number or a date: no number of DS or IS.
_SIGN_INSIDE = re.compile(rb"[0-9.][+-]")
_PRINTED = re.compile(rb"[ -~\x80-\xff]{4,}")
_PLAIN_TEXT = re.compile(rb"[ -~\r\n\t]*[A-Za-z]{3}[ -~\r\n\t]*\0*")


def known_numbers(values: Iterable[KnownValue]) -> frozenset[bytes]:
    """The digits of known identifiers, phone numbers and birth dates, without leading zeros."""
    numbers: set[str] = set()
    for value in values:
        if value.entity == "DATE":
            numbers.update(day.strftime("%Y%m%d") for day in read_known_date(value.text))
        elif value.entity in ("ID", "CONTACT") and value.kind not in _COUNTED:
            numbers.add("".join(filter(str.isdigit, value.text)).lstrip("0"))
    return frozenset(n.encode("ascii", "ignore") for n in numbers if len(n) >= SHORTEST_NUMBER)


def is_number_safe(raw: bytes, vr: str, numbers: frozenset[bytes]) -> bool:
    """Whether a number, date, age or UID holds what its VR may hold, and no known number."""
    if raw.translate(None, ALLOWED_BYTES[vr]):
        return False
    if vr in ("DS", "IS") and _SIGN_INSIDE.search(raw):
        return False
    if not numbers or vr not in ("DS", "IS", "UI") or len(raw) < SHORTEST_NUMBER:
        return True
    parts = raw.translate(None, b" \0").replace(b".", b"\\").split(b"\\")
    return numbers.isdisjoint(part.lstrip(b"+-0") for part in parts)


def known_in_code(known: KnownPHI, value: str) -> list[Span]:
    """The known values in a coded string or title.

    Words that nobody is called stay: patients of test and phantom studies are named after
    what is scanned (``PERFUSION``), and so are image types. A surname that is a body part or
    a direction says nothing in a coded string, unless another part of the name is beside it.
    """
    if len(value.strip()) < 3:
        return []
    return [
        span
        for span in known.find(value)
        if span.entity in ("ID", "DATE", "CONTACT")
        or _is_name(_WORD.findall(fold_text(value[span.begin : span.end])))
    ]


def _is_name(words: list[str]) -> bool:
    """Whether known words of a coded string are a name: one that is no term, or several."""
    if len(words) > 1 and all(map(_may_be_borne, words)):
        return True
    return any(
        len(word) > 2 and (not is_word(word) or is_name_rather_than_term(word) or _is_given(word))
        for word in words
    )


def _is_given(word: str) -> bool:
    return word in given_names() and word not in imaging_words()


def _may_be_borne(word: str) -> bool:
    return not is_word(word) or is_known_name(word)


def is_value_safe(raw: bytes, vr: str, known: KnownPHI) -> bool:
    """Whether bytes hold no words where numbers stand, no note and nothing known of the patient."""
    if vr in NUMBER_LAYOUTS or vr == "AT":
        # typed as numbers, but somebody wrote words
        if len(raw) < SHORTEST_NUMBER or _PLAIN_TEXT.fullmatch(raw) is None:
            return True
        by_chance = vr in ("FD", "FL") and len(raw) < LONGER_THAN_FLOATS
        return by_chance and not known.find(raw.decode("ascii").strip("\0"))
    if len(raw) > LONGEST_NOTE:
        return True
    if vr == "UN" and _PLAIN_TEXT.fullmatch(raw):
        return False
    for note in _PRINTED.findall(raw):
        for encoding in ("utf-8", "latin-1"):
            text = note.decode(encoding, "replace")
            if any(span.end - span.begin >= 4 for span in known.find(text)):
                return False
    return True


def is_small_number(value: str, span: Span) -> bool:
    """Whether an identifier of the patient is no more than a number that counts something."""
    return span.entity == "ID" and sum(map(str.isalnum, value[span.begin : span.end])) < 4


def is_place_of_the_maker(value: str, span: Span) -> bool:
    """Whether a place that is known of the patient is the maker of the device here.

    It is if the place is all of the value, or bears a maker's name: beside the maker's name
    stands where the device does.
    """
    place = value[span.begin : span.end]
    if span.entity != "LOCATION" or INSTITUTION.search(place):
        return False
    words = _WORD.findall(fold_text(place))
    return place.strip() == value.strip() or not word_set("device_makers.surname").isdisjoint(words)


def still_identifies(where: str, entity: str) -> Refusal:
    """Says that a kept value looks like something that identifies."""
    return Refusal(
        Reason.HEADER_PHI_REMAINS,
        f"{where} is kept by the rules, but holds what looks like a {entity}; look at it by hand, "
        "or let the rules clean or remove it",
    )
