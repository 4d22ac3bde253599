"""Trim model findings in short description attributes, which are mostly imaging terms.

A description is not a sentence. Its capital letters mislead the text model, and the model takes
terms next to a name for a part of the name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from safelight.records import Span
from safelight.text.known.name_support import DESCRIPTION_MAX_CHARACTERS
from safelight.text.lexicon.folding import fold_text
from safelight.text.lexicon.phrases import (
    abbreviations,
    eponyms,
    known_phrases,
    normalize_phrase,
)
from safelight.text.lexicon.technical_words import (
    foreign_description_words,
    is_clinical,
    is_technical_word,
    scanner_terms,
)
from safelight.text.lexicon.word_lists import expand_lists, read_list, word_set
from safelight.text.lexicon.words import (
    everyday_words,
    given_names,
    imaging_words,
    inflected_surnames,
    is_frequent_name,
    is_imaging_term,
    is_known_name,
    is_never_a_name,
    is_word,
    surnames_that_are_words,
)
from safelight.text.recognizers.shorthand import is_abbreviation

#: Confidence from which a finding of the text model is reliable by itself.
HIGH_CONFIDENCE = 0.9
#: Engines whose findings are trimmed. Findings of patterns and known values are exact.
_TRIMMED_ENGINES = frozenset({"ner", "gazetteer"})

#: Words in the names of institutions that are not in the names of manufacturers.
INSTITUTION = re.compile(expand_lists("<list:institutions.header_stem>|h.pital"), re.IGNORECASE)
#: Words that many institutions have in their names, so that they distinguish none.
_GENERIC_INSTITUTION_WORDS = frozenset(
    "hospital clinic medical center centre general regional memorial municipal community "
    "university universitario county city district national st saint san santa".split()
)
#: Letters of a unit or a dimension: ``3D``, ``10Gy``, ``5mm``, ``3T``.
_UNIT = re.compile(r"[^\W\d_]{1,2}(?![^\W_])[\W_]+(?=[^\W_])")
_TOKEN = re.compile(r"[^\s_/-]+")
#: Tokens of a phrase before an institution, at most: ``circle of Willis``.
_PHRASE_MAX_TOKENS = 3
#: Text after a letter that belongs to an abbreviation: ``H&N``, ``L CC``.
_REST_OF_ABBREVIATION = re.compile(r"&[A-Z]\b| (?:CC|MLO|ML|LM|LMO|XCCL|SPOT|MAG)\b")

_WORD = re.compile(r"[^\W\d_]{2,}")
_ANY_WORD = re.compile(r"[^\W\d_]+")
_DRUG_BEFORE = re.compile(r"([^\W\d_]{4,}) $")
_WORD_AFTER = re.compile(r"(?:['’]s)?[ _-]([^\W\d_]+)")
_CARET_PART = re.compile(r"[^^]+")
_CAMEL_CASE_WORD = re.compile(r"[A-Z]?[^\W\d_A-Z]+|[A-Z]+(?![a-z])")
#: Modalities in capitals that are the codes of a country or a state as well.
_MODALITIES = frozenset(("US", "CT"))
_MEASURE = re.compile(r"\d{1,5}")
_X_RAY = re.compile(r"X[ -]?rays?(?![^\W_])", re.I)
#: Words before the name of a person.
_PERSON_BEFORE = re.compile(
    r"(?<![^\W\d_])(?:for|by|per|to|from|with|and|pt|patient|name|dr|mr|mrs|ms|ref)\W{0,2}$"
)
_SENTENCE_WORD = re.compile(
    r"\b(?:are|can|did|does|had|has|have|is|should|the|was|were|what|when|who|why|will)\b", re.I
)
#: Title, which makes any word a name.
_TITLE_BEFORE = re.compile(r"(?<![^\W\d_])(?:dr|mr|mrs|ms|prof|miss)\.?\s\Z")
_TERM_BEFORE = re.compile(r"[^\W\d_]_$")


def is_description(value: str) -> bool:
    """Return whether a text is as short as a description and has no word of a sentence."""
    if len(value) > DESCRIPTION_MAX_CHARACTERS or "\n" in value:
        return False
    return _SENTENCE_WORD.search(value) is None


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


def trim_caret_name(value: str, span: Span) -> Span | None:
    """Remove terms at the ends of a name whose parts are joined by carets.

    Some scanners join region and examination by a caret, as PN joins the parts of a name:
    ``Head^Routine``, ``Neck^Parathyroid``, ``SIEMENS^BRAIN^GENERAL``.

    Parameters
    ----------
    value : str
        Value of an element.
    span : Span
        Finding in it.

    Returns
    -------
    Span or None
        None if no part can be a name.
    """
    if span.entity != "NAME" or "^" not in value[span.begin : span.end]:
        return span
    parts = [match.span() for match in _CARET_PART.finditer(value, span.begin, span.end)]
    parts[-1] = (parts[-1][0], _end_of_caret_part(value, *parts[-1]))
    is_full_name = (
        len(parts) > 1
        and fold_text(value[slice(*parts[1])]) in given_names()
        and not any(map(_is_term_only, _camel_case_words(value[slice(*parts[0])])))
    )
    while parts and not is_full_name and _is_caret_term(value[slice(*parts[0])]):
        parts.pop(0)
    while parts and not is_full_name and _is_caret_term(value[slice(*parts[-1])]):
        parts.pop()
    words = [word for part in parts for word in _camel_case_words(value[slice(*part)])]
    if len(parts) < 2 and all(word in imaging_words() for word in words):
        return None
    return replace(span, begin=parts[0][0], end=parts[-1][1])


def _end_of_caret_part(value: str, begin: int, end: int) -> int:
    """Return the end of the last part of a name without the terms of the description after it."""
    words = [match.span() for match in _ANY_WORD.finditer(value, begin, end)]
    while len(words) > 1:
        word = value[slice(*words[-1])]
        is_letter = len(word) == 1 and _REST_OF_ABBREVIATION.match(value, words[-1][1])
        if not (is_letter or _is_term_word(word) or _is_eponym_before_term(value, *words[-1])):
            break
        words.pop()
        end = words[-1][1]
    return end


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
        and _is_eponym_before_term(value, span.begin, span.end)
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
    words = _ANY_WORD.findall(text)
    if _PERSON_BEFORE.search(fold_text(value[: span.begin])):
        return False
    if text.islower() and not text.isascii() and _has_foreign_term(value):
        return True  # names have capitals: "Rippen links schräg"
    return len(words) > 1 and all(map(_is_term_or_phrase, words))


def _has_foreign_term(value: str) -> bool:
    """Return whether a value has a term of imaging in another language than English."""
    return not _foreign_terms().isdisjoint(_WORD.findall(fold_text(value)))


@cache
def _foreign_terms() -> frozenset[str]:
    words = " ".join(read_list("foreign_imaging_words.txt")).split()
    return foreign_description_words().union(words)


def _is_term_or_phrase(word: str) -> bool:
    """Return whether a word is a term, a phrase that is not a frequent name, or a small letter."""
    if len(word) == 1:
        return word.islower()
    folded = fold_text(word)
    return _is_term_word(word) or (folded in known_phrases() and not is_frequent_name(folded))


def _is_eponym_before_term(value: str, begin: int, end: int) -> bool:
    after = _WORD_AFTER.match(value, end)
    word = normalize_phrase(value[begin:end])
    if after is None or " " in word:
        return False
    if normalize_phrase(f"{word} {after[1]}") in known_phrases():
        return True
    return word in eponyms() and not is_frequent_name(word) and _is_term_word(after[1])


def _is_term_word(word: str) -> bool:
    """Return whether a word is a term, an abbreviation in capitals, or a word in lower case."""
    folded = fold_text(word)
    is_lowercase_word = word.islower() and is_word(folded) and not is_known_name(folded)
    return (
        _is_term_only(folded)
        or is_lowercase_word
        or is_never_a_name(folded)
        or word in abbreviations()
    )


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


def trim_institution(value: str, span: Span) -> Span:
    """Return an institution without terms before its name: ``CT CHEST Lakeview Hospital``.

    Terms are removed only if one of them is a term of imaging, and if a word is left that
    distinguishes the institution.

    Parameters
    ----------
    value : str
        Value of an element.
    span : Span
        Finding in it.
    """
    text = value[span.begin : span.end]
    if span.entity != "LOCATION" or span.engine == "known" or not INSTITUTION.search(text):
        return span
    tokens = list(_TOKEN.finditer(value, span.begin, span.end))
    first, is_certain = 0, value[: span.begin].endswith("_")
    while first < len(tokens):
        if count := _count_phrase_tokens(value, tokens[first : first + _PHRASE_MAX_TOKENS]):
            first, is_certain = first + count, True
            continue
        token = tokens[first].group()
        if not _is_ordinary(token):
            break
        is_certain |= _is_technical_token(token) or any(
            _is_term_only(word) or is_clinical(word) for word in _camel_case_words(token)
        )
        first += 1
    rest = [word for token in tokens[first:] for word in _camel_case_words(token.group())]
    is_distinctive = any(
        len(word) > 2 and word not in _GENERIC_INSTITUTION_WORDS and word not in imaging_words()
        for word in rest
    )
    if not first or not is_certain or not is_distinctive:
        return span
    return replace(span, begin=tokens[first].start())


def _count_phrase_tokens(value: str, tokens: Sequence[re.Match[str]]) -> int:
    """Return the number of tokens, two or more, that begin the tokens and are a known phrase."""
    for count in range(len(tokens), 1, -1):
        phrase = value[tokens[0].start() : tokens[count - 1].end()]
        if phrase in abbreviations() or normalize_phrase(phrase) in known_phrases():
            return count
    return 0


def _is_ordinary(token: str) -> bool:
    """Return whether a token cannot be a part of the name of an institution."""
    if token[0].isdigit() or token in ("W", "WO") or _is_technical_token(token):
        return True
    words = _camel_case_words(token)
    return _GENERIC_INSTITUTION_WORDS.isdisjoint(words) and all(
        is_never_a_name(word) or _is_term_only(word) or is_technical_word(word) for word in words
    )


def _is_technical_token(token: str) -> bool:
    """Return whether a token is an abbreviation, a word in lower case, or has digits: ``T20s``."""
    folded = fold_text(token)
    if folded in known_phrases() and not is_known_name(folded) and not is_frequent_name(folded):
        return True
    is_mixed = token.isalnum() and any(map(str.isdigit, token)) and any(map(str.isalpha, token))
    return is_mixed or token in abbreviations() or (token.islower() and is_word(folded))


def _is_term_only(word: str) -> bool:
    """Return whether a word is a term of imaging and not a frequent surname: not ``hill``."""
    return word in imaging_words() and word not in surnames_that_are_words()


def tokenize_span(value: str, span: Span) -> list[str]:
    """Return the folded words of a finding, without words of one letter.

    Parameters
    ----------
    value : str
        Value of an element.
    span : Span
        Finding in the value.

    Returns
    -------
    list of str
        Runs of two or more letters, in the order of the value.
    """
    return _WORD.findall(fold_text(value[span.begin : span.end]))


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
    words = [match.span() for match in _ANY_WORD.finditer(value, span.begin, span.end)]
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
        )
    ):
        first += 1
    while last > first and _is_long_term(value[slice(*words[last - 1])]):
        last -= 1
    if first == last:
        return span
    begin = words[first][0] if first else span.begin
    return replace(span, begin=begin, end=words[last - 1][1] if last < len(words) else span.end)


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
    return len(word) > 2 and _is_term(word)


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


def _camel_case_words(part: str) -> list[str]:
    """Return the folded words of a text; a capital letter inside a word starts a new word."""
    return [fold_text(word) for word in _CAMEL_CASE_WORD.findall(part)]


def _is_caret_term(part: str) -> bool:
    """Return whether all words of a part between carets are terms, of any language."""
    return all(
        is_imaging_term(word)
        or word in scanner_terms()
        or word in foreign_description_words()
        or is_technical_word(word)
        or _is_term(word)
        for word in _camel_case_words(part)
    )


def _is_term(part: str) -> bool:
    """Return whether all words of a text are terms or manufacturers, and none is a name."""
    return all(
        (is_word(word) or word in imaging_words() or word in word_set("device_makers.surname"))
        and not is_known_name(word)
        and word not in inflected_surnames()
        for word in _camel_case_words(part)
    )
