"""Ordinary words hidden in clinical text that is left as it is.

ACI-Bench and MTS-Dialog hold fictional names and dates of their own. Those that are true
identifiers are known by form (:mod:`tools.train_text_model.carriers`) or stand in
``identifiers_of_carriers.txt``, a list drawn up from what the pipeline hid and judged value by
value; all other hidden words count as hidden in vain. The list was not made independently.
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
    lines = _REVIEWED.read_text(encoding="utf-8").splitlines()
    values = sorted((line for line in lines if line and not line.startswith("#")), key=len)
    return re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, reversed(values))) + r")(?!\w)")


@dataclass(frozen=True)
class OverRedaction:
    """Words in all, words hidden in vain, and what was hidden, most frequent first."""

    words: int
    hidden: int
    values: tuple[tuple[str, int], ...]

    @property
    def share(self) -> float:
        return self.hidden / max(1, self.words)


def over_redaction(texts: Sequence[str], spans: Sequence[Sequence[Span]]) -> OverRedaction:
    """Count the words that are hidden and do not identify."""
    words = hidden = 0
    values: Counter[str] = Counter()
    for text, found in zip(texts, spans, strict=True):
        found = select_identifying(found)
        true = [match.span() for match in _reviewed().finditer(text)] + known_identifiers(text)
        for match in _WORD.finditer(text):
            words += 1
            begin, end = match.span()
            if any(b < end and begin < e for b, e in true):
                continue
            if any(span.begin < end and begin < span.end for span in found):
                hidden += 1
        for span in found:
            if not any(b < span.end and span.begin < e for b, e in true):
                values[f"{span.entity}/{span.engine}: {text[span.begin : span.end]}"] += 1
    return OverRedaction(words, hidden, tuple(values.most_common()))
