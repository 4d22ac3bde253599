"""Select the words of a cleaned page for the invisible text layer behind its picture.

A word is selected only if it is visible on the page. The old text layer may contain text that
the page does not show, so a line of it is used only where OCR reads nearly the same text;
elsewhere the OCR text is used. A word that touches a masked box is not used.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from safelight.documents.pdf.page_text import TEXT_LAYER, PageText
from safelight.pixels.geometry import Box
from safelight.text.lexicon.folding import fold_letters_and_digits

#: Similarity from which a line of the text layer and the OCR text agree.
_MIN_SIMILARITY = 0.75
#: A word of which a mask covers a larger share is removed.
_MAX_MASKED_SHARE = 0.1
#: An OCR word of which an accepted line of the text layer covers a larger share is a duplicate.
_MAX_DUPLICATE_SHARE = 0.5
_WORD = re.compile(r"\S+")
_LINE = re.compile(r"[^\r\n]+")


@dataclass(frozen=True)
class PageWord:
    """A word and its box in the picture of the page."""

    text: str
    box: Box


def visible_words(texts: Sequence[PageText], masked: Sequence[Box]) -> list[PageWord]:
    """Return the words of one page that are visible and not masked.

    Parameters
    ----------
    texts : sequence of PageText
        All texts of the page, from the text layer and from OCR.
    masked : sequence of Box
        Boxes that are masked in the picture.
    """
    ocr_texts = [text for text in texts if text.engine != TEXT_LAYER]
    words: list[PageWord] = []
    accepted_lines: list[Box] = []
    for text in texts:
        if text.engine == TEXT_LAYER:
            for begin, end, box in _matches(text, _LINE):
                if _agrees_with_ocr(text.text[begin:end], box, ocr_texts):
                    accepted_lines.append(box)
                    words += _words(text, begin, end)
    for text in ocr_texts:
        for word in _words(text, 0, len(text.text)):
            shares = (_covered_share(word.box, box) for box in accepted_lines)
            if all(share <= _MAX_DUPLICATE_SHARE for share in shares):
                words.append(word)
    return [
        word
        for word in words
        if all(_covered_share(word.box, box) <= _MAX_MASKED_SHARE for box in masked)
    ]


def sort_reading_order(words: Sequence[PageWord]) -> list[PageWord]:
    """Return the words line by line, from left to right."""
    lines: list[list[PageWord]] = []
    for word in sorted(words, key=lambda word: (word.box.top + word.box.height / 2, word.box.left)):
        middle = word.box.top + word.box.height / 2
        last = lines[-1][0].box if lines else None
        if last is not None and last.top <= middle <= last.bottom:
            lines[-1].append(word)
        else:
            lines.append([word])
    return [word for line in lines for word in sorted(line, key=lambda word: word.box.left)]


def _matches(
    text: PageText, pattern: re.Pattern[str], begin: int = 0, end: int | None = None
) -> Iterator[tuple[int, int, Box]]:
    """Return begin, end and box of each match of a pattern that has ink."""
    for match in pattern.finditer(text.text, begin, len(text.text) if end is None else end):
        boxes = [box for box in text.boxes[match.start() : match.end()] if box is not None]
        if boxes:
            yield match.start(), match.end(), Box.around(boxes)


def _words(text: PageText, begin: int, end: int) -> list[PageWord]:
    found = _matches(text, _WORD, begin, end)
    return [PageWord(text.text[start:stop], box) for start, stop, box in found]


def _agrees_with_ocr(line: str, box: Box, ocr_texts: Sequence[PageText]) -> bool:
    """Return whether OCR reads nearly the same text in the box of a line."""
    margin = box.height // 2
    characters = [
        text.text[index]
        for text in ocr_texts
        for index, position in enumerate(text.boxes)
        if position is not None
        and box.left - margin <= position.left + position.width / 2 <= box.right + margin
        and box.top <= position.top + position.height / 2 <= box.bottom
    ]
    one, other = fold_letters_and_digits(line), fold_letters_and_digits("".join(characters))
    similarity = SequenceMatcher(None, one, other, autojunk=False).ratio() if one else 0.0
    return similarity >= _MIN_SIMILARITY


def _covered_share(box: Box, other: Box) -> float:
    """Return the share of a box that another one covers, 0 to 1."""
    width, height = box.shared_width(other), box.shared_height(other)
    if width <= 0 or height <= 0:
        return 0.0
    return width * height / max(1, box.width * box.height)
