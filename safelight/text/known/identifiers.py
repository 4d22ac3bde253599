"""Build expressions for known identifiers, with any separators and leading zeros."""

from __future__ import annotations

import re
from collections.abc import Iterator

from safelight.text.known.expressions import (
    LABEL_BEFORE,
    ValueExpression,
    join_characters,
    number_expression,
)
from safelight.text.lexicon.folding import fold_text
from safelight.text.lexicon.words import is_placeholder

_UID = re.compile(r"[0-9]+(?:\.[0-9]+){4,}")
_RUN = re.compile(r"[0-9]+|[^0-9]+")
#: Identifiers of letters and digits up to this length need a label: L4 and T12 are vertebrae.
_SHORT_MAX_CHARACTERS = 3
#: The number of a mixed identifier is found by itself from this length on.
_NUMBER_MIN_DIGITS = 5


def identifier_expressions(entity: str, text: str, subtype: str) -> Iterator[ValueExpression]:
    """Yield the expressions of an identifier; placeholders have none.

    Parameters
    ----------
    entity : str
        Entity of the spans.
    text : str
        Known value.
    subtype : str
        Subtype of the spans, or empty.

    Yields
    ------
    ValueExpression
        Expressions over folded text.
    """
    folded = fold_text(text).strip()
    compact = "".join(filter(str.isalnum, folded))
    if is_placeholder(compact):
        return
    if compact.isdigit():
        if _UID.fullmatch(folded):
            pattern = rf"(?<![0-9.]){re.escape(folded)}(?![0-9])"
            yield ValueExpression(compact, pattern, entity, subtype)
        else:
            yield number_expression(compact.lstrip("0"), entity, subtype)
        return
    runs = _RUN.findall(compact)
    if len(runs) == 1:
        yield ValueExpression("", compact, entity, subtype)
    else:
        yield from _mixed_expressions(compact, runs, entity, subtype)


def _mixed_expressions(
    compact: str, runs: list[str], entity: str, subtype: str
) -> Iterator[ValueExpression]:
    """Yield the expressions of an identifier that consists of runs of letters and of digits."""
    parts = []
    for run in runs:
        stripped = run.lstrip("0") or "0"
        joined = join_characters(stripped if run.isdigit() else run, "[ ./_-]?")
        parts.append(("0{0,9}" if run.isdigit() else "") + joined)
    pattern = "[ ./_-]{0,2}".join(parts)
    left = "(?<![0-9])" if compact[0].isdigit() else "(?<![^\\W0-9_])"
    right = "(?![0-9])" if compact[-1].isdigit() else "(?![^\\W0-9_])"
    numbers = sorted((run.lstrip("0") for run in runs if run.isdigit()), key=len)
    letters = max((run for run in runs if not run.isdigit()), key=len)
    # the needle is the longer of the two
    needle = numbers[-1] if len(numbers[-1]) >= len(letters) else letters
    if len(compact) <= _SHORT_MAX_CHARACTERS:
        yield ValueExpression(needle, rf"{LABEL_BEFORE}({pattern})(?![a-z0-9])", entity, subtype)
        return
    yield ValueExpression(needle, left + pattern + right, entity, subtype)
    if len(numbers[-1]) >= _NUMBER_MIN_DIGITS:
        yield number_expression(numbers[-1], entity, subtype)
