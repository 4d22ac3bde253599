"""Remove files from a DICOMDIR that :mod:`safelight.releases.directory_writer` has written."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Collection, Iterator
from typing import NamedTuple

from pydicom import dcmread
from pydicom.filereader import read_dataset

from safelight.releases.dicomdir import DirectoryEntry, make_directory_uid
from safelight.releases.directory_writer import (
    ITEM_HEADER_BYTES,
    LENGTH_BYTES,
    LOWER_LINK,
    NEXT_LINK,
    DirectoryWriter,
)

_FIRST_RECORD = "OffsetOfTheFirstDirectoryRecordOfTheRootDirectoryEntity"


class _ListedFile(NamedTuple):
    """A file of a directory.

    Attributes
    ----------
    path : str
        Path below the folder of the File-set.
    offsets : tuple of int
        Offsets of its records, from the highest to the lowest level.
    """

    path: str
    offsets: tuple[int, ...]


def remove_files(directory: bytes, paths: Collection[str]) -> bytes:
    """Return a DICOMDIR without some files, and without the records that only they need.

    Parameters
    ----------
    directory : bytes
        DICOMDIR of a release.
    paths : collection of str
        Paths below the folder of the File-set.

    Returns
    -------
    bytes
        The DICOMDIR as it is if it lists none of the files.
    """
    head = dcmread(io.BytesIO(directory), specific_tags=[_FIRST_RECORD])
    first = int(head[_FIRST_RECORD].value)
    listed = sorted(_list_files(directory, first, ()))
    kept = [file for file in listed if file.path not in paths]
    if len(kept) == len(listed):
        return directory
    target = io.BytesIO()
    writer = DirectoryWriter(io.BytesIO())
    for file in kept:
        keys = tuple(map(str, file.offsets))
        records = tuple(_read_record(directory, offset) for offset in file.offsets)
        writer.add(DirectoryEntry(file.path, keys, records))
    digest = hashlib.sha256("\n".join(file.path for file in kept).encode())
    writer.finish(make_directory_uid(digest.hexdigest()), target)
    return target.getvalue()


def _list_files(directory: bytes, offset: int, above: tuple[int, ...]) -> Iterator[_ListedFile]:
    """Yield the files below a record and the records that follow it on its level."""
    while offset:
        offsets = (*above, offset)
        lower = _read_link(directory, offset + LOWER_LINK)
        if lower:
            yield from _list_files(directory, lower, offsets)
        else:
            yield _ListedFile(_read_path(_read_record(directory, offset)), offsets)
        offset = _read_link(directory, offset + NEXT_LINK)


def _read_link(directory: bytes, position: int) -> int:
    return int.from_bytes(directory[position : position + LENGTH_BYTES], "little")


def _read_record(directory: bytes, offset: int) -> bytes:
    """Return the elements of a record, without its links."""
    begin = offset + ITEM_HEADER_BYTES
    length = _read_link(directory, begin - LENGTH_BYTES)
    item = bytearray(directory[offset : begin + length])
    for position in (NEXT_LINK, LOWER_LINK):
        item[position : position + LENGTH_BYTES] = bytes(LENGTH_BYTES)
    return bytes(item[ITEM_HEADER_BYTES:])


def _read_path(record: bytes) -> str:
    """Return the path that a record refers to; empty without one."""
    elements = read_dataset(io.BytesIO(record), is_implicit_VR=False, is_little_endian=True)
    components = elements.get("ReferencedFileID", [])
    return "/".join([components] if isinstance(components, str) else components)
