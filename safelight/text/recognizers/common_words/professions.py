"""Decide whether a profession that the text model guessed is made of common words."""

from __future__ import annotations

import re

from safelight.named_rules import RuleList, rule_if
from safelight.text.lexicon.phrases import starts_with_vendor
from safelight.text.lexicon.word_lists import expand_lists
from safelight.text.recognizers.common_words.guess import Guess, is_nationality
from safelight.text.recognizers.eponyms.context import precedes_noun_of_eponyms

#: Profession of clinical staff, or a state of life.
_NOT_A_PROFESSION = re.compile(
    expand_lists(
        r"(?:<list:professions.status>|"
        r"(?:(?:school|charge|campus|staff|head|practice|district|community|agency|ward|night) )?"
        r"<list:professions.clinical>)s?"
    ),
    re.I,
)
#: The patient's own profession: ``has been a social worker``.
_OWN_PROFESSION_BEFORE = re.compile(
    r"\b(?:been an?|is an?|was an?|as an?|retired|former|by trade an?)\s\Z", re.I
)
_OWN_PROFESSION = re.compile(expand_lists("<list:professions.own>"), re.I)
#: Text after the role of a person in an accident, as in chapter XX of ICD-10.
_ACCIDENT_AFTER = re.compile(
    r" (?:(?:in|of|or on)(?: an?)? [^\W\d_]+(?: [^\W\d_]+)? )?"
    r"(?:injured|struck|bitten|accident|collision|killed|hit)\b",
    re.I,
)
_COLON_AFTER = re.compile(r"\s?:")
_CLINICAL_PROFESSION = re.compile(expand_lists("<list:professions.clinical_stem>"), re.I)
_CLINICIAN_BEFORE = re.compile(
    r"(?:M\.?D\.?|D\.?O\.?|R\.?N\.?|Ph\.?D\.?|FACR|FRCR|LPN|NP|PA-?C?|MBBS),?\s{1,2}\Z|"
    r"\b(?:referred by|seen by|per|to|the|school|campus|staff|ward) (?:the |a |an )?"
    r"(?:school |campus |clinic )?\Z|"
    r"[A-ZÀ-Þ][a-zß-ÿ]+, (?:practice |district |charge |staff |agency )?\Z"
)


def is_common_word_as_profession(text: str, begin: int, end: int) -> bool:
    """Return whether a guessed profession is a state of life, or that of clinical staff.

    Parameters
    ----------
    text : str
        Whole text.
    begin, end : int
        Range of the guess.
    """
    value = text[begin:end]
    return _PROFESSION_RULES(Guess(text, begin, end, 0.0, value, []))


def _is_own_profession(guess: Guess) -> bool:
    """Return whether a clinical profession is the patient's: ``has been a social worker``."""
    before = _OWN_PROFESSION_BEFORE.search(guess.text, max(0, guess.begin - 16), guess.begin)
    return before is not None and _OWN_PROFESSION.search(guess.value) is not None


def _is_clinician(guess: Guess) -> bool:
    """Return whether a clinical profession is after a degree, a site or ``seen by``."""
    before = guess.text[max(0, guess.begin - 24) : guess.begin]
    return bool(_CLINICAL_PROFESSION.search(guess.value) and _CLINICIAN_BEFORE.search(before))


def _is_in_accident(guess: Guess) -> bool:
    """Return whether a value is the role of a person in an accident: ``rider injured in``."""
    return _ACCIDENT_AFTER.match(guess.text, guess.end) is not None


_PROFESSION_RULES = RuleList[[Guess], bool](
    "text.is_common_word_as_profession",
    rule_if("own_profession", _is_own_profession, False),
    rule_if("status_or_clinical", lambda g: _NOT_A_PROFESSION.fullmatch(g.value), True),
    rule_if("abbreviation", Guess.is_abbreviation, True),
    rule_if("known_phrase", Guess.is_known_phrase, True),
    rule_if("vendor", lambda g: starts_with_vendor(g.value), True),
    rule_if("label", lambda g: _COLON_AFTER.match(g.text, g.end), True),
    rule_if("nationality", lambda g: is_nationality(g.value), True),
    rule_if("in_accident", _is_in_accident, True),
    rule_if("clinician", _is_clinician, True),
    rule_if(
        "eponym",
        lambda g: g.value.istitle() and precedes_noun_of_eponyms(g.text, g.end),
        True,
    ),
    default=False,
)
