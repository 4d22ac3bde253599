"""Identifying values of an original, for which the output is searched.

A value is searched for only if a match by chance is unlikely:

- a part of a name if it has at least three letters (two if the script is not Latin) and is not a
  word of the data dictionary,
- an ID if it has at least four characters with a digit, or six without,
- other text if it has at least five characters, and a word of the name of an institution if it has
  at least six letters and is not a usual one of such names,
- initials with points, unless they are an abbreviation.

Numbers and codes (IS, DS, CS) are searched only for IDs of at least seven characters. Shorter
values are found at the same location (see `safelight.verify.leaks.check_unchanged_values`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass

from safelight.verify.deidentification_labels import RETAIN_UIDS
from safelight.verify.dicom_object import DicomObject
from safelight.verify.elements import LeafElement
from safelight.verify.expectation import NO_RULES, Expectation
from safelight.verify.identifiers import (
    Identifier,
    fold_case,
    is_public_uid,
    load_abbreviations,
    load_constant_dates,
    load_identifiers,
    load_institution_words,
    load_placeholder_dates,
    load_placeholder_words,
    load_vocabulary,
)
from safelight.verify.profile_attributes import is_retained

_NAME_SEPARATORS = re.compile(r"[\s^=,._\-/()\[\]{}'\"]+")
#: Generations in the suffix of a name, which also number leads, stages and cranial nerves.
_ROMAN_NUMERALS = frozenset({"iii", "vii", "viii"})
#: Number in an ID, without leading zeros.
_ID_NUMBER = re.compile(r"(?<!\d)0*([1-9]\d*)")
_FULL_DATE = re.compile(r"(?:^|(?<=-))(\d{4})\.?(\d{2})\.?(\d{2})")

_MIN_FULL_NAME_CHARACTERS = 5
_MIN_LATIN_NAME_CHARACTERS = 3
_MIN_OTHER_NAME_CHARACTERS = 2
_MIN_NAME_DIGITS = 6
_MIN_ID_CHARACTERS_WITH_DIGIT = 4
_MIN_ID_CHARACTERS = 6
_MIN_ID_CHARACTERS_IN_NUMBERS = 7
#: Shortest number in an ID that is searched for with another prefix.
_MIN_ID_DIGITS = 6
#: Shortest name of two parts without a separator, and shortest surname next to an initial.
_MIN_JOINED_CHARACTERS = 8
_MIN_LOGIN_CHARACTERS = 6
_MIN_TEXT_CHARACTERS = 5
_MIN_INSTITUTION_CHARACTERS = 6
_INSTITUTION_NAME = "InstitutionName"
_LETTERS = re.compile(r"[^\W\d_]+")
#: Shorter UIDs name at most the root of an organisation, not an instance.
_MIN_UID_DOTS = 3
_MIN_UID_CHARACTERS = 10


@dataclass(frozen=True)
class OriginalValue:
    """Identifying value of an original. PHI.

    Attributes
    ----------
    kind : str
        ``name``, ``initials``, ``id``, ``digits`` (the number in an ID), ``text``, ``word`` (of
        the name of an institution) or ``uid``.
    text : str
        Value, case-folded (UIDs as they are).
    source : str
        Location in the original.
    """

    kind: str
    text: str
    source: str

    @property
    def is_searched_in_numbers(self) -> bool:
        """True if the value is long enough to be searched for in numeric values."""
        is_number = self.kind in ("id", "digits")
        return is_number and len(self.text) >= _MIN_ID_CHARACTERS_IN_NUMBERS

    @property
    def encodings(self) -> frozenset[bytes]:
        """Encoded forms for a search in bytes: three cases in three character sets."""
        found = set()
        for text in (self.text, self.text.upper(), self.text.title()):
            for encoding in ("utf-8", "latin-1", "utf-16-le"):
                try:
                    found.add(text.encode(encoding))
                except UnicodeEncodeError:
                    continue
        return frozenset(found)


def may_retain(identifier: Identifier, element: LeafElement, expectation: Expectation) -> bool:
    """Return whether the rules of an organisation may retain an identifier.

    Parameters
    ----------
    identifier : Identifier
        Names, contacts and numbers of persons are never retained.
    element : LeafElement
    expectation : Expectation
    """
    return expectation.may_retain(element) and not identifier.is_direct


def collect_original_values(
    original: DicomObject,
    codes: frozenset[str],
    expectation: Expectation = NO_RULES,
) -> frozenset[OriginalValue]:
    """Return the values of an original that its output must not have anywhere.

    Parameters
    ----------
    original : DicomObject
    codes : frozenset of str
        CID 7050 codes in force. Values that they grant are left out.
    expectation : Expectation
        Values that the rules retain are left out as well.
    """
    identifiers = load_identifiers()
    found: dict[tuple[str, str], OriginalValue] = {}
    for element in original.elements:
        identifier = identifiers.get(element.keyword)
        if identifier is not None and (
            identifier.granted_by & codes or may_retain(identifier, element, expectation)
        ):
            continue
        if element.vr == "UI" and expectation.retains_private(element):
            continue
        for value in _collect_from_element(element, identifier, codes):
            found.setdefault((value.kind, value.text), value)
    return frozenset(found.values())


def _collect_from_element(
    element: LeafElement, identifier: Identifier | None, codes: frozenset[str]
) -> Iterator[OriginalValue]:
    """Return the values of one element by its VR or its kind of search."""
    if element.vr == "PN":
        return _collect_names(element)
    if element.vr == "UI":
        is_kept = RETAIN_UIDS in codes or is_retained(element.tag, codes)
        return iter(()) if is_kept else _collect_uids(element)
    if identifier is not None and identifier.search == "id":
        return _collect_ids(element)
    if identifier is not None and identifier.search == "text":
        return _collect_texts(element)
    return iter(())


def _collect_names(element: LeafElement) -> Iterator[OriginalValue]:
    """Yield full names, in both orders, and their distinctive parts."""
    for value in element.texts:
        for group in value.split("="):
            parts = [fold_case(p) for p in _NAME_SEPARATORS.split(group.strip("\0 ")) if p]
            full_name = " ".join(parts)
            is_distinctive = (
                len(parts) > 1
                and len(full_name) >= _MIN_FULL_NAME_CHARACTERS
                and not set(parts) <= load_vocabulary()
            )
            if is_distinctive:
                yield OriginalValue("name", full_name, element.location)
                if len(parts) == 2:
                    yield OriginalValue("name", f"{parts[1]} {parts[0]}", element.location)
                for joined in _join_names(parts):
                    yield OriginalValue("name", joined, element.location)
            for part in parts:
                if _is_distinctive_name_part(part):
                    yield OriginalValue("name", part, element.location)
            for initials in _list_initials(parts):
                yield OriginalValue("initials", initials, element.location)


def _list_initials(parts: list[str]) -> Iterator[str]:
    """Yield the initials of a name in both orders: family and given name, and middle names."""
    if len(parts) < 2 or not all(part.isalpha() and len(part) > 1 for part in parts[:2]):
        return
    family, given = parts[0][0], parts[1][0]
    middle = "".join(part[0] for part in parts[2:] if part.isalpha())
    for initials in {given + family, family + given, given + middle + family}:
        if initials not in load_abbreviations():
            yield initials


def _join_names(parts: list[str]) -> Iterator[str]:
    """Yield the forms without a separator in which logins and files have a name."""
    family, given = parts[0], parts[1]
    if not (family + given).isalpha() or {family, given} <= load_vocabulary():
        return
    if len(family + given) >= _MIN_JOINED_CHARACTERS:
        yield family + given
        yield given + family
    if len(family) >= _MIN_LOGIN_CHARACTERS and _is_distinctive_name_part(family):
        yield given[0] + family
        yield family + given[0]


def _is_distinctive_name_part(part: str) -> bool:
    """Return whether a part of a name can be searched for on its own."""
    if part in load_vocabulary() or part in _ROMAN_NUMERALS:
        return False
    if part.isdigit() and len(part) < _MIN_NAME_DIGITS:
        return False
    is_latin = all("LATIN" in unicodedata.name(c, "LATIN") for c in part)
    return len(part) >= (_MIN_LATIN_NAME_CHARACTERS if is_latin else _MIN_OTHER_NAME_CHARACTERS)


def _collect_ids(element: LeafElement) -> Iterator[OriginalValue]:
    """Yield IDs that are long enough."""
    for value in element.texts:
        text = fold_case(value.strip("\0 "))
        has_digit = any(c.isdigit() for c in text)
        min_characters = _MIN_ID_CHARACTERS_WITH_DIGIT if has_digit else _MIN_ID_CHARACTERS
        if len(text) >= min_characters and text.strip("0.-") and not _is_common(text):
            yield OriginalValue("id", text, element.location)
            for number in _ID_NUMBER.findall(text) if "." not in text else ():
                if number != text and len(number) >= _MIN_ID_DIGITS:
                    yield OriginalValue("digits", number, element.location)


def _collect_texts(element: LeafElement) -> Iterator[OriginalValue]:
    """Yield other texts that are long enough."""
    for value in element.texts:
        text = fold_case(value.strip("\0 "))
        if len(text) >= _MIN_TEXT_CHARACTERS and text.strip("0.-") and not _is_common(text):
            yield OriginalValue("text", text, element.location)
        if element.keyword.endswith(_INSTITUTION_NAME):
            for word in _LETTERS.findall(text):
                if len(word) >= _MIN_INSTITUTION_CHARACTERS and not _is_usual(word):
                    yield OriginalValue("word", word, element.location)


def _is_usual(word: str) -> bool:
    """Return whether a word is one of technical texts, or of many names of institutions."""
    return word in load_vocabulary() or word in load_institution_words()


def _is_common(text: str) -> bool:
    """Return whether a text is a placeholder or consists of words of the vocabulary."""
    words = _LETTERS.findall(text)
    has_digit = any(c.isdigit() for c in text)
    return text in load_placeholder_words() or (not has_digit and set(words) <= load_vocabulary())


def _collect_uids(element: LeafElement) -> Iterator[OriginalValue]:
    """Yield UIDs of instances."""
    for value in element.texts:
        uid = value.strip("\0 ")
        is_long = uid.count(".") >= _MIN_UID_DOTS and len(uid) >= _MIN_UID_CHARACTERS
        if is_long and not is_public_uid(uid, element.keyword):
            yield OriginalValue("uid", uid, element.location)


def iterate_dates(
    elements: Iterable[LeafElement], birth_dates: Container[str] = ()
) -> Iterator[tuple[str, str]]:
    """Yield pairing path and date (``YYYYMMDD``) of all full dates in date elements.

    Parameters
    ----------
    elements : iterable of LeafElement
    birth_dates : container of str
        Dates that count in elements for constants too. Other dates there are left out.
    """
    for element in elements:
        if element.vr not in ("DA", "DT"):
            continue
        is_constant = element.keyword in load_constant_dates()
        for text in element.texts:
            for parts in _FULL_DATE.findall(text):
                day = "".join(parts)
                if is_constant and day not in birth_dates:
                    continue
                if day not in load_placeholder_dates():
                    yield element.pairing_path, day


def collect_birth_dates(elements: Iterable[LeafElement]) -> frozenset[str]:
    """Return the full birth dates (``YYYYMMDD``) in date elements.

    Parameters
    ----------
    elements : iterable of LeafElement
    """
    found = [element for element in elements if element.keyword.endswith("BirthDate")]
    return frozenset(day for _, day in iterate_dates(found))
