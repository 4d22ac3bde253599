"""Names that take the place of names: consistent without state, in the form of the original.

Each part of a name has its own surrogate, derived from the key, the patient and the folded
part. So ``SMITH^JOHN``, ``John Smith``, ``Mr. Smith`` and ``SMITH, JOHN A`` agree. The first
letters are mapped as well, by the key: if J becomes K, then John becomes a name with K, and
``J. Smith`` agrees with the rest.
"""

from __future__ import annotations

import re
from functools import cache

from safelight.pseudonyms import Patient, Pseudonyms
from safelight.text.lexicon.folding import fold_text
from safelight.text.lexicon.words import given_names, read_list, word_set

_PIECE = re.compile(r"[^\W\d_]+(?:['’ʼ`][^\W\d_]+)*")

#: First letters with enough names in each list.
_LETTERS = "ABCDEFGHJKLMNPRST"
_LISTS = {"F": "surrogate_female.txt", "M": "surrogate_male.txt", "": "surrogate_surnames.txt"}
_PARTICLES = frozenset(
    ("van", "von", "der", "den", "de", "del", "della", "di", "da", "dos", "das", "du", "la", "le")
)


@cache
def _names(sex: str, letter: str) -> tuple[str, ...]:
    names = read_list(_LISTS[sex])
    return tuple(name for name in names if name[0] == letter.lower())


def name_key(part: str) -> str:
    """What spellings of one name part have in common: Müller, MUELLER, Muller."""
    folded = "".join(filter(str.isalpha, fold_text(part)))
    return folded.replace("ae", "a").replace("oe", "o").replace("ue", "u") or folded


def name_token(text: str, pseudonyms: Pseudonyms) -> str:
    """A token for one person's name: ``SMITH^JOHN`` and ``John Smith`` have the same one."""
    parts = sorted(filter(None, map(name_key, text.replace("^", " ").split())))
    return pseudonyms.token("name", "^".join(parts))


def write_like(word: str, model: str) -> str:
    """``word``, in small letters, in the case of ``model``."""
    if model.isupper() and len(model) > 1:
        return word.upper()
    return word if model.islower() else word.title()


def number_below(pseudonyms: Pseudonyms, patient: Patient, kind: str, text: str, below: int) -> int:
    """A number that hangs on the key, the patient and a text."""
    return pseudonyms.number(f"surrogate/{kind}", f"{patient.identity}\x00{text}", below)


def _letter(pseudonyms: Pseudonyms, patient: Patient, letter: str) -> str:
    """The letter that stands for a first letter; always another one."""
    targets = [target for target in _LETTERS if target != letter.upper()]
    return targets[number_below(pseudonyms, patient, "letter", letter, len(targets))]


def _part(
    part: str, avoid: frozenset[str], pseudonyms: Pseudonyms, patient: Patient, gender: str
) -> str:
    """The surrogate of one name part that holds none of ``avoid``."""
    key = name_key(part)
    letter = _letter(pseudonyms, patient, key[:1])
    sex = given_names().get(fold_text(part))
    if sex == "U":
        sex = gender or "FM"[number_below(pseudonyms, patient, "sex", key, 2)]
    names = _names(sex or "", letter)
    start = number_below(pseudonyms, patient, "name", key, len(names))
    for step in range(len(names)):
        name = names[(start + step) % len(names)]
        if not any(other in name for other in avoid):
            return name
    return "Nn"  # every name of the list holds a part of the original


def surrogate_name(
    value: str, pseudonyms: Pseudonyms, patient: Patient, gender: str | None = None
) -> str:
    """A made-up name in the form of the given one.

    Parameters
    ----------
    value : str
        A name or a part of one: ``SMITH^JOHN^A``, ``John Smith``, ``Mr. Smith``, ``J. Smith``.
    pseudonyms, patient
        Key, and the patient in whose record the name stands: another patient's record gives
        the same name another surrogate, so that frequent names do not show.
    gender : str, optional
        ``F`` or ``M``, for given names that both bear.

    Returns
    -------
    str
        Titles, degrees, particles in small letters, punctuation and case stay as they were.
    """
    pieces = _PIECE.findall(value)
    titles = word_set("kept_titles")
    names = [p for p in pieces if fold_text(p) not in titles and p not in _PARTICLES] or pieces
    replaced = set(names)
    avoid = frozenset(fold_text(name) for name in names if len(name) > 1)
    mixed = not (value.isupper() or value.islower())

    def new(match: re.Match[str]) -> str:
        piece = match.group()
        if piece not in replaced:
            return piece
        initials = len(piece) == 1 or (len(piece) == 2 and piece.isupper() and mixed)
        if initials and fold_text(piece)[:1].isascii():
            letters = (_letter(pseudonyms, patient, fold_text(c)[:1]) for c in piece)
            return write_like("".join(letters).lower(), piece) if len(piece) > 1 else (
                next(letters) if piece.isupper() else next(letters).lower()
            )  # fmt: skip
        return write_like(_part(piece, avoid, pseudonyms, patient, gender or ""), piece)

    return _PIECE.sub(new, value)
