"""From chunks of the model and rules to the spans of a text.

What the model alone guesses is held against form and vocabulary here; what a rule, a key or
a gazetteer has found is never taken back. All sources are then merged by union.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from nlp_pipelines.vocabulary import is_listed, is_plain, is_plain_place
from safelight.records import Span
from safelight.text.merge import merge_spans
from safelight.text.patterns import find_patterns

_WORD = re.compile(r"[^\W\d_]+")
_TRIM = " \t\n\r,;:.^_=/\\|()[]{}<>\"'#*-&+"
_STREET = re.compile(r"\d+[A-Za-z]?\W.*[^\W\d_]|p\.?\s?o\.?\s?box|\b(?:apt|suite|unit)\b", re.I)
_ZIP = re.compile(r"\d{5}(?:-\d{4})?")
_HOSPITAL = re.compile(
    r"hospital|clinic|cent(?:er|re)\b|medical|health|imaging|radiology|institute|infirmary|"
    r"hospice|nursing|rehab|associates|klinik|krankenhaus|hôpital",
    re.I,
)
_YEAR = re.compile(r"(?:19|20)\d\d'?s?|'?\d0'?s")
_RELATIVE = re.compile(
    r"\b(?:ago|yesterday|today|tomorrow|last|next|this|every|past|prior|previous|later|recent|"
    r"day|days|week|weeks|month|months|years?|hours?|weekend|morning|evening|night|noon|"
    r"monday|tuesday|wednesday|thursday|friday|saturday|sunday)\b",
    re.I,
)
_MONTH = re.compile(
    r"(?<![^\W\d_])(?:jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec|ene|abr|agosto|dic|mai|"
    r"okt|dez|janv|fév|avr|juin|juil|août|déc)(?:[^\W\d_]*)",
    re.I,
)
_SCORE = re.compile(r"\d{1,2}(?:\s?-\s?\d{1,2})?/(?:4|5|6|10)")
_SCORED = re.compile(
    r"pain|streng|scale|motor|power|scor|grad|reflex|murmur|gleason|sever|rate|pressure|level|"
    r"intens|flexion|extension|extremit|systolic",
    re.I,
)
_NO_PROFESSION = re.compile(
    r"(?:widow(?:er|ed)?|single|married|divorced|bachelor|man|woman|male|female|gentleman|lady|boy|"
    r"girl|smoker|vegetarian|retired|unemployed|disabled|patient)s?",
    re.I,
)
#: What parts two guesses: a new line or clause.
_SEVERS = re.compile(r"[\n;:/()\[\]^=|]|\. ")
_AGE = re.compile(r"\d{1,3}")


@dataclass(frozen=True)
class Chunk:
    """What a stage of the pipeline found: half-open offsets into the whole text."""

    begin: int
    end: int
    entity: str
    engine: str
    confidence: float


def _trim(text: str, span: Span) -> Span | None:
    begin, end = span.begin, span.end
    while begin < end and text[begin] in _TRIM:
        begin += 1
    while begin < end and text[end - 1] in _TRIM:
        end -= 1
    if text[end : end + 1] == ")" and "(" in text[begin:end] and ")" not in text[begin:end]:
        end += 1
    return replace(span, begin=begin, end=end) if begin < end else None


def _fine(entity: str, value: str) -> str:
    if entity == "LOCATION":
        if _ZIP.fullmatch(value):
            return "ZIP"
        if _HOSPITAL.search(value):
            return "HOSPITAL"
        return "STREET" if _STREET.search(value) else ""
    if entity == "CONTACT":
        if "@" in value:
            return "EMAIL"
        return "URL" if re.search(r"www|://|\.(?:com|org|net)", value, re.I) else "PHONE"
    return ""


def _over_89(value: str, around: str) -> bool:
    number = _AGE.search(value)
    if number is None:
        return bool(re.search(r"ninet|hundred|genarian", around, re.I))
    return 90 <= int(number[0]) <= 125


def _is_date(value: str) -> bool:
    """Names a day or month of the calendar: no bare year, no duration, no weekday alone."""
    if _YEAR.fullmatch(value):
        return False
    if _MONTH.search(value):
        return not (len(value) == 3 and value.islower())
    digits = sum(map(str.isdigit, value))
    if _RELATIVE.search(value) and digits < 4:
        return False
    return digits >= 2 and not re.fullmatch(r"\d{1,3}", value)


def _is_score(text: str, span: Span) -> bool:
    """``7/10`` and ``4/5`` near pain or strength are no days of October and May."""
    if not _SCORE.fullmatch(text[span.begin : span.end]):
        return False
    return _SCORED.search(text[max(0, span.begin - 60) : span.end + 30]) is not None


def _stands(text: str, span: Span) -> bool:
    """Whether a guess of the model stands against form and vocabulary."""
    value = text[span.begin : span.end]
    if span.entity == "AGE":
        return _over_89(value, text[max(0, span.begin - 12) : span.end + 12])
    if span.entity == "DATE":
        return _is_date(value) and not _is_score(text, span)
    if span.entity == "ID":
        return sum(map(str.isdigit, value)) >= 2 or bool(re.search(r"[*X]{3}", value))
    if span.entity == "CONTACT":
        return sum(map(str.isdigit, value)) >= 4 or "." in value or "@" in value
    if span.entity == "NAME":
        return bool(_WORD.search(value)) and not is_plain(text, span.begin, span.end)
    if span.entity == "LOCATION":
        return not is_plain_place(text, span.begin, span.end)
    return not _NO_PROFESSION.fullmatch(value)


def whole_words(text: str, begin: int, end: int) -> tuple[int, int]:
    """The range widened to whole runs of letters and digits."""
    while begin > 0 and text[begin - 1].isalnum() and text[begin].isalnum():
        begin -= 1
    while end < len(text) and text[end].isalnum() and text[end - 1].isalnum():
        end += 1
    return begin, end


def _backed(text: str, span: Span, others: Iterable[Span]) -> bool:
    """Whether a guess continues one of the same entity that stands: ``Diann`` and ``Noise``."""
    for other in others:
        if other.entity == span.entity:
            between = text[min(other.end, span.end) : max(other.begin, span.begin)]
            if len(between) <= 2 and not _SEVERS.search(between):
                return True
    return False


def refine(text: str, chunks: Iterable[Chunk]) -> list[Span]:
    """The model's and the gazetteers' chunks as spans, with what does not stand left out."""
    standing: list[Span] = []
    doubtful: list[Span] = []
    for chunk in chunks:
        begin, end = whole_words(text, chunk.begin, chunk.end)
        span = _trim(text, Span(begin, end, chunk.entity, chunk.engine, chunk.confidence))
        if span is not None:
            sure = chunk.engine != "ner" or _stands(text, span)
            (standing if sure else doubtful).append(span)
    standing += [
        span
        for span in doubtful
        if span.entity in ("NAME", "LOCATION")
        and not is_listed(text, span.begin, span.end)
        and _backed(text, span, standing)
    ]
    return [replace(s, fine=_fine(s.entity, text[s.begin : s.end])) for s in standing]


def find_spans(text: str, chunks: Iterable[Chunk]) -> list[Span]:
    """All that identifies in a text: rules over the whole of it, and the pipeline's chunks."""
    return merge_spans([*find_patterns(text), *refine(text, chunks)], text)
