"""Tell terms of German, Spanish, French, Italian and Portuguese text from names.

A value is a term if it consists of vocabulary, of words with the ending of a term, of
abbreviations or of eponyms in a context of eponyms (``foreign_terms.yaml``). Guesses of the text
model, which was trained on English, are rejected if they are terms.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from safelight.records import Span
from safelight.text.lexicon.folding import fold_text
from safelight.text.lexicon.phrases import eponyms, is_known_phrase, tokenize
from safelight.text.lexicon.word_lists import listed_words, read_list, word_set
from safelight.text.lexicon.words import is_imaging_term
from safelight.text.recognizers.eponyms.surnames import is_eponym
from safelight.text.recognizers.foreign_lists import any_of, load_lists

#: Characters before a value in which the noun of an eponym is searched.
_EPONYM_NOUN_CHARACTERS = 30
_ROOM_CHARACTERS = 16
_ABBREVIATION_MAX_CHARACTERS = 3
#: Shorter words with the ending of a term are often surnames, as are shorter ends of compounds.
_TERM_MIN_CHARACTERS = 8
_COMPOUND_END_MIN_CHARACTERS = 5
#: Shorter words for relatives are given names as well.
_RELATIVE_MIN_CHARACTERS = 6
_GERMAN_WITHOUT_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_WORDS = re.compile(r"[^\W\d_]+")
_ROMAN_OR_NUMBER = re.compile(r" ?(?:[IV]{1,3}[a-d]?|\d)(?![^\W_])")
_TIME = re.compile(r"(?:[01]?\d|2[0-3])[.:h][0-5]\d")
_TIME_BEFORE = re.compile(r"\b(?:ore|alle|um|às|à|a las) $", re.I)
_SHORT_NUMBER = re.compile(r"\d{1,4}[A-Za-z]?")


@dataclass(frozen=True)
class _Expressions:
    """Expressions of ``foreign_terms.yaml``; none has a group.

    Attributes
    ----------
    noun_before : re.Pattern
        Noun, with a preposition, at the end of the text before an eponym.
    word_before : re.Pattern
        Preposition at the end of the text before an eponym: ``nach Rutherford``.
    eponym_and : re.Pattern
        Word and conjunction at the end of the text before the second of two eponyms.
    compound : re.Pattern
        German compound of an eponym and a noun.
    ending : re.Pattern
        Ending of a term.
    after_title : re.Pattern
        Title, or colon of a label, at the end of the text before a name.
    room : re.Pattern
        Room or bed at the end of the text before its number.
    names, abbreviations : frozenset of str
        Names that have the ending of a term, and abbreviations, in lower case.
    """

    noun_before: re.Pattern[str]
    word_before: re.Pattern[str]
    eponym_and: re.Pattern[str]
    compound: re.Pattern[str]
    ending: re.Pattern[str]
    after_title: re.Pattern[str]
    room: re.Pattern[str]
    names: frozenset[str]
    abbreviations: frozenset[str]


@cache
def _load_expressions() -> _Expressions:
    lists = load_lists("foreign_terms.yaml")
    nouns, before = (
        any_of(lists["eponym_nouns"]),
        any_of(lists["before_eponyms"]),
    )
    return _Expressions(
        re.compile(rf"\b{nouns} (?:de |di |d['’]|del |do |da |von )?$", re.I),
        re.compile(rf"\b{before} $", re.I),
        re.compile(r"(?:\b|[^\W\d_])[^\W\d_]{1,30} (?:e|y|et|und|i|-) $", re.I),
        re.compile(rf"[\w-]{{1,60}}-{any_of(lists['eponym_compounds'])}(?:en|e|s|n)?", re.I),
        re.compile(rf"[^\W\d_]*{any_of(lists['term_endings'])}"),
        re.compile(rf"(?:\b{any_of([*map(re.escape, _titles())])}\.?|:) ?$", re.I),
        re.compile(rf"\b{any_of(lists['rooms'])}\.?:? ?$", re.I),
        frozenset(lists["names_with_term_endings"]),
        frozenset(lists["abbreviations"]),
    )


@cache
def foreign_vocabulary() -> frozenset[str]:
    """Return the words of the five languages, also as systems without accents write them."""
    relatives = (
        word for word in listed_words("relatives.foreign") if len(word) >= _RELATIVE_MIN_CHARACTERS
    )
    words = (*read_list("foreign_words.txt"), *relatives)
    german = (word.translate(_GERMAN_WITHOUT_UMLAUTS) for word in words)
    return frozenset((*words, *map(fold_text, words), *german))


@cache
def _small_words() -> frozenset[str]:
    return word_set("function_words.language") | word_set("function_words.pronoun")


def _is_vocabulary_word(word: str) -> bool:
    """Return whether a word in lower case is vocabulary, an abbreviation or has a term's ending."""
    vocabulary, expressions = foreign_vocabulary(), _load_expressions()
    if word in vocabulary or word in _small_words() or word in expressions.abbreviations:
        return True
    if len(word) < _TERM_MIN_CHARACTERS or word in expressions.names:
        return False
    if expressions.ending.fullmatch(word):
        return True
    ends = range(3, len(word) - _COMPOUND_END_MIN_CHARACTERS + 1)
    return any(word[:at] in vocabulary and word[at:] in vocabulary for at in ends)


def is_foreign_vocabulary(value: str) -> bool:
    """Return whether all words of a value are vocabulary of the five languages.

    Parameters
    ----------
    value : str
        Value that may be a name or a place.
    """
    words = [word.lower() for word in _WORDS.findall(value)]
    fillers = word_set("function_words.filler")
    if all(len(word) == 1 for word in words):
        return False
    return all(len(word) == 1 or word in fillers or _is_vocabulary_word(word) for word in words)


def is_foreign_term(text: str, begin: int, end: int) -> bool:
    """Return whether a value with a capital is vocabulary, an eponym or a known phrase.

    Parameters
    ----------
    text : str
        Whole text.
    begin, end : int
        Range of the value.
    """
    value = text[begin:end]
    expressions = _load_expressions()
    if is_foreign_vocabulary(value) or is_known_phrase(text, begin, end):
        return True
    if all(is_imaging_term(word) or word in eponyms() for word in tokenize(value)):
        return True
    if _is_title(value) or expressions.compound.fullmatch(value):
        return True
    before = text[max(0, begin - _EPONYM_NOUN_CHARACTERS) : begin]
    return is_eponym(text, begin, end) or bool(expressions.noun_before.search(before))


def is_foreign_eponym(text: str, span: Span) -> bool:
    """Return whether a span of any engine is an eponym of a sign, a test or a class.

    Parameters
    ----------
    text : str
        Whole text, which is foreign.
    span : Span
        A finding.
    """
    if span.entity not in ("NAME", "LOCATION"):
        return False
    words = tokenize(text[span.begin : span.end])
    known = [word for word in words if word in eponyms()]
    if not known or any(len(word) > 3 and word not in eponyms() for word in words):
        return False
    before = text[max(0, span.begin - _EPONYM_NOUN_CHARACTERS) : span.begin]
    expressions = _load_expressions()
    if expressions.noun_before.search(before) or expressions.word_before.search(before):
        return True
    pair = expressions.eponym_and.search(before)
    if pair and tokenize(pair[0])[0] in eponyms():
        return True
    if expressions.after_title.search(before):
        return False
    others = [word for word in words if word not in eponyms()]
    has_class = bool(others) and all(map(_ROMAN_OR_NUMBER.fullmatch, map(str.upper, others)))
    return has_class or bool(_ROMAN_OR_NUMBER.match(text, span.end))


def is_rejected_foreign_guess(text: str, span: Span) -> bool:
    """Return whether a guess of the text model is foreign vocabulary or has no capital.

    Parameters
    ----------
    text : str
        Whole text, which is foreign.
    span : Span
        A finding of any engine.
    """
    value = text[span.begin : span.end]
    if span.entity in ("ID", "DATE"):
        return span.engine == "ner" and _is_room_or_time(text, span)
    if span.entity not in ("NAME", "LOCATION", "PROFESSION"):
        return False
    if span.engine == "gazetteer":
        return is_foreign_vocabulary(value)
    return span.engine == "ner" and (
        not any(map(str.isupper, value))
        or _is_title(value)
        or _is_short_abbreviation(text, value)
        or is_foreign_term(text, span.begin, span.end)
        or _is_mostly_term(text, span)
    )


def _is_room_or_time(text: str, span: Span) -> bool:
    """Return whether a guess is the number of a room or bed, or a time of day."""
    value = text[span.begin : span.end]
    before = text[max(0, span.begin - _ROOM_CHARACTERS) : span.begin]
    if span.entity == "ID" and _SHORT_NUMBER.fullmatch(value):
        return bool(_load_expressions().room.search(before))
    return bool(span.entity == "DATE" and _TIME.fullmatch(value) and _TIME_BEFORE.search(before))


def _is_mostly_term(text: str, span: Span) -> bool:
    """Return whether a guess consists of terms, and words in lower case: ``ruhig, Norton``."""
    pieces = text[span.begin : span.end].split()
    expressions = _load_expressions()
    return len(pieces) > 1 and all(
        not any(map(str.isupper, piece))
        or len(piece.strip(".,")) == 1
        or is_foreign_vocabulary(piece)
        or expressions.compound.fullmatch(piece.strip(".,"))
        or fold_text(piece.strip(".,")) in eponyms()
        for piece in pieces
    )


def _is_title(value: str) -> bool:
    """Return whether a value is a title without a name."""
    return value.strip(" .").lower() in _titles()


@cache
def _titles() -> frozenset[str]:
    """Return the titles before names, in lower case."""
    return frozenset(
        word.lower()
        for reference in ("titles.foreign", "titles.foreign_abbreviation")
        for word in listed_words(reference)
    )


def _is_short_abbreviation(text: str, value: str) -> bool:
    """Return whether a value is one to three capitals in a text that has lower case."""
    letters = value.replace(".", "").replace(" ", "")
    if len(letters) > _ABBREVIATION_MAX_CHARACTERS or not letters.isupper():
        return False
    return any(map(str.islower, text))
