"""Who an object is about: the identity that pseudonyms hang on, and the values to look for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from hashlib import sha256

from safelight.dicom import character_sets
from safelight.dicom.elements import Element, Walker
from safelight.dicom.parser import ParsedObject
from safelight.text.known.known_phi import KnownValue

SPECIFIC_CHARACTER_SET = 0x00080005
PATIENT_NAME = 0x00100010
PATIENT_ID = 0x00100020
ISSUER_OF_PATIENT_ID = 0x00100021
SOP_INSTANCE_UID = 0x00080018
STUDY_INSTANCE_UID = 0x0020000D

#: Elements whose values identify, with the entity that they are elsewhere.
IDENTIFYING: dict[int, tuple[str, str, str]] = {
    # tag: (entity, kind, VR)
    0x00080050: ("ID", "accession", "SH"),
    0x00080080: ("LOCATION", "institution", "LO"),
    0x00080081: ("LOCATION", "address", "ST"),
    0x00080090: ("NAME", "clinician", "PN"),
    0x00080092: ("LOCATION", "address", "ST"),
    0x00080094: ("CONTACT", "phone", "SH"),
    0x0008009C: ("NAME", "clinician", "PN"),
    0x00081048: ("NAME", "clinician", "PN"),
    0x00081050: ("NAME", "clinician", "PN"),
    0x00081060: ("NAME", "clinician", "PN"),
    0x00081070: ("NAME", "clinician", "PN"),
    0x00100010: ("NAME", "patient", "PN"),
    0x00100020: ("ID", "patient_id", "LO"),
    0x00100030: ("DATE", "birth_date", "DA"),
    0x00101000: ("ID", "patient_id", "LO"),
    0x00101001: ("NAME", "patient", "PN"),
    0x00101005: ("NAME", "patient", "PN"),
    0x00101040: ("LOCATION", "address", "LO"),
    0x00101060: ("NAME", "relative", "PN"),
    0x00101090: ("ID", "record", "LO"),
    0x00102154: ("CONTACT", "phone", "SH"),
    0x00102155: ("CONTACT", "telecom", "LT"),
    0x00102180: ("PROFESSION", "occupation", "SH"),
    0x00102297: ("NAME", "relative", "PN"),
    0x00102299: ("LOCATION", "institution", "LO"),
    0x00321032: ("NAME", "clinician", "PN"),
    0x00380010: ("ID", "admission", "LO"),
    0x00400006: ("NAME", "clinician", "PN"),
    0x00200010: ("ID", "study_id", "SH"),
    0x00400512: ("ID", "container", "LO"),
    0x00120030: ("LOCATION", "institution", "LO"),
    0x00120031: ("LOCATION", "institution", "LO"),
    0x00120060: ("LOCATION", "institution", "LO"),
    0x00120040: ("ID", "patient_id", "LO"),
    0x00400253: ("ID", "procedure", "SH"),
    0x00401001: ("ID", "procedure", "SH"),
    0x00401010: ("NAME", "clinician", "PN"),
    0x00402016: ("ID", "order", "LO"),
    0x00402017: ("ID", "order", "LO"),
    0x0040A027: ("LOCATION", "institution", "LO"),
    0x0040A075: ("NAME", "clinician", "PN"),
    0x0040A123: ("NAME", "clinician", "PN"),
    0x00404037: ("NAME", "clinician", "PN"),
    0x00700084: ("NAME", "clinician", "PN"),
    0x300E0008: ("NAME", "clinician", "PN"),
    0x40080114: ("NAME", "clinician", "PN"),
    0x40080119: ("NAME", "clinician", "PN"),
}

#: The same for elements that stand in sequences about people only.
_NESTED_IDENTIFYING: dict[int, tuple[str, str, str]] = {
    **IDENTIFYING,
    0x00401102: ("LOCATION", "address", "ST"),
    0x00401103: ("CONTACT", "phone", "LO"),
    0x00401104: ("CONTACT", "telecom", "LT"),
}
_PERSON_IDENTIFICATION, _CODE_MEANING = 0x00401101, 0x00080104

#: Identifiers that some systems fill with a word of the examination.
_OFTEN_WORDS = frozenset({"study_id", "container", "procedure"})
_DIGIT = re.compile(r"\d")

#: Top-level sequences about people, requests and former values.
_PEOPLE_SEQUENCES = (
    0x00080096, 0x0008009D, 0x00081049, 0x00081052, 0x00081062, 0x00081072, 0x00081110,
    0x00081120, 0x00100026, 0x00100027, 0x00101002, 0x0018A001, 0x00321031, 0x0040000B, 0x00400100,
    0x00400270, 0x00400275, 0x00401011, 0x00404034, 0x00404035, 0x0040A073, 0x0040A078,
    0x0040A07A, 0x0040A07C, 0x0040A370, 0x00700086, 0x04000561, 0x40080111,
)  # fmt: skip

_IDENTITY_TAGS = tuple(
    [SPECIFIC_CHARACTER_SET, ISSUER_OF_PATIENT_ID, STUDY_INSTANCE_UID, *IDENTIFYING]
)


@dataclass(frozen=True)
class Subject:
    """Whom an object is about. PHI: never logged, never written.

    Attributes
    ----------
    identity : str
        See :func:`patient_identity`.
    stands_in : bool
        Whether the study stands in for a Patient ID that is missing.
    encodings : tuple of str
        Python codecs of the Specific Character Set.
    known : tuple of KnownValue
        Values of this patient to be found wherever else they stand.
    """

    identity: str
    stands_in: bool
    encodings: tuple[str, ...]
    known: tuple[KnownValue, ...]


def make_patient_identity(patient_id: str, issuer: str = "") -> str:
    """The identity of a patient: Patient ID and its issuer, normalised.

    Case, width and white space do not tell patients apart. The same function serves images
    and notes, so that both find the same pseudonyms.
    """
    parts = (unicodedata.normalize("NFKC", part) for part in (patient_id, issuer))
    folded = (" ".join(part.split()).upper() for part in parts)
    return "\x1f".join(folded).rstrip("\x1f")


def identity_key(parsed: ParsedObject) -> tuple[object, ...]:
    """The raw bytes that :func:`subject_of` reads: equal keys, equal subjects."""
    find, data = parsed.find, parsed.data
    values: list[object] = [parsed.encoding]
    for tag in (*_IDENTITY_TAGS, *_PEOPLE_SEQUENCES):
        element = find(tag)
        values.append(data[element[3] : element[4]] if element else b"")
    values.append(b"" if parsed.text(STUDY_INSTANCE_UID) else stand_in(parsed))
    return tuple(values)


def stand_in(parsed: ParsedObject) -> bytes:
    """What tells an object apart that lacks the identifiers for it."""
    return parsed.raw(SOP_INSTANCE_UID).strip(b"\0 ") or sha256(parsed.data).digest()


def subject_of(
    parsed: ParsedObject, with_issuer: bool = True, kept: Collection[int] = ()
) -> Subject:
    """Read identity and known values.

    Parameters
    ----------
    parsed : ParsedObject
    with_issuer : bool
        Whether the Issuer of Patient ID tells patients with the same Patient ID apart.
    kept : collection of int
        Tags whose values the rules keep: they need not be looked for elsewhere.

    Raises
    ------
    Refusal
        If the Specific Character Set is unknown, or a sequence cannot be read.
    """
    raw = parsed.raw
    encodings = character_sets.encodings_of(
        raw(SPECIFIC_CHARACTER_SET).decode("latin-1").rstrip("\0 ")
    )
    patient_id = character_sets.decode(raw(PATIENT_ID), "LO", encodings).strip()
    issuer = ""
    if with_issuer:
        issuer = character_sets.decode(raw(ISSUER_OF_PATIENT_ID), "LO", encodings).strip()
    stands_in = not patient_id
    if stands_in:
        study = raw(STUDY_INSTANCE_UID).strip(b"\0 ") or stand_in(parsed)
        identity = "study\x1f" + study.decode("latin-1")
    else:
        identity = make_patient_identity(patient_id, issuer)
    known: dict[KnownValue, None] = {}
    for tag, meaning in IDENTIFYING.items():
        if tag not in kept:
            known.update(dict.fromkeys(_known(raw(tag), meaning, encodings)))
    people = _People(parsed, kept)
    for tag in _PEOPLE_SEQUENCES:
        element = parsed.find(tag)
        if element is not None and (element.vr == "SQ" or element.items is not None):
            known.update(dict.fromkeys(people.values(element, encodings, 0)))
    return Subject(identity, stands_in, encodings, tuple(known))


def _known(
    raw: bytes, meaning: tuple[str, str, str], encodings: tuple[str, ...]
) -> Iterator[KnownValue]:
    entity, kind, vr = meaning
    for text in (
        character_sets.decode(raw, vr, encodings),
        character_sets.other_reading(raw, encodings),
    ):
        for value in [text] if vr in ("LT", "ST") else text.split("\\"):
            value = value.strip("\0 ")
            often_word = kind in _OFTEN_WORDS and (len(value) < 5 or not _DIGIT.search(value))
            if value and not often_word:
                yield KnownValue(entity, value, kind)


class _People:
    """Identifying values in the sequences of one object, at any depth."""

    def __init__(self, parsed: ParsedObject, kept: Collection[int]):
        self._parsed = parsed
        self._kept = kept

    def values(
        self, sequence: Element, encodings: tuple[str, ...], depth: int
    ) -> Iterator[KnownValue]:
        data, encoding = self._parsed.data, self._parsed.encoding
        items = sequence.items
        if items is None:
            items, _ = Walker(data).items(sequence, sequence.stop, encoding, depth)
        for element in (element for item in items for element in item.elements):
            tag = element.tag
            if element.vr == "SQ" or element.items is not None:
                yield from self.values(element, encodings, depth + 1)
                continue
            meaning = _NESTED_IDENTIFYING.get(tag)
            if meaning is None and element.vr == "PN":
                meaning = ("NAME", "clinician", "PN")
            if tag == _CODE_MEANING and sequence.tag == _PERSON_IDENTIFICATION:
                meaning = ("NAME", "clinician", "PN")
            if meaning is not None and tag not in self._kept:
                yield from _known(data[element.value : element.stop], meaning, encodings)
