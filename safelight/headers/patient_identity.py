"""Read the identity of the patient from an object, and the identifying values to search for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple

from safelight.dicom import character_sets
from safelight.dicom.elements import Element
from safelight.dicom.encoding import Encoding
from safelight.dicom.items import find_item_encodings, read_sequence
from safelight.dicom.parser import ParsedObject
from safelight.dicom.tags import (
    CODE_MEANING,
    ISSUER_OF_PATIENT_ID,
    PATIENT_ID,
    PERSON_IDENTIFICATION_CODES,
    SOP_INSTANCE_UID,
    SPECIFIC_CHARACTER_SET,
    STUDY_INSTANCE_UID,
)
from safelight.text.known.known_phi import KnownValue


class IdentifyingAttribute(NamedTuple):
    """Meaning of an attribute whose value identifies a person.

    Attributes
    ----------
    entity : str
        Label of the value as a span.
    kind : str
        Kind of the value, as in :class:`~safelight.text.known.known_phi.KnownValue`.
    vr : str
        VR by which the value is read.
    """

    entity: str
    kind: str
    vr: str


#: Identifying attributes by tag.
IDENTIFYING_ATTRIBUTES: dict[int, IdentifyingAttribute] = {
    0x00080050: IdentifyingAttribute("ID", "accession", "SH"),
    0x00080080: IdentifyingAttribute("LOCATION", "institution", "LO"),
    0x00080081: IdentifyingAttribute("LOCATION", "address", "ST"),
    0x00080090: IdentifyingAttribute("NAME", "clinician", "PN"),
    0x00080092: IdentifyingAttribute("LOCATION", "address", "ST"),
    0x00080094: IdentifyingAttribute("CONTACT", "phone", "SH"),
    0x0008009C: IdentifyingAttribute("NAME", "clinician", "PN"),
    0x00081048: IdentifyingAttribute("NAME", "clinician", "PN"),
    0x00081050: IdentifyingAttribute("NAME", "clinician", "PN"),
    0x00081060: IdentifyingAttribute("NAME", "clinician", "PN"),
    0x00081070: IdentifyingAttribute("NAME", "clinician", "PN"),
    0x00100010: IdentifyingAttribute("NAME", "patient", "PN"),
    0x00100020: IdentifyingAttribute("ID", "patient_id", "LO"),
    0x00100030: IdentifyingAttribute("DATE", "birth_date", "DA"),
    0x00101000: IdentifyingAttribute("ID", "patient_id", "LO"),
    0x00101001: IdentifyingAttribute("NAME", "patient", "PN"),
    0x00101005: IdentifyingAttribute("NAME", "patient", "PN"),
    0x00101040: IdentifyingAttribute("LOCATION", "address", "LO"),
    0x00101060: IdentifyingAttribute("NAME", "relative", "PN"),
    0x00101090: IdentifyingAttribute("ID", "record", "LO"),
    0x00102154: IdentifyingAttribute("CONTACT", "phone", "SH"),
    0x00102155: IdentifyingAttribute("CONTACT", "telecom", "LT"),
    0x00102180: IdentifyingAttribute("PROFESSION", "occupation", "SH"),
    0x00102297: IdentifyingAttribute("NAME", "relative", "PN"),
    0x00102299: IdentifyingAttribute("LOCATION", "institution", "LO"),
    0x00321032: IdentifyingAttribute("NAME", "clinician", "PN"),
    0x00380010: IdentifyingAttribute("ID", "admission", "LO"),
    0x00400006: IdentifyingAttribute("NAME", "clinician", "PN"),
    0x00200010: IdentifyingAttribute("ID", "study_id", "SH"),
    0x00400512: IdentifyingAttribute("ID", "container", "LO"),
    0x00120030: IdentifyingAttribute("LOCATION", "institution", "LO"),
    0x00120031: IdentifyingAttribute("LOCATION", "institution", "LO"),
    0x00120060: IdentifyingAttribute("LOCATION", "institution", "LO"),
    0x00120040: IdentifyingAttribute("ID", "patient_id", "LO"),
    0x00400253: IdentifyingAttribute("ID", "procedure", "SH"),
    0x00401001: IdentifyingAttribute("ID", "procedure", "SH"),
    0x00401010: IdentifyingAttribute("NAME", "clinician", "PN"),
    0x00402016: IdentifyingAttribute("ID", "order", "LO"),
    0x00402017: IdentifyingAttribute("ID", "order", "LO"),
    0x0040A027: IdentifyingAttribute("LOCATION", "institution", "LO"),
    0x0040A075: IdentifyingAttribute("NAME", "clinician", "PN"),
    0x0040A123: IdentifyingAttribute("NAME", "clinician", "PN"),
    0x00404037: IdentifyingAttribute("NAME", "clinician", "PN"),
    0x00700084: IdentifyingAttribute("NAME", "clinician", "PN"),
    0x300E0008: IdentifyingAttribute("NAME", "clinician", "PN"),
    0x40080114: IdentifyingAttribute("NAME", "clinician", "PN"),
    0x40080119: IdentifyingAttribute("NAME", "clinician", "PN"),
}

#: Identifying attributes in sequences about persons.
_NESTED_ATTRIBUTES: dict[int, IdentifyingAttribute] = {
    **IDENTIFYING_ATTRIBUTES,
    0x00401102: IdentifyingAttribute("LOCATION", "address", "ST"),
    0x00401103: IdentifyingAttribute("CONTACT", "phone", "LO"),
    0x00401104: IdentifyingAttribute("CONTACT", "telecom", "LT"),
}
_PERSON_NAME = IdentifyingAttribute("NAME", "clinician", "PN")

#: Kinds of identifiers that some systems fill with a word of the examination. Such a value is
#: searched for only if it is long and has a digit.
_KINDS_WITH_WORDS = frozenset({"study_id", "container", "procedure"})
_MIN_CHARACTERS_WITH_WORDS = 5
_DIGIT = re.compile(r"\d")

#: Top-level sequences about persons, requests, former values and beams with their institution.
_PERSON_SEQUENCES = (
    0x00080096, 0x0008009D, 0x00081049, 0x00081052, 0x00081062, 0x00081072, 0x00081110,
    0x00081120, 0x00100026, 0x00100027, 0x00101002, 0x0018A001, 0x00321031, 0x0040000B, 0x00400100,
    0x00400270, 0x00400275, 0x00401011, 0x00404034, 0x00404035, 0x0040A073, 0x0040A078,
    0x0040A07A, 0x0040A07C, 0x0040A370, 0x00700086, 0x04000561, 0x300A00B0, 0x300A03A2,
    0x40080111,
)  # fmt: skip

_IDENTITY_TAGS = tuple(
    [SPECIFIC_CHARACTER_SET, ISSUER_OF_PATIENT_ID, STUDY_INSTANCE_UID, *IDENTIFYING_ATTRIBUTES]
)

#: Tags of all elements that :func:`read_patient_context` reads.
_KEY_TAGS = (*_IDENTITY_TAGS, *_PERSON_SEQUENCES)

#: Separates the parts of an identity; no element value may contain it (PS3.5, section 6.1.3).
_SEPARATOR = "\x1f"


@dataclass(frozen=True, eq=False)
class PatientContext:
    """The patient of an object. HOLDS PHI: never log it and never write it.

    Two contexts are never equal, because a hash over all values would take too long for a key of
    the caches. The header stage reads one context for all objects with the same values.

    Attributes
    ----------
    identity : str
        See :func:`make_patient_identity`.
    identified_by_study : bool
        True if the Study Instance UID replaces a missing Patient ID.
    text_encodings : tuple of str
        Python codecs of the Specific Character Set.
    known : tuple of KnownValue
        Identifying values that are searched for in all other elements, in pixels and documents.
    """

    identity: str
    identified_by_study: bool
    text_encodings: tuple[str, ...]
    known: tuple[KnownValue, ...]


def make_patient_identity(patient_id: str, issuer: str = "") -> str:
    """Return the normalized identity of a patient, for images and for notes.

    Upper and lower case, character width and white space do not distinguish patients.

    Parameters
    ----------
    patient_id : str
        Patient ID.
    issuer : str
        Issuer of Patient ID, if it distinguishes patients with the same Patient ID.

    Returns
    -------
    str
        PHI.
    """
    parts = (unicodedata.normalize("NFKC", part) for part in (patient_id, issuer))
    folded = (" ".join(part.split()).upper() for part in parts)
    return _SEPARATOR.join(folded).rstrip(_SEPARATOR)


def make_identity_key(parsed: ParsedObject) -> tuple[object, ...]:
    """Return the raw bytes that :func:`read_patient_context` reads, as a key for a cache."""
    is_complete = parsed.text(STUDY_INSTANCE_UID) and not parsed.has_repeated_tags
    fingerprint = b"" if is_complete else make_object_fingerprint(parsed)
    return parsed.encoding, *parsed.raw_values(_KEY_TAGS), fingerprint


def make_object_fingerprint(parsed: ParsedObject) -> bytes:
    """Return bytes that identify an object without a UID: its SOP Instance UID or a hash."""
    return parsed.raw(SOP_INSTANCE_UID).strip(b"\0 ") or sha256(parsed.data).digest()


def read_patient_context(
    parsed: ParsedObject,
    with_issuer: bool = True,
    kept_tags: Collection[int] = (),
    default_issuer: str = "",
) -> PatientContext:
    """Read the identity and the identifying values of the patient.

    Parameters
    ----------
    parsed : ParsedObject
        The source object.
    with_issuer : bool
        True if the Issuer of Patient ID distinguishes patients with the same Patient ID.
    kept_tags : collection of int
        Tags whose values the rules keep, so that they are not searched for elsewhere.
    default_issuer : str
        Issuer of a Patient ID of an object without one.

    Returns
    -------
    PatientContext

    Raises
    ------
    Refusal
        If the Specific Character Set is unknown or a sequence cannot be read.
    """
    raw = parsed.raw
    text_encodings = character_sets.find_text_encodings(
        raw(SPECIFIC_CHARACTER_SET).decode("latin-1").rstrip("\0 ")
    )
    patient_id = character_sets.decode(raw(PATIENT_ID), "LO", text_encodings).strip()
    issuer = ""
    if with_issuer:
        issuer = character_sets.decode(raw(ISSUER_OF_PATIENT_ID), "LO", text_encodings).strip()
        issuer = issuer or default_issuer
    identified_by_study = not patient_id
    if identified_by_study:
        study = raw(STUDY_INSTANCE_UID).strip(b"\0 ") or make_object_fingerprint(parsed)
        identity = f"study{_SEPARATOR}{study.decode('latin-1')}"
    else:
        identity = make_patient_identity(patient_id, issuer)
    known: dict[KnownValue, None] = {}
    for tag, attribute in IDENTIFYING_ATTRIBUTES.items():
        if tag not in kept_tags:
            known.update(dict.fromkeys(_known_values(raw(tag), attribute, text_encodings)))
    if parsed.has_repeated_tags:
        known.update(dict.fromkeys(_repeated_values(parsed, kept_tags, text_encodings)))
    reader = _PersonSequenceReader(parsed.data, kept_tags)
    for tag in _PERSON_SEQUENCES:
        element = parsed.find(tag)
        if element is not None and (element.vr == "SQ" or element.items is not None):
            known.update(dict.fromkeys(reader.read(element, parsed.encoding, text_encodings, 0)))
    return PatientContext(identity, identified_by_study, text_encodings, tuple(known))


def _repeated_values(
    parsed: ParsedObject, kept_tags: Collection[int], text_encodings: tuple[str, ...]
) -> Iterator[KnownValue]:
    """Yield the values of all elements of an object that has a tag more than once."""
    for element in parsed.elements:
        attribute = IDENTIFYING_ATTRIBUTES.get(element.tag)
        if attribute is not None and element.tag not in kept_tags:
            raw = parsed.data[element.value : element.stop]
            yield from _known_values(raw, attribute, text_encodings)


def _known_values(
    raw: bytes, attribute: IdentifyingAttribute, text_encodings: tuple[str, ...]
) -> Iterator[KnownValue]:
    """Yield the values of one element, in its character set and in the one probably meant."""
    entity, kind, vr = attribute
    for text in (
        character_sets.decode(raw, vr, text_encodings),
        character_sets.decode_alternative(raw, text_encodings),
    ):
        for part in [text] if vr in ("LT", "ST") else text.split("\\"):
            value = part.strip("\0 ")
            may_be_word = kind in _KINDS_WITH_WORDS and (
                len(value) < _MIN_CHARACTERS_WITH_WORDS or not _DIGIT.search(value)
            )
            if value and not may_be_word:
                yield KnownValue(entity, value, kind)


class _PersonSequenceReader:
    """Reader of the identifying values in the sequences of one object, at any depth."""

    def __init__(self, data: bytes, kept_tags: Collection[int]):
        self._data = data
        self._kept_tags = kept_tags

    def read(
        self, sequence: Element, encoding: Encoding, text_encodings: tuple[str, ...], depth: int
    ) -> Iterator[KnownValue]:
        data = self._data
        items, encoding = read_sequence(data, sequence, encoding, depth)
        for item in items:
            codecs = find_item_encodings(data, item.elements, text_encodings)
            for element in item.elements:
                if element.vr == "SQ" or element.items is not None:
                    yield from self.read(element, encoding, codecs, depth + 1)
                    continue
                attribute = _find_nested_attribute(element, sequence)
                if attribute is not None and element.tag not in self._kept_tags:
                    raw = data[element.value : element.stop]
                    yield from _known_values(raw, attribute, codecs)


def _find_nested_attribute(element: Element, sequence: Element) -> IdentifyingAttribute | None:
    """Return the meaning of an element of an item, or None if it does not identify a person."""
    if element.tag == CODE_MEANING and sequence.tag == PERSON_IDENTIFICATION_CODES:
        return _PERSON_NAME
    attribute = _NESTED_ATTRIBUTES.get(element.tag)
    if attribute is None and element.vr == "PN":
        return _PERSON_NAME
    return attribute
