"""Notes and queries written by hand, unlike any template: what generated text cannot tell.

Shorthand, run-on dictation in capitals, texts, e-mails, tables, interface lines, letters of
other countries, short queries and hard negatives. People, places and numbers in them are made up.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from safelight.records import Span
from tools.train_text_model.templates import Document, Gold

_FOLDER = Path(__file__).parent / "handwritten"
#: ``mended`` and ``queries``: their faults were looked at. ``fresh``: measured only.
SETS = ("mended", "fresh", "queries")
_MARK = re.compile(r"\[\[([A-Z]+)(?:/([A-Z]+))?:(.*?)\]\]", re.S)


@dataclass(frozen=True)
class Handwritten:
    """A document, and for each of its gold spans whose name it is, or an empty string."""

    document: Document
    roles: tuple[str, ...]


def _read(body: str, kind: str) -> Handwritten:
    parts: list[str] = []
    spans: list[Gold] = []
    roles: list[str] = []
    length = last = 0
    for mark in _MARK.finditer(body):
        literal = body[last : mark.start()]
        begin = length + len(literal)
        length = begin + len(mark[3])
        last = mark.end()
        parts += [literal, mark[3]]
        spans.append(Gold(begin, length, mark[1]))
        roles.append(mark[2] or "")
    parts.append(body[last:])
    return Handwritten(Document("".join(parts), tuple(spans), kind), tuple(roles))


def read_handwritten(name: str) -> list[Handwritten]:
    """One of :data:`SETS`; each document begins with ``=== kind``."""
    text = (_FOLDER / f"{name}.txt").read_text(encoding="utf-8")
    documents = []
    for part in re.split(r"(?m)^=== ", text)[1:]:
        kind, _, body = part.partition("\n")
        documents.append(_read(body.rstrip("\n"), kind.strip()))
    return documents


def _told(text: Handwritten, spans: Sequence[Span]) -> Iterator[str]:
    for gold, role in zip(text.document.spans, text.roles):
        if role:
            fine = {s.subtype for s in spans if s.begin < gold.end and gold.begin < s.end}
            fine.discard("")
            yield "right" if role in fine else "wrong" if fine else "open"


def count_roles(texts: Sequence[Handwritten], spans: Sequence[Sequence[Span]]) -> dict[str, int]:
    """Names whose owner (patient, clinician, relative) is told right, wrong, or left open."""
    told = Counter(
        one for text, found in zip(texts, spans, strict=True) for one in _told(text, found)
    )
    return {key: told[key] for key in ("right", "wrong", "open")}
