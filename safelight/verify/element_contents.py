"""Identifiers, private elements, dates and free text of an output, looked at on its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from safelight.verify.defects import Check, Defect, ValueHasher
from safelight.verify.deidentification_labels import FULL_DATES, MODIFIED_DATES
from safelight.verify.dicom_object import DicomObject
from safelight.verify.elements import BYTE_VRS, FREE_TEXT_VRS, LeafElement
from safelight.verify.identifiers import (
    fold,
    load_identifiers,
    load_neutral_dates,
    load_neutral_words,
    load_product_keywords,
)
from safelight.verify.phi_shapes import find_phi_shapes

RETAIN_SAFE_PRIVATE = "113111"
PATIENT_CHARACTERISTICS = "113108"
LABEL_ELEMENTS = ("(0012,0063)", "(0012,0064)")

_TOKEN = re.compile(r"[A-Za-z0-9_.-]{0,24}?[A-Z2-7]{10,32}")
_DATE = re.compile(r"(?:^|(?<=-))(\d{4})\.?(\d{2})\.?(\d{2})")
_PARTIAL = re.compile(r"\d{4}(?:\d{2})?(?:[+-]\d{4})?")
_AGE = re.compile(r"(\d{3})([DWMY])")


@dataclass(frozen=True)
class Expectation:
    """What the check is told of the rules, so that it need not share them.

    Attributes
    ----------
    granted_codes : frozenset of str or None
        CID 7050 codes that the rules provide for; ``None`` if not known: then what an object
        claims is taken for granted.
    surrogate_names : bool
        Whether invented names may stand for names; they look like any name.
    """

    granted_codes: frozenset[str] | None = None
    surrogate_names: bool = False


def check_identifiers(
    dicom_object: DicomObject, codes: frozenset[str], expectation: Expectation, hasher: ValueHasher
) -> Iterator[Defect]:
    """Identifying elements are absent, empty, neutral or pseudonyms."""
    expected = load_identifiers()
    for node in dicom_object.nodes:
        identifier = expected.get(node.keyword)
        if identifier is not None:
            if identifier.granted_by & codes:
                continue
            pseudonym = identifier.pseudonym
        elif node.vr == "PN":
            if expectation.surrogate_names:
                continue
            pseudonym = True
        else:
            continue
        for text in node.texts:
            if is_neutral(text, node.vr) or (pseudonym and _TOKEN.fullmatch(text.strip("^ "))):
                continue
            what = identifier.hipaa if identifier else "A, names"
            yield Defect(
                Check.IDENTIFIER, node.location, f"may identify (HIPAA {what})",
                len(text), hasher(text),
            )  # fmt: skip


def is_neutral(text: str, vr: str) -> bool:
    """Whether a value says nothing of anybody: empty, zero, or a word such as ANONYMOUS."""
    folded = fold(text.strip("\0 ^="))
    return (
        not folded.strip("0.") or folded in load_neutral_words() or folded in load_neutral_dates()
        or (vr == "AS" and folded == "000y")
    )  # fmt: skip


def check_private(dicom_object: DicomObject, codes: frozenset[str]) -> Iterator[Defect]:
    """Private elements only with Retain Safe Private, and each with its creator."""
    for node in dicom_object.nodes:
        if not node.is_private:
            continue
        if RETAIN_SAFE_PRIVATE not in codes:
            yield Defect(Check.PRIVATE, node.location, "is private", len(node.raw))
        elif not node.creator and node.tag & 0xFFFF > 0xFF:
            yield Defect(Check.PRIVATE, node.location, "has no private creator", len(node.raw))


def check_dates(
    dicom_object: DicomObject, codes: frozenset[str], hasher: ValueHasher
) -> Iterator[Defect]:
    """Dates are real dates of the past; without an option that keeps dates there are none.

    An age above 89 is a date in disguise (45 CFR 164.514(b)(2)(i)(C)), unless it stands as 90.
    """
    keeps = bool({FULL_DATES, MODIFIED_DATES} & codes)
    latest = date.today() + timedelta(days=1)
    for node in dicom_object.nodes:
        if node.vr == "AS":
            yield from _check_age(node, hasher)
        if node.vr not in ("DA", "DT") or node.keyword.startswith("ContextGroup"):
            continue
        for text in node.texts:
            text = text.strip("\0 ")
            found = _DATE.findall(text)
            if is_neutral(text, node.vr) or any("".join(d) in load_neutral_dates() for d in found):
                continue
            if not keeps:
                yield Defect(Check.DATE, node.location, "is a date", len(text), hasher(text))
            elif not found and not _PARTIAL.fullmatch(text):
                yield Defect(Check.DATE, node.location, "is no date", len(text), hasher(text))
            elif any(not _plausible(parts, latest) for parts in found):
                yield Defect(
                    Check.DATE, node.location, "is no day of the past", len(text), hasher(text)
                )


def _plausible(parts: tuple[str, str, str], latest: date) -> bool:
    try:
        return date(1800, 1, 1) <= date(*map(int, parts)) <= latest
    except ValueError:
        return False


def _check_age(node: LeafElement, hasher: ValueHasher) -> Iterator[Defect]:
    days = {"D": 1 / 365.25, "W": 7 / 365.25, "M": 1 / 12, "Y": 1}
    for text in node.texts:
        match = _AGE.fullmatch(text.strip())
        if match and int(match[1]) * days[match[2]] >= 91:
            yield Defect(Check.DATE, node.location, "is an age above 89", 4, hasher(text))


def check_texts(
    dicom_object: DicomObject, codes: frozenset[str], hasher: ValueHasher
) -> Iterator[Defect]:
    """No identifying shape stands in free text or in private bytes."""
    dates = not {FULL_DATES, MODIFIED_DATES} & codes
    for node in dicom_object.nodes:
        if node.location.startswith(LABEL_ELEMENTS) or not _may_hold_text(node):
            continue
        if node.keyword in load_product_keywords() or _is_granted(node, codes):
            continue
        for text in node.texts:
            for shape, value in find_phi_shapes(text, dates):
                yield Defect(
                    Check.TEXT, node.location, f"holds what looks like a {shape}",
                    len(value), hasher(value),
                )  # fmt: skip


def _is_granted(node: LeafElement, codes: frozenset[str]) -> bool:
    """Whether the element is an identifier that an option keeps, whatever it looks like."""
    identifier = load_identifiers().get(node.keyword)
    return (
        identifier is not None and identifier.search == "id" and bool(identifier.granted_by & codes)
    )


def _may_hold_text(node: LeafElement) -> bool:
    if node.vr in BYTE_VRS:
        return node.is_private or node.vr == "UN"
    return node.vr in FREE_TEXT_VRS and node.vr != "PN"  # names have their own check
