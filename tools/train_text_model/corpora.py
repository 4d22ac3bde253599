"""Read public NER corpora with our labels: general text that clinical templates do not cover.

Organisations in general text (clubs, companies, bands) are neither positive nor negative examples:
their tokens have the label `IGNORED` and do not count in the loss.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Optional

from tools.train_text_model.templates import Document, Gold

IGNORED = "IGNORED"

_PERSON = ("PER", "person", "politician", "writer", "scientist", "musicalartist", "researcher")
_PLACE = ("LOC", "location", "country")
_NO_ENTITY = (
    "algorithm",
    "metrics",
    "task",
    "field",
    "programlang",
    "musicgenre",
    "musicalinstrument",
    "chemicalcompound",
    "chemicalelement",
    "enzyme",
    "protein",
    "discipline",
    "theory",
    "literarygenre",
    "astronomicalobject",
)
_MAP: dict[str, Optional[str]] = {name: "NAME" for name in _PERSON}
_MAP |= {name: "LOCATION" for name in _PLACE}
_MAP |= {name: None for name in _NO_ENTITY}

_PRESIDIO = {
    "PERSON": "NAME",
    "STREET_ADDRESS": "LOCATION",
    "GPE": "LOCATION",
    "ORGANIZATION": "LOCATION",
    "CREDIT_CARD": "ID",
    "DATE_TIME": "DATE",
    "PHONE_NUMBER": "CONTACT",
    "EMAIL_ADDRESS": "CONTACT",
    "ZIP_CODE": "LOCATION",
    "DOMAIN_NAME": "CONTACT",
    "IBAN_CODE": "ID",
    "US_SSN": "ID",
    "IP_ADDRESS": "CONTACT",
    "US_DRIVER_LICENSE": "ID",
}


def _sentences(path: Path) -> Iterator[list[tuple[str, str]]]:
    """Yield the sentences of a CoNLL file as (token, tag) rows."""
    rows: list[tuple[str, str]] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        parts = line.split()
        if len(parts) < 2 or line.startswith("-DOCSTART-"):
            if rows:
                yield rows
            rows = []
        else:
            rows.append((parts[0], parts[-1]))
    if rows:
        yield rows


def _document(rows: list[tuple[str, str]], kind: str) -> Document:
    """Return a sentence as a document with our labels."""
    parts: list[str] = []
    spans: list[Gold] = []
    length = 0
    for token, tag in rows:
        name = tag.split("-", 1)[-1]
        label = None if tag == "O" else _MAP.get(name, IGNORED)
        if label:
            extends = (
                tag.startswith("I-")
                and spans
                and spans[-1].label == label
                and spans[-1].end == length - 1
            )
            begin = spans.pop().begin if extends else length
            spans.append(Gold(begin, length + len(token), label))
        parts.append(token)
        length += len(token) + 1
    return Document(" ".join(parts), tuple(spans), kind)


def _presidio(path: Path) -> Iterator[Document]:
    """Yield the documents of the presidio-research data set with our labels."""
    for record in json.loads(path.read_text(encoding="utf-8")):
        spans = []
        for span in record["spans"]:
            label = _PRESIDIO.get(span["entity_type"])
            if span["entity_type"] == "AGE":
                digits = "".join(filter(str.isdigit, span["entity_value"]))
                label = "AGE" if digits and int(digits) > 89 else None
            if span["entity_type"] == "DATE_TIME" and not any(
                map(str.isdigit, span["entity_value"])
            ):
                label = IGNORED
            if label:
                spans.append(Gold(span["start_position"], span["end_position"], label))
        yield Document(record["full_text"], tuple(sorted(spans, key=lambda s: s.begin)), "presidio")


def read_corpora(data: Path) -> list[Document]:
    """Return all sentences of the general corpora, without their test parts."""
    documents: list[Document] = []
    files = [path for path in sorted((data / "ner-btc").rglob("*.conll"))]
    files += sorted((data / "ner-crossner").rglob("train.txt"))
    files += sorted((data / "ner-crossner").rglob("dev.txt"))
    files += sorted((data / "ner-sec-filings").rglob("FIN5.txt"))
    files += sorted((data / "ner-wikigold").rglob("wikigold.conll.txt"))
    files += [data / "ner-wnut17" / "wnut17train.conll"]
    for path in files:
        kind = path.relative_to(data).parts[0]
        documents += [_document(rows, kind) for rows in _sentences(path)]
    documents += _presidio(next((data / "text-presidio-research").rglob("synth_dataset_v2.json")))
    return documents
