"""Fold a text for comparison, with a map from folded offsets to the original ones.

Folding converts to lower case, removes diacritics, and replaces the dashes, quotes, spaces and
full-width forms of Unicode by their ASCII equivalents. Offsets are code points.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

#: ASCII equivalents of letters that Unicode does not decompose, and of marks.
_ASCII_EQUIVALENTS = {
    "ø": "o", "đ": "d", "ð": "d", "ł": "l", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th",
    "ŋ": "n", "ŧ": "t", "ß": "ss", "ẞ": "ss",
    "’": "'", "‘": "'", "ʼ": "'", "`": "'", "´": "'", "′": "'",
    "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "―": "-", "−": "-", "﹣": "-",
    "，": ",", "．": ".", "：": ":", "／": "/", "＾": "^", "＝": "=", "　": " ",
}  # fmt: skip


@lru_cache(maxsize=8192)
def fold_character(character: str) -> str:
    """Return the folded form of one character: no, one or several characters."""
    lower = character.casefold()
    equivalent = _ASCII_EQUIVALENTS.get(character) or _ASCII_EQUIVALENTS.get(lower)
    if equivalent is not None:
        return equivalent
    if "\uac00" <= character <= "\ud7a3":  # Hangul syllables are not decomposed
        return character
    folded = "".join(
        _ASCII_EQUIVALENTS.get(part, part)
        for part in unicodedata.normalize("NFKD", lower)
        if not unicodedata.combining(part) and unicodedata.category(part) != "Cf"
    )
    return folded.casefold()


@dataclass(frozen=True)
class Folded:
    """A folded text.

    Attributes
    ----------
    text : str
        Folded text.
    starts : sequence of int
        Offset in the original text of each folded character, and the length of the original.
    """

    text: str
    starts: Sequence[int]

    def original(self, begin: int, end: int) -> tuple[int, int]:
        """Return the original range of a folded range.

        Combining marks after its last character belong to it.

        Parameters
        ----------
        begin, end : int
            Offsets of code points in the folded text; ``end`` is exclusive.

        Returns
        -------
        tuple of int
            Begin and end in the original text, in code points. A character that is folded to
            several characters is included as a whole. An empty range stays empty.
        """
        if begin == end:
            return self.starts[begin], self.starts[begin]
        last = self.starts[end - 1]
        index = end
        while self.starts[index] == last:
            index += 1
        return self.starts[begin], self.starts[index]


def fold(text: str) -> Folded:
    """Return the folded form of a text in any script, with its offsets."""
    if text.isascii():
        return Folded(text.lower(), range(len(text) + 1))
    pieces: list[str] = []
    starts: list[int] = []
    for offset, character in enumerate(text):
        piece = fold_character(character)
        pieces.append(piece)
        starts.extend([offset] * len(piece))
    starts.append(len(text))
    return Folded("".join(pieces), starts)


def fold_text(text: str) -> str:
    """Return the folded form of a text, without offsets."""
    return text.lower() if text.isascii() else "".join(map(fold_character, text))


def fold_letters_and_digits(text: str) -> str:
    """Return the folded letters and digits of a text, without separators."""
    return "".join(filter(str.isalnum, fold_text(text)))


def is_unspaced(character: str) -> bool:
    """Return whether a character is of a script without spaces between words."""
    return (
        "\u3040" <= character <= "\u30ff"  # kana
        or "\u3400" <= character <= "\u9fff"  # Han
        or "\uac00" <= character <= "\ud7a3"  # Hangul: particles follow a name unspaced
        or "\u0e00" <= character <= "\u0eff"  # Thai, Lao
        or "\U00020000" <= character <= "\U0003ffff"
    )
