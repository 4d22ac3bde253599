"""Slips of keyboards, devices and OCR, planted with their labels kept.

The model reads lower case only, so changes of case need no training; they are made for
the test set (:mod:`tools.evaluate_text_model.testset`).
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from tools.train_text_model.templates import Document, Gold

_LIKE = {
    "0": "O",
    "O": "0",
    "1": "l",
    "l": "1",
    "I": "1",
    "5": "S",
    "S": "5",
    "8": "B",
    "B": "8",
    "2": "Z",
    "6": "G",
    "m": "rn",
    "e": "c",
    "a": "o",
    "i": "l",
}
#: Documents of one value, which separators glue and nothing is cut from.
_VALUES = ("descriptors", "header_values")


def _rebuilt(document: Document, characters: Sequence[str]) -> Document:
    """The document with each character replaced by a string, spans following."""
    new_offset = [0]
    for text in characters:
        new_offset.append(new_offset[-1] + len(text))
    spans = tuple(
        Gold(new_offset[span.begin], new_offset[span.end], span.label) for span in document.spans
    )
    return Document("".join(characters), spans, document.kind)


def replace_characters(
    document: Document, rng: Random, share: float, table: dict[str, str]
) -> Document:
    """Replace a share of the characters that the table holds; spans follow."""
    return _rebuilt(
        document,
        [
            table[character] if character in table and rng.random() < share else character
            for character in document.text
        ],
    )


def _outside(document: Document) -> list[bool]:
    outside = [True] * len(document.text)
    for span in document.spans:
        outside[span.begin : span.end] = [False] * (span.end - span.begin)
    return outside


def drop_punctuation(document: Document) -> Document:
    """Without the marks between values, as dictation and forms have it."""
    free = zip(document.text, _outside(document))
    return _rebuilt(document, ["" if out and c in ",.;:()" else c for c, out in free])


def misspell(document: Document, rng: Random, share: float) -> Document:
    """Letters left out or doubled in the words around the values."""
    free = zip(document.text, _outside(document))
    return _rebuilt(
        document,
        [
            c * rng.choice([0, 2]) if out and c.isalpha() and rng.random() < share else c
            for c, out in free
        ],
    )


def crop(document: Document, rng: Random) -> Document:
    """A piece of the document that begins and ends between two words, outside of values."""
    outside = _outside(document)
    blanks = [at for at, c in enumerate(document.text) if c.isspace() and outside[at]]
    if len(blanks) < 4:
        return document
    first, last = sorted(rng.sample(blanks, 2))
    if last - first < 8:
        return document
    spans = tuple(
        Gold(span.begin - first - 1, span.end - first - 1, span.label)
        for span in document.spans
        if first < span.begin and span.end <= last
    )
    return Document(document.text[first + 1 : last], spans, document.kind)


def disturb(document: Document, rng: Random) -> Document:
    """Sometimes: other separators, characters that OCR confuses, slips, lost marks, a piece."""
    pick = rng.random()
    value = document.kind in _VALUES
    if pick < 0.05 and (value or document.kind == "screens"):
        return replace_characters(document, rng, 0.06, _LIKE)
    if pick < 0.09 and value:
        return replace_characters(document, rng, 1.0, {" ": rng.choice("_-^./")})
    if pick < 0.12 and document.kind in ("screens", "discharge", "radiology", "forms"):
        return replace_characters(document, rng, 1.0, {":": rng.choice(["", " =", "."])})
    if pick < 0.17:
        return drop_punctuation(document)
    if pick < 0.21:
        return misspell(document, rng, 0.04)
    if pick < 0.29 and not value and document.kind != "screens":
        return crop(document, rng)
    return document
