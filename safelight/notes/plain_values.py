"""Find out which values of coded fields can be kept without their context."""

from __future__ import annotations

import re
from functools import cache

from safelight.notes.field_actions import FieldOp, FieldRule
from safelight.notes.tables.columns import load_column_rules
from safelight.text.lexicon import plain_words
from safelight.text.lexicon.folding import fold_text

#: A longer value of a field with the action ``keep`` or ``word`` is removed.
MAX_KEPT_CHARACTERS = 100
#: A longer value of a field with the action ``code`` is removed.
MAX_CODE_CHARACTERS = 50
#: Code of a code system: ``198211``, ``LOINC:718-7``, ``RX-198211``.
_NUMBERED_CODE = re.compile(r"([A-Za-z]{0,8})[:._-]?[0-9][0-9.-]{0,17}")
_MANY_DIGITS = re.compile(r"\d(?:[ -]?\d){5}")


@cache
def _column_words() -> frozenset[str]:
    return frozenset(map(fold_text, load_column_rules().words))


def is_plain(value: str) -> bool:
    """Return whether a value has plain words and words of ``conf/notes/columns.yaml`` only."""
    return plain_words.is_plain(value, _column_words())


def is_read_as_text(rule: FieldRule, value: str) -> bool:
    """Return whether a value is free text, which the text model must see.

    A coded field (``keep``, ``word``) may contain any text. One that is not plain is read.

    Parameters
    ----------
    rule : FieldRule
        Action on the field.
    value : str
        Original value.
    """
    if rule.op not in (FieldOp.KEEP, FieldOp.WORD):
        return rule.op is FieldOp.TEXT
    if len(value) > MAX_KEPT_CHARACTERS or not any(map(str.isalpha, value)):
        return False
    if rule.op is FieldOp.WORD and has_many_digits(value):
        return False  # the value is removed
    code = _NUMBERED_CODE.fullmatch(value) if rule.op is FieldOp.KEEP else None
    return not is_plain(code[1] if code else value)


def has_many_digits(value: str) -> bool:
    """Return whether a value has as many digits in a row as an identifier."""
    return _MANY_DIGITS.search(value) is not None
