"""Check File Meta Information, forbidden elements and UIDs of an output."""

from __future__ import annotations

import re
from collections.abc import Iterator

from safelight.verify.defects import Check, Defect, ValueHasher
from safelight.verify.deidentification_labels import BASIC_PROFILE, RETAIN_UIDS
from safelight.verify.dicom_object import DicomObject
from safelight.verify.element_contents import is_replacement
from safelight.verify.elements import BYTE_VRS, LeafElement
from safelight.verify.expectation import NO_RULES, Expectation
from safelight.verify.identifiers import (
    is_public_uid,
    load_document_containers,
    load_forbidden_elements,
    load_forbidden_groups,
    load_forbidden_repeating,
)
from safelight.verify.profile_attributes import is_retained, load_profile_attributes

_PREAMBLE_BYTES = 128

#: Elements that File Meta Information may have (PS3.10, Table 7.1-1), without those that describe
#: the sender.
_ALLOWED_FILE_META = frozenset({0x00020000, 0x00020001, 0x00020002, 0x00020003, 0x00020010,
                                0x00020012, 0x00020013})  # fmt: skip
#: Media Storage SOP Class and Instance UID, and the elements that they must agree with.
_FILE_META_COPIES = ((0x00020002, "(0008,0016)"), (0x00020003, "(0008,0018)"))

#: Code of the option that cleans sequences of descriptions. An object that claims neither the
#: option nor the Basic Profile, because its rules keep a text that no text model has read, may
#: hold them.
_CLEAN_DESCRIPTORS = "113105"

#: VRs of UIDs and dates.
_SEPARATELY_CHECKED_VRS = frozenset({"DA", "DT", "TM", "UI"})

#: The number of a UUID has 38 or 39 digits in most cases, and less than 18 with a probability of
#: 1e-21. A date with a time has up to 17.
_UUID_UID = r"2\.25\.(?:0|[1-9]\d{17,38})"
_TAG = re.compile(r"\(([0-9A-F]{4}),([0-9A-F]{4})\)")


def check_file_head(dicom_object: DicomObject) -> Iterator[Defect]:
    """Yield the defects of preamble and File Meta Information (PS3.10, section 7.1)."""
    if any(dicom_object.data[:_PREAMBLE_BYTES]):
        yield Defect(Check.FILE_HEAD, "preamble", "is not all zero", _PREAMBLE_BYTES)
    file_meta = {element.tag: element for element in dicom_object.file_meta}
    for tag, element in file_meta.items():
        if tag not in _ALLOWED_FILE_META:
            yield Defect(Check.FILE_HEAD, element.location, "is not allowed in new file meta")
    for tag, location in _FILE_META_COPIES:
        copy = file_meta.get(tag)
        stated = copy.texts[0].strip("\0 ") if copy and copy.texts else ""
        actual = dicom_object.get_text(location)
        if not stated or (actual and stated != actual):
            yield Defect(
                Check.FILE_HEAD, f"({tag >> 16:04X},{tag & 0xFFFF:04X})", f"differs from {location}"
            )


def check_forbidden(dicom_object: DicomObject, codes: frozenset[str]) -> Iterator[Defect]:
    """Yield elements that a de-identified object must not have.

    Parameters
    ----------
    dicom_object : DicomObject
    codes : frozenset of str
        CID 7050 codes in force.
    """
    reported: set[tuple[str, str]] = set()
    method = " ".join(
        text
        for element in dicom_object.elements
        if element.location == "(0012,0063)"
        for text in element.texts
    ).lower()
    for element in dicom_object.elements:
        length = len(element.value_bytes)
        for location, tag in _split_location(element):
            description = _find_forbidden(tag, codes)
            if description and (location, description) not in reported:
                reported.add((location, description))
                yield Defect(Check.FORBIDDEN, location, f"{description} must be removed", length)
        container = load_document_containers().get(element.tag) if length else None
        if container and not container.granted_by & codes:
            if container.stated_method not in method:
                yield Defect(
                    Check.FORBIDDEN, element.location, f"{container.description} is not cleaned"
                )


def check_removed_sequences(
    dicom_object: DicomObject, codes: frozenset[str], ruled_tags: frozenset[int] = frozenset()
) -> Iterator[Defect]:
    """Yield the sequences that hold values although the Basic Profile removes them as a whole.

    An empty sequence, or one of empty items, placeholders and tokens, holds nothing and is not
    reported. UIDs, dates and private elements have checks of their own.

    Parameters
    ----------
    dicom_object : DicomObject
    codes : frozenset of str
        CID 7050 codes in force.
    ruled_tags : frozenset of int
        See :class:`safelight.verify.Expectation`.
    """
    forbidden = load_forbidden_elements()
    granted = codes if BASIC_PROFILE in codes else codes | {_CLEAN_DESCRIPTORS}
    reported: set[str] = set()
    for element in dicom_object.elements:
        if not _holds_information(element):
            continue
        for location, tag in _split_location(element):
            row = load_profile_attributes().get(tag)
            if row is None or not row.is_removed_sequence:
                continue
            if row.granted_by & granted:
                continue
            if tag not in ruled_tags and tag not in forbidden and location not in reported:
                reported.add(location)
                detail = "holds values, but the Basic Profile removes the sequence"
                yield Defect(Check.PROFILE, location, detail)


def _holds_information(element: LeafElement) -> bool:
    """Return whether an element has a value of the original that other checks do not decide."""
    if element.vr in _SEPARATELY_CHECKED_VRS or element.tag >> 16 & 1:
        return False
    if element.vr in BYTE_VRS:
        return bool(element.value_bytes.strip(b"\0 "))
    return any(text and not is_replacement(text, element.vr) for text in element.texts)


def _split_location(element: LeafElement) -> Iterator[tuple[str, int]]:
    """Yield location and tag of an element and of the sequences that contain it."""
    for match in _TAG.finditer(element.location):
        yield element.location[: match.end()], int(match[1] + match[2], 16)


def _find_forbidden(tag: int, codes: frozenset[str]) -> str:
    """Return the description of a forbidden element; empty if the element is allowed."""
    description = load_forbidden_elements().get(tag) or load_forbidden_groups().get(tag >> 16)
    if description:
        return description
    for repeating in load_forbidden_repeating():
        is_in_group = tag >> 16 & repeating.mask == repeating.group
        is_element = repeating.element in (None, tag & 0xFFFF)
        if is_in_group and is_element and not repeating.granted_by & codes:
            return repeating.description
    return ""


def _make_new_uid_pattern(root: str) -> re.Pattern[str]:
    """Return the pattern of new UIDs. Below a root, they have a number of nine digits and another.

    A number of fewer than 12 digits has a probability of 1e-12 or less, and devices use such ones.
    """
    if not root:
        return re.compile(_UUID_UID)
    return re.compile(rf"{re.escape(root)}\.[1-9]\d{{8}}\.[1-9]\d{{11,37}}")


def check_uids(
    dicom_object: DicomObject,
    codes: frozenset[str],
    hasher: ValueHasher,
    expectation: Expectation = NO_RULES,
) -> Iterator[Defect]:
    """Yield UIDs of instances that were not replaced by new UIDs.

    New UIDs are made from a UUID (2.25.), or are below the root of the rules if these have one.

    Parameters
    ----------
    dicom_object : DicomObject
    codes : frozenset of str
        CID 7050 codes in force.
    hasher : ValueHasher
    expectation : Expectation
        Root of new UIDs, and private elements that the rules retain.
    """
    if RETAIN_UIDS in codes:
        return
    new_uid = _make_new_uid_pattern(expectation.uid_root)
    for element in dicom_object.elements:
        if element.vr != "UI" or is_retained(element.tag, codes):
            continue
        if expectation.retains_private(element):
            continue
        for text in element.texts:
            uid = text.strip("\0 ")
            if uid and not is_public_uid(uid, element.keyword) and not new_uid.fullmatch(uid):
                detail = "is neither new nor registered"
                yield Defect(Check.UID, element.location, detail, len(uid), hasher(uid))
