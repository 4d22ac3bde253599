"""Replace names by surrogate names, consistently and in the format of the original.

Each part of a name has a surrogate of its own, derived from the key, the patient and the folded
part. Therefore ``SMITH^JOHN``, ``John Smith``, ``Mr. Smith`` and ``SMITH, JOHN A`` agree. The
key maps initials as well: if J becomes K, John becomes a name with K, and ``J. Smith`` agrees with
the other forms. No state is kept.
"""

from __future__ import annotations

import re
from functools import cache

from safelight.pseudonyms import Patient, Pseudonyms
from safelight.text.lexicon.folding import fold_text
from safelight.text.lexicon.word_lists import read_list, word_set
from safelight.text.lexicon.words import given_names
from safelight.text.surrogates.derivation import copy_case, derive_number, fold_name_part

_NAME_PART = re.compile(r"[^\W\d_]+(?:['’ʼ`][^\W\d_]+)*")

#: Initials of surrogates: each of them has enough names in every list.
_INITIALS = "ABCDEFGHJKLMNPRST"
_LISTS = {"F": "surrogate_female.txt", "M": "surrogate_male.txt", "": "surrogate_surnames.txt"}
#: Surrogate if every name of a list holds a part of the original.
_LAST_RESORT = "Nn"


def name_token(text: str, pseudonyms: Pseudonyms) -> str:
    """Return the token of a person's name: ``SMITH^JOHN`` and ``John Smith`` share one token.

    Parameters
    ----------
    text : str
        Name in PN or plain format.
    pseudonyms : Pseudonyms
        Key that the token depends on.
    """
    parts = sorted(filter(None, map(fold_name_part, text.replace("^", " ").split())))
    return pseudonyms.token("name", "^".join(parts))


def surrogate_name(
    value: str, pseudonyms: Pseudonyms, patient: Patient, gender: str | None = None
) -> str:
    """Return a surrogate name in the format of the original.

    Parameters
    ----------
    value : str
        Name or part of a name: ``SMITH^JOHN^A``, ``John Smith``, ``Mr. Smith``, ``J. Smith``.
    pseudonyms, patient
        Key, and patient in whose record the name occurs. The record of another patient gives the
        same name another surrogate, so that frequent names are not visible.
    gender : str, optional
        ``F`` or ``M``, for given names of both sexes.

    Returns
    -------
    str
        Surrogate name. Titles, degrees, particles in lower case, punctuation and case are kept.
    """
    pieces = _NAME_PART.findall(value)
    titles = word_set("titles.kept")
    names = [
        p for p in pieces if fold_text(p) not in titles and p not in word_set("name_particles.kept")
    ] or pieces
    replaced = set(names)
    originals = frozenset(fold_text(name) for name in names if len(name) > 1)
    is_mixed_case = not (value.isupper() or value.islower())

    def replace_part(match: re.Match[str]) -> str:
        piece = match.group()
        if piece not in replaced:
            return piece
        if piece in ("s", "S") and value[match.start() - 1 : match.start()] in ("'", "’"):
            return piece  # a genitive
        is_initials = len(piece) == 1 or (len(piece) == 2 and piece.isupper() and is_mixed_case)
        if is_initials and fold_text(piece)[:1].isascii():
            return _surrogate_initials(piece, pseudonyms, patient)
        return copy_case(
            _surrogate_part(piece, originals, pseudonyms, patient, gender or ""), piece
        )

    return _NAME_PART.sub(replace_part, value)


@cache
def _surrogate_names(sex: str, initial: str) -> tuple[str, ...]:
    """Return the surrogate names of a sex, or the surnames, that start with a letter."""
    names = read_list(_LISTS[sex])
    return tuple(name for name in names if name[0] == initial.lower())


def _surrogate_initial(pseudonyms: Pseudonyms, patient: Patient, initial: str) -> str:
    """Return the initial that replaces an initial; it always differs from the original."""
    choices = [choice for choice in _INITIALS if choice != initial.upper()]
    return choices[derive_number(pseudonyms, patient, "letter", initial, len(choices))]


def _surrogate_initials(initials: str, pseudonyms: Pseudonyms, patient: Patient) -> str:
    """Return the surrogate of one or two initials in their case."""
    letters = "".join(_surrogate_initial(pseudonyms, patient, fold_text(c)[:1]) for c in initials)
    if len(initials) > 1:
        return copy_case(letters.lower(), initials)
    return letters if initials.isupper() else letters.lower()


def _surrogate_part(
    part: str, originals: frozenset[str], pseudonyms: Pseudonyms, patient: Patient, gender: str
) -> str:
    """Return the surrogate of a name part that holds no part of the original name."""
    folded = fold_name_part(part)
    initial = _surrogate_initial(pseudonyms, patient, folded[:1])
    sex = given_names().get(fold_text(part))
    if sex == "U":
        sex = gender or "FM"[derive_number(pseudonyms, patient, "sex", folded, 2)]
    names = _surrogate_names(sex or "", initial)
    start = derive_number(pseudonyms, patient, "name", folded, len(names))
    for step in range(len(names)):
        name = names[(start + step) % len(names)]
        if not any(original in name for original in originals):
            return name
    return _LAST_RESORT
