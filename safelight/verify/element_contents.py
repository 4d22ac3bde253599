"""Check identifiers, private elements, dates and free text of an output."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

from safelight.verify.defects import Check, Defect, ValueHasher
from safelight.verify.deidentification_labels import (
    FULL_DATES,
    MODIFIED_DATES,
    RETAIN_SAFE_PRIVATE,
)
from safelight.verify.dicom_object import DicomObject
from safelight.verify.elements import BYTE_VRS, FREE_TEXT_VRS, LeafElement
from safelight.verify.expectation import Expectation
from safelight.verify.identifiers import (
    Identifier,
    fold_case,
    load_code_keywords,
    load_constant_dates,
    load_identifiers,
    load_placeholder_dates,
    load_placeholder_words,
    load_product_keywords,
)
from safelight.verify.pdf_pages import is_pdf
from safelight.verify.phi_shapes import find_phi_shapes
from safelight.verify.profile_attributes import is_protected
from safelight.verify.value_forms import is_reduced_date

#: De-identification Method and its codes, whose texts come from the de-identification.
METHOD_LOCATIONS = ("(0012,0063)", "(0012,0064)")

_TOKEN = re.compile(r"[A-Za-z0-9_.-]{0,24}?[A-Z2-7]{10,32}")
#: Token that the second pass gives to any identifier.
_RELEASE_TOKEN = re.compile(r"[A-Z2-7]{16}")
_HASH = re.compile(r"[0-9a-f]+")
_DATE = re.compile(r"(?:^|(?<=-))(\d{4})\.?(\d{2})\.?(\d{2})")
_PARTIAL_DATE = re.compile(r"\d{4}(?:\d{2})?(?:[+-]\d{4})?")
_AGE = re.compile(r"(\d{3})([DWMY])")
_YEARS_PER_UNIT = {"D": 1 / 365.25, "W": 7 / 365.25, "M": 1 / 12, "Y": 1}

#: Ages of 90 years are allowed, because 090Y represents all ages above 89.
_FORBIDDEN_AGE_YEARS = 91
_AGE_CHARACTERS = 4
_EARLIEST_DATE = date(1800, 1, 1)


def check_identifiers(
    dicom_object: DicomObject,
    codes: frozenset[str],
    expectation: Expectation,
    hasher: ValueHasher,
) -> Iterator[Defect]:
    """Yield identifying elements whose value is neither a placeholder nor a pseudonym.

    Parameters
    ----------
    dicom_object : DicomObject
    codes : frozenset of str
        CID 7050 codes in force.
    expectation : Expectation
    hasher : ValueHasher
    """
    is_released = dicom_object.is_of_second_pass
    for element in dicom_object.elements:
        identifier = _find_identifier(element, expectation)
        if identifier is None or identifier.granted_by & codes:
            continue
        if expectation.is_ruled(element) and not identifier.is_direct:
            continue
        patterns = [_TOKEN] if identifier.is_pseudonym else []
        patterns += [_RELEASE_TOKEN] if is_released else []
        form = expectation.hash_forms.get(element.tag)
        for text in element.texts:
            is_token = any(pattern.fullmatch(text.strip("^ ")) for pattern in patterns)
            is_hash = form is not None and _is_hash(text, *form)
            if is_token or is_hash or is_placeholder(text, element.vr):
                continue
            if not expectation.is_written(element, text, dicom_object):
                yield Defect(
                    Check.IDENTIFIER, element.location,
                    f"may identify (HIPAA {identifier.hipaa})", len(text), hasher(text),
                )  # fmt: skip


def _is_hash(text: str, prefix: str, length: int) -> bool:
    """Return whether a text is a keyed hash after a prefix; a short VR cuts the hash."""
    rest = text.removeprefix(prefix)
    is_complete = _MIN_HASH_CHARACTERS <= len(rest) <= length
    return text.startswith(prefix) and is_complete and _HASH.fullmatch(rest) is not None


#: Shortest keyed hash that rules can ask for.
_MIN_HASH_CHARACTERS = 4
_PATIENT_BIRTH_DATE = 0x00100030
#: Documents, which `safelight.verify.object_structure.check_forbidden` checks.
_ENCAPSULATED_DOCUMENT = 0x00420011
#: VRs that have checks of their own.
_SEPARATELY_CHECKED_VRS = frozenset({"DA", "DT", "PN", "UI"})


def check_profile(
    dicom_object: DicomObject,
    codes: frozenset[str],
    expectation: Expectation,
    hasher: ValueHasher,
) -> Iterator[Defect]:
    """Yield attributes of Table E.1-1 that have a value although no claimed option retains it.

    Identifiers, names, dates and UIDs have checks of their own.

    Parameters
    ----------
    dicom_object : DicomObject
    codes : frozenset of str
        CID 7050 codes in force.
    expectation : Expectation
    hasher : ValueHasher
    """
    for element in dicom_object.elements:
        is_checked = is_protected(element.tag, codes) and not _has_own_check(element)
        if not is_checked or expectation.is_ruled(element):
            continue
        for text in _list_values(element):
            if is_replacement(text, element.vr):
                continue
            if not expectation.is_written(element, text, dicom_object):
                yield Defect(
                    Check.PROFILE, element.location,
                    "has a value, but the Basic Profile removes it and no option retains it",
                    len(text), hasher(text),
                )  # fmt: skip


def _has_own_check(element: LeafElement) -> bool:
    """Return whether another check decides about an element of Table E.1-1."""
    return (
        element.vr in _SEPARATELY_CHECKED_VRS
        or element.keyword in load_identifiers()
        or element.tag == _ENCAPSULATED_DOCUMENT
    )


def _list_values(element: LeafElement) -> tuple[str, ...]:
    """Return the values of an element as text; bytes are one value."""
    if element.vr in BYTE_VRS and element.value_bytes.strip(b"\0 "):
        return (element.value_bytes.decode("latin-1"),)
    return element.texts


_PERSON_NAME = Identifier("A, names", "name", True, frozenset())


def _find_identifier(element: LeafElement, expectation: Expectation) -> Identifier | None:
    """Return the expectation for an element; None if it is not an identifier."""
    identifier = load_identifiers().get(element.keyword)
    if identifier is None and element.vr == "PN" and not expectation.surrogate_names:
        return _PERSON_NAME
    return identifier


def is_placeholder(text: str, vr: str) -> bool:
    """Return whether a value is a placeholder: empty, zero, or a word such as ANONYMOUS.

    Parameters
    ----------
    text : str
    vr : str
    """
    folded = fold_case(text.strip("\0 ^="))
    return (
        not folded.strip("0.")
        or folded in load_placeholder_words()
        or folded in load_placeholder_dates()
        or (vr == "AS" and folded == "000y")
    )


def is_replacement(text: str, vr: str) -> bool:
    """Return whether a value is a placeholder or a keyed token.

    Parameters
    ----------
    text : str
    vr : str
    """
    return is_placeholder(text, vr) or _TOKEN.fullmatch(text.strip("^ ")) is not None


def check_forms(
    dicom_object: DicomObject, expectation: Expectation, hasher: ValueHasher
) -> Iterator[Defect]:
    """Yield values that do not have the form that the rules give them.

    Parameters
    ----------
    dicom_object : DicomObject
    expectation : Expectation
    hasher : ValueHasher
    """
    for element in dicom_object.elements:
        form = expectation.forms.get(element.tag)
        if form is None:
            continue
        for value in element.texts:
            text = value.strip("\0 ")
            if not is_replacement(text, element.vr) and not form.is_met_by(text):
                yield Defect(
                    Check.PROFILE, element.location,
                    f"does not have the form that the rules give it ({form.action})", len(text),
                    hasher(text),
                )  # fmt: skip


def check_private(
    dicom_object: DicomObject, codes: frozenset[str], expectation: Expectation
) -> Iterator[Defect]:
    """Yield private elements that neither the Retain Safe Private Option nor a rule allows.

    Parameters
    ----------
    dicom_object : DicomObject
    codes : frozenset of str
        CID 7050 codes in force.
    expectation : Expectation
    """
    retained = _find_retained_creators(dicom_object, expectation)
    for element in dicom_object.elements:
        if not element.is_private or expectation.retains_private(element):
            continue
        if element.location in retained:
            continue
        length = len(element.value_bytes)
        if RETAIN_SAFE_PRIVATE not in codes:
            yield Defect(Check.PRIVATE, element.location, "is private", length)
        elif not element.creator and element.tag & 0xFFFF > 0xFF:
            yield Defect(Check.PRIVATE, element.location, "has no private creator", length)


def _find_retained_creators(dicom_object: DicomObject, expectation: Expectation) -> frozenset[str]:
    """Return the locations of the private creators of elements that the rules retain."""
    return frozenset(
        f"{element.location[:-5]}{element.tag >> 8 & 0xFF:04X})"
        for element in dicom_object.elements
        if expectation.retains_private(element)
    )


def check_dates(
    dicom_object: DicomObject,
    codes: frozenset[str],
    expectation: Expectation,
    hasher: ValueHasher,
) -> Iterator[Defect]:
    """Yield dates that no option allows, that are not valid or that are not in the past.

    Ages above 89 years count as dates (45 CFR 164.514(b)(2)(i)(C)), except 90.

    Parameters
    ----------
    dicom_object : DicomObject
    codes : frozenset of str
        CID 7050 codes in force.
    expectation : Expectation
        Dates that the rules reduce or write themselves are allowed.
    hasher : ValueHasher
    """
    keeps_dates = bool({FULL_DATES, MODIFIED_DATES} & codes)
    possible = (_EARLIEST_DATE, date.today() + timedelta(days=1))
    if FULL_DATES in codes:  # an original may have a date of the future, a shift gives none
        possible = (date.min, date.max)
    for element in dicom_object.elements:
        if element.vr == "AS":
            yield from _check_age(element, hasher)
        if element.vr not in ("DA", "DT") or _is_allowed_constant(element, keeps_dates):
            continue
        if expectation.retains_private(element):
            continue
        for value in element.texts:
            text = value.strip("\0 ")
            is_of_rules = text in expectation.literals or is_reduced_date(
                text, expectation.date_precisions.get(element.tag, "")
            )
            is_kept = keeps_dates and not _is_protected_date(element, codes, expectation)
            detail = _find_date_error(text, element.vr, is_kept or is_of_rules, possible)
            if detail:
                yield Defect(Check.DATE, element.location, detail, len(text), hasher(text))


def has_only_reduced_dates(dicom_object: DicomObject, expectation: Expectation) -> bool:
    """Return whether the rules reduce dates, and an object has no other ones.

    Parameters
    ----------
    dicom_object : DicomObject
    expectation : Expectation
    """
    precisions = expectation.date_precisions
    return bool(precisions) and all(
        is_placeholder(text, element.vr)
        or is_reduced_date(text.strip("\0 "), precisions.get(element.tag, ""))
        for element in dicom_object.elements
        if element.vr in ("DA", "DT") and not _is_allowed_constant(element, True)
        for text in element.texts
    )


def _is_protected_date(
    element: LeafElement, codes: frozenset[str], expectation: Expectation
) -> bool:
    """Return whether Table E.1-1 removes a date that neither an option nor a rule retains.

    A shifted birth date cannot be distinguished from an original one, and is compared with it.
    """
    if element.tag == _PATIENT_BIRTH_DATE and MODIFIED_DATES in codes:
        return False
    return is_protected(element.tag, codes) and not expectation.is_ruled(element)


def _is_allowed_constant(element: LeafElement, keeps_dates: bool) -> bool:
    """Return whether a date is a constant: of a code, or of a template if dates are retained."""
    is_of_code = element.keyword.startswith("ContextGroup")
    return is_of_code or (keeps_dates and element.keyword in load_constant_dates())


def _find_date_error(text: str, vr: str, keeps_dates: bool, possible: tuple[date, date]) -> str:
    """Return the error of a date; empty if it has none."""
    found = _DATE.findall(text)
    if is_placeholder(text, vr) or any("".join(d) in load_placeholder_dates() for d in found):
        return ""
    if not keeps_dates:
        return "is a date"
    if not found and not _PARTIAL_DATE.fullmatch(text):
        return "is not a date"
    if any(not _is_plausible_date(parts, possible) for parts in found):
        return "is not a date in the past"
    return ""


def _is_plausible_date(parts: tuple[str, str, str], possible: tuple[date, date]) -> bool:
    """Return whether year, month and day are a date of a period."""
    try:
        return possible[0] <= date(*map(int, parts)) <= possible[1]
    except ValueError:
        return False


def _check_age(element: LeafElement, hasher: ValueHasher) -> Iterator[Defect]:
    """Yield ages above 90 years."""
    for text in element.texts:
        match = _AGE.fullmatch(text.strip())
        if match and int(match[1]) * _YEARS_PER_UNIT[match[2]] >= _FORBIDDEN_AGE_YEARS:
            yield Defect(
                Check.DATE, element.location, "is an age above 89", _AGE_CHARACTERS, hasher(text)
            )


def check_texts(
    dicom_object: DicomObject, codes: frozenset[str], hasher: ValueHasher
) -> Iterator[Defect]:
    """Yield shapes of identifying text in free text and in private bytes.

    Parameters
    ----------
    dicom_object : DicomObject
    codes : frozenset of str
        CID 7050 codes in force.
    hasher : ValueHasher
    """
    with_dates = not {FULL_DATES, MODIFIED_DATES} & codes
    for element in dicom_object.elements:
        if element.location.startswith(METHOD_LOCATIONS) or not may_hold_text(element):
            continue
        if element.keyword in load_product_keywords() or is_granted(element, codes):
            continue
        # A version of a coding scheme is a date, the same in all objects.
        with_own_dates = with_dates and element.keyword not in load_code_keywords()
        for text in element.texts:
            for shape, value in find_phi_shapes(text, with_own_dates):
                yield Defect(
                    Check.TEXT, element.location, f"has the shape of a {shape}", len(value),
                    hasher(value),
                )  # fmt: skip
    for location, text in (*dicom_object.comments, *dicom_object.decoded_texts):
        for shape, value in find_phi_shapes(text, with_dates):
            detail = f"has the shape of a {shape}"
            yield Defect(Check.TEXT, location, detail, len(value), hasher(value))


def is_granted(element: LeafElement, codes: frozenset[str]) -> bool:
    """Return whether the element is an ID that an option keeps, whatever its shape."""
    identifier = load_identifiers().get(element.keyword)
    return (
        identifier is not None and identifier.search == "id" and bool(identifier.granted_by & codes)
    )


def may_hold_text(element: LeafElement) -> bool:
    """Return whether an element may hold free text; `check_identifiers` checks names."""
    if element.vr in BYTE_VRS:
        is_document = element.tag == _ENCAPSULATED_DOCUMENT or is_pdf(element.value_bytes)
        return element.is_private or element.vr == "UN" or is_document
    return element.vr in FREE_TEXT_VRS and element.vr != "PN"
