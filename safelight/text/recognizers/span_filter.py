"""Turn the chunks of the pipeline and the findings of rules into the spans of a text.

Guesses of the model must have a plausible shape and must not be vocabulary. Findings of
patterns and gazetteers are never rejected. The spans of all sources are merged by union.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain

from safelight.named_rules import RuleList, rule_if
from safelight.records import Span
from safelight.text.language import is_mostly_foreign_text, is_unsupported_language
from safelight.text.lexicon.folding import fold_text
from safelight.text.lexicon.phrases import (
    abbreviations,
    eponyms,
    is_known_phrase,
    known_phrases,
    normalize_phrase,
    tokenize,
)
from safelight.text.lexicon.plain_text import plain_text, restore_offsets
from safelight.text.lexicon.word_lists import expand_lists, word_set
from safelight.text.lexicon.words import is_frequent_name, is_imaging_term, is_never_a_name, is_word
from safelight.text.recognizers.chunk_trimming import split_chunk
from safelight.text.recognizers.closing_initials import find_closing_initials
from safelight.text.recognizers.common_words.guess import is_lowercase_among_capitals
from safelight.text.recognizers.common_words.names import is_common_word_as_name, is_relative
from safelight.text.recognizers.common_words.places import is_common_word_as_place, is_department
from safelight.text.recognizers.common_words.professions import is_common_word_as_profession
from safelight.text.recognizers.countries import mark_countries
from safelight.text.recognizers.date_pairs import find_date_pairs
from safelight.text.recognizers.entity_shapes import has_plausible_shape
from safelight.text.recognizers.eponyms.places import is_classification
from safelight.text.recognizers.eponyms.surnames import is_eponym
from safelight.text.recognizers.foreign_dates import find_other_dates
from safelight.text.recognizers.foreign_terms import (
    is_foreign_eponym,
    is_rejected_foreign_guess,
)
from safelight.text.recognizers.foreign_text import find_foreign_spans
from safelight.text.recognizers.full_names import find_full_names
from safelight.text.recognizers.identifier_forms import find_identifiers_of_form
from safelight.text.recognizers.lone_surnames import find_lone_surnames
from safelight.text.recognizers.name_roles import assign_roles
from safelight.text.recognizers.patterns import find_plain_patterns
from safelight.text.recognizers.people_lists import find_people_in_lists
from safelight.text.recognizers.postcodes import find_postcodes
from safelight.text.recognizers.repeated_names import find_repeated_names
from safelight.text.recognizers.shorthand import is_slashed
from safelight.text.recognizers.span_borders import tidy_borders
from safelight.text.recognizers.table_columns import find_table_names
from safelight.text.span_merging import merge_spans

#: Characters between a guess and the finding that it continues, at most.
_MAX_GAP_CHARACTERS = 2
#: Entities of which a rejected guess is kept if it continues a kept one.
_CONTINUED_ENTITIES = frozenset(("NAME", "LOCATION", "ID", "CONTACT"))

_ZIP = re.compile(r"\d{5}(?:-\d{4})?")
_HOSPITAL = re.compile(expand_lists(r"<list:institutions.hospital_stem>|cent(?:er|re)\b"), re.I)
_STREET = re.compile(r"\d+[A-Za-z]?\W.*[^\W\d_]|p\.?\s?o\.?\s?box|\b(?:apt|suite|unit)\b", re.I)
_URL = re.compile(r"www|://|\.(?:com|org|net)", re.I)
#: Class of a classification, after the town that names it: ``Prague C2M4``.
_CLASS_AFTER = re.compile(r" (?:C\d+M\d|[IV]+\b|\d\b)", re.I)
#: Text after a town that makes it a rule, a test or a device: ``Ottawa neg``, ``Bogota bag``.
_TEST_AFTER = re.compile(
    r" (?:neg(?:ative)?|pos(?:itive)?|criteria|(?:ankle |knee )?rules?|score|bag|scale|prep)\b",
    re.I,
)
#: A town and the letters of its classification in one guess: ``Montreal A2L3B2``.
_TOWN_AND_CLASS = re.compile(r"[^\W\d_]+ (?:[A-Z]\d[a-z]?){2,4}")
#: Rest of a word that is longer than a window of the model.
_LONG_WORD = re.compile(r"[^\W_]{400,}")
#: Marks that separate two guesses: a new line or clause.
_SEPARATOR = re.compile(r"[\n;:/()\[\]^=|]|\. ")
_WORD_AFTER = re.compile(r" [a-z]{3,}")
_SHORT_NUMBER = re.compile(r"\d{1,4}")
_ROOM = re.compile(r"\b(?:rm|room|bed|bay) ?\Z", re.I)
#: Word before an identifier that has no digit: ``Lic`` of ``Lic 0099218``.
_LABEL_OF_ID = re.compile(r"[^\W\d_]*[a-z][^\W\d_]*")
_AGE_AND_SEX = re.compile(r"\d{1,3} ?[MF]", re.I)


def find_spans(text: str, chunks: Iterable[Span]) -> list[Span]:
    """Return all spans of a text: findings of the rules, and chunks of the pipeline.

    Parameters
    ----------
    text : str
        Whole text.
    chunks : iterable of Span
        Chunks of the model (engine ``ner``) and of the gazetteers, in the plain text
        (:func:`safelight.text.lexicon.plain_text.plain_text`).

    Returns
    -------
    list of Span
        In order, without overlap; names have a role if the text has evidence of it.
    """
    plain = plain_text(text)
    return restore_offsets(_find_plain_spans(plain.text, chunks), plain)


def _find_plain_spans(text: str, chunks: Iterable[Span]) -> list[Span]:
    """Return all spans of a text of plain characters."""
    is_foreign = is_mostly_foreign_text(text)
    filtered = filter_chunks(text, chunks)
    if is_foreign:
        filtered = [one for one in filtered if not _is_foreign_term(text, one)]
    from_patterns = find_plain_patterns(text)
    if is_foreign:
        from_patterns = [one for one in from_patterns if not is_foreign_eponym(text, one)]
        from_patterns += find_foreign_spans(text)
    if is_unsupported_language(text):
        from_patterns = [*from_patterns, *find_other_dates(text)]
    # A month is a given name in other languages: "ersten Dezember, Mai 2019".
    not_names = ("LOCATION", "DATE") if is_foreign else ("LOCATION",)
    others = [span for span in chain(filtered, from_patterns) if span.entity in not_names]
    names = [
        name
        for name in chain(find_full_names(text), find_lone_surnames(text))
        if not any(other.begin < name.end and name.begin < other.end for other in others)
        and not (is_foreign and _is_foreign_term(text, name))
    ]
    by_layout = [*find_table_names(text), *find_closing_initials(text)]
    merged = merge_spans([*from_patterns, *filtered, *names, *by_layout], text)
    more = [
        *find_date_pairs(text, merged),
        *find_postcodes(text, merged),
        *find_repeated_names(text, merged),
        *find_identifiers_of_form(text, merged),
        *find_people_in_lists(text, merged),
    ]
    spans = merge_spans([*merged, *more], text) if more else merged
    return mark_countries(text, assign_roles(text, tidy_borders(text, spans)))


def _is_foreign_term(text: str, span: Span) -> bool:
    """Return whether a guess in foreign text is a term or an eponym."""
    return is_rejected_foreign_guess(text, span) or is_foreign_eponym(text, span)


def filter_chunks(text: str, chunks: Iterable[Span]) -> list[Span]:
    """Return the chunks that are plausible, cut to whole words, with a subtype.

    Parameters
    ----------
    text : str
        Whole text.
    chunks : iterable of Span
        Chunks of the model (engine ``ner``) and of the gazetteers.
    """
    kept: list[Span] = []
    rejected: list[Span] = []
    for chunk in _skip_parts_of_long_words(text, chunks):
        for span in split_chunk(text, chunk):
            if span.entity == "LOCATION" and _names_classification(text, span):
                continue
            is_kept = _is_plausible(text, span) if span.engine == "ner" else _is_place(text, span)
            (kept if is_kept else rejected).append(span)
    kept += [
        span
        for span in rejected
        if span.entity in _CONTINUED_ENTITIES
        and (_is_surname_of_any(text, span, kept) or not _REJECTION_RULES(text, span))
        and _continues_any(text, span, kept)
    ]
    return [
        replace(span, subtype=_subtype(span.entity, text[span.begin : span.end])) for span in kept
    ]


def _skip_parts_of_long_words(text: str, chunks: Iterable[Span]) -> Iterator[Span]:
    """Yield chunks in order, without those in a long word in which an earlier one begins and ends.

    Each is widened to the whole word. Without this step the time for the hexadecimal
    digits of a file would be quadratic.
    """
    widened: dict[tuple[str, str], tuple[int, float]] = {}
    for chunk in sorted(chunks, key=lambda one: (one.begin, one.end)):
        kind = chunk.entity, chunk.engine
        end, confidence = widened.get(kind, (0, 0.0))
        if chunk.end <= end and chunk.confidence <= confidence:
            continue
        word = _LONG_WORD.match(text, chunk.end - 1)
        if word is not None and text[chunk.begin : chunk.end].isalnum():
            widened[kind] = word.end(), chunk.confidence
        yield chunk


def _is_place(text: str, span: Span) -> bool:
    """Return whether a place of the gazetteer is not the first word of a phrase: ``Congo red``."""
    if span.entity != "LOCATION":
        return True
    after = _WORD_AFTER.match(text, span.end)
    if after is None:
        return True
    return normalize_phrase(text[span.begin : after.end()]) not in known_phrases()


def _names_classification(text: str, span: Span) -> bool:
    """Return whether a town names a classification, a score or a disease."""
    if span.engine != "ner" and _CLASS_AFTER.match(text, span.end):
        return True
    is_word = " " not in text[span.begin : span.end]
    if is_word and _TEST_AFTER.match(text, span.end):
        return True
    if _TOWN_AND_CLASS.fullmatch(text, span.begin, span.end):
        return True
    is_short = text[span.begin : span.end].count(" ") < 2
    return is_short and is_classification(text, span.begin, span.end)


def _is_plausible(text: str, span: Span) -> bool:
    """Return whether a guess has the shape of its entity and is not vocabulary."""
    if not has_plausible_shape(text, span):
        return False
    if span.entity == "NAME":
        return not is_common_word_as_name(text, span.begin, span.end, span.confidence)
    if span.entity == "LOCATION":
        return not is_common_word_as_place(text, span.begin, span.end, span.confidence)
    if span.entity == "PROFESSION":
        return not is_common_word_as_profession(text, span.begin, span.end)
    return True


def _is_number_of_room(text: str, span: Span) -> bool:
    """Return whether a place is a short number, or a longer one after ``Rm``."""
    if span.entity != "LOCATION":
        return False
    number = _SHORT_NUMBER.fullmatch(text, span.begin, span.end)
    before = text[max(0, span.begin - 8) : span.begin]
    return number is not None and (number.end() - number.start() < 3 or bool(_ROOM.search(before)))


def _is_title(text: str, span: Span) -> bool:
    """Return whether a name consists of titles."""
    words = tokenize(text[span.begin : span.end])
    return span.entity == "NAME" and bool(words) and word_set("titles.kept").issuperset(words)


def _is_terms_in_capitals(text: str, span: Span) -> bool:
    """Return whether a name in capitals consists of terms and words that are never a name."""
    value = text[span.begin : span.end]
    words = tokenize(value)
    if span.entity != "NAME" or not words or not value.isupper():
        return False
    return all(is_imaging_term(word) or is_never_a_name(word) for word in words)


def _is_slashed_name(text: str, span: Span) -> bool:
    """Return whether a name is a part of shorthand with slashes."""
    if span.entity != "NAME" or not tokenize(text[span.begin : span.end]):
        return False
    return is_slashed(text, span.begin, span.end)


def _is_abbreviation_of_no_name(text: str, span: Span) -> bool:
    """Return whether a name is an abbreviation in capitals, and not a frequent name."""
    value = text[span.begin : span.end]
    if span.entity != "NAME" or value not in abbreviations() or not value.isupper():
        return False
    return not is_frequent_name(value.lower()) and any(map(str.islower, text))


#: Rejected guesses that are not kept, even if they continue a kept one.
_REJECTION_RULES = RuleList[[str, Span], bool](
    "text.is_never_continued",
    rule_if("known_phrase", lambda text, span: is_known_phrase(text, span.begin, span.end), True),
    rule_if(
        "lowercase",
        lambda text, span: is_lowercase_among_capitals(text, span.begin, span.end),
        True,
    ),
    rule_if(
        "department",
        lambda text, span: span.entity == "LOCATION" and is_department(text[span.begin : span.end]),
        True,
    ),
    rule_if(
        "short_number",
        _is_number_of_room,
        True,
    ),
    rule_if("title", _is_title, True),
    rule_if(
        "label_of_id",
        lambda text, span: (
            span.entity == "ID" and _LABEL_OF_ID.fullmatch(text, span.begin, span.end)
        ),
        True,
    ),
    rule_if("terms_in_capitals", _is_terms_in_capitals, True),
    rule_if("slashed", _is_slashed_name, True),
    rule_if("abbreviation", _is_abbreviation_of_no_name, True),
    rule_if(
        "relative",
        lambda text, span: is_relative(tokenize(text[span.begin : span.end])),
        True,
    ),
    rule_if(
        "age_and_sex",
        lambda text, span: _AGE_AND_SEX.fullmatch(text, span.begin, span.end),
        True,
    ),
    default=False,
)


def _continues_any(text: str, span: Span, others: Iterable[Span]) -> bool:
    """Return whether a guess is next to a kept one of the same entity: ``Diann`` ``Noise``."""
    for other in others:
        if other.entity == span.entity:
            between = text[min(other.end, span.end) : max(other.begin, span.begin)]
            if len(between) <= _MAX_GAP_CHARACTERS and not _SEPARATOR.search(between):
                return True
    return False


def _is_surname_of_any(text: str, span: Span, others: Iterable[Span]) -> bool:
    """Return whether a rejected guess is an eponym after a given name: ``Gotthold Conradi is``."""
    if span.entity != "NAME" or not text[span.begin : span.end].istitle():
        return False
    if text[span.begin - 1 : span.begin] != " " or is_eponym(text, span.begin, span.end):
        return False
    return normalize_phrase(text[span.begin : span.end]) in eponyms() and any(
        other.entity == "NAME"
        and other.end == span.begin - 1
        and not is_word(fold_text(text[other.begin : other.end]))
        for other in others
    )


def _subtype(entity: str, value: str) -> str:
    """Return the subtype of a place or a contact by its shape; empty for other entities."""
    if entity == "LOCATION":
        if _ZIP.fullmatch(value):
            return "ZIP"
        if _HOSPITAL.search(value):
            return "HOSPITAL"
        return "STREET" if _STREET.search(value) else ""
    if entity == "CONTACT":
        if "@" in value:
            return "EMAIL"
        return "URL" if _URL.search(value) else "PHONE"
    return ""
