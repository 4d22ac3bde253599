"""Slips of keyboards, devices and OCR, planted with their labels kept.

The model reads lower case only, so changes of case need no training; they are made for
the test set (:mod:`benchmarks.text.testset`).
"""

from __future__ import annotations

from random import Random

from nlp_pipelines.train.templates import Document, Gold

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


def replace_characters(
    document: Document, rng: Random, share: float, table: dict[str, str]
) -> Document:
    """Replace a share of the characters that the table holds; spans follow."""
    parts: list[str] = []
    new_offset = [0]
    for character in document.text:
        if character in table and rng.random() < share:
            character = table[character]
        parts.append(character)
        new_offset.append(new_offset[-1] + len(character))
    spans = tuple(
        Gold(new_offset[span.begin], new_offset[span.end], span.label) for span in document.spans
    )
    return Document("".join(parts), spans, document.kind)


def disturb(document: Document, rng: Random) -> Document:
    """Sometimes: other separators between words, or characters that OCR confuses."""
    pick = rng.random()
    if pick < 0.05 and document.kind in ("screens", "descriptors"):
        return replace_characters(document, rng, 0.06, _LIKE)
    if pick < 0.09 and document.kind == "descriptors":
        return replace_characters(document, rng, 1.0, {" ": rng.choice("_-^./")})
    if pick < 0.12 and document.kind in ("screens", "discharge", "radiology"):
        return replace_characters(document, rng, 1.0, {":": rng.choice(["", " =", "."])})
    return document
