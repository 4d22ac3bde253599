"""Count the ordinary words that are redacted in unchanged clinical text.

ACI-Bench and MTS-Dialog hold fictional names and dates of their own. True identifiers among them
are recognized by their format (:mod:`tools.train_text_model.carriers`) or listed in
``identifiers_of_carriers.txt``; all other redacted words are false positives. The list was compiled
from what the pipeline redacted, and each value was judged, so it is not independent.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from safelight.records import Span
from safelight.text.span_merging import select_identifying
from tools.train_text_model.carriers import known_identifiers

_REVIEWED = Path(__file__).parent / "identifiers_of_carriers.txt"
_WORD = re.compile(r"\w+")


@lru_cache(maxsize=1)
def _reviewed() -> re.Pattern[str]:
    """Return an expression for all listed identifiers, longest first."""
    lines = _REVIEWED.read_text(encoding="utf-8").splitlines()
    values = sorted((line for line in lines if line and not line.startswith("#")), key=len)
    return re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, reversed(values))) + r")(?!\w)")


@dataclass(frozen=True)
class OverRedaction:
    """Result of the count.

    Attributes
    ----------
    words : int
        All words.
    redacted : int
        Redacted words that do not identify.
    values : tuple
        Redacted values that do not identify, with their counts, most frequent first.
    """

    words: int
    redacted: int
    values: tuple[tuple[str, int], ...]

    @property
    def share(self) -> float:
        """Return the share of redacted words that do not identify."""
        return self.redacted / max(1, self.words)


def count_over_redaction(texts: Sequence[str], spans: Sequence[Sequence[Span]]) -> OverRedaction:
    """Count the redacted words that do not identify.

    Parameters
    ----------
    texts : sequence of str
        Texts of the corpora.
    spans : sequence of sequence of Span
        Spans that a system found in each text.
    """
    words = redacted = 0
    values: Counter[str] = Counter()
    for text, all_spans in zip(texts, spans, strict=True):
        found = select_identifying(all_spans)
        true = [match.span() for match in _reviewed().finditer(text)] + known_identifiers(text)
        for match in _WORD.finditer(text):
            words += 1
            begin, end = match.span()
            if any(b < end and begin < e for b, e in true):
                continue
            if any(span.begin < end and begin < span.end for span in found):
                redacted += 1
        for span in found:
            if not any(b < span.end and span.begin < e for b, e in true):
                values[f"{span.entity}/{span.engine}: {text[span.begin : span.end]}"] += 1
    return OverRedaction(words, redacted, tuple(values.most_common()))
