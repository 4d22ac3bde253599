"""Who an object is about: the identity that pseudonyms hang on, and the values to look for."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from safelight.headers import charset
from safelight.headers.parse import ParsedObject, Walker
from safelight.text.known import KnownValue

SPECIFIC_CHARACTER_SET = 0x00080005
PATIENT_NAME = 0x00100010
PATIENT_ID = 0x00100020
ISSUER_OF_PATIENT_ID = 0x00100021
SOP_INSTANCE_UID = 0x00080018
STUDY_INSTANCE_UID = 0x0020000D

#: Top-level elements whose values identify, with the entity that they are elsewhere.
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
    0x00321032: ("NAME", "clinician", "PN"),
    0x00380010: ("ID", "admission", "LO"),
    0x00400006: ("NAME", "clinician", "PN"),
    0x00402016: ("ID", "order", "LO"),
    0x00402017: ("ID", "order", "LO"),
    0x0040A075: ("NAME", "clinician", "PN"),
    0x0040A123: ("NAME", "clinician", "PN"),
    0x40080114: ("NAME", "clinician", "PN"),
}

#: Other Patient IDs Sequence, Request Attributes Sequence, and the identifiers in them.
_ID_SEQUENCES = (0x00101002, 0x00400275)
_NESTED_IDS = frozenset({PATIENT_ID, 0x00080050, 0x00401001, 0x00402016, 0x00402017})

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


def patient_identity(patient_id: str, issuer: str = "") -> str:
    """The identity of a patient: Patient ID and its issuer, normalised.

    Case, width and white space do not tell patients apart. The same function serves images
    and notes, so that both find the same pseudonyms.
    """
    parts = (unicodedata.normalize("NFKC", part) for part in (patient_id, issuer))
    folded = (" ".join(part.split()).upper() for part in parts)
    return "\x1f".join(folded).rstrip("\x1f")


def identity_key(parsed: ParsedObject) -> tuple[bytes, ...]:
    """The raw values that :func:`subject_of` reads: equal keys, equal subjects."""
    find, data = parsed.find, parsed.data
    values = []
    for tag in _IDENTITY_TAGS:
        element = find(tag)
        values.append(data[element[3] : element[4]] if element else b"")
    values.append(b"\\".join(_nested_ids(parsed)))
    values.append(b"" if parsed.text(STUDY_INSTANCE_UID) else stand_in(parsed))
    return tuple(values)


def _nested_ids(parsed: ParsedObject) -> Iterator[bytes]:
    """Raw identifiers that stand one level down: other Patient IDs, requests."""
    for tag in _ID_SEQUENCES:
        element = parsed.find(tag)
        if element is None or element.vr != "SQ":
            continue
        items = element.items
        if items is None:
            items, _ = Walker(parsed.data).items(element, element.stop, parsed.encoding, 0)
        for item in items:
            for inner in item.elements:
                if inner.tag in _NESTED_IDS:
                    yield parsed.data[inner.value : inner.stop]


def stand_in(parsed: ParsedObject) -> bytes:
    """What tells an object apart that lacks the identifiers for it."""
    return parsed.raw(SOP_INSTANCE_UID).strip(b"\0 ") or sha256(parsed.data).digest()


def subject_of(key: tuple[bytes, ...], with_issuer: bool = True) -> Subject:
    """Read identity and known values.

    Parameters
    ----------
    key : tuple of bytes
        See :func:`identity_key`.
    with_issuer : bool
        Whether the Issuer of Patient ID tells patients with the same Patient ID apart.

    Raises
    ------
    Refusal
        If the Specific Character Set is unknown.
    """
    raw = dict(zip(_IDENTITY_TAGS, key, strict=False))
    encodings = charset.encodings_of(raw[SPECIFIC_CHARACTER_SET].decode("latin-1").rstrip("\0 "))
    patient_id = charset.decode(raw[PATIENT_ID], "LO", encodings).strip()
    issuer = ""
    if with_issuer:
        issuer = charset.decode(raw[ISSUER_OF_PATIENT_ID], "LO", encodings).strip()
    stands_in = not patient_id
    if stands_in:
        study = raw[STUDY_INSTANCE_UID].strip(b"\0 ") or key[-1]
        identity = "study\x1f" + study.decode("latin-1")
    else:
        identity = patient_identity(patient_id, issuer)
    nested = charset.decode(key[-2], "LO", encodings).split("\\")
    known = [KnownValue("ID", value.strip(), "id") for value in nested if value.strip()]
    for tag, (entity, kind, vr) in IDENTIFYING.items():
        text = charset.decode(raw[tag], vr, encodings)
        values = [text] if vr in ("LT", "ST") else text.split("\\")
        known += [KnownValue(entity, value.strip(), kind) for value in values if value.strip()]
    return Subject(identity, stands_in, encodings, tuple(known))
