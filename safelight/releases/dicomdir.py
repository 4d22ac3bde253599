"""Name the objects of a release as a File-set requires, and make their directory records."""

from __future__ import annotations

import base64
import hashlib
from copy import deepcopy
from dataclasses import dataclass
from typing import Final, Optional

from pydicom.charset import python_encoding
from pydicom.datadict import dictionary_VR
from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.fileset import FileSet
from pydicom.filewriter import write_dataset

#: Characters of one component of a File ID (PS3.10, 8.2).
_COMPONENT_CHARACTERS: Final = 8

#: Values of directory records where the object has none and the record requires one (PS3.3, F.5).
_REQUIRED_VALUES: Final = {
    "StudyDate": "19000101",
    "StudyTime": "000000",
    "StudyID": "0",
    "Modality": "OT",
    "SeriesNumber": "0",
    "InstanceNumber": "0",
}

#: Relationship of the only content items of a document that its record has (PS3.3, F.5.25 and
#: F.5.26). Records are not a place for the content of documents, which can have megabytes.
_CONCEPT_MODIFIER: Final = "HAS CONCEPT MOD"

#: Character set of records whose object names its own by a term that the standard does not have.
_ANY_CHARACTERS: Final = "ISO_IR 192"


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
    _keep_concept_modifiers(shown)
    try:
        records = list(FileSet()._recordify(shown))
    except (ValueError, KeyError, AttributeError):
        return None
    for record in records:
        _correct_character_set(record)
    records[-1].ReferencedFileID = path.split("/")
    uids = (str(shown.get("StudyInstanceUID", "")), str(shown.get("SeriesInstanceUID", "")))
    keys = (str(shown.get("PatientID", "")), *uids, str(shown.SOPInstanceUID))
    return DirectoryEntry(path, keys[-len(records) :], tuple(map(_encode, records)))


def _keep_concept_modifiers(dataset: Dataset) -> None:
    """Remove the content items of a document that its directory record does not have."""
    items = [
        deepcopy(item)
        for item in dataset.get("ContentSequence") or ()
        if item.get("RelationshipType") == _CONCEPT_MODIFIER
    ]
    if items:
        dataset.add_new("ContentSequence", "SQ", items)
    elif "ContentSequence" in dataset:
        del dataset.ContentSequence


def _correct_character_set(record: Dataset) -> None:
    """Write a record in UTF-8 if a term of its Specific Character Set is not in the standard."""
    value = record.get("SpecificCharacterSet") or ()
    terms = [value] if isinstance(value, str) else value
    if not all(term in python_encoding for term in terms):
        record.SpecificCharacterSet = _ANY_CHARACTERS


def _encode(record: Dataset) -> bytes:
    buffer = DicomBytesIO()
    buffer.is_little_endian, buffer.is_implicit_VR = True, False
    write_dataset(buffer, record)
    return buffer.getvalue()
