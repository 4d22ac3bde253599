"""Replace places: streets, towns, states, countries, ZIP codes and institutions."""

from __future__ import annotations

import re

from safelight.pseudonyms import Patient, Pseudonyms
from safelight.text.lexicon.folding import fold_text
from safelight.text.lexicon.word_lists import read_list, word_set
from safelight.text.surrogates.derivation import copy_case, pick_other, surrogate_characters
from safelight.text.surrogates.names import surrogate_name

_WORD = re.compile(r"[^\W\d_]+|[0-9]+")
_STATES, _STATE_CODES = word_set("us_states.surrogate_name"), word_set("us_states.surrogate_code")


def surrogate_place(text: str, subtype: str, pseudonyms: Pseudonyms, patient: Patient) -> str:
    """Return the surrogate of a place: another place of the same kind.

    Parameters
    ----------
    text : str
        Original place.
    subtype : str
        Subtype (STREET, CITY, STATE, COUNTRY, ZIP, HOSPITAL, …), or empty. Without one, the
        kind is read from the words of the place.
    pseudonyms, patient
        Key, and patient in whose record the place occurs.

    Returns
    -------
    str
        Empty if no surrogate is possible.
    """
    words = {fold_text(word) for word in _WORD.findall(text)}
    if subtype == "ZIP" or not any(map(str.isalpha, text)):
        return surrogate_characters(text, pseudonyms, patient)
    if subtype == "STATE":
        states = _STATE_CODES if len(text.strip(" .")) == 2 else _STATES
        return pick_other("state", text, pseudonyms, patient, sorted(states))
    if subtype == "COUNTRY":
        return pick_other(
            "country", text, pseudonyms, patient, sorted(word_set("countries.surrogate"))
        )
    town, comma, state = text.rpartition(", ")
    if comma and town and subtype != "STREET" and _is_state(state):
        pair = (surrogate_place(town, "", pseudonyms, patient),
                surrogate_place(state, "STATE", pseudonyms, patient))  # fmt: skip
        return comma.join(pair)
    if _is_state(text):
        return surrogate_place(text, "STATE", pseudonyms, patient)
    if words & word_set("institutions.kept") and subtype not in ("STREET", "CITY"):
        return _replace_words(text, word_set("institutions.kept"), pseudonyms, patient)
    if subtype == "STREET" or any(map(str.isdigit, text)):
        return _replace_words(text, word_set("street_words"), pseudonyms, patient)
    cities = read_list("surrogate_cities.txt")
    return copy_case(pick_other("city", text, pseudonyms, patient, cities).lower(), text.strip())


def _is_state(text: str) -> bool:
    """Return whether a text is the name of a US state, or its code in capitals."""
    return text.title() in _STATES or text in _STATE_CODES


def _replace_words(
    text: str, kept: frozenset[str], pseudonyms: Pseudonyms, patient: Patient
) -> str:
    """Return a place with its numbers and words replaced, except the kept words."""

    def replace_word(match: re.Match[str]) -> str:
        word = match.group()
        if word.isdigit():
            return surrogate_characters(word, pseudonyms, patient)
        if word in ("s", "S") and text[match.start() - 1 : match.start()] in ("'", "’"):
            return word  # a genitive
        return word if fold_text(word) in kept else surrogate_name(word, pseudonyms, patient)

    return _WORD.sub(replace_word, text)
