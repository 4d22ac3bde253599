"""Compute recall, precision and false alarms.

An entity is found if all its letters and digits are in spans, of any entity. A predicted span is
right if at least half of its letters and digits are in gold spans. Therefore, recall measures what
leaks, and precision what is redacted without need. `Score.labelled` counts the found entities that
have the right entity as well.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from safelight.records import Span
from safelight.text.span_merging import select_identifying
from tools.train_text_model.templates import Document


@dataclass
class Score:
    """Counts over documents, by entity.

    Attributes
    ----------
    gold, found, labelled : Counter
        Gold entities; those that were found; those that were found with the right entity.
    predicted, right : Counter
        Predicted spans; those that are right.
    documents, alarms : int
        Documents; those with at least one predicted span.
    """

    gold: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    labelled: Counter[str] = field(default_factory=Counter)
    predicted: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    documents: int = 0
    alarms: int = 0

    @property
    def recall(self) -> float:
        """Return the share of gold entities that were found."""
        return sum(self.found.values()) / max(1, sum(self.gold.values()))

    @property
    def precision(self) -> float:
        """Return the share of predicted spans that are right."""
        return sum(self.right.values()) / max(1, sum(self.predicted.values()))

    def recall_of(self, entity: str) -> float:
        """Return the recall of one entity."""
        return self.found[entity] / max(1, self.gold[entity])

    def precision_of(self, entity: str) -> float:
        """Return the precision of one entity."""
        return self.right[entity] / max(1, self.predicted[entity])

    def include(self, other: Score) -> None:
        """Add the counts of another score."""
        for mine, theirs in (
            (self.gold, other.gold),
            (self.found, other.found),
            (self.labelled, other.labelled),
            (self.predicted, other.predicted),
            (self.right, other.right),
        ):
            mine.update(theirs)
        self.documents += other.documents
        self.alarms += other.alarms


def _covering_entities(text: str, spans: Sequence[Span]) -> list[str]:
    """Return for each character the entity of the span that covers it, or an empty string."""
    cover = [""] * len(text)
    for span in spans:
        for position in range(max(0, span.begin), min(len(text), span.end)):
            cover[position] = span.entity
    return cover


def add_document(score: Score, document: Document, spans: Sequence[Span]) -> None:
    """Add one document to a score; ages under 90 and weekdays are ignored.

    Parameters
    ----------
    score : Score
        Counts to update.
    document : Document
        Text with gold spans.
    spans : sequence of Span
        Spans that a system found.
    """
    spans = select_identifying(spans)
    text = document.text
    cover = _covering_entities(text, spans)
    gold = [False] * len(text)
    score.documents += 1
    score.alarms += bool(spans)
    for wanted in document.spans:
        places = [i for i in range(wanted.begin, wanted.end) if text[i].isalnum()]
        gold[wanted.begin : wanted.end] = [True] * (wanted.end - wanted.begin)
        score.gold[wanted.label] += 1
        if all(cover[i] for i in places):
            score.found[wanted.label] += 1
            score.labelled[wanted.label] += any(cover[i] == wanted.label for i in places)
    for span in spans:
        places = [i for i in range(span.begin, span.end) if text[i].isalnum()]
        score.predicted[span.entity] += 1
        score.right[span.entity] += 2 * sum(gold[i] for i in places) >= max(1, len(places))
