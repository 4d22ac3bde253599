"""Decide whether a place that the text model guessed is made of common words."""

from __future__ import annotations

import re

from safelight.named_rules import Rule, RuleList, rule_if
from safelight.text.lexicon.phrases import (
    known_phrases,
    normalize_phrase,
    starts_with_vendor,
    tokenize,
)
from safelight.text.lexicon.word_lists import word_set
from safelight.text.lexicon.words import everyday_words, is_never_a_name
from safelight.text.recognizers.common_words.guess import (
    INITIALS_MAX_LETTERS,
    Guess,
    decide_lowercase,
    is_abbreviation_in_description,
    is_dotted_label,
    is_foreign_lowercase,
    is_key_of_json,
    is_label,
    is_nationality,
    is_terms_in_capitals,
)
from safelight.text.recognizers.eponyms.places import is_eponym_with_number, is_known_eponym
from safelight.text.recognizers.shorthand import is_abbreviation, is_acronym, is_in_sentence

#: Letters of a word that is too long for the name of a place, at least.
_LONG_TERM_MIN_LETTERS = 13
#: Digits of a number that is too short for a ZIP code.
_SHORT_NUMBER_MAX_DIGITS = 4
_ZIP_AFTER = re.compile(r",?\s{1,2}\d{5}")
_PREPOSITION_BEFORE = re.compile(r"\b(?:in|from|at|of|near|to|city)\s\Z", re.I)
_FOR_BEFORE = re.compile(r"\b(?:for|by|@) ?\Z")
#: Place inside a building: ``3rd floor``, ``bed 12``.
_INDOORS = re.compile(
    r"(?:\d+(?:st|nd|rd|th)? ?fl(?:oor)?|(?:floor|room|rm|bed|bay|level|ward) ?\d+[A-Z]?)", re.I
)
#: Wing of a floor, after the number of the floor: ``6 East``, ``CTICU 6 East``.
_WING = re.compile(r"(?:(?:[A-Z]{2,6} )?(\d{1,2}) ?)?(?:north|south|east|west|tower)", re.I)


def is_department(value: str) -> bool:
    """Return whether a value is a part of any hospital: ``Pain Clinic``, ``home health``."""
    words = tokenize(value)
    return len(words) > 1 and all(map(_is_department_word, words))


def _is_department_word(word: str) -> bool:
    """Return whether a word is in the names of many institutions, but not in proper names."""
    if word in word_set("institutions.proper"):
        return False
    return word in word_set("institutions.common") or word in word_set("institutions.department")


def is_common_word_as_place(text: str, begin: int, end: int, confidence: float = 0.0) -> bool:
    """Return whether a guessed place is vocabulary: everyday words, or a part of any hospital.

    Parameters
    ----------
    text : str
        Whole text.
    begin, end : int
        Range of the guess.
    confidence : float
        Confidence of the model, 0 to 1; if it is high, a word that is not an everyday word is a
        place.
    """
    value = text[begin:end].removeprefix("s ")
    begin = end - len(value)
    return _PLACE_RULES(Guess(text, begin, end, confidence, value, tokenize(value)))


def _is_ward(guess: Guess) -> bool:
    """Return whether a value is the wing of a floor: ``4 West``, or ``WEST`` after a number."""
    wing = _WING.fullmatch(guess.value)
    return wing is not None and (wing[1] is not None or guess.text[: guess.begin][-2:-1].isdigit())


def _is_after_preposition(guess: Guess) -> bool:
    """Return whether ``in``, ``from``, ``near`` or the like is before."""
    begin = guess.begin
    return _PREPOSITION_BEFORE.search(guess.text, max(0, begin - 9), begin) is not None


def _decide_state_code(guess: Guess) -> bool | None:
    """Return whether a state code is a word: in lower case, not after a comma, without ZIP code.

    ``or`` and ``in`` are words.
    """
    if guess.value.upper() not in word_set("us_states.code"):
        return None
    after_comma = guess.text[max(0, guess.begin - 2) : guess.begin] == ", "
    return not (guess.value.isupper() or after_comma or _ZIP_AFTER.match(guess.text, guess.end))


def _is_about_a_phrase(guess: Guess) -> bool:
    """Return whether a known phrase has lower-case words after it: ``Singulair black box``."""
    first, _, rest = guess.value.partition(" ")
    return rest.islower() and normalize_phrase(first) in known_phrases()


def _decide_acronym(guess: Guess) -> bool | None:
    """Return whether an acronym is not after a preposition, if the model is not confident."""
    if guess.is_confident or not is_acronym(guess.text, guess.begin, guess.end):
        return None
    return not _is_after_preposition(guess)


def _is_employer(guess: Guess) -> bool:
    """Return whether a confident guess is one capitalized word after ``for`` or ``by``.

    ``drives for Swift`` is an example.
    """
    text, begin, end = guess.text, guess.begin, guess.end
    if not guess.is_confident or not _FOR_BEFORE.search(text, max(0, begin - 9), begin):
        return False
    return guess.value.istitle() and is_in_sentence(text, begin, end)


def _is_everyday_word(guess: Guess) -> bool:
    """Return whether a value is one everyday word that is never a name."""
    words = guess.words
    return len(words) == 1 and words[0] in everyday_words() and is_never_a_name(words[0])


def _decide_capitalized_word(guess: Guess) -> bool | None:
    """Return whether one capitalized word without a preposition is vocabulary."""
    if len(guess.words) != 1 or not "A" <= guess.value[0] <= "Z" or _is_after_preposition(guess):
        return None
    word = guess.words[0]
    return word in everyday_words() or (not guess.is_confident and is_never_a_name(word))


def _is_long_term(guess: Guess) -> bool:
    """Return whether a value is a long clinical word, with a short one at most: an antigen."""
    return any(len(word) >= _LONG_TERM_MIN_LETTERS for word in guess.words) and all(
        (len(word) >= _LONG_TERM_MIN_LETTERS and is_never_a_name(word))
        or len(word) <= INITIALS_MAX_LETTERS
        for word in guess.words
    )


def _ends_with_operation(guess: Guess) -> bool:
    """Return whether the last word is a noun of eponyms in lower case: ``Le Fort osteotomy``."""
    last = guess.value.rpartition(" ")[2]
    return len(guess.words) > 1 and last.islower() and last in word_set("eponym_nouns.any")


def _is_institution_words(guess: Guess) -> bool:
    """Return whether a word, or several in lower case, are in the names of many institutions."""
    kept = word_set("institutions.kept")
    if not all(word in kept or len(word) == 2 for word in guess.words):
        return False
    return len(guess.words) == 1 or guess.value.islower()


_PLACE_RULES = RuleList[[Guess], bool](
    "text.is_common_word_as_place",
    rule_if("letter", Guess.is_abbreviating_letter, True),
    rule_if("key_of_json", is_key_of_json, True),
    rule_if("dotted_label", is_dotted_label, True),
    rule_if("indoors", lambda g: _INDOORS.fullmatch(g.value), True),
    rule_if("ward", _is_ward, True),
    Rule("state_code", _decide_state_code),
    rule_if("known_phrase", Guess.is_known_phrase, True),
    rule_if(
        "abbreviation", lambda g: is_abbreviation(g.text, g.begin, g.end, truncated=False), True
    ),
    rule_if("field_label", Guess.is_field_label, True),
    rule_if("label", is_label, True),
    rule_if("vendor", lambda g: starts_with_vendor(g.value), True),
    rule_if("nationality", lambda g: is_nationality(g.value), True),
    rule_if("department", lambda g: is_department(g.value), True),
    rule_if("about_a_phrase", _is_about_a_phrase, True),
    Rule("acronym", _decide_acronym),
    rule_if("employer", _is_employer, False),
    rule_if("everyday_word", _is_everyday_word, True),
    rule_if(
        "short_number",
        lambda g: g.value.isdigit() and len(g.value) <= _SHORT_NUMBER_MAX_DIGITS,
        True,
    ),
    rule_if("terms_in_capitals", is_terms_in_capitals, True),
    rule_if("abbreviation_in_description", is_abbreviation_in_description, True),
    rule_if("eponym_with_number", lambda g: is_eponym_with_number(g.text, g.begin, g.end), True),
    rule_if(
        "known_eponym",
        lambda g: is_known_eponym(g.text, g.begin, g.end) and not _is_after_preposition(g),
        True,
    ),
    rule_if("digits", lambda g: not g.words or any(map(str.isdigit, g.value)), False),
    rule_if("foreign_lowercase", is_foreign_lowercase, True),
    Rule("lowercase", decide_lowercase),
    rule_if("long_term", _is_long_term, True),
    rule_if("operation", _ends_with_operation, True),
    Rule("capitalized_word", _decide_capitalized_word),
    rule_if("institution_words", _is_institution_words, True),
    default=False,
)
