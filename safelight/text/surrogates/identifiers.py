"""Replace identifiers: record and accession numbers, UIDs, account and device numbers."""

from __future__ import annotations

import re

from safelight.pseudonyms import Patient, Pseudonyms
from safelight.text.lexicon.folding import fold_letters_and_digits
from safelight.text.surrogates.derivation import surrogate_characters

_UID = re.compile(r"[0-2](?:\.(?:0|[1-9][0-9]*)){4,}")


def is_patient_id(text: str, patient: Patient) -> bool:
    """Return whether an identifier is the patient's own, apart from separators, case and zeros.

    Parameters
    ----------
    text : str
        Identifier.
    patient : Patient
        Patient whose identity is compared.
    """
    own = fold_letters_and_digits(patient.identity.split("\x1f")[0]).lstrip("0")
    return bool(own) and fold_letters_and_digits(text).lstrip("0") == own


def surrogate_id(text: str, pseudonyms: Pseudonyms, patient: Patient) -> str:
    """Return the surrogate of an identifier.

    Parameters
    ----------
    text : str
        Original identifier.
    pseudonyms, patient
        Key, and patient in whose record the identifier occurs.

    Returns
    -------
    str
        The pseudonym for the patient's own identifier and the new UID for a UID, both as in
        headers; else characters in the format of the original.
    """
    if is_patient_id(text, patient):
        return patient.pseudonym
    if _UID.fullmatch(text.strip()):
        return pseudonyms.uid(text.strip())
    return surrogate_characters(text, pseudonyms, patient)
