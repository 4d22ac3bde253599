"""Find dates in German, Spanish, French, Italian and Portuguese text, as the languages write them.

The patterns of all texts find numeric dates and most dates with the name of a month. These
expressions add days in words (``primo febbraio``), abbreviations that are English words (``set.``,
``out.``), months and seasons without a day, lists of days, and fractions after a preposition.

Repetitions in the expressions are bounded, so that they run in linear time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from safelight.records import Span
from safelight.text.dates.calendar_names import calendar_names
from safelight.text.lexicon.folding import fold_text
from safelight.text.recognizers.foreign_lists import any_of, load_lists

_CONFIDENCE = 0.95
_LANGUAGES = ("de", "es", "fr", "it", "pt")
_START, _END = r"(?<![^\W_])(?<!\d[.,/-])", r"(?![^\W_])"
_YEAR = r"(?:(?:19|20)\d\d|['’]\d\d)(?!\d)"
_DAY, _MONTH = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0?[1-9]|1[0-2])"
_OF = r"(?:de |del |d['’]|di )?"
#: Between the days of a list or range.
_JOINED = (
    r"(?: ?[/-] ?| (?:o|ou|oder|u\.|und|y|e|et|bis|au|al|a) (?:au |al |el |le |il |a |dia |día )?)"
)
#: Short forms and ``mars`` and ``mai`` may be other words: a day or year is next to them.
_LONG_MONTH_MIN_CHARACTERS = 5
_MONTHS_THAT_ARE_WORDS = frozenset(("mars", "marco", "april", "august"))


def _months() -> tuple[list[str], list[str]]:
    """Return all names of months, also without accents, and those that are not another word."""
    forms = calendar_names().forms["months"]
    names = [name for one in _LANGUAGES for written in forms[one] for name in written]
    names += [fold_text(name) for name in names]
    full = [
        name
        for name in names
        if len(name) >= _LONG_MONTH_MIN_CHARACTERS and name not in _MONTHS_THAT_ARE_WORDS
    ]
    return names, full


@cache
def _expressions() -> tuple[re.Pattern[str], ...]:
    """Return the expressions; the date is group 1 of each."""
    lists = load_lists("foreign_dates.yaml")
    alternatives = {name: any_of(words) for name, words in lists.items()}
    sources = (*_with_month(lists["short_months"], alternatives), *_numeric(alternatives))
    return tuple(re.compile(_START + source, re.I) for source in sources)


def _weekday(lists: dict[str, str]) -> str:
    return rf"(?:{lists['weekdays']}\.?,? (?:(?:dem|den|el|le|il|a|dia|día) )?)?"


def _with_month(short_months: list[str], lists: dict[str, str]) -> tuple[str, ...]:
    """Return the sources of dates with a month or season in words, and of lists of days."""
    names, full = _months()
    month, long_month = any_of([*names, *short_months]), any_of(full)
    day = rf"(?:\d{{1,2}}(?:er|[.°ºª])?|{lists['day_words']})"
    in_words = rf"{lists['years']}"
    year = (
        r"(?:,? ?(?:de |del |dell['’]anno )?"
        rf"(?:{_YEAR}|\d\d(?!\d|[.,/:]\d| ?(?:h|mg|ml|Uhr)\b))|{in_words})?"
    )
    day_before_month = rf"{day}[ -]?{_OF}{month}{_END}"
    return (
        rf"({_weekday(lists)}{day_before_month}\.?{year})",
        rf"({long_month}{_END}{year})",
        rf"({month}{_END}\.?[ -]?(?:de |del )?{_YEAR})",
        rf"{lists['before_months']} ({month}{_END}(?!\.?[^\W_]){year})",
        rf"({lists['seasons']}{_END} (?:de |del |di |dell['’]|do ano )?{_YEAR})",
        rf"({lists['seasons']}{_END}{in_words})",
        rf"({_DAY}\.?)(?={_JOINED}{day_before_month})",
    )


def _numeric(lists: dict[str, str]) -> tuple[str, ...]:
    """Return the sources of dates of two or three numbers, and of lists of them."""
    return (
        rf"({_weekday(lists)}{_DAY}\.{_MONTH}\.\d\d){_END}(?!\.\d)",
        rf"({lists['weekdays']}\.?,? {_DAY}([./-]){_MONTH}(?:\2(?:{_YEAR}|\d\d))?){_END}(?!\2\d)",
        rf"{lists['before_fractions']} ?"
        rf"({_DAY}/{_MONTH})(?=[).,;:\n]|$| \(| [A-ZÀ-Þ])(?![.,]\d)",
        rf"(?:{lists['before_fractions']}|oder|und|u\.) ({_DAY}\.{_MONTH}\.)(?!\d)",
        rf"({_DAY}\.?)(?={_JOINED}\d{{1,2}}[./]\d{{1,2}}\b)",
        rf"{lists['before_days']} ({_DAY}\.?)(?={_JOINED}\d{{1,2}}{_END})",
    )


def find_foreign_dates(text: str) -> Iterator[Span]:
    """Yield the dates of a text in one of the five languages.

    Parameters
    ----------
    text : str
        Whole text; :func:`safelight.text.language.is_mostly_foreign_text` is true for it.
    """
    yield from _find(text, _expressions())


def find_other_dates(text: str) -> Iterator[Span]:
    """Yield the dates with the name of a month of a language that has no rules.

    Parameters
    ----------
    text : str
        Whole text; :func:`safelight.text.language.is_unsupported_language` is true for it.
    """
    yield from _find(text, _other_expressions())


@cache
def _other_expressions() -> tuple[re.Pattern[str], ...]:
    month = any_of(load_lists("foreign_dates.yaml")["other_months"])
    sources = (
        rf"({_DAY}\.?(?: de)? ?{month}{_END}\.?(?:,? ?{_YEAR})?)",
        rf"({month}{_END}\.? {_YEAR})",
        rf"({_YEAR}\.? {month}{_END} {_DAY})",
        rf"({_DAY}[./]{_MONTH}){_END}(?![./]?\d)",
        r"(\d{4}年\d{1,2}月(?:\d{1,2}日)?|\d{1,2}月\d{1,2}日|\d{4}년 ?\d{1,2}월(?: ?\d{1,2}일)?)",
    )
    return tuple(re.compile(_START + source, re.I) for source in sources)


def _find(text: str, patterns: tuple[re.Pattern[str], ...]) -> Iterator[Span]:
    """Yield group 1 of each match, without punctuation at its end."""
    for pattern in patterns:
        for match in pattern.finditer(text):
            begin, end = match.span(1)
            yield Span(
                begin, begin + len(text[begin:end].rstrip(" .,")), "DATE", "regex", _CONFIDENCE
            )
