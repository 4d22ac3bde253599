"""Find the values that are known of a patient wherever they stand in a text.

Names in any order, case and form, identifiers with or without separators and leading zeros,
dates in every format. What decides here is recall: a value that the record itself calls
identifying is hidden also where a model would not see it.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from safelight.records import Span
from safelight.text.known.fuzzy_matches import FuzzyMatcher
from safelight.text.known.known_dates import date_expression, date_needles, read_known_date
from safelight.text.known.known_names import NameTable
from safelight.text.known.known_values import Expression, value_expressions
from safelight.text.lexicon.folding import Folded, fold
from safelight.text.lexicon.words import is_placeholder
from safelight.text.span_merging import merge_spans

#: Deleted before needles are looked for: what people put between the parts of a value.
_DROP = {code: None for code in range(128) if not chr(code).isalnum()}


@dataclass(frozen=True)
class KnownValue:
    """A value that is known of a patient. HOLDS PHI.

    Attributes
    ----------
    entity : str
        Coarse label: NAME, DATE, ID, CONTACT, LOCATION, AGE or PROFESSION.
    text : str
        The value: a name in PN (``SMITH^JOHN``) or plain form, an ID, a date, …
    kind : str
        Fine label (PATIENT, CLINICIAN, MRN, PHONE, HOSPITAL, …), or empty.
    """

    entity: str
    text: str
    kind: str = ""


class KnownPHI:
    """A matcher for the known values of one patient; build it once, ask it often.

    Parameters
    ----------
    values : iterable of KnownValue
        Placeholders (``ANONYMOUS``, ``^^^^``, ``N/A``) and constant dates are passed over.
    """

    def __init__(self, values: Iterable[KnownValue]):
        self.values = tuple(
            dict.fromkeys(value for value in values if not is_placeholder(value.text))
        )
        self._names = NameTable()
        self._expressions: list[tuple[str, Expression]] = []
        dates: list[tuple[datetime.date, str]] = []
        for value in self.values:
            if value.entity == "NAME":
                self._names.add_person(value.text, value.entity, value.kind)
            elif value.entity == "DATE":
                dates.extend((date, value.kind) for date in read_known_date(value.text))
            else:
                for expression in value_expressions(value.entity, value.text, value.kind):
                    if expression.needle:
                        self._expressions.append((expression.needle, expression))
                    else:
                        self._names.add_word(expression.pattern, value.entity, value.kind)
        self._expressions.extend((e.needle, e) for e in self._names.expressions())
        self._dates = tuple(
            (re.compile(date_expression(date)), kind) for date, kind in dict.fromkeys(dates)
        )
        self._date_needles = tuple(sorted(date_needles(date for date, _ in dates)))

    def __bool__(self) -> bool:
        return bool(self.values)

    @cached_property
    def _fuzzy(self) -> FuzzyMatcher:
        identifiers = [(v.text, v.entity, v.kind) for v in self.values if v.entity == "ID"]
        return FuzzyMatcher(self._names.strong_tokens(), identifiers)

    def find(self, text: str, fuzzy: bool = False) -> list[Span]:
        """The spans of the known values in a text, in order, without overlap.

        Parameters
        ----------
        text : str
        fuzzy : bool
            Also find what character recognition may have made of the values:
            ``SM1TH``, ``J0HN``, ``l23456``.
        """
        if not text or not self.values:
            return []
        folded = fold(text)
        compact = folded.text.translate(_DROP)
        spans: list[Span] = []
        for needle, expression in self._expressions:
            if needle in compact:
                spans.extend(expression.find(folded))
        if self._dates:
            spans.extend(self._find_dates(folded))
        spans.extend(self._names.find(text, folded, compact))
        if fuzzy:
            spans.extend(self._fuzzy.find(folded))
            spans.extend(self._find_misread_dates(folded))
        return merge_spans(spans, text) if spans else spans

    def _find_dates(self, folded: Folded) -> Iterable[Span]:
        for needle in self._date_needles:
            if needle in folded.text:
                break
        else:
            return
        for expression, kind in self._dates:
            for match in expression.finditer(folded.text):
                yield Span(*folded.original(*match.span()), "DATE", "known", 1.0, kind)

    def _find_misread_dates(self, folded: Folded) -> Iterable[Span]:
        if self._dates:
            digits = folded.text.translate(_MISREAD_DIGITS)
            if digits != folded.text:
                yield from self._find_dates(Folded(digits, folded.starts))


#: One character for one, so that offsets stay.
_MISREAD_DIGITS = str.maketrans({"o": "0", "l": "1", "i": "1", "|": "1", "s": "5", "b": "8"})
