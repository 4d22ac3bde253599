"""Regular expressions over folded text that find a known value.

Every expression has a needle: letters and digits that remain together in every text that the
expression can match, after all other characters are deleted from the text. The search for the
needle is cheap, so most expressions are not run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from safelight.records import Span
from safelight.text.lexicon.folding import Folded

#: Field labels after which a short identifier is found.
LABEL_BEFORE = (
    r"(?:\b(?:id|ids|mrn|nr|no|number|num|acc|acct|account|accession|pid|patient|pat|pt)|#)\W{0,3}"
)


@dataclass(frozen=True)
class ValueExpression:
    """Expression that finds one known value.

    Attributes
    ----------
    needle : str
        Letters and digits of every match; empty if ``pattern`` is a single word to look up.
    pattern : str
        Expression over folded text. If it has a group, the group is the value.
    entity, subtype : str
        Entity and subtype of the spans.
    whole : bool
        Whether the value is also found if the text consists of nothing else.
    """

    needle: str
    pattern: str
    entity: str
    subtype: str
    whole: bool = False

    @cached_property
    def compiled(self) -> re.Pattern[str]:
        """The expression, compiled when a text has its needle, which few texts have."""
        return re.compile(self.pattern)

    def find(self, folded: Folded) -> Iterator[Span]:
        """Yield all spans of the value in a folded text."""
        if self.whole and self.needle == folded.text.strip():
            start = folded.text.index(self.needle)
            begin, end = folded.original(start, start + len(self.needle))
            yield Span(begin, end, self.entity, "known", 1.0, self.subtype)
            return
        for match in self.compiled.finditer(folded.text):
            begin, end = folded.original(*match.span(match.lastindex or 0))
            yield Span(begin, end, self.entity, "known", 1.0, self.subtype)


def join_characters(characters: str, gap: str) -> str:
    """Return an expression for characters with an optional gap between each two of them.

    Parameters
    ----------
    characters : str
        Characters to find, taken literally.
    gap : str
        Expression of the gap.
    """
    return gap.join(map(re.escape, characters))


def number_expression(core: str, entity: str, subtype: str) -> ValueExpression:
    """Return the expression of a number, given without its leading zeros.

    A number of up to three digits, or one that may be a year, is too common to be found
    everywhere: it must follow a label or be the whole text.

    Parameters
    ----------
    core : str
        Digits of the number.
    entity, subtype : str
        Labels of the spans.
    """
    is_year = len(core) == 4 and core[:2] in ("19", "20")
    if len(core) <= 3 or is_year:
        pattern = rf"{LABEL_BEFORE}(0{{0,9}}{core})(?![a-z0-9])"
        return ValueExpression(core, pattern, entity, subtype, whole=True)
    if len(core) <= 5:
        pattern = rf"(?<![0-9])(?<![0-9]\.)0{{0,9}}{core}(?![0-9]|\.[0-9])"
    else:
        pattern = rf"(?<![0-9])0{{0,9}}{join_characters(core, '[ ./_-]?')}(?![0-9])"
    return ValueExpression(core, pattern, entity, subtype)
