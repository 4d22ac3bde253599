"""Name the objects of a release as a File-set requires, and write its DICOMDIR (PS3.10, 8)."""

from __future__ import annotations

import base64
import hashlib
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, Optional

from pydicom.datadict import dictionary_VR
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filebase import DicomBytesIO
from pydicom.filereader import read_dataset
from pydicom.fileset import FileSet
from pydicom.filewriter import write_dataset
from pydicom.uid import UID, ExplicitVRLittleEndian, MediaStorageDirectoryStorage

#: Name of the directory in the folder of a File-set.
DICOMDIR_NAME: Final = "DICOMDIR"

#: Characters of one component of a File ID (PS3.10, 8.2).
_COMPONENT_CHARACTERS: Final = 8

#: Length of the tag and the length of an item.
_ITEM_HEADER_BYTES: Final = 8
_ITEM_TAG: Final = b"\xfe\xff\x00\xe0"

#: Values of directory records where the object has none and the record requires one (PS3.3, F.5).
_REQUIRED_VALUES: Final = {
    "StudyDate": "19000101",
    "StudyTime": "000000",
    "StudyID": "0",
    "Modality": "OT",
    "SeriesNumber": "0",
    "InstanceNumber": "0",
}


@dataclass(frozen=True)
class DirectoryEntry:
    """Directory records of one object.

    Attributes
    ----------
    path : str
        Path of the object below the folder of the File-set.
    keys : tuple of str
        Identifiers of the records from the highest to the lowest level.
    records : tuple of bytes
        Encoded records, one for each key.
    """

    path: str
    keys: tuple[str, ...]
    records: tuple[bytes, ...]


@dataclass
class _Node:
    record: Dataset
    children: dict[str, _Node] = field(default_factory=dict)
    size: int = 0
    offset: int = 0


def make_file_id(study_uid: str, series_uid: str, sop_uid: str) -> str:
    """Return the path of an object in a File-set: components of upper-case letters and digits.

    Parameters
    ----------
    study_uid, series_uid, sop_uid : str
        UIDs of the object, from which the components are derived.
    """
    return "/".join(map(_make_component, (study_uid, series_uid, sop_uid)))


def make_directory_uid(sha256: str) -> str:
    """Return the UID of a DICOMDIR, derived from the checksum of the manifest.

    Parameters
    ----------
    sha256 : str
        Hexadecimal SHA-256.
    """
    return f"2.25.{int(sha256[:32], 16)}"


def _make_component(uid: str) -> str:
    digest = hashlib.sha256(uid.encode()).digest()
    return base64.b32encode(digest)[:_COMPONENT_CHARACTERS].decode("ascii")


def make_entry(dataset: Dataset, path: str) -> Optional[DirectoryEntry]:
    """Return the directory records of an object.

    Parameters
    ----------
    dataset : Dataset
        Object with its file meta information. It is not changed.
    path : str
        Path of the object below the folder of the File-set.

    Returns
    -------
    DirectoryEntry or None
        None if the object lacks a value that the record of its type requires.
    """
    shown = Dataset()
    for tag in dataset.keys():
        shown[tag] = dataset.get_item(tag)
    shown.file_meta = dataset.file_meta
    for keyword, value in _REQUIRED_VALUES.items():
        if keyword not in shown or shown[keyword].is_empty:
            shown.add_new(keyword, dictionary_VR(keyword), value)
    try:
        records = list(FileSet()._recordify(shown))
    except (ValueError, KeyError, AttributeError):
        return None
    records[-1].ReferencedFileID = path.split("/")
    uids = (str(shown.get("StudyInstanceUID", "")), str(shown.get("SeriesInstanceUID", "")))
    keys = (str(shown.get("PatientID", "")), *uids, str(shown.SOPInstanceUID))
    return DirectoryEntry(path, keys[-len(records) :], tuple(map(_encode, records)))


def encode_dicomdir(entries: Iterable[DirectoryEntry], uid: str) -> bytes:
    """Return the DICOMDIR of a File-set.

    Parameters
    ----------
    entries : iterable of DirectoryEntry
        Records of the objects.
    uid : str
        Media Storage SOP Instance UID of the DICOMDIR.
    """
    root: dict[str, _Node] = {}
    for entry in entries:
        level = root
        for key, record in zip(entry.keys, entry.records):
            level = level.setdefault(key, _Node(_decode(record))).children
    nodes = list(_walk(root.values()))
    base = len(_encode_head(uid, 0, 0))
    for node in nodes:
        node.offset, node.size = base, _ITEM_HEADER_BYTES + len(_encode(node.record))
        base += node.size
    _link(list(root.values()))
    items = b"".join(map(_encode_item, nodes))
    tops = [node.offset for node in root.values()]
    head = _encode_head(uid, tops[0], tops[-1]) if tops else _encode_head(uid, 0, 0)
    return head[:-4] + len(items).to_bytes(4, "little") + items


def _walk(nodes: Iterable[_Node]) -> Iterable[_Node]:
    """Yield the nodes of a tree, each before its children."""
    for node in nodes:
        yield node
        yield from _walk(node.children.values())


def _link(nodes: Sequence[_Node]) -> None:
    """Write the offsets of the next record and of the first one below into the records."""
    for index, node in enumerate(nodes):
        following = nodes[index + 1].offset if index + 1 < len(nodes) else 0
        children = list(node.children.values())
        node.record.OffsetOfTheNextDirectoryRecord = following
        node.record.OffsetOfReferencedLowerLevelDirectoryEntity = (
            children[0].offset if children else 0
        )
        _link(children)


def _encode(record: Dataset) -> bytes:
    buffer = DicomBytesIO()
    buffer.is_little_endian, buffer.is_implicit_VR = True, False
    write_dataset(buffer, record)
    return buffer.getvalue()


def _decode(encoded: bytes) -> Dataset:
    return read_dataset(io.BytesIO(encoded), is_implicit_VR=False, is_little_endian=True)


def _encode_item(node: _Node) -> bytes:
    encoded = _encode(node.record)
    return _ITEM_TAG + len(encoded).to_bytes(4, "little") + encoded


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
