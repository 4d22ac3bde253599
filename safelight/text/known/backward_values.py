"""Build expressions for names and identifiers whose characters are in reverse order.

Systems for scripts that are written from right to left store texts in the order of display, and
some of them reverse Latin letters too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from safelight.text.known.expressions import ValueExpression, join_characters
from safelight.text.known.name_parts import name_tokens
from safelight.text.lexicon.folding import fold_text
from safelight.text.lexicon.words import is_word

#: Lengths from which a reversed value does not occur by chance.
_NAME_MIN_LETTERS, _IDENTIFIER_MIN_CHARACTERS = 6, 7


def backward_expressions(entity: str, text: str, subtype: str) -> Iterator[ValueExpression]:
    """Yield the expressions of a name or an identifier in reverse order.

    Parameters
    ----------
    entity : str
        Entity of the spans; values of other entities than NAME and ID have no expression.
    text : str
        Known value.
    subtype : str
        Subtype of the spans, or empty.

    Yields
    ------
    ValueExpression
        Expressions over folded text.
    """
    if entity == "NAME":
        for token in name_tokens(fold_text(text.replace("=", " "))):
            backward = token[::-1]
            if len(token) >= _NAME_MIN_LETTERS and token != backward and not is_word(backward):
                yield _make_expression(backward, re.escape(backward), entity, subtype)
    elif entity == "ID":
        compact = "".join(filter(str.isalnum, fold_text(text)))[::-1]
        if len(compact) >= _IDENTIFIER_MIN_CHARACTERS and compact != compact[::-1]:
            joined = join_characters(compact, "[ ./_-]?")
            yield _make_expression(compact, joined, entity, subtype)


def _make_expression(needle: str, core: str, entity: str, subtype: str) -> ValueExpression:
    return ValueExpression(needle, rf"(?<![^\W_]){core}(?![^\W_])", entity, subtype)
