"""File head, forbidden elements and UIDs of an output."""

from __future__ import annotations

import re
from collections.abc import Iterator

from safelight.verify.defects import Check, Defect, ValueHasher
from safelight.verify.dicom_object import DicomObject
from safelight.verify.elements import LeafElement
from safelight.verify.identifiers import (
    is_public_uid,
    load_document_containers,
    load_forbidden_elements,
    load_forbidden_groups,
    load_forbidden_repeating,
)

RETAIN_UIDS = "113110"

#: What File Meta Information may hold (PS3.10, table 7.1-1), less what tells of a sender.
_META = frozenset({0x00020000, 0x00020001, 0x00020002, 0x00020003, 0x00020010, 0x00020012,
                   0x00020013})  # fmt: skip
_UUID_UID = re.compile(r"2\.25\.(?:0|[1-9]\d{0,38})")
_TAG = re.compile(r"\(([0-9A-F]{4}),([0-9A-F]{4})\)")


def check_file_head(dicom_object: DicomObject) -> Iterator[Defect]:
    """Preamble and File Meta Information hold nothing of the original's (PS3.10, 7.1)."""
    if any(dicom_object.data[:128]):
        yield Defect(Check.FILE_HEAD, "preamble", "is not all zero", 128)
    present = {node.tag: node for node in dicom_object.meta}
    for tag, node in present.items():
        if tag not in _META:
            yield Defect(Check.FILE_HEAD, node.location, "has no place in the new file meta")
    for tag, location in ((0x00020002, "(0008,0016)"), (0x00020003, "(0008,0018)")):
        meta = present.get(tag)
        stated = meta.texts[0].strip("\0 ") if meta and meta.texts else ""
        own = dicom_object.text(location)
        if not stated or (own and stated != own):
            yield Defect(
                Check.FILE_HEAD, f"({tag >> 16:04X},{tag & 0xFFFF:04X})", f"differs from {location}"
            )


def check_forbidden(dicom_object: DicomObject, codes: frozenset[str]) -> Iterator[Defect]:
    """Elements that have no place in a de-identified object.

    Parameters
    ----------
    dicom_object : DicomObject
    codes : frozenset of str
        CID 7050 codes in force.
    """
    seen: set[tuple[str, str]] = set()
    methods = (node.texts for node in dicom_object.nodes if node.location == "(0012,0063)")
    method = " ".join(text for texts in methods for text in texts).lower()
    for node in dicom_object.nodes:
        for location, tag in _steps(node):
            what = _forbidden(tag, codes)
            if what and (location, what) not in seen:
                seen.add((location, what))
                yield Defect(Check.FORBIDDEN, location, f"{what} must be gone", len(node.raw))
        if node.raw and (container := load_document_containers().get(node.tag)):
            what, granted_by, stated = container
            if not granted_by & codes and stated not in method:
                yield Defect(Check.FORBIDDEN, node.location, f"{what} is not cleaned")


def _steps(node: LeafElement) -> Iterator[tuple[str, int]]:
    """Each element on the way to a node, as location and tag."""
    for match in _TAG.finditer(node.location):
        yield node.location[: match.end()], int(match[1] + match[2], 16)


def _forbidden(tag: int, codes: frozenset[str]) -> str:
    what = load_forbidden_elements().get(tag) or load_forbidden_groups().get(tag >> 16)
    if what:
        return what
    for rule in load_forbidden_repeating():
        in_group = tag >> 16 & rule.mask == rule.group
        if in_group and rule.element in (None, tag & 0xFFFF) and not rule.granted_by & codes:
            return rule.what
    return ""


def check_uids(
    dicom_object: DicomObject, codes: frozenset[str], hasher: ValueHasher
) -> Iterator[Defect]:
    """Every UID that names an object is new: of the form that comes from a UUID (2.25.)."""
    if RETAIN_UIDS in codes:
        return
    for node in dicom_object.nodes:
        if node.vr != "UI":
            continue
        for text in node.texts:
            uid = text.strip("\0 ")
            if uid and not is_public_uid(uid, node.keyword) and not _UUID_UID.fullmatch(uid):
                yield Defect(
                    Check.UID, node.location, "is neither new nor registered", len(uid), hasher(uid)
                )
