"""Parse the bytes of an object once, into offsets that all stages use."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from pydicom._uid_dict import UID_dictionary

from safelight.dicom.deflate import inflate
from safelight.dicom.elements import Element, ElementReader, insert_pieces
from safelight.dicom.encoding import (
    DEFLATED_UID,
    EXPLICIT_BIG,
    EXPLICIT_BIG_UID,
    EXPLICIT_LITTLE,
    EXPLICIT_LITTLE_UID,
    IMPLICIT_LITTLE,
    IMPLICIT_LITTLE_UID,
    NATIVE_UIDS,
    Encoding,
)
from safelight.dicom.explicit_vr import encode_explicit
from safelight.dicom.file_meta import has_explicit_vr, read_file_meta
from safelight.dicom.tags import (
    MEDIA_STORAGE_SOP_CLASS_UID,
    PIXEL_DATA_TAGS,
    SOP_CLASS_UID,
    TRANSFER_SYNTAX_UID,
)
from safelight.records import Reason, Refusal, Status

#: Transfer syntaxes of PS3.6, also of later editions. The numbers are short, so that they hold no
#: identifier of a sender.
_STANDARD_SYNTAX = re.compile(r"1\.2\.840\.10008\.1\.2(?:\.[0-9]{1,3}){1,3}")
_UID = re.compile(r"[0-9]+(?:\.[0-9]+){1,63}")
_MEDIA_STORAGE_DIRECTORY = b"1.2.840.10008.1.3.10"


@dataclass
class ParsedObject:
    """One object as offsets into its bytes.

    Attributes
    ----------
    data : bytes
        The object; only its data set if the transfer syntax is deflated, or if it is
        encapsulated and the data set was in implicit VR.
    encoding : Encoding
        Encoding of the data set, as its bytes show it.
    transfer_syntax : str
        Transfer Syntax UID, corrected if it contradicts the bytes of the data set.
    meta : dict of int to bytes
        Values of the File Meta Information by tag.
    elements : list of Element
        Elements of the top level, in the order of the object.
    """

    data: bytes
    encoding: Encoding
    transfer_syntax: str
    meta: dict[int, bytes]
    elements: list[Element]
    _index: dict[int, Element] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._index = {element[0]: element for element in self.elements}

    @property
    def has_repeated_tags(self) -> bool:
        """True if a top-level element occurs more than once, against PS3.5, section 7.1."""
        return len(self._index) != len(self.elements)

    def find(self, tag: int) -> Element | None:
        """Return the last top-level element with this tag, as other readers do."""
        return self._index.get(tag)

    def raw(self, tag: int) -> bytes:
        """Return the value of a top-level element, empty if it is absent."""
        element = self._index.get(tag)
        return self.data[element.value : element.stop] if element else b""

    def raw_values(self, tags: Iterable[int]) -> list[bytes]:
        """Return the value of each top-level element, empty if it is absent."""
        data, find = self.data, self._index.get
        return [data[element[3] : element[4]] if (element := find(tag)) else b"" for tag in tags]

    def text(self, tag: int) -> str:
        """Return a value of the default character repertoire (UI, CS, …) without padding."""
        return self.raw(tag).decode("latin-1").strip("\0 ")

    @cached_property
    def sop_class_uid(self) -> str:
        """SOP Class UID of the data set, else of the File Meta Information.

        Raises
        ------
        Refusal
            ``MISSING_IDENTIFIER`` if neither is a UID.
        """
        uid = self.text(SOP_CLASS_UID) or _decode_uid(self.meta, MEDIA_STORAGE_SOP_CLASS_UID)
        if not is_uid(uid):
            raise Refusal(
                Reason.MISSING_IDENTIFIER,
                "(0008,0016) SOP Class UID is missing or not valid, so no rules can be chosen; "
                "correct it at the source",
            )
        return uid


def is_uid(text: str) -> bool:
    """Return whether a text consists of numbers that are joined by dots."""
    return _UID.fullmatch(text) is not None


def parse(data: bytes, size: int | None = None) -> ParsedObject:
    """Parse one DICOM object, with or without the File Format of PS3.10.

    Parameters
    ----------
    data : bytes
        The whole object, or its first bytes.
    size : int, optional
        Size of the whole object in bytes if ``data`` is only its start. Elements may then end
        after the end of ``data``.

    Returns
    -------
    ParsedObject

    Raises
    ------
    Refusal
        If the object cannot be parsed. The status is ``FILTERED`` for bytes that are not DICOM
        and for a DICOMDIR.
    """
    meta, start = read_file_meta(data)
    if meta.get(MEDIA_STORAGE_SOP_CLASS_UID, b"").strip(b"\0 ") == _MEDIA_STORAGE_DIRECTORY:
        raise Refusal(
            Reason.DICOMDIR,
            "a DICOMDIR describes a medium and is not an instance; create a new one from the "
            "output if you need it",
            Status.FILTERED,
        )
    stated_uid = _decode_uid(meta, TRANSFER_SYNTAX_UID)
    if stated_uid == DEFLATED_UID:
        data, start = inflate(data, start), 0
    encoding, uid = _choose_encoding(data, start, stated_uid)
    end = len(data) if size is None else size
    reader = ElementReader(data, allows_missing_delimiters=size is None)
    elements, _ = reader.read_elements(start, end, encoding)
    if reader.missing_delimiters:
        data = insert_pieces(data, reader.missing_delimiters)
        elements, _ = ElementReader(data).read_elements(start, len(data), encoding)
    if uid not in NATIVE_UIDS and _has_native_pixels(data, elements):
        uid = EXPLICIT_LITTLE_UID if encoding.explicit else IMPLICIT_LITTLE_UID
    if uid not in NATIVE_UIDS and not encoding.explicit and size is None:
        data, encoding = encode_explicit(data, elements), EXPLICIT_LITTLE
        elements, _ = ElementReader(data).read_elements(0, len(data), encoding)
    return ParsedObject(data, encoding, uid, meta, elements)


def _decode_uid(meta: dict[int, bytes], tag: int) -> str:
    return meta.get(tag, b"").decode("latin-1").strip("\0 ")


def _choose_encoding(data: bytes, start: int, stated_uid: str) -> tuple[Encoding, str]:
    """Return the encoding of the data set and its transfer syntax.

    Some writers state implicit VR and write explicit VR, or the reverse. The bytes decide.
    """
    if stated_uid in _FIXED_ENCODINGS:
        return _FIXED_ENCODINGS[stated_uid], stated_uid
    if not stated_uid:
        return _guess_encoding(data, start)
    if stated_uid == IMPLICIT_LITTLE_UID:
        if has_explicit_vr(data, start, "<"):
            return EXPLICIT_LITTLE, EXPLICIT_LITTLE_UID
        return IMPLICIT_LITTLE, stated_uid
    if stated_uid not in UID_dictionary and not _STANDARD_SYNTAX.fullmatch(stated_uid):
        raise Refusal(
            Reason.UNKNOWN_TRANSFER_SYNTAX,
            "the transfer syntax is private or unknown; export the object in a standard one",
        )
    if has_explicit_vr(data, start, "<"):
        return EXPLICIT_LITTLE, stated_uid
    encoding, guessed_uid = _guess_encoding(data, start)
    return encoding, guessed_uid if stated_uid == EXPLICIT_LITTLE_UID else stated_uid


def _has_native_pixels(data: bytes, elements: list[Element]) -> bool:
    """Return whether the pixel data is not encapsulated; its length is then defined.

    Some writers decompress the pixels and leave the transfer syntax as it was.
    """
    pixels = next((e for e in reversed(elements) if e.tag in PIXEL_DATA_TAGS), None)
    if pixels is None or pixels.undefined or not pixels.value < pixels.stop <= len(data):
        return False
    return not data.startswith(_CODESTREAM_STARTS, pixels.value)


#: First bytes of an item, and of a JPEG or JPEG 2000 codestream that has none around it.
_CODESTREAM_STARTS = (b"\xfe\xff\x00\xe0", b"\xff\xd8\xff", b"\xff\x4f\xff\x51")

_FIXED_ENCODINGS = {DEFLATED_UID: EXPLICIT_LITTLE, EXPLICIT_BIG_UID: EXPLICIT_BIG}


def _guess_encoding(data: bytes, start: int) -> tuple[Encoding, str]:
    """Return the encoding that the first element of the data set shows."""
    if has_explicit_vr(data, start, "<"):
        return EXPLICIT_LITTLE, EXPLICIT_LITTLE_UID
    if has_explicit_vr(data, start, ">"):
        return EXPLICIT_BIG, EXPLICIT_BIG_UID
    return IMPLICIT_LITTLE, IMPLICIT_LITTLE_UID
