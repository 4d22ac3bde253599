"""Find identifiers that have the form of another identifier of the text: ``M-0871``, ``H-2209``.

The lines of a log or a list have identifiers of one form, and a model misses some of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from safelight.records import Span
from safelight.text.lexicon.phrases import is_known_phrase

#: Digits of an identifier of which others have the form, at least.
_MIN_DIGITS = 4
_CONFIDENCE = 0.8
_LETTER, _DIGIT = re.compile(r"[A-Z]"), re.compile(r"\d")
#: An identifier of one word with letters in capitals, digits and marks.
_FORM = re.compile(r"(?=[^\d]*\d)(?=.*[A-Z])[A-Z\d]+(?:[-/:.][A-Z\d]+){0,3}")


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
    forms = {form for span in spans if span.entity == "ID" and (form := _form_of(text, span))}
    if not forms:
        return
    covered = [(span.begin, span.end) for span in spans]
    pattern = "|".join(sorted(forms))
    for match in re.finditer(rf"(?<![\w.,/:\-])(?:{pattern})(?![\w/:\-]|[.,]\d)", text):
        begin, end = match.span()
        if any(b < end and begin < e for b, e in covered):
            continue
        if not is_known_phrase(text, begin, end):
            yield Span(begin, end, "ID", "gazetteer", _CONFIDENCE)


def _form_of(text: str, span: Span) -> str:
    """Return the expression of the form of an identifier, or an empty string."""
    value = text[span.begin : span.end]
    if sum(map(str.isdigit, value)) < _MIN_DIGITS or _FORM.fullmatch(value) is None:
        return ""
    return _LETTER.sub("[A-Z]", _DIGIT.sub("0", re.escape(value))).replace("0", r"\d")
