"""Replace phone and fax numbers, e-mail addresses, user names, URLs and IP addresses."""

from __future__ import annotations

import re

from safelight.pseudonyms import Patient, Pseudonyms
from safelight.text.lexicon.folding import fold_text
from safelight.text.surrogates.derivation import derive_number, surrogate_characters

_IP_V4 = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}")
_IP_V6_CHARACTERS = re.compile(r"[0-9a-f:]+")


def surrogate_contact(text: str, pseudonyms: Pseudonyms, patient: Patient) -> str:
    """Return the surrogate of a contact.

    Parameters
    ----------
    text : str
        Original contact.
    pseudonyms, patient
        Key, and patient in whose record the contact occurs.

    Returns
    -------
    str
        A phone number keeps its format. E-mail addresses, URLs and IP addresses come from the
        ranges that are reserved for documentation.
    """
    number = derive_number(pseudonyms, patient, "contact", fold_text(text), 10**6)
    if "@" in text.strip()[1:]:
        return f"user{number:06d}@example.org"
    if text.startswith("@"):
        return f"@user{number:06d}"
    if _IP_V4.fullmatch(text.strip()):
        return f"192.0.2.{number % 254 + 1}"  # RFC 5737
    if _IP_V6_CHARACTERS.fullmatch(fold_text(text)) and text.count(":") > 1:
        return f"2001:db8::{number % 65535 + 1:x}"  # RFC 3849
    if sum(map(str.isalpha, text)) > sum(map(str.isdigit, text)):
        return f"https://example.org/{number:06d}"  # RFC 2606
    return surrogate_characters(text, pseudonyms, patient)
