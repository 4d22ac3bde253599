"""Add errors of typing, devices and OCR to documents and keep their labels.

The model reads lower case only, so training needs no changes of case. The test set has them
(:mod:`tools.evaluate_text_model.testset`).
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from tools.train_text_model.templates import Document, Gold

#: Characters that OCR confuses.
_CONFUSED = {
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
#: Kinds of documents that are one value: separators may replace blanks, and nothing is cropped.
_VALUE_KINDS = ("descriptors", "header_values")
#: Kinds of documents that devices or scanners made.
_SCREEN_KINDS = ("screens", "scans")


def _rebuild(document: Document, characters: Sequence[str]) -> Document:
    """Return the document with each character replaced by a string, and spans adjusted."""
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
    """Return the document with a share of the characters of a table replaced.

    Parameters
    ----------
    document : Document
        Document to change.
    rng : random.Random
        Source of random numbers.
    share : float
        Share of the characters in the table that are replaced, 0 to 1.
    table : dict
        Character → replacement.
    """
    return _rebuild(
        document,
        [
            table[character] if character in table and rng.random() < share else character
            for character in document.text
        ],
    )


def _outside(document: Document) -> list[bool]:
    """Return for each character whether it is outside all spans."""
    outside = [True] * len(document.text)
    for span in document.spans:
        outside[span.begin : span.end] = [False] * (span.end - span.begin)
    return outside


def drop_punctuation(document: Document) -> Document:
    """Return the document without punctuation outside spans, as in dictation and forms."""
    free = zip(document.text, _outside(document))
    return _rebuild(document, ["" if out and c in ",.;:()" else c for c, out in free])


def misspell(document: Document, rng: Random, share: float) -> Document:
    """Return the document with letters outside spans dropped or doubled.

    Parameters
    ----------
    document : Document
        Document to change.
    rng : random.Random
        Source of random numbers.
    share : float
        Share of the letters that are changed, 0 to 1.
    """
    free = zip(document.text, _outside(document))
    return _rebuild(
        document,
        [
            c * rng.choice([0, 2]) if out and c.isalpha() and rng.random() < share else c
            for c, out in free
        ],
    )


def crop(document: Document, rng: Random) -> Document:
    """Return a part of the document that begins and ends between two words, outside spans."""
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
    """Return the document, in some cases with one kind of error, or a part of it."""
    pick = rng.random()
    value = document.kind in _VALUE_KINDS
    if pick < 0.05 and (value or document.kind in _SCREEN_KINDS):
        return replace_characters(document, rng, 0.06, _CONFUSED)
    if pick < 0.09 and value:
        return replace_characters(document, rng, 1.0, {" ": rng.choice("_-^./")})
    if pick < 0.12 and document.kind in ("screens", "discharge", "radiology", "forms", "scans"):
        return replace_characters(document, rng, 1.0, {":": rng.choice(["", " =", "."])})
    if pick < 0.17:
        return drop_punctuation(document)
    if pick < 0.21:
        return misspell(document, rng, 0.04)
    if pick < 0.29 and not value and document.kind not in _SCREEN_KINDS:
        return crop(document, rng)
    return document
