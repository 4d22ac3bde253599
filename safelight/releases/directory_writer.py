"""Write a DICOMDIR (PS3.10, 8) from the records of its objects in a stream.

The records of the objects go to a temporary file in the order in which they come. What is kept in
memory is the offset of each patient, and of the studies and series of one folder. The links between
the records are written into the file as soon as their targets are known.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import IO, Final

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian, MediaStorageDirectoryStorage

from safelight.releases.dicomdir import DirectoryEntry

_ITEM_TAG: Final = b"\xfe\xff\x00\xe0"

#: Length of the tag and the length of an item, and of the length alone.
ITEM_HEADER_BYTES: Final = 8
LENGTH_BYTES: Final = 4

#: Offset of the Next Directory Record (0004,1400) and Offset of Referenced Lower-Level Directory
#: Entity (0004,1420): their headers by position in a record, which begins with them.
_LINK_HEADERS: Final = {0: b"\x04\x00\x00\x14UL\x04\x00", 22: b"\x04\x00\x20\x14UL\x04\x00"}

#: Positions of both values from the start of an item.
NEXT_LINK, LOWER_LINK = (
    ITEM_HEADER_BYTES + start + len(head) for start, head in _LINK_HEADERS.items()
)

#: Largest length of the sequence of records, whose offsets are numbers of 32 bits.
_MAX_BYTES: Final = 2**32 - 2**16


class DirectoryTooLargeError(Exception):
    """Raised if a DICOMDIR cannot address all records."""


@dataclass
class _Parent:
    """Record that has records below it: its offset, and that of the last one below it."""

    offset: int
    last_child: int = 0


class DirectoryWriter:
    """Writer of a DICOMDIR.

    Parameters
    ----------
    records : binary file
        Temporary file that can be read and written; it is not closed.
    """

    def __init__(self, records: IO[bytes]):
        self._records = records
        self._size = 0
        self._last_root = 0
        self._patients: dict[str, _Parent] = {}
        self._folder: dict[tuple[str, ...], _Parent] = {}
        self._folder_name = ""

    def add(self, entry: DirectoryEntry) -> None:
        """Add the records of an object; those of its patient, study and series only once.

        Parameters
        ----------
        entry : DirectoryEntry
            Records of the object. Objects come in the order of their paths, so that those of a
            study follow each other.

        Raises
        ------
        DirectoryTooLargeError
            If the records are longer than 4 GiB.
        """
        folder = entry.path.partition("/")[0]
        if folder != self._folder_name:
            self._folder_name = folder
            self._folder.clear()
        above: _Parent | None = None
        for depth, record in enumerate(entry.records[:-1], 1):
            above = self._find_parent(entry.keys[:depth], record, above)
        self._append(entry.records[-1], above)

    def _find_parent(self, keys: tuple[str, ...], record: bytes, above: _Parent | None) -> _Parent:
        """Return the record with some keys; append it if there is none yet."""
        found = self._patients.get(keys[0]) if len(keys) == 1 else self._folder.get(keys)
        if found is None:
            found = _Parent(self._append(record, above))
            if len(keys) == 1:
                self._patients[keys[0]] = found
            else:
                self._folder[keys] = found
        return found

    def _append(self, record: bytes, above: _Parent | None) -> int:
        """Append a record, link it with the one before it or above it, and return its offset."""
        if any(record[at : at + len(head)] != head for at, head in _LINK_HEADERS.items()):
            raise ValueError("a directory record does not begin with its links")
        offset = self._size
        before = self._last_root if above is None else above.last_child
        if before:
            self._link(before + NEXT_LINK, offset)
        elif above is not None:
            self._link(above.offset + LOWER_LINK, offset)
        elif offset:  # the second record of the root
            self._link(NEXT_LINK, offset)
        self._records.seek(offset)
        self._records.write(_ITEM_TAG + len(record).to_bytes(LENGTH_BYTES, "little") + record)
        self._size += ITEM_HEADER_BYTES + len(record)
        if self._size > _MAX_BYTES:
            raise DirectoryTooLargeError
        if above is None:
            self._last_root = offset
        else:
            above.last_child = offset
        return offset

    def _link(self, position: int, offset: int) -> None:
        self._records.seek(position)
        self._records.write(offset.to_bytes(LENGTH_BYTES, "little"))

    def finish(self, uid: str, target: IO[bytes]) -> None:
        """Write the DICOMDIR.

        Parameters
        ----------
        uid : str
            Media Storage SOP Instance UID of the DICOMDIR.
        target : binary file
            Receives the DICOMDIR; it is not closed.
        """
        base = len(_encode_head(uid, 0, 0))
        first, last = (base, base + self._last_root) if self._size else (0, 0)
        target.write(_encode_head(uid, first, last)[:-LENGTH_BYTES])
        target.write(self._size.to_bytes(LENGTH_BYTES, "little"))
        self._records.seek(0)
        while header := self._records.read(ITEM_HEADER_BYTES):
            length = int.from_bytes(header[LENGTH_BYTES:], "little")
            target.write(_move_links(header + self._records.read(length), base))


def _move_links(item: bytes, base: int) -> bytes:
    """Return an item whose links count from the start of the file; a link of 0 stays 0."""
    moved = bytearray(item)
    for position in (NEXT_LINK, LOWER_LINK):
        link = int.from_bytes(moved[position : position + LENGTH_BYTES], "little")
        if link:
            new = (link + base).to_bytes(LENGTH_BYTES, "little")
            moved[position : position + LENGTH_BYTES] = new
    return bytes(moved)


def _encode_head(uid: str, first: int, last: int) -> bytes:
    """Return the directory up to the items of its sequence, which is empty so far."""
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.file_meta.MediaStorageSOPInstanceUID = UID(uid)
    ds.file_meta.MediaStorageSOPClassUID = MediaStorageDirectoryStorage
    ds.FileSetID = "SAFELIGHT"
    ds.OffsetOfTheFirstDirectoryRecordOfTheRootDirectoryEntity = first
    ds.OffsetOfTheLastDirectoryRecordOfTheRootDirectoryEntity = last
    ds.FileSetConsistencyFlag = 0
    ds.DirectoryRecordSequence = []
    buffer = io.BytesIO()
    ds.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()
