"""Trim the findings of the text model in descriptions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from safelight.headers.descriptions.terms import (
    ANY_WORD,
    has_foreign_term,
    is_eponym_before_term,
    is_term,
    is_term_word,
    tokenize_span,
)
from safelight.records import Span
from safelight.text.lexicon.folding import fold_text
from safelight.text.lexicon.phrases import (
    abbreviations,
    eponyms,
    known_phrases,
    normalize_phrase,
)
from safelight.text.lexicon.technical_words import scanner_terms
from safelight.text.lexicon.words import (
    everyday_words,
    given_names,
    imaging_words,
    inflected_surnames,
    is_frequent_name,
    is_known_name,
    is_word,
)
from safelight.text.recognizers.shorthand import is_abbreviation

#: Confidence from which a finding of the text model is reliable by itself.
HIGH_CONFIDENCE = 0.9
#: Engines whose findings are trimmed. Findings of patterns and known values are exact.
_TRIMMED_ENGINES = frozenset({"ner", "gazetteer"})
#: Letters of a unit or a dimension: ``3D``, ``10Gy``, ``5mm``, ``3T``.
_UNIT = re.compile(r"[^\W\d_]{1,2}(?![^\W_])[\W_]+(?=[^\W_])")
_DRUG_BEFORE = re.compile(r"([^\W\d_]{4,}) $")
#: Modalities in capitals that are the codes of a country or a state as well.
_MODALITIES = frozenset(("US", "CT"))
_MEASURE = re.compile(r"\d{1,5}")
_X_RAY = re.compile(r"X[ -]?rays?(?![^\W_])", re.I)
#: Words before the name of a person.
_PERSON_BEFORE = re.compile(
    r"(?<![^\W\d_])(?:for|by|per|to|from|with|and|pt|patient|name|dr|mr|mrs|ms|ref)\W{0,2}$"
)
#: Title, which makes any word a name.
_TITLE_BEFORE = re.compile(r"(?<![^\W\d_])(?:dr|mr|mrs|ms|prof|miss)\.?\s\Z")
_FULL_NAME_BESIDE = re.compile(
    r"(?:(?P<before>[^\W\d_]+) )?"
    r"(?P<name>[^\W\d_]{2,}(?:['’-][^\W\d_]+)?(?:\^|, ?)[^\W\d_]{2,})(?: (?P<after>[^\W\d_]+))?"
)
#: Acronym in capitals behind a name with small letters.
_ACRONYM_BEHIND = re.compile(r"(?<=[a-zà-ÿ]) ([A-Z]{3,})\Z")
_HYPHENS = ("-", "'", "’", "‐")
_TERM_BEFORE = re.compile(r"[^\W\d_]_$")


def trim_finding(value: str, span: Span) -> Span | None:
    """Remove imaging terms from a finding in a short text.

    Parameters
    ----------
    value : str
        Value of a description, a protocol name or a label.
    span : Span
        Finding of a pattern or of the text model.

    Returns
    -------
    Span or None
        None if the finding consists of terms only.
    """
    if span.entity == "NAME":
        if _is_ordinary_words(value, span) or _is_abbreviation(value, span):
            return None
        return _trim_terms(value, span)
    return None if _is_measure(value, span) or _is_imaging_term(value, span) else span


def is_eponym_of_term(value: str, span: Span) -> bool:
    """Return whether a guessed name or place belongs to the term after it: ``Congo red``.

    Parameters
    ----------
    value : str
        Value of an element.
    span : Span
        Finding in it.
    """
    return (
        span.entity in ("NAME", "LOCATION")
        and span.engine in _TRIMMED_ENGINES
        and not _PERSON_BEFORE.search(fold_text(value[: span.begin]))
        and is_eponym_before_term(value, span.begin, span.end)
    )


def consists_of_terms(value: str, span: Span) -> bool:
    """Return whether a guessed name of several words has only terms: ``PAS Grocott``.

    Parameters
    ----------
    value : str
        Value of an element.
    span : Span
        Finding in it.
    """
    if span.entity != "NAME" or span.engine not in _TRIMMED_ENGINES:
        return False
    text = value[span.begin : span.end]
    words = ANY_WORD.findall(text)
    if _PERSON_BEFORE.search(fold_text(value[: span.begin])):
        return False
    if text.islower() and not text.isascii() and has_foreign_term(value):
        return True  # names have capitals: "Rippen links schräg"
    return len(words) > 1 and all(map(_is_term_or_phrase, words))


def _is_term_or_phrase(word: str) -> bool:
    """Return whether a word is a term, a phrase that is not a frequent name, or a small letter."""
    if len(word) == 1:
        return word.islower()
    folded = fold_text(word)
    return is_term_word(word) or (folded in known_phrases() and not is_frequent_name(folded))


def trim_joined_unit(value: str, span: Span) -> Span:
    """Return a finding without a unit at its begin that belongs to a number: ``3D - MARGARET``.

    Parameters
    ----------
    value : str
        Value of an element.
    span : Span
        Finding in it.
    """
    if span.engine == "known" or not value[: span.begin][-1:].isdigit():
        return span
    unit = _UNIT.match(value, span.begin, span.end)
    return replace(span, begin=unit.end()) if unit else span


def _is_ordinary_words(value: str, span: Span) -> bool:
    """Return whether a name of the text model consists of words that are not names."""
    if span.engine != "ner" or _TITLE_BEFORE.search(fold_text(value[: span.begin])):
        return False
    words = tokenize_span(value, span)
    return bool(words) and all(
        is_word(word) and not is_known_name(word) and word not in inflected_surnames()
        for word in words
    )


def _is_abbreviation(value: str, span: Span) -> bool:
    """Return whether a guessed name is an abbreviation in capitals: ``LCA RAO caudal``."""
    text = value[span.begin : span.end]
    return (
        span.engine in _TRIMMED_ENGINES
        and text.isupper()
        and text.isalpha()
        and not _PERSON_BEFORE.search(fold_text(value[: span.begin]))
        and is_abbreviation(value, span.begin, span.end, truncated=False)
    )


def _trim_terms(value: str, span: Span) -> Span | None:
    """Return a name without the terms at its ends: ``BILAT - HUFFMAN``."""
    words = [match.span() for match in ANY_WORD.finditer(value, span.begin, span.end)]
    if span.engine not in _TRIMMED_ENGINES or len(words) < 2:
        return span
    first, last = 0, _count_words_before_x_ray(value, words)
    is_mixed_case = not value[span.begin : span.end].isupper()
    while (
        first < last
        and not _is_before_given_name(value, words[first:last])
        and (
            _is_long_term(word := value[slice(*words[first])])
            or (is_mixed_case and len(word) > 2 and word in abbreviations())
            or (is_mixed_case and _is_term_before_initial(value, words[first:last]))
        )
    ):
        first += 1
    while last > first and _is_long_term(value[slice(*words[last - 1])]):
        if last > 1 and value[words[last - 2][1] : words[last - 1][0]] in _HYPHENS:
            break  # the second half of a surname: "Marchand-Roux"
        last -= 1
    if first == last:
        return span
    begin = words[first][0] if first else span.begin
    return replace(span, begin=begin, end=words[last - 1][1] if last < len(words) else span.end)


def _is_term_before_initial(value: str, words: Sequence[tuple[int, int]]) -> bool:
    """Return whether a term is before the initial and the surname: ``PAS Grocott M. Vance``."""
    if len(words) != 3:
        return False
    word, initial = value[slice(*words[0])], slice(words[1][0], words[1][1] + 1)
    if len(value[initial]) != 2 or not value[initial].endswith("."):
        return False
    folded = fold_text(word)
    if is_frequent_name(folded) or len(word) < 2:
        return False
    return word in abbreviations() or folded in known_phrases() or folded in eponyms()


def trim_beside_full_name(value: str, span: Span) -> Span:
    """Return a guessed name without a word beside a full name with a caret or a comma.

    A word in another case, or an eponym before its noun, is not a third part of the name:
    ``OKONJO^MARCUS Addison pigmentation``. An acronym of scanners is not a part of any name:
    ``Dr. Warwick GRAPPA 2``.

    Parameters
    ----------
    value : str
        Value of an element.
    span : Span
        Finding in it.
    """
    if span.entity != "NAME" or span.engine == "known":
        return span
    acronym = _ACRONYM_BEHIND.search(value, span.begin, span.end)
    if acronym and fold_text(acronym[1]) in scanner_terms():
        return replace(span, end=acronym.start())
    if span.engine not in _TRIMMED_ENGINES:
        return span
    match = _FULL_NAME_BESIDE.fullmatch(value, span.begin, span.end)
    if match is None:
        return span
    side = "before" if match["before"] else "after"
    name, word = match["name"], match[side]
    if word is None or len(word) < 3:
        return span
    is_other_case = name.isupper() != word.isupper()
    if not (is_other_case or is_eponym_before_term(value, *match.span(side))):
        return span
    begin, end = match.span("name")
    return replace(span, begin=begin, end=end)


def _count_words_before_x_ray(value: str, words: Sequence[tuple[int, int]]) -> int:
    """Return the number of words, without ``X-ray`` or its first letter at their end."""
    ends_with = (begin for begin, _ in words[-2:] if _X_RAY.match(value, begin))
    begin = next(ends_with, words[-1][1])
    return sum(end <= begin for _, end in words)


def _is_before_given_name(value: str, words: Sequence[tuple[int, int]]) -> bool:
    """Return whether a comma and a given name are after the first word: ``Graves, Tom``."""
    if len(words) < 2:
        return False
    (_, end), (begin, last) = words[:2]
    is_comma = value[end:begin].strip() == "," and value[end] == ","
    return is_comma and fold_text(value[begin:last]) in given_names()


def _is_long_term(word: str) -> bool:
    """Return whether a word is a term and longer than an initial."""
    return len(word) > 2 and is_term(word)


def _is_measure(value: str, span: Span) -> bool:
    """Return whether a guessed identifier is a few digits that belong to a term or a drug.

    Doses, thicknesses and series numbers are joined to a term, such as ``PTV_5040`` (AAPM TG-263
    for structures). The concentration of a contrast agent follows its name: ``Omnipaque 350``.
    """
    if (span.entity, span.engine) != ("ID", "ner"):
        return False
    if not _MEASURE.fullmatch(value[span.begin : span.end]):
        return False
    is_joined = _TERM_BEFORE.search(value[: span.begin]) is not None
    return (is_joined and span.confidence < HIGH_CONFIDENCE) or _follows_drug(value, span)


def _follows_drug(value: str, span: Span) -> bool:
    """Return whether a number is behind the name of a drug, which phrases include."""
    before = _DRUG_BEFORE.search(value, 0, span.begin)
    word = normalize_phrase(before[1]) if before else ""
    return word in known_phrases() and word not in everyday_words()


def _is_imaging_term(value: str, span: Span) -> bool:
    """Return whether an uncertain place or contact is a term of imaging: ``PA``, ``POST``."""
    if span.engine != "ner":
        return False
    if span.confidence >= HIGH_CONFIDENCE and value[span.begin : span.end] not in _MODALITIES:
        return False
    if span.entity not in ("LOCATION", "CONTACT") or not _has_only_letters(value, span):
        return False
    words = tokenize_span(value, span)
    return bool(words) and all(word in imaging_words() for word in words)


def _has_only_letters(value: str, span: Span) -> bool:
    return value[span.begin : span.end].replace(" ", "").isalpha()
