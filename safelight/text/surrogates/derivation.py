"""Derive the choices that surrogates need from the key, the patient and the original text."""

from __future__ import annotations

from collections.abc import Sequence

from safelight.pseudonyms import Patient, Pseudonyms
from safelight.text.lexicon.folding import fold_letters_and_digits, fold_text

#: Capitals that replace letters; I and O are left out, because they resemble 1 and 0.
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
#: Attempts to find characters that do not hold the original.
_ATTEMPTS = 16


def fold_name_part(part: str) -> str:
    """Return the common form of all spellings of a name part: Müller, MUELLER, Muller."""
    folded = "".join(filter(str.isalpha, fold_text(part)))
    return folded.replace("ae", "a").replace("oe", "o").replace("ue", "u") or folded


def copy_case(word: str, model: str) -> str:
    """Return a word, given in lower case, in the case of a model: upper, lower or title case.

    Parameters
    ----------
    word : str
        Word in lower case.
    model : str
        Word whose case is copied.
    """
    if model.isupper() and len(model) > 1:
        return word.upper()
    return word if model.islower() else word.title()


def derive_number(
    pseudonyms: Pseudonyms, patient: Patient, kind: str, text: str, below: int
) -> int:
    """Return a number from 0 up to a limit that depends on the key, the patient and a text.

    Parameters
    ----------
    pseudonyms, patient
        Key and patient.
    kind : str
        Purpose of the number; another kind gives another number.
    text : str
        Original, in a form that all its spellings share.
    below : int
        Upper limit, not included.
    """
    return pseudonyms.number(f"surrogate/{kind}", f"{patient.identity}\x00{text}", below)


def pick_other(
    kind: str, text: str, pseudonyms: Pseudonyms, patient: Patient, choices: Sequence[str]
) -> str:
    """Return a derived choice that neither holds the original nor is part of it.

    Parameters
    ----------
    kind : str
        Purpose of the choice; another kind gives another choice for the same text.
    text : str
        Original.
    pseudonyms, patient
        Key and patient that the choice depends on.
    choices : sequence of str
        All possible results, in a fixed order.

    Returns
    -------
    str
        Empty if no choice is possible.
    """
    original = fold_text(text)
    others = [choice for choice in choices if fold_text(choice) not in original]
    others = [choice for choice in others if original not in fold_text(choice)]
    if not others:
        return ""
    return others[derive_number(pseudonyms, patient, kind, fold_name_part(text), len(others))]


def surrogate_characters(text: str, pseudonyms: Pseudonyms, patient: Patient) -> str:
    """Replace digits by digits and letters by letters; separators and leading zeros are kept.

    Texts that differ only in separators, case or leading zeros get the same characters.

    Parameters
    ----------
    text : str
        Original: an identifier, a phone number, a ZIP code.
    pseudonyms, patient
        Key and patient that the characters depend on.

    Returns
    -------
    str
        Empty if every attempt holds the original, as may happen for a single character.
    """
    core = fold_letters_and_digits(text).lstrip("0")
    for attempt in range(_ATTEMPTS):
        seed = f"{patient.identity}\x00{core}\x00{attempt}"
        stream = b"".join(
            pseudonyms.digest("surrogate/characters", f"{seed}\x00{block}")
            for block in range(len(text) // 32 + 1)
        )
        result = _substitute(text, stream)
        if core and core not in fold_letters_and_digits(result):
            return result
    return ""


def _substitute(text: str, stream: bytes) -> str:
    """Return the text with each digit and letter chosen by one byte of a stream."""
    new, used, leading = [], 0, True
    for character in text:
        if character == "0" and leading:
            new.append(character)
            continue
        if character.isdigit():
            byte = stream[used]
            new.append(str(byte % 9 + 1 if leading else byte % 10))
        elif character.isalpha():
            letter = _LETTERS[stream[used] % len(_LETTERS)]
            new.append(letter.lower() if character.islower() else letter)
        else:
            new.append(character)
            continue
        used, leading = used + 1, False
    return "".join(new)
