"""Measure the classification of metadata fields as PHI or not, by VR."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from random import Random

from pydicom.datadict import tag_for_keyword

from safelight.records import Span
from tools.evaluate_text_model.field_classifier import Field, classify_fields
from tools.evaluate_text_model.systems import System, rules_alone
from tools.train_text_model.pools import load_pools
from tools.train_text_model.slots import Slots
from tools.train_text_model.templates import render

_FIELDS = Path(__file__).parent / "fields.csv"


def build_fields(data: Path, copies: int = 25, seed: int = 77) -> list[tuple[Field, bool]]:
    """Return fields with whether they are PHI; every second one is in capitals.

    Parameters
    ----------
    data : Path
        Folder with the lists.
    copies : int
        Number of fields of each row of ``fields.csv``.
    seed : int
        Seed of the random numbers.
    """
    rng = Random(seed)
    slots = Slots(load_pools(data, "test"), rng)
    fields = []
    with _FIELDS.open(newline="", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            tag = tag_for_keyword(row["keyword"]) or int(row["keyword"], 16)
            for number in range(copies):
                value = render(row["template"], slots, "field").text
                if number % 2:
                    value = value.upper()
                fields.append((Field(tag, row["vr"], value, row["creator"]), row["phi"] == "1"))
    return fields


def _no_spans(texts: Sequence[str]) -> list[list[Span]]:
    """Return no spans for each text."""
    return [[] for _ in texts]


def confusion_by_vr(data: Path, system: System) -> dict[str, list[list[int]]]:
    """Return the confusion matrix by VR, for the table alone, with rules, and with a system.

    Each matrix is a list of four counts: PHI found, PHI missed, other kept, other taken for PHI.

    Parameters
    ----------
    data : Path
        Folder with the lists.
    system : System
        System to measure.
    """
    fields = build_fields(data)
    rows: dict[str, list[list[int]]] = {}
    for column, annotate in enumerate((_no_spans, rules_alone, system)):
        classes = classify_fields([field for field, _ in fields], annotate)
        for (field, phi), found in zip(fields, classes, strict=True):
            for vr in (field.vr, "all"):
                counts = rows.setdefault(vr, [[0] * 4 for _ in range(3)])
                counts[column][(0 if found.phi else 1) if phi else (3 if found.phi else 2)] += 1
    return dict(sorted(rows.items()))
