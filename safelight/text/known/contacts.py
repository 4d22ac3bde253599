"""Build expressions for known phone and fax numbers, e-mail addresses and URLs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from safelight.text.known.expressions import ValueExpression, join_characters
from safelight.text.lexicon.folding import fold_text
from safelight.text.lexicon.words import everyday_words

_GAP = r"[ ().\-/]{0,3}"
#: A US number is found without its area code as well.
_NATIONAL_DIGITS, _LOCAL_DIGITS = 10, 7


def contact_expressions(entity: str, text: str, subtype: str) -> Iterator[ValueExpression]:
    """Yield the expressions of a phone number with any separators, or of an address as written.

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
    digits = "".join(filter(str.isdigit, folded))
    if "@" in folded or sum(map(str.isalpha, folded)) > len(digits):
        yield from _address_expressions(folded, entity, subtype)
    elif len(digits) >= _LOCAL_DIGITS:
        yield from _phone_expressions(digits, entity, subtype)


def _address_expressions(folded: str, entity: str, subtype: str) -> Iterator[ValueExpression]:
    """Yield the expressions of an e-mail address or URL, and of a distinctive local part."""
    compact = "".join(filter(str.isalnum, folded))
    if len(compact) > 3:
        pattern = rf"(?<![a-z0-9]){re.escape(folded)}(?![a-z0-9])"
        yield ValueExpression(compact, pattern, entity, subtype)
    local = folded.split("@", 1)[0]
    compact_local = "".join(filter(str.isalnum, local))
    if "@" in folded and len(compact_local) >= 6 and compact_local not in everyday_words():
        pattern = rf"(?<![a-z0-9]){re.escape(local)}(?![a-z0-9])"
        yield ValueExpression(compact_local, pattern, entity, subtype)


def _phone_expressions(digits: str, entity: str, subtype: str) -> Iterator[ValueExpression]:
    """Yield the expressions of a phone number: national, and local for a US number."""
    core = digits[-_NATIONAL_DIGITS:] if len(digits) >= _NATIONAL_DIGITS else digits
    core = core.lstrip("0")
    numbers = {core, core[-_LOCAL_DIGITS:]} if len(core) == _NATIONAL_DIGITS else {core}
    for number in numbers:
        if len(number) >= 6:
            pattern = (
                rf"(?<![0-9])(?:\+?[0-9]{{1,3}}{_GAP})?[(0]{{0,2}}"
                rf"{join_characters(number, _GAP)}(?![0-9])"
            )
            yield ValueExpression(number, pattern, entity, subtype)
