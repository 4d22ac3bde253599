"""The words of a cleaned page that may stand behind its picture, so that it can be searched.

A word stands there only if it can be seen in the page: the old text layer may say what the page
does not show, so a line of it counts only where character recognition reads nearly the same;
elsewhere what was recognised stands. No word that touches a hidden box is carried over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from safelight.documents.pdf.page_text import PageText
from safelight.pixels.geometry import Box
from safelight.text.lexicon.folding import fold_text

#: From this likeness on, a line of the layer is what is seen there.
_ALIKE = 0.75
#: Of its area: a word that is hidden by more is hidden.
_HIDDEN = 0.1
_WORD = re.compile(r"\S+")
_LINE = re.compile(r"[^\r\n]+")


@dataclass(frozen=True)
class PageWord:
    """A word and its place in the picture of the page."""

    text: str
    box: Box


def visible_words(passages: Sequence[PageText], hidden: Sequence[Box]) -> list[PageWord]:
    """The words of one page that are seen and not hidden.

    Parameters
    ----------
    passages : sequence of PageText
        All of the page: ``engine`` is ``layer`` for its own text.
    hidden : sequence of Box
        What is overwritten in the picture.
    """
    seen = [p for p in passages if p.engine != "layer"]
    words: list[PageWord] = []
    trusted: list[Box] = []
    for passage in passages:
        if passage.engine == "layer":
            for begin, end, box in _pieces(passage, _LINE):
                if _agrees(passage.text[begin:end], box, seen):
                    trusted.append(box)
                    words += _words(passage, begin, end)
    for passage in seen:
        for word in _words(passage, 0, len(passage.text)):
            if not any(_share(word.box, box) > 0.5 for box in trusted):
                words.append(word)
    return [word for word in words if all(_share(word.box, box) <= _HIDDEN for box in hidden)]


def sort_reading_order(words: Sequence[PageWord]) -> list[PageWord]:
    """Line by line, from left to right."""
    lines: list[list[PageWord]] = []
    for word in sorted(words, key=lambda word: (word.box.top + word.box.height / 2, word.box.left)):
        middle = word.box.top + word.box.height / 2
        last = lines[-1][0].box if lines else None
        if last is not None and last.top <= middle <= last.bottom:
            lines[-1].append(word)
        else:
            lines.append([word])
    return [word for line in lines for word in sorted(line, key=lambda word: word.box.left)]


def _pieces(
    passage: PageText, pattern: re.Pattern[str], begin: int = 0, end: int | None = None
) -> Iterator[tuple[int, int, Box]]:
    """What matches, with the box that its characters have together."""
    for match in pattern.finditer(passage.text, begin, len(passage.text) if end is None else end):
        boxes = [box for box in passage.boxes[match.start() : match.end()] if box is not None]
        if boxes:
            yield match.start(), match.end(), Box.around(boxes)


def _words(passage: PageText, begin: int, end: int) -> list[PageWord]:
    found = _pieces(passage, _WORD, begin, end)
    return [PageWord(passage.text[start:stop], box) for start, stop, box in found]


def _agrees(text: str, box: Box, seen: Sequence[PageText]) -> bool:
    """Whether what is read where a line of the layer stands is nearly that line."""
    margin = box.height // 2
    read = [
        passage.text[index]
        for passage in seen
        for index, place in enumerate(passage.boxes)
        if place is not None
        and box.left - margin <= place.left + place.width / 2 <= box.right + margin
        and box.top <= place.top + place.height / 2 <= box.bottom
    ]
    one, other = _plain(text), _plain("".join(read))
    return bool(one) and SequenceMatcher(None, one, other, autojunk=False).ratio() >= _ALIKE


def _plain(text: str) -> str:
    return "".join(filter(str.isalnum, fold_text(text)))


def _share(box: Box, other: Box) -> float:
    """How much of a box another one covers."""
    width, height = box.shared_width(other), box.shared_height(other)
    if width <= 0 or height <= 0:
        return 0.0
    return width * height / max(1, box.width * box.height)
