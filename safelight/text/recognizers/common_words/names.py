"""Decide whether a name that the text model guessed is made of common words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from safelight.named_rules import Rule, RuleList, rule_if
from safelight.text.lexicon.folding import fold_text
from safelight.text.lexicon.phrases import (
    eponyms,
    is_known_phrase,
    known_phrases,
    normalize_phrase,
    starts_with_vendor,
    tokenize,
)
from safelight.text.lexicon.word_lists import expand_lists, word_set
from safelight.text.lexicon.words import (
    everyday_words,
    given_names,
    is_imaging_term,
    is_listed_name,
    is_never_a_name,
    is_word,
    surnames_that_are_words,
)
from safelight.text.recognizers.common_words.guess import (
    INITIALS_MAX_LETTERS,
    Guess,
    decide_lowercase,
    has_capitals_near,
    is_abbreviation_in_description,
    is_dotted_label,
    is_foreign,
    is_foreign_lowercase,
    is_key_of_json,
    is_label,
    is_lowercase_among_capitals,
    is_nationality,
    is_terms_in_capitals,
)
from safelight.text.recognizers.eponyms.descriptions import is_eponym_in_description
from safelight.text.recognizers.eponyms.surnames import is_eponym
from safelight.text.recognizers.shorthand import (
    CONTEXT_CHARACTERS,
    is_abbreviation_by_place,
    is_acronym,
    is_slashed,
)

#: Title, greeting or label before a name.
_TITLE_BEFORE = re.compile(
    expand_lists(
        r"(?:\b(?:<list:titles.guess>|dear|hi|hello)\b[.:,]?|"
        r"\b(?:read|seen|signed|dictated|performed|reported|referred|reviewed|ordered) by:?|"
        r"\b(?:name|patient|pt|md|to|by)[:=]|\^)\s{0,3}\Z"
    ),
    re.I,
)
#: A modality or a disease in capitals, which before a term is not a title: ``MR BRAIN``.
_MODALITY_BEFORE = re.compile(r"\b(?:MR|DR|MS)\s{1,3}\Z")
#: The end of a clause: ``per Dr, Noise``.
_TITLE_AND_COMMA_BEFORE = re.compile(r"\b(?:dr|mr|mrs|ms|md),\s{1,3}\Z", re.I)
#: HL7 message type and event: ``ORU^R01``.
_HL7_EVENT = re.compile(r"[A-Z]{3}\^[A-Z]\d{2}")
#: "State after" and "disease of": German and Spanish shorthand before an eponym.
_FOREIGN_SHORTHAND = re.compile(r"(?:Z\. ?n\.?|St\. ?p\.?|M\.|Mb\.|Morbus|Enf\. de)\s?")
#: A list of drugs or allergies up to a guess in it: ``Meds: Ketosteril,``.
_DRUGS_BEFORE = re.compile(
    r"\b(?:(?:home |current |discharge )?(?:meds?|medications?)|rx|allerg(?:y|ies)) ?[:=]"
    r"[^.;:\n]{0,60}\Z",
    re.I,
)


def is_common_word_as_name(text: str, begin: int, end: int, confidence: float = 0.0) -> bool:
    """Return whether a guessed name is vocabulary: a phrase, an eponym, words that are not names.

    Parameters
    ----------
    text : str
        Whole text.
    begin, end : int
        Range of the guess.
    confidence : float
        Confidence of the model, 0 to 1; if it is high, capitals that no list has are a name. A
        value after a title, a greeting or a label (``Dr. Head``, ``Name: Fine``) is rarely
        vocabulary.
    """
    value = text[begin:end]
    return _NAME_RULES(Guess(text, begin, end, confidence, value, tokenize(value)))


def _is_title(guess: Guess) -> bool:
    """Return whether all words are titles."""
    return bool(guess.words) and word_set("titles.kept").issuperset(guess.words)


def _is_after_title(guess: Guess) -> bool:
    """Return whether a title, a greeting or a label is before; ``MR BRAIN`` has none."""
    text, begin = guess.text, guess.begin
    if not _TITLE_BEFORE.search(text, max(0, begin - 16), begin):
        return False
    if _TITLE_AND_COMMA_BEFORE.search(text, max(0, begin - 8), begin):
        return False
    if not _MODALITY_BEFORE.search(text, max(0, begin - 6), begin):
        return True
    return not all(is_imaging_term(word) or is_never_a_name(word) for word in guess.words)


def _decide_after_title(guess: Guess) -> bool | None:
    """Return whether a value after a title is a word in lower case: ``seen by nutrition``."""
    if not _is_after_title(guess):
        return None
    if guess.value.islower() and guess.is_abbreviation():
        return given_names().keys().isdisjoint(guess.words)
    return all(map(is_never_a_name, guess.words)) and is_lowercase_among_capitals(
        guess.text, guess.begin, guess.end
    )


def _begin_of_eponym(guess: Guess) -> int:
    """Return the begin of a value without foreign shorthand: ``Z. n. Whipple``."""
    shorthand = _FOREIGN_SHORTHAND.match(guess.value)
    return guess.begin + len(shorthand.group()) if shorthand else guess.begin


def _is_eponym(guess: Guess) -> bool:
    """Return whether a value is an eponym.

    Without capitals nearby, one that a list has is judged as if it had a capital: ``duke score``.
    """
    text, begin, end = guess.text, _begin_of_eponym(guess), guess.end
    if is_eponym(text, begin, end):
        return True
    if normalize_phrase(text[begin:end]) not in eponyms() or has_capitals_near(text, begin, end):
        return False
    before = text[max(0, begin - CONTEXT_CHARACTERS) : begin]
    name, after = text[begin:end].title(), text[end : end + CONTEXT_CHARACTERS]
    return is_eponym(before + name + after, len(before), len(before) + len(name))


def _is_foreign_shorthand(guess: Guess) -> bool:
    """Return whether a value is foreign shorthand, alone or before a known phrase."""
    begin = _begin_of_eponym(guess)
    if begin == guess.begin:
        return False
    return begin == guess.end or is_known_phrase(guess.text, begin, guess.end)


def _decide_initials(guess: Guess) -> bool | None:
    """Return whether a few capitals are an abbreviation rather than initials or a short name.

    They are if they are an everyday word, or if neither a list nor their place has them as a name.
    """
    value = guess.value
    if len(guess.words) != 1 or len(value) > INITIALS_MAX_LETTERS or not value.isupper():
        return None
    return guess.words[0] in everyday_words() or is_abbreviation_by_place(
        guess.text, guess.begin, guess.end
    )


def _is_acronym(guess: Guess) -> bool:
    """Return whether a value is an acronym, by its place too if the model is confident."""
    if not is_acronym(guess.text, guess.begin, guess.end):
        return False
    return not guess.is_confident or is_abbreviation_by_place(guess.text, guess.begin, guess.end)


def _is_rarely_a_name(word: str) -> bool:
    """Return whether a folded word alone is vocabulary rather than a name."""
    if word in given_names():
        return False
    return word in everyday_words() or is_never_a_name(word)


def _decide_one_word(guess: Guess) -> bool | None:
    """Return whether one word is vocabulary: ``Blood``, and ``Budgie`` if the model is unsure."""
    if len(guess.words) != 1:
        return None
    word = guess.words[0]
    is_certain = guess.is_certain and guess.value.istitle()
    return _is_rarely_a_name(word) and not (is_certain and word not in everyday_words())


def _is_words(guess: Guess) -> bool:
    """Return whether several words are vocabulary, none of them a frequent surname."""
    return all(
        _is_rarely_a_name(word) and word not in surnames_that_are_words() for word in guess.words
    )


def _starts_with_foreign_pronoun(guess: Guess) -> bool:
    """Return whether a value starts with a pronoun or article of another language.

    One that is also an English word or a name counts in foreign text only.
    """
    if not guess.words or guess.words[0] not in word_set("function_words.pronoun"):
        return False
    word = guess.words[0]
    is_unambiguous = len(word) > 3 and not is_word(word) and not is_listed_name(word)
    return is_unambiguous or is_foreign(guess.text, guess.begin, guess.end)


def _is_compound_of_words(guess: Guess) -> bool:
    """Return whether a value is words joined by a hyphen, the second in lower case.

    ``Lymphocyte-rich`` is one, ``Hyun-woo`` is not.
    """
    first, hyphen, second = guess.value.partition("-")
    if not hyphen or not second.islower():
        return False
    head = fold_text(first)
    is_known = is_word(head) or head in known_phrases()
    return is_known and head not in given_names() and is_word(fold_text(second))


def is_relative(words: Sequence[str]) -> bool:
    """Return whether all words name relatives, and none is a given name as well: ``Tante``.

    Parameters
    ----------
    words : sequence of str
        Folded words.
    """
    if not words or not given_names().keys().isdisjoint(words):
        return False
    return _relatives().issuperset(words)


@cache
def _relatives() -> frozenset[str]:
    """Return the folded words before the names of relatives."""
    words = word_set("relatives.named") | word_set("relatives.anywhere")
    return frozenset(map(fold_text, words))


def _is_in_drug_list(guess: Guess) -> bool:
    """Return whether words that no list of names has are in a list of drugs or allergies."""
    before = guess.text[max(0, guess.begin - CONTEXT_CHARACTERS) : guess.begin]
    return _DRUGS_BEFORE.search(before) is not None and not any(map(is_listed_name, guess.words))


def _is_particles(guess: Guess) -> bool:
    """Return whether a value has only particles of names: ``Van den`` of ``Van den Bosch``."""
    return len(guess.words) > 1 and word_set("name_particles").issuperset(guess.words)


_NAME_RULES = RuleList[[Guess], bool](
    "text.is_common_word_as_name",
    rule_if("title", _is_title, True),
    rule_if("particles", _is_particles, True),
    Rule("after_title", _decide_after_title),
    rule_if("relative", lambda g: is_relative(g.words), True),
    rule_if("key_of_json", is_key_of_json, True),
    rule_if("drug_list", _is_in_drug_list, True),
    rule_if("known_phrase", Guess.is_known_phrase, True),
    rule_if("abbreviation", Guess.is_abbreviation, True),
    rule_if("field_label", Guess.is_field_label, True),
    rule_if("vendor", lambda g: starts_with_vendor(g.value), True),
    rule_if("nationality", lambda g: is_nationality(g.value), True),
    rule_if("label", is_label, True),
    rule_if("acronym", _is_acronym, True),
    rule_if("slashed", lambda g: is_slashed(g.text, g.begin, g.end), True),
    rule_if("letter", Guess.is_abbreviating_letter, True),
    rule_if("hl7_event", lambda g: _HL7_EVENT.fullmatch(g.value), True),
    Rule("lowercase", decide_lowercase),
    rule_if("foreign_lowercase", is_foreign_lowercase, True),
    rule_if("foreign_shorthand", _is_foreign_shorthand, True),
    rule_if("terms_in_capitals", is_terms_in_capitals, True),
    rule_if("abbreviation_in_description", is_abbreviation_in_description, True),
    rule_if("compound_of_words", _is_compound_of_words, True),
    rule_if("dotted_label", is_dotted_label, True),
    rule_if("foreign_pronoun", _starts_with_foreign_pronoun, True),
    rule_if("eponym", _is_eponym, True),
    rule_if(
        "eponym_in_description",
        lambda g: is_eponym_in_description(g.text, _begin_of_eponym(g), g.end),
        True,
    ),
    Rule("initials", _decide_initials),
    Rule("one_word", _decide_one_word),
    rule_if("words", _is_words, True),
    default=False,
)
