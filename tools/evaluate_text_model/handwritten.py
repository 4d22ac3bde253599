"""Read the handwritten notes and queries, which are unlike any template.

They cover shorthand, dictation in capitals without punctuation, messages, e-mails, tables,
interface lines, letters of other countries, short queries and hard negatives. People, places and
numbers in them are fictional.
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
#: ``fresh`` and one half of ``halves`` were only measured; errors on the others were fixed.
SETS = ("mended", "fresh", "styles", "authors", "halves", "queries")
_MARK = re.compile(r"\[\[([A-Z]+)(?:/([A-Z]+))?:(.*?)\]\]", re.S)


@dataclass(frozen=True)
class Handwritten:
    """Document with the role of each gold span: PATIENT, CLINICIAN, RELATIVE or empty."""

    document: Document
    roles: tuple[str, ...]


def _read(body: str, kind: str) -> Handwritten:
    """Return a document whose spans are marked as ``[[NAME/PATIENT:Ann]]``."""
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
    """Return the documents of one of `SETS`; each starts with ``=== kind`` in the file."""
    text = (_FOLDER / f"{name}.txt").read_text(encoding="utf-8")
    documents = []
    for part in re.split(r"(?m)^=== ", text)[1:]:
        kind, _, body = part.partition("\n")
        documents.append(_read(body.rstrip("\n"), kind.strip()))
    return documents


def _judge_roles(text: Handwritten, spans: Sequence[Span]) -> Iterator[str]:
    """Yield for each name with a role whether the found role is right, wrong or open."""
    for gold, role in zip(text.document.spans, text.roles):
        if role:
            found = {s.subtype for s in spans if s.begin < gold.end and gold.begin < s.end}
            found.discard("")
            yield "right" if role in found else "wrong" if found else "open"


def count_roles(texts: Sequence[Handwritten], spans: Sequence[Sequence[Span]]) -> dict[str, int]:
    """Count the names whose role (patient, clinician, relative) is right, wrong or open.

    Parameters
    ----------
    texts : sequence of Handwritten
        Documents with roles.
    spans : sequence of sequence of Span
        Spans that a system found in each document.
    """
    counts = Counter(
        one for text, found in zip(texts, spans, strict=True) for one in _judge_roles(text, found)
    )
    return {key: counts[key] for key in ("right", "wrong", "open")}
