"""From chunks of the model and rules to the spans of a text.

What the model alone guesses is held against form and vocabulary here; what a rule, a key or
a gazetteer has found is never taken back. All sources are then merged by union.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from itertools import chain

from safelight.records import Span
from safelight.text.lexicon.phrases import is_known_phrase, tokenize
from safelight.text.lexicon.word_lists import word_set
from safelight.text.lexicon.words import is_imaging_term, is_never_a_name
from safelight.text.recognizers.chunk_trimming import pieces
from safelight.text.recognizers.clinical_vocabulary import (
    is_common_word_as_name,
    is_common_word_as_place,
    is_common_word_as_profession,
    is_department,
    is_lowercase_among_capitals,
)
from safelight.text.recognizers.entity_shapes import has_plausible_shape
from safelight.text.recognizers.eponyms import is_classification
from safelight.text.recognizers.full_names import find_full_names
from safelight.text.recognizers.lone_surnames import find_lone_surnames
from safelight.text.recognizers.name_roles import assign_roles
from safelight.text.recognizers.patterns import find_patterns
from safelight.text.recognizers.shorthand import is_slashed
from safelight.text.span_merging import merge_spans

_STREET = re.compile(r"\d+[A-Za-z]?\W.*[^\W\d_]|p\.?\s?o\.?\s?box|\b(?:apt|suite|unit)\b", re.I)
_ZIP = re.compile(r"\d{5}(?:-\d{4})?")
_HOSPITAL = re.compile(
    r"hospital|clinic|cent(?:er|re)\b|medical|health|imaging|radiology|institute|infirmary|"
    r"hospice|nursing|rehab|associates|klinik|krankenhaus|hôpital",
    re.I,
)
#: What follows a town after which doctors have named how they grade: ``Prague C2M4``.
_CLASSIFICATION = re.compile(r" (?:C\d+M\d|[IV]+\b|\d\b)", re.I)
#: A town and its letters in one guess: ``Montreal A2L3B2``.
_BY_LETTERS = re.compile(r"[^\W\d_]+ (?:[A-Z]\d[a-z]?){2,4}")
#: What parts two guesses: a new line or clause.
_SEVERS = re.compile(r"[\n;:/()\[\]^=|]|\. ")
_AGE_AND_SEX = re.compile(r"\d{1,3} ?[MF]", re.I)
_PLAIN = {"NAME": is_common_word_as_name, "LOCATION": is_common_word_as_place}
_SURE = 0.95


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


def _stands(text: str, span: Span) -> bool:
    """Whether a guess of the model stands against form and vocabulary."""
    if not has_plausible_shape(text, span):
        return False
    if span.entity == "PROFESSION":
        return not is_common_word_as_profession(text, span.begin, span.end)
    plain = _PLAIN.get(span.entity)
    return plain is None or not plain(text, span.begin, span.end, span.confidence >= _SURE)


def _is_terms(text: str, span: Span) -> bool:
    """Whether a doubtful name is terms or shorthand, or a place what every house has.

    A name or a place beside them does not back these.
    """
    words = tokenize(text[span.begin : span.end])
    if span.entity == "LOCATION" and is_department(text[span.begin : span.end]):
        return True
    if span.entity != "NAME" or not words:
        return False
    capitals = text[span.begin : span.end].isupper()
    if all(map(word_set("titles.kept").__contains__, words)):
        return True
    terms = all(is_imaging_term(word) or is_never_a_name(word) for word in words)
    return (capitals and terms) or is_slashed(text, span.begin, span.end)


def _is_graded(text: str, span: Span) -> bool:
    """Whether a town stands for how doctors grade, or for what is called so."""
    if span.engine != "ner" and _CLASSIFICATION.match(text, span.end):
        return True
    if _BY_LETTERS.fullmatch(text, span.begin, span.end):
        return True
    named = text[span.begin : span.end].count(" ") < 2
    return named and is_classification(text, span.begin, span.end)


def _backed(text: str, span: Span, others: Iterable[Span]) -> bool:
    """Whether a guess continues one of the same entity that stands: ``Diann`` and ``Noise``."""
    for other in others:
        if other.entity == span.entity:
            between = text[min(other.end, span.end) : max(other.begin, span.begin)]
            if len(between) <= 2 and not _SEVERS.search(between):
                return True
    return False


def filter_chunks(text: str, chunks: Iterable[Span]) -> list[Span]:
    """The model's and the gazetteers' chunks as spans, with what does not stand left out."""
    standing: list[Span] = []
    doubtful: list[Span] = []
    for chunk in chunks:
        for span in pieces(text, chunk):
            if span.entity == "LOCATION" and _is_graded(text, span):
                continue
            sure = chunk.engine != "ner" or _stands(text, span)
            (standing if sure else doubtful).append(span)
    standing += [
        span
        for span in doubtful
        if span.entity in ("NAME", "LOCATION", "ID", "CONTACT")
        and not is_known_phrase(text, span.begin, span.end)
        and not is_lowercase_among_capitals(text, span.begin, span.end)
        and not _is_terms(text, span)
        and not _AGE_AND_SEX.fullmatch(text, span.begin, span.end)
        and _backed(text, span, standing)
    ]
    return [replace(s, subtype=_fine(s.entity, text[s.begin : s.end])) for s in standing]


def find_spans(text: str, chunks: Iterable[Span]) -> list[Span]:
    """All that identifies in a text: rules over the whole of it, and the pipeline's chunks."""
    refined = filter_chunks(text, chunks)
    ruled = find_patterns(text)
    places = [span for span in chain(refined, ruled) if span.entity == "LOCATION"]
    people = [
        name
        for name in chain(find_full_names(text), find_lone_surnames(text))
        if not any(place.begin < name.end and name.begin < place.end for place in places)
    ]
    return assign_roles(text, merge_spans([*ruled, *refined, *people], text))
