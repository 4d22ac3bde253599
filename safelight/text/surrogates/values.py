"""Made-up identifiers, contacts, places and professions in the form of the original."""

from __future__ import annotations

import re

from safelight.pseudonyms import Patient, Pseudonyms
from safelight.text.lexicon.folding import fold_text
from safelight.text.lexicon.words import read_list, word_set
from safelight.text.surrogates.names import name_key, number_below, surrogate_name, write_like

_UID = re.compile(r"[0-2](?:\.(?:0|[1-9][0-9]*)){4,}")
_WORD = re.compile(r"[^\W\d_]+|[0-9]+")


def _compact(text: str) -> str:
    return "".join(filter(str.isalnum, fold_text(text)))


def is_patient_id(text: str, patient: Patient) -> bool:
    """Whether an identifier is the patient's own, however it is written."""
    own = _compact(patient.identity.split("\x1f")[0]).lstrip("0")
    return bool(own) and _compact(text).lstrip("0") == own


def surrogate_characters(text: str, pseudonyms: Pseudonyms, patient: Patient) -> str:
    """Other digits for digits, other letters for letters; all else, and leading zeros, stay.

    What differs in separators or leading zeros only gets the same characters.
    """
    core = _compact(text).lstrip("0")
    for attempt in range(16):
        purpose = "surrogate/characters"
        seed = f"{patient.identity}\x00{core}\x00{attempt}"
        stream = b"".join(
            pseudonyms.digest(purpose, f"{seed}\x00{block}") for block in range(len(text) // 32 + 1)
        )
        new, used, leading = [], 0, True
        for character in text:
            if character == "0" and leading:
                new.append(character)
                continue
            if character.isdigit():
                byte = stream[used]
                new.append(str(byte % 9 + 1 if leading else byte % 10))
            elif character.isalpha():
                letter = "ABCDEFGHJKLMNPQRSTUVWXYZ"[stream[used] % 24]
                new.append(letter.lower() if character.islower() else letter)
            else:
                new.append(character)
                continue
            used, leading = used + 1, False
        result = "".join(new)
        if core and core not in _compact(result):
            return result
    return ""


def surrogate_id(text: str, pseudonyms: Pseudonyms, patient: Patient) -> str:
    """An identifier: the patient's own and UIDs as in headers, others in their form."""
    if is_patient_id(text, patient):
        return patient.pseudonym
    if _UID.fullmatch(text.strip()):
        return pseudonyms.uid(text.strip())
    return surrogate_characters(text, pseudonyms, patient)


def surrogate_contact(text: str, pseudonyms: Pseudonyms, patient: Patient) -> str:
    """A phone number in its form; e-mail, URL and IP of the ranges kept for documentation."""
    number = number_below(pseudonyms, patient, "contact", fold_text(text), 10**6)
    if "@" in text.strip()[1:]:
        return f"user{number:06d}@example.org"
    if text.startswith("@"):
        return f"@user{number:06d}"
    if re.fullmatch(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}", text.strip()):
        return f"192.0.2.{number % 254 + 1}"  # RFC 5737
    if re.fullmatch(r"[0-9a-f:]+", fold_text(text)) and text.count(":") > 1:
        return f"2001:db8::{number % 65535 + 1:x}"  # RFC 3849
    if sum(map(str.isalpha, text)) > sum(map(str.isdigit, text)):
        return f"https://example.org/{number:06d}"  # RFC 2606
    return surrogate_characters(text, pseudonyms, patient)


def _pick(kind: str, text: str, pseudonyms: Pseudonyms, patient: Patient, of: list[str]) -> str:
    others = [choice for choice in of if fold_text(choice) not in fold_text(text)]
    others = [choice for choice in others if fold_text(text) not in fold_text(choice)]
    if not others:
        return ""
    return others[number_below(pseudonyms, patient, kind, name_key(text), len(others))]


def _words(text: str, kept: frozenset[str], pseudonyms: Pseudonyms, patient: Patient) -> str:
    def new(match: re.Match[str]) -> str:
        word = match.group()
        if word.isdigit():
            return surrogate_characters(word, pseudonyms, patient)
        return word if fold_text(word) in kept else surrogate_name(word, pseudonyms, patient)

    return _WORD.sub(new, text)


#: The states and codes that stand for others; those that a rule finds carry the label STATE.
_STATES, _CODES = word_set("states"), word_set("state_codes")


def _is_state(text: str) -> bool:
    """A state of the USA by its name, or by its code in capitals."""
    return text.title() in _STATES or text in _CODES


def surrogate_place(text: str, fine: str, pseudonyms: Pseudonyms, patient: Patient) -> str:
    """A street, town, state, country, ZIP code or institution of the same kind."""
    words = {fold_text(word) for word in _WORD.findall(text)}
    if fine == "ZIP" or not any(map(str.isalpha, text)):
        return surrogate_characters(text, pseudonyms, patient)
    if fine == "STATE":
        of = "state_codes" if len(text.strip(" .")) == 2 else "states"
        return _pick("state", text, pseudonyms, patient, sorted(word_set(of)))
    if fine == "COUNTRY":
        return _pick("country", text, pseudonyms, patient, sorted(word_set("countries")))
    town, comma, state = text.rpartition(", ")
    if comma and town and fine != "STREET" and _is_state(state):
        pair = (surrogate_place(town, "", pseudonyms, patient),
                surrogate_place(state, "STATE", pseudonyms, patient))  # fmt: skip
        return comma.join(pair)
    if _is_state(text):
        return surrogate_place(text, "STATE", pseudonyms, patient)
    if words & word_set("institution_kept") and fine not in ("STREET", "CITY"):
        return _words(text, word_set("institution_kept"), pseudonyms, patient)
    if fine == "STREET" or any(map(str.isdigit, text)):
        return _words(text, word_set("street_words"), pseudonyms, patient)
    city = _pick("city", text, pseudonyms, patient, list(read_list("surrogate_cities.txt")))
    return write_like(city.lower(), text.strip())


def surrogate_profession(text: str, pseudonyms: Pseudonyms, patient: Patient) -> str:
    """Another profession."""
    choices = sorted(word_set("professions"))
    picked = _pick("profession", text, pseudonyms, patient, choices)
    return picked.upper() if text.isupper() else picked
