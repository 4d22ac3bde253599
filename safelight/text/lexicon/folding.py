"""Fold a text for comparison and keep the way back to its own offsets.

Folding lowers the case, drops diacritics and turns the many dashes, quotes, spaces and
full-width forms of Unicode into their plain ones. Offsets are code points of the original.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

# Letters that Unicode does not decompose, and marks that stand for a plain one.
_PLAIN = {
    "ø": "o", "đ": "d", "ð": "d", "ł": "l", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th",
    "ŋ": "n", "ŧ": "t", "ß": "ss", "ẞ": "ss",
    "’": "'", "‘": "'", "ʼ": "'", "`": "'", "´": "'", "′": "'",
    "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "―": "-", "−": "-", "﹣": "-",
    "，": ",", "．": ".", "：": ":", "／": "/", "＾": "^", "＝": "=", "　": " ",
}  # fmt: skip


@lru_cache(maxsize=8192)
def fold_character(character: str) -> str:
    """The plain lower-case form of one character: none, one or several characters."""
    lower = character.casefold()
    plain = _PLAIN.get(character) or _PLAIN.get(lower)
    if plain is not None:
        return plain
    if "\uac00" <= character <= "\ud7a3":  # Hangul syllables stay whole
        return character
    folded = "".join(
        _PLAIN.get(part, part)
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
    starts : sequence of int
        For each folded character, the offset of the original character that it comes from;
        one more at the end, the original length.
    """

    text: str
    starts: Sequence[int]

    def original(self, begin: int, end: int) -> tuple[int, int]:
        """Original offsets of the folded range, with the marks that combine with its last."""
        if begin == end:
            return self.starts[begin], self.starts[begin]
        last = self.starts[end - 1]
        index = end
        while self.starts[index] == last:
            index += 1
        return self.starts[begin], self.starts[index]


def fold(text: str) -> Folded:
    """Fold a text of any script; ASCII is only lowered."""
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
    """The folded text alone."""
    return text.lower() if text.isascii() else "".join(map(fold_character, text))


def is_unspaced(character: str) -> bool:
    """Whether the character belongs to a script that writes no space between words."""
    return (
        "\u3040" <= character <= "\u30ff"  # kana
        or "\u3400" <= character <= "\u9fff"  # Han
        or "\uac00" <= character <= "\ud7a3"  # Hangul: particles follow a name unspaced
        or "\u0e00" <= character <= "\u0eff"  # Thai, Lao
        or "\U00020000" <= character <= "\U0003ffff"
    )
