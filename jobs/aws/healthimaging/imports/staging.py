"""Check de-identified objects, and put them where an import job or a request takes them from.

An object is imported only if it is exactly what ``instances`` records, says that the identity of
the patient was removed, and has the recorded UIDs. The bytes that were checked are the bytes that
are staged.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Optional

from jobs.aws.healthimaging.frame_checksums import FrameChecksums, compute_checksums
from jobs.aws.healthimaging.imports.items import ImportItem
from jobs.common.cli.errors import JobError
from jobs.common.storage.backend import WriteOutcome
from jobs.common.storage.location import Location
from jobs.common.storage.objects import read_object, write_object
from safelight.dicom.parser import ParsedObject, parse
from safelight.dicom.tags import PATIENT_IDENTITY_REMOVED
from safelight.pixels.frames.frame_source import FrameSource
from safelight.records import Refusal

_SOP_UID, _STUDY_UID, _SERIES_UID = 0x00080018, 0x0020000D, 0x0020000E

#: Reasons for which an object is not imported.
UNREADABLE = "Unreadable"
CHANGED = "DiffersFromItsRow"
NOT_DICOM = "NotDicom"
NOT_LABELLED = "IdentityNotRemoved"
OTHER_UIDS = "OtherIdentifiers"


@dataclass(frozen=True)
class CheckedItem:
    """An object after its check.

    Attributes
    ----------
    item : ImportItem
        The object.
    refusal : str
        Reason for which it is not imported; empty if it is.
    checksums : list of frozenset of int, or None
        Possible checksums of each frame; ``None`` if they were not or cannot be computed.
    """

    item: ImportItem
    refusal: str = ""
    checksums: Optional[list[FrameChecksums]] = field(default=None, repr=False)


@dataclass(frozen=True)
class CheckedBytes:
    """An object after its check, with its bytes if it may be imported."""

    checked: CheckedItem
    data: bytes = field(default=b"", repr=False)


def check_item(item: ImportItem, with_checksums: bool) -> CheckedBytes:
    """Read an object and check that it may be imported.

    Parameters
    ----------
    item : ImportItem
        The object.
    with_checksums : bool
        Compute the checksums of its frames.
    """
    try:
        data = read_object(item.uri, None)
    except Refusal:
        return CheckedBytes(CheckedItem(item, UNREADABLE))
    if hashlib.sha256(data).hexdigest() != item.sha256:
        return CheckedBytes(CheckedItem(item, CHANGED))
    try:
        parsed = parse(data)
    except Refusal:
        return CheckedBytes(CheckedItem(item, NOT_DICOM))
    refusal = _find_refusal(item, parsed)
    if refusal:
        return CheckedBytes(CheckedItem(item, refusal))
    checksums = _compute_checksums(parsed) if with_checksums else None
    return CheckedBytes(CheckedItem(item, "", checksums), data)


def _find_refusal(item: ImportItem, parsed: ParsedObject) -> str:
    if parsed.text(PATIENT_IDENTITY_REMOVED) != "YES":
        return NOT_LABELLED
    uids = tuple(parsed.text(tag) for tag in (_STUDY_UID, _SERIES_UID, _SOP_UID))
    if uids != (item.study_uid, item.series_uid, item.sop_uid):
        return OTHER_UIDS
    return ""


def _compute_checksums(parsed: ParsedObject) -> Optional[list[FrameChecksums]]:
    try:
        return compute_checksums(FrameSource(parsed))
    except Refusal:  # no decoder: the frames cannot be compared, and the release gate says so
        return None


def stage_item(item: ImportItem, folder: Location, with_checksums: bool) -> CheckedItem:
    """Check an object and write its bytes to the input of an import job.

    Parameters
    ----------
    item : ImportItem
        The object.
    folder : Location
        Folder of the input.
    with_checksums : bool
        Compute the checksums of its frames.

    Raises
    ------
    JobError
        If the input holds other bytes under the name of the object.
    OSError or botocore.exceptions.ClientError
        If the object cannot be written.
    """
    found = check_item(item, with_checksums)
    if found.checked.refusal:
        return found.checked
    uri = folder.child(item.file_name).uri
    if write_object(uri, found.data, item.sha256) is WriteOutcome.CONFLICT:
        raise JobError(
            "the staging folder holds other bytes under the name of an object; empty the folder, "
            "or give another one by --staging"
        )
    return found.checked
