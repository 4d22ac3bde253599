"""Cut a text of any length into windows that the model reads whole.

Source of the bound: BERT reads 512 pieces, two of them its own marks. A piece covers at
least one character, so :data:`MAX_CHARACTERS` can never be truncated, whatever the text is.
Windows overlap, so that what one border cuts stands whole in the neighbour.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_CHARACTERS = 480
OVERLAP = 64

# From good to bad places for a border.
_BORDERS = (
    re.compile(r"\n\s*\n"),
    re.compile(r"(?<=[.!?:;])\s+|\n"),
    re.compile(r"\s+"),
)
_UNSAFE = re.compile("[\ud800-\udfff\U00010000-\U0010ffff\x00]")
_OTHER_SPACE = re.compile(r"[^\S\n ]")


@dataclass(frozen=True)
class Window:
    """A piece of a text; ``offset`` counts code points from the start of the text."""

    offset: int
    text: str


def _last_border(text: str, begin: int, end: int) -> int:
    """Where to cut before ``end``, in the last half of the window; ``end`` if nowhere."""
    for border in _BORDERS:
        cut = -1
        for match in border.finditer(text, begin + (end - begin) // 2, end):
            cut = match.end()
        if cut > begin:
            return cut
    return end


def _first_border(text: str, begin: int, end: int) -> int:
    """Start of the overlap: a sentence or line, else a word, else ``begin`` itself."""
    for border in _BORDERS[1:]:
        match = border.search(text, begin, end)
        if match:
            return match.end()
    return begin


def windows(text: str) -> list[Window]:
    """Windows of at most :data:`MAX_CHARACTERS`; none where a text is blank.

    Characters beyond the Basic Multilingual Plane and unpaired surrogates become U+FFFD one
    by one, because Java counts UTF-16 units: so offsets of the JVM are code points of Python.
    White space of other kinds than blank and line feed becomes a blank, as Java's ``\\s`` is ASCII.
    """
    text = _OTHER_SPACE.sub(" ", _UNSAFE.sub("\ufffd", text))
    found: list[Window] = []
    begin = 0
    while begin < len(text):
        end = len(text)
        if end - begin > MAX_CHARACTERS:
            end = _last_border(text, begin, begin + MAX_CHARACTERS)
        piece = text[begin:end]
        if not piece.isspace():
            found.append(Window(begin, piece))
        if end == len(text):
            break
        begin = max(_first_border(text, end - OVERLAP, end), begin + 1)
        if begin >= end:
            begin = end
    return found
