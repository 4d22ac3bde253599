r"""Split a text of any length into windows that the model reads completely.

BERT reads at most 512 pieces, two of which are its own markers. A piece covers at least one
character, so a window of `WINDOW_MAX_CHARACTERS` is never truncated, whatever the text is. Windows
overlap, so that a word at the border of one window is complete in the next.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

WINDOW_MAX_CHARACTERS = 480
WINDOW_OVERLAP_CHARACTERS = 64

# From good to bad positions of a border: paragraph, sentence or line, word.
_BORDERS = (
    re.compile(r"\n\s*\n"),
    re.compile(r"(?<=[.!?:;])\s+|\n"),
    re.compile(r"\s+"),
)
_UNSAFE_CHARACTER = re.compile("[\ud800-\udfff\U00010000-\U0010ffff\x00]")
_OTHER_SPACE = re.compile(r"[^\S\n ]")


@dataclass(frozen=True)
class TextWindow:
    """Window of a text; ``offset`` is in code points from the start of the text."""

    offset: int
    text: str


def split_windows(text: str) -> list[TextWindow]:
    r"""Return the windows of a text; a blank text has none.

    Characters outside the Basic Multilingual Plane, unpaired surrogates and NUL are replaced by
    U+FFFD one by one: Java counts UTF-16 units, so its offsets equal the code points of Python.
    White space other than blanks and line feeds is replaced by a blank, because ``\s`` matches
    only ASCII in Java.

    Parameters
    ----------
    text : str
        Text of any length.

    Returns
    -------
    list of TextWindow
        Windows of at most `WINDOW_MAX_CHARACTERS`, in order.
    """
    text = _OTHER_SPACE.sub(" ", _UNSAFE_CHARACTER.sub("\ufffd", text))
    windows: list[TextWindow] = []
    begin = 0
    while begin < len(text):
        end = len(text)
        if end - begin > WINDOW_MAX_CHARACTERS:
            end = _last_border(text, begin, begin + WINDOW_MAX_CHARACTERS)
        piece = text[begin:end]
        if not piece.isspace():
            windows.append(TextWindow(begin, piece))
        if end == len(text):
            break
        begin = max(_first_border(text, end - WINDOW_OVERLAP_CHARACTERS, end), begin + 1)
        begin = min(begin, end)
    return windows


def _last_border(text: str, begin: int, end: int) -> int:
    """Return the best border in the second half of a window, or its end if there is none."""
    for border in _BORDERS:
        cut = -1
        for match in border.finditer(text, begin + (end - begin) // 2, end):
            cut = match.end()
        if cut > begin:
            return cut
    return end


def _first_border(text: str, begin: int, end: int) -> int:
    """Return the start of the overlap: a sentence or line, else a word, else ``begin``."""
    for border in _BORDERS[1:]:
        match = border.search(text, begin, end)
        if match:
            return match.end()
    return begin
