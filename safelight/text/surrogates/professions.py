"""Replace professions."""

from __future__ import annotations

from safelight.pseudonyms import Patient, Pseudonyms
from safelight.text.lexicon.word_lists import word_set
from safelight.text.surrogates.derivation import pick_other


def surrogate_profession(text: str, pseudonyms: Pseudonyms, patient: Patient) -> str:
    """Return another profession, in capitals if the original is; empty if there is none.

    Parameters
    ----------
    text : str
        Original profession.
    pseudonyms, patient
        Key, and patient in whose record the profession occurs.
    """
    choices = sorted(word_set("professions.surrogate"))
    picked = pick_other("profession", text, pseudonyms, patient, choices)
    return picked.upper() if text.isupper() else picked
