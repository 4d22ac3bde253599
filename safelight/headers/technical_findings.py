"""Recognize findings of the text model that are technical strings of a description.

Scanners and sites write ``CT_SkullMidThigh`` or ``Ch_Abd_Enhan_5_0``. The model takes the parts
for names, places, dates and identifiers.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from safelight.named_rules import RuleList, rule_if
from safelight.records import Span
from safelight.text.dates.parsing import parse_date_text
from safelight.text.lexicon.folding import fold_text
from safelight.text.lexicon.technical_words import is_technical_word, scanner_terms
from safelight.text.lexicon.word_lists import expand_lists, word_set
from safelight.text.lexicon.words import is_listed_name

#: Confidence from which a guessed place of technical words is a place.
_PLACE_MIN_CONFIDENCE = 0.9
#: Digits of a series, a dose or a study in a technical string, at most.
_TECHNICAL_MAX_DIGITS = 4
#: Letters of an abbreviation in a place or an identifier, at most.
_ABBREVIATION_MAX_LETTERS = 3
#: Characters between the parts of a name.
_NAME_GAP_MAX_CHARACTERS = 2

_WORD = re.compile(r"[^\W\d_]+")
_CAMEL_CASE_WORD = re.compile(r"[A-Z]?[^\W\d_A-Z]+|[A-Z]+(?![a-z])")
#: Words before the name of a person, and those that are before a term as well.
_PERSON_BEFORE = re.compile(
    r"(?<![^\W\d_])(?:for|by|per|pt|patient|name|dr|mr|mrs|ms|ref|prof|miss)[\W_]{1,2}\Z"
)
_PREPOSITION_BEFORE = re.compile(r"(?<![^\W\d_])(?:to|from|with|and)[\W_]{1,2}\Z")
#: Words and marks of a date that a parser of dates does not read.
_DATE_SIGN = re.compile(
    expand_lists(
        r"(?<![^\W\d_])(?:<list:months>|<list:weekdays.full.en>|<list:relative_dates>)(?![^\W\d_])"
        r"|(?<!\d)(?:19|20)\d\d(?!\d)|\d[./-]\d"
    ),
    re.I,
)


def drop_technical_findings(value: str, spans: Sequence[Span]) -> list[Span]:
    """Return the findings without those of the text model that are technical strings.

    Parameters
    ----------
    value : str
        Value of an element.
    spans : sequence of Span
        Findings in it.
    """
    kept = [span for span in spans if not _IS_TECHNICAL(value, span)]
    return [span for span in kept if not _is_lone_letter(value, span, kept)]


def _is_technical_name(value: str, span: Span) -> bool:
    """Return whether a name consists of technical words and is not after a title."""
    if span.entity != "NAME" or span.engine not in ("ner", "gazetteer"):
        return False
    words = _WORD.findall(value[span.begin : span.end])
    long_words = [word for word in words if len(word) > 1]
    before = fold_text(value[max(0, span.begin - 12) : span.begin])
    if not long_words or _PERSON_BEFORE.search(before):
        return False
    if all(fold_text(word) in scanner_terms() for word in long_words):
        return True
    if span.engine == "gazetteer" or _PREPOSITION_BEFORE.search(before):
        return False
    return all(map(_is_technical, long_words))


def _is_technical(word: str) -> bool:
    """Return whether a word, or each part of a word in camel case, is technical."""
    if is_technical_word(fold_text(word)):
        return True
    parts = _CAMEL_CASE_WORD.findall(word)
    return len(parts) > 1 and all(
        len(part) > 2 and is_technical_word(fold_text(part)) for part in parts
    )


def _is_technical_string(value: str, span: Span) -> bool:
    """Return whether a place or an identifier has technical words and short numbers only."""
    text = value[span.begin : span.end]
    words = _WORD.findall(text)
    if span.entity == "ID":
        if span.engine not in ("ner", "key") or _count_digits(text) > _TECHNICAL_MAX_DIGITS:
            return False
    elif span.entity != "LOCATION" or span.engine != "ner":
        return False
    elif span.confidence >= _PLACE_MIN_CONFIDENCE:
        return False
    return any(_is_technical(word) for word in words if len(word) > 2) and all(
        len(word) <= _ABBREVIATION_MAX_LETTERS and not is_listed_name(fold_text(word))
        or _is_technical(word)
        for word in words
    )  # fmt: skip


def _count_digits(text: str) -> int:
    return sum(map(str.isdigit, text))


def _is_number_of_series(value: str, span: Span) -> bool:
    """Return whether a guessed date has neither the form nor a word of a date: ``b1000``."""
    if (span.entity, span.engine) != ("DATE", "ner"):
        return False
    text = value[span.begin : span.end]
    return parse_date_text(text) is None and _DATE_SIGN.search(text) is None


def _is_agent(value: str, span: Span) -> bool:
    """Return whether a guessed profession is a contrast agent or the like."""
    if (span.entity, span.engine) != ("PROFESSION", "ner"):
        return False
    return fold_text(value[span.begin : span.end]) in word_set("professions.term")


_IS_TECHNICAL = RuleList[[str, Span], bool](
    "header_technical_findings",
    rule_if("name", _is_technical_name, True),
    rule_if("string", _is_technical_string, True),
    rule_if("number", _is_number_of_series, True),
    rule_if("agent", _is_agent, True),
    default=False,
)


def _is_lone_letter(value: str, span: Span, spans: Sequence[Span]) -> bool:
    """Return whether a guessed name is one letter that is not next to another name: ``_W``."""
    if span.entity != "NAME" or span.engine != "ner":
        return False
    if sum(map(str.isalpha, value[span.begin : span.end])) != 1:
        return False
    if value[span.end : span.end + 1] == ".":
        return False
    return not any(
        other is not span
        and other.entity == "NAME"
        and max(other.begin - span.end, span.begin - other.end) <= _NAME_GAP_MAX_CHARACTERS
        for other in spans
    )
