"""Find identifiers that have the form of another identifier of the text: ``M-0871``, ``H-2209``.

The lines of a log or a list have identifiers of one form, and a model misses some of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from safelight.records import Span
from safelight.text.lexicon.phrases import is_known_phrase
from safelight.text.span_merging import CoveredRanges

#: Digits of an identifier of which others have the form, at least.
_MIN_DIGITS = 4
_CONFIDENCE = 0.8
_LETTER, _DIGIT = re.compile(r"[A-Z]"), re.compile(r"\d")
#: A word of letters in capitals, digits and marks, and such a word alone.
_GROUPS = r"[A-Z\d]+(?:[-/:.][A-Z\d]+){0,3}"
_FORM = re.compile(rf"(?=.*[A-Z]){_GROUPS}")
_WHOLE_WORD = re.compile(rf"(?<![\w.,/:\-]){_GROUPS}(?![\w/:\-]|[.,]\d)")


def find_identifiers_of_form(text: str, spans: Sequence[Span]) -> Iterator[Span]:
    """Yield the words outside of the spans that have the form of a found identifier.

    Parameters
    ----------
    text : str
        Whole text.
    spans : sequence of Span
        Merged spans, in order.

    Yields
    ------
    Span
        ID, engine ``gazetteer``. The form is the number of letters and digits of each group and
        the marks between the groups.
    """
    identifiers = (text[span.begin : span.end] for span in spans if span.entity == "ID")
    forms = {_form_of(value) for value in identifiers if _has_form(value)}
    if not forms:
        return
    covered = CoveredRanges(spans)
    for match in _WHOLE_WORD.finditer(text):
        begin, end = match.span()
        if _form_of(match.group()) not in forms or covered.overlap(begin, end):
            continue
        if not is_known_phrase(text, begin, end):
            yield Span(begin, end, "ID", "gazetteer", _CONFIDENCE)


def _has_form(value: str) -> bool:
    """Return whether an identifier has a form that others can share."""
    digits = len(_DIGIT.findall(value))
    return digits >= _MIN_DIGITS and _FORM.fullmatch(value) is not None


def _form_of(value: str) -> str:
    """Return a word with the same letter and the same digit everywhere."""
    return _LETTER.sub("A", _DIGIT.sub("0", value))
