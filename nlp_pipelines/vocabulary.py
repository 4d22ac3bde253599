"""The allow list: what an unsupported guess of the model must not hide.

It only ever rules out what the model alone has guessed; keys, rules, gazetteers and known
values of the patient are not held against it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from safelight.text.fold import fold_text
from safelight.text.words import everyday_words, given_names, is_word

_WORDS = re.compile(r"[^\W\d_]+")
#: How far around a guess its text is looked at for capitals.
_NEAR = 120
_FOLDER = Path(__file__).parent / "gazetteers"


@lru_cache(maxsize=1)
def phrases() -> frozenset[str]:
    """Eponyms, drugs, vendors, device models, trials and genes, folded, word by word joined."""
    lines = (_FOLDER / "not_names.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(" ".join(_WORDS.findall(fold_text(line))) for line in lines if line)


def _joined(text: str) -> str:
    return " ".join(_WORDS.findall(fold_text(text)))


def _in_phrase(text: str, begin: int, end: int) -> bool:
    """Whether the value, or the value with the words after it, is a phrase of the list."""
    value = _joined(text[begin:end])
    if value in phrases():
        return True
    following = _WORDS.findall(fold_text(text[end : end + 40]))[:3]
    return any(" ".join([value, *following[:count]]) in phrases() for count in (1, 2, 3))


def is_plain(text: str, begin: int, end: int) -> bool:
    """Whether a guessed name is vocabulary: a listed phrase, or everyday words only."""
    if _in_phrase(text, begin, end):
        return True
    value = text[begin:end]
    words = [fold_text(word) for word in _WORDS.findall(value)]
    if value.islower() and any(map(str.isupper, text[max(0, begin - _NEAR) : end + _NEAR])):
        # Who writes capitals writes them in names: "creatinine rose", "a long stone".
        return all(map(is_word, words))
    return all(word in everyday_words() and word not in given_names() for word in words) and (
        len(words) == 1 or value.islower()
    )


def is_plain_place(text: str, begin: int, end: int) -> bool:
    """Whether a guessed place is vocabulary: small words of the dictionary only, or a phrase."""
    if _in_phrase(text, begin, end):
        return True
    value = text[begin:end]
    words = [fold_text(word) for word in _WORDS.findall(value)]
    return bool(words) and value.islower() and all(map(is_word, words)) and len(words) < 3
