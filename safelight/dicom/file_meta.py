"""Read and write the preamble and the File Meta Information (PS3.10, section 7.1)."""

from __future__ import annotations

import struct
from functools import lru_cache

from safelight.dicom.elements import LONG_VR_CODES, VR_NAMES, truncated
from safelight.dicom.encoding import EXPLICIT_LITTLE
from safelight.dicom.tags import MEDIA_STORAGE_SOP_CLASS_UID, TRANSFER_SYNTAX_UID
from safelight.records import Reason, Refusal, Status
from safelight.version import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME

_META_GROUP_BYTES = b"\x02\x00"
#: Maximum length of the first element of a data set without preamble, for it to be plausible.
_MAX_FIRST_LENGTH = 1024


def read_file_meta(data: bytes) -> tuple[dict[int, bytes], int]:
    """Read the elements of group 0002.

    Parameters
    ----------
    data : bytes
        The object, with or without preamble and File Meta Information.

    Returns
    -------
    meta : dict of int to bytes
        Values by tag.
    start : int
        Offset of the data set.

    Raises
    ------
    Refusal
        ``NOT_DICOM`` or ``TRUNCATED``.
    """
    pos = _find_meta(data)
    meta: dict[int, bytes] = {}
    while data[pos : pos + 2] == _META_GROUP_BYTES and pos + 8 <= len(data):
        _, number, code, length = struct.unpack_from("<HH2sH", data, pos)
        value = pos + 8
        if code in LONG_VR_CODES:
            if pos + 12 > len(data):
                raise truncated(0x00020000 | number)
            (length,) = struct.unpack_from("<L", data, pos + 8)
            value = pos + 12
        elif code not in VR_NAMES:  # implicit VR: not allowed here, but some writers use it
            (length,) = struct.unpack_from("<L", data, pos + 4)
        if value + length > len(data):
            raise truncated(0x00020000 | number)
        meta[0x00020000 | number] = data[value : value + length]
        pos = value + length
    if pos + 8 > len(data):
        raise Refusal(
            Reason.TRUNCATED, "the file ends before its data set; fetch it again from its source"
        )
    return meta, pos


def _find_meta(data: bytes) -> int:
    """Return the offset of group 0002, or of the data set if group 0002 is missing."""
    if data[128:132] == b"DICM":
        return 132
    if data[:4] == b"DICM":
        return 4
    if data[:2] != _META_GROUP_BYTES and not _is_plausible_dataset(data):
        raise Refusal(Reason.NOT_DICOM, "the file is not a DICOM object", Status.FILTERED)
    return 0


def _is_plausible_dataset(data: bytes) -> bool:
    """Return whether bytes without preamble start with a low group and a plausible length."""
    if len(data) < 16:
        return False
    if has_explicit_vr(data, 0, "<") or has_explicit_vr(data, 0, ">"):
        return True
    group, number, length = struct.unpack_from("<HHL", data, 0)
    return group in (0x0004, 0x0008) and number <= 0x00FF and 0 < length <= _MAX_FIRST_LENGTH


def has_explicit_vr(data: bytes, pos: int, byte_order: str) -> bool:
    """Return whether the element at an offset states a VR.

    Parameters
    ----------
    data : bytes
        The object.
    pos : int
        Offset of the element in bytes.
    byte_order : str
        Byte order prefix of :mod:`struct`: ``<`` for little endian, ``>`` for big endian.

    Returns
    -------
    bool
        True if bytes 4 and 5 of the element are a VR and its group is from 0001 to 00FF.

    Raises
    ------
    struct.error
        If ``data`` has fewer than 6 bytes from the offset on.
    """
    group, _, code = struct.unpack_from(byte_order + "HH2s", data, pos)
    return code in VR_NAMES and 0 < group < 0x0100


def write_file_meta(sop_class_uid: str, sop_instance_uid: str, transfer_syntax: str) -> bytes:
    """Return a new preamble, prefix and group 0002.

    Nothing is copied from the File Meta Information of the source object.

    Parameters
    ----------
    sop_class_uid, sop_instance_uid, transfer_syntax : str
        UIDs of the new instance.

    Returns
    -------
    bytes
    """
    element = EXPLICIT_LITTLE.element
    content = (
        element(0x00020001, "OB", b"\0\1")
        + element(MEDIA_STORAGE_SOP_CLASS_UID, "UI", sop_class_uid.encode("ascii"))
        + element(0x00020003, "UI", sop_instance_uid.encode("ascii"))
        + _encode_constant_elements(transfer_syntax)
    )
    length = EXPLICIT_LITTLE.number("L", len(content))
    return b"\0" * 128 + b"DICM" + element(0x00020000, "UL", length) + content


@lru_cache(maxsize=256)
def _encode_constant_elements(transfer_syntax: str) -> bytes:
    """Return the elements of group 0002 that are the same for all objects of a syntax."""
    element = EXPLICIT_LITTLE.element
    return (
        element(TRANSFER_SYNTAX_UID, "UI", transfer_syntax.encode("ascii"))
        + element(0x00020012, "UI", IMPLEMENTATION_CLASS_UID.encode("ascii"))
        + element(0x00020013, "SH", IMPLEMENTATION_VERSION_NAME.encode("ascii"))
    )
