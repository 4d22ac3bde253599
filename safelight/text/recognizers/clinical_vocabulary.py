"""Decide whether a name, a place or a profession that the model guessed is vocabulary.

These rules apply to guesses of the model only. Values that a pattern, a label, a gazetteer or
the known values of the patient have found are not judged by them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from safelight.named_rules import Rule, RuleList, rule_if
from safelight.text.known.name_support import DESCRIPTION_MAX_CHARACTERS
from safelight.text.language import is_foreign_text
from safelight.text.lexicon.folding import fold_text
from safelight.text.lexicon.phrases import (
    abbreviations,
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
    is_frequent_name,
    is_imaging_term,
    is_listed_name,
    is_never_a_name,
    is_word,
    surnames_that_are_words,
)
from safelight.text.recognizers.eponyms import (
    is_description_term,
    is_eponym,
    is_eponym_in_description,
    is_eponym_with_number,
    is_known_eponym,
    precedes_noun_of_eponyms,
)
from safelight.text.recognizers.shorthand import (
    CONTEXT_CHARACTERS,
    context_of,
    is_abbreviating_letter,
    is_abbreviation,
    is_abbreviation_by_place,
    is_acronym,
    is_field_label,
    is_in_sentence,
    is_slashed,
)

#: Letters of initials, at most.
_INITIALS_MAX_LETTERS = 3
#: Letters of a word that is too long for the name of a place, at least.
_LONG_TERM_MIN_LETTERS = 13
#: Digits of a number that is too short for a ZIP code.
_SHORT_NUMBER_MAX_DIGITS = 4

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

#: Rest of a label up to its colon.
_END_OF_LABEL = re.compile(r"(?:\.[A-Z])*\.?[ \t]{0,3}[:=](?!\d)")
_DOTTED_LABEL = re.compile(
    r"(?:D\.? ?O\.? ?[BSAD]|M\.? ?R\.? ?N|S\.? ?S\.? ?N|P\.?M\.?H|H\.?P\.?I|R\.?O\.?S|c\.c)\.?",
    re.IGNORECASE,
)
_ZIP_AFTER = re.compile(r",?\s{1,2}\d{5}")
_PREPOSITION_BEFORE = re.compile(r"\b(?:in|from|at|of|near|to|city)\s\Z", re.I)
_FOR_BEFORE = re.compile(r"\b(?:for|by|@) ?\Z")
#: Place inside a building: ``3rd floor``, ``bed 12``.
_INDOORS = re.compile(
    r"(?:\d+(?:st|nd|rd|th)? ?fl(?:oor)?|(?:floor|room|rm|bed|bay|level|ward) ?\d+[A-Z]?)", re.I
)
#: Wing of a floor, after the number of the floor: ``6 East``, ``CTICU 6 East``.
_WING = re.compile(r"(?:(?:[A-Z]{2,6} )?(\d{1,2}) ?)?(?:north|south|east|west|tower)", re.I)

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
#: Words after a nationality that do not make it a place: ``Eritrean national``.
_WORDS_AFTER_NATIONALITY = frozenset(("national", "citizen", "descent", "origin", "heritage"))
#: Text after the role of a person in an accident, as in chapter XX of ICD-10.
_ACCIDENT_AFTER = re.compile(
    r" (?:(?:in|of|or on)(?: an?)? [^\W\d_]+(?: [^\W\d_]+)? )?"
    r"(?:injured|struck|bitten|accident|collision|killed|hit)\b",
    re.I,
)
_COLON_AFTER = re.compile(r"\s?:")
#: A list of drugs or allergies up to a guess in it: ``Meds: Ketosteril,``.
_DRUGS_BEFORE = re.compile(
    r"\b(?:(?:home |current |discharge )?(?:meds?|medications?)|rx|allerg(?:y|ies)) ?[:=]"
    r"[^.;:\n]{0,60}\Z",
    re.I,
)
#: Key of a member of JSON: ``"uhid": ``.
_KEY = re.compile(r"[a-z][a-z_]*")
_END_OF_KEY = re.compile(r"\"\s{0,2}:")
_CLINICAL_PROFESSION = re.compile(expand_lists("<list:professions.clinical_stem>"), re.I)
_CLINICIAN_BEFORE = re.compile(
    r"(?:M\.?D\.?|D\.?O\.?|R\.?N\.?|Ph\.?D\.?|FACR|FRCR|LPN|NP|PA-?C?|MBBS),?\s{1,2}\Z|"
    r"\b(?:referred by|seen by|per|to|the|school|campus|staff|ward) (?:the |a |an )?"
    r"(?:school |campus |clinic )?\Z|"
    r"[A-ZÀ-Þ][a-zß-ÿ]+, (?:practice |district |charge |staff |agency )?\Z"
)


class _Guess(NamedTuple):
    """A value that the model guessed.

    Attributes
    ----------
    text : str
        Whole text.
    begin, end : int
        Range of the value.
    is_confident : bool
        Whether the confidence of the model is high.
    value : str
        ``text[begin:end]``.
    words : list of str
        Folded words of the value.
    """

    text: str
    begin: int
    end: int
    is_confident: bool
    value: str
    words: list[str]


def is_lowercase_among_capitals(text: str, begin: int, end: int) -> bool:
    """Return whether a value is in lower case in a context that has capitals.

    Parameters
    ----------
    text : str
        Whole text.
    begin, end : int
        Range of the value in code points; ``end`` is exclusive.

    Returns
    -------
    bool
        True if the value has no capitals and the text up to 120 characters before or after it has.
    """
    return text[begin:end].islower() and _has_capitals_near(text, begin, end)


def is_department(value: str) -> bool:
    """Return whether a value is a part of any hospital: ``Pain Clinic``, ``home health``."""
    words = tokenize(value)
    return len(words) > 1 and all(map(_is_department_word, words))


def _is_department_word(word: str) -> bool:
    """Return whether a word is in the names of many institutions, but not in proper names."""
    if word in word_set("institutions.proper"):
        return False
    return word in word_set("institutions.common") or word in word_set("institutions.department")


def _has_capitals_near(text: str, begin: int, end: int) -> bool:
    """Return whether the context of a value has capitals."""
    return any(map(str.isupper, context_of(text, begin, end)))


def _is_foreign(text: str, begin: int, end: int) -> bool:
    """Return whether the text around a value is German, French or Spanish."""
    reach = 2 * CONTEXT_CHARACTERS
    return is_foreign_text(text[max(0, begin - reach) : end + reach])


def _is_nationality(value: str) -> bool:
    """Return whether all words are nationalities."""
    words = tokenize(value)
    if len(words) > 1 and words[-1] in _WORDS_AFTER_NATIONALITY:
        words.pop()
    return bool(words) and word_set("nationalities").issuperset(words)


# --- Rules for several entities


def _is_known_phrase(guess: _Guess) -> bool:
    return is_known_phrase(guess.text, guess.begin, guess.end)


def _is_abbreviation(guess: _Guess) -> bool:
    return is_abbreviation(guess.text, guess.begin, guess.end)


def _is_field_label(guess: _Guess) -> bool:
    return is_field_label(guess.text, guess.begin, guess.end)


def _is_abbreviating_letter(guess: _Guess) -> bool:
    return is_abbreviating_letter(guess.text, guess.value, guess.end)


def _decide_lowercase(guess: _Guess) -> bool | None:
    """Return whether a value in lower case is words; names have capitals in such a text.

    ``creatinine rose`` and ``a long stone`` are words.
    """
    if not is_lowercase_among_capitals(guess.text, guess.begin, guess.end):
        return None
    return all(map(is_word, guess.words)) or _is_foreign(guess.text, guess.begin, guess.end)


def _is_foreign_lowercase(guess: _Guess) -> bool:
    """Return whether a value begins in lower case in a foreign text that has capitals."""
    return (
        guess.value[0].islower()
        and _is_foreign(guess.text, guess.begin, guess.end)
        and _has_capitals_near(guess.text, guess.begin, guess.end)
    )


def _is_key_of_json(guess: _Guess) -> bool:
    """Return whether quotation marks and a colon make a word in lower case the key of a member."""
    is_quoted = guess.text[guess.begin - 1 : guess.begin] == '"'
    is_key = is_quoted and _END_OF_KEY.match(guess.text, guess.end) is not None
    return is_key and _KEY.fullmatch(guess.value) is not None


# --- Names


def is_common_word_as_name(text: str, begin: int, end: int, is_confident: bool = False) -> bool:
    """Return whether a guessed name is vocabulary: a phrase, an eponym, words that are not names.

    Parameters
    ----------
    text : str
        Whole text.
    begin, end : int
        Range of the guess.
    is_confident : bool
        Whether the model is confident; then capitals that no list has are a name. A value after
        a title, a greeting or a label (``Dr. Head``, ``Name: Fine``) is rarely vocabulary.
    """
    value = text[begin:end]
    return _NAME_RULES(_Guess(text, begin, end, is_confident, value, tokenize(value)))


def _is_title(guess: _Guess) -> bool:
    """Return whether all words are titles."""
    return bool(guess.words) and word_set("titles.kept").issuperset(guess.words)


def _is_after_title(guess: _Guess) -> bool:
    """Return whether a title, a greeting or a label is before; ``MR BRAIN`` has none."""
    text, begin = guess.text, guess.begin
    if not _TITLE_BEFORE.search(text, max(0, begin - 16), begin):
        return False
    if _TITLE_AND_COMMA_BEFORE.search(text, max(0, begin - 8), begin):
        return False
    if not _MODALITY_BEFORE.search(text, max(0, begin - 6), begin):
        return True
    return not all(is_imaging_term(word) or is_never_a_name(word) for word in guess.words)


def _decide_after_title(guess: _Guess) -> bool | None:
    """Return whether a value after a title is a word in lower case: ``seen by nutrition``."""
    if not _is_after_title(guess):
        return None
    if guess.value.islower() and _is_abbreviation(guess):
        return given_names().keys().isdisjoint(guess.words)
    return all(map(is_never_a_name, guess.words)) and is_lowercase_among_capitals(
        guess.text, guess.begin, guess.end
    )


def _begin_of_eponym(guess: _Guess) -> int:
    """Return the begin of a value without foreign shorthand: ``Z. n. Whipple``."""
    shorthand = _FOREIGN_SHORTHAND.match(guess.value)
    return guess.begin + len(shorthand.group()) if shorthand else guess.begin


def _is_foreign_shorthand(guess: _Guess) -> bool:
    """Return whether a value is foreign shorthand, alone or before a known phrase."""
    begin = _begin_of_eponym(guess)
    if begin == guess.begin:
        return False
    return begin == guess.end or is_known_phrase(guess.text, begin, guess.end)


def _decide_initials(guess: _Guess) -> bool | None:
    """Return whether a few capitals are an abbreviation rather than initials or a short name.

    They are if they are an everyday word, or if neither a list nor their place has them as a name.
    """
    value = guess.value
    if len(guess.words) != 1 or len(value) > _INITIALS_MAX_LETTERS or not value.isupper():
        return None
    return guess.words[0] in everyday_words() or is_abbreviation_by_place(
        guess.text, guess.begin, guess.end
    )


def _is_label(guess: _Guess) -> bool:
    """Return whether a colon follows a value of words or capitals that are not names: ``STATE:``.

    The rest of a label with full stops may follow as well: ``D.O`` of ``D.O.A :``.
    """
    if not guess.words or not _END_OF_LABEL.match(guess.text, guess.end):
        return False
    return all(
        (is_word(word) or guess.value.isupper()) and not is_listed_name(word)
        for word in guess.words
    )


def _is_acronym(guess: _Guess) -> bool:
    """Return whether a value is an acronym, by its place too if the model is confident."""
    if not is_acronym(guess.text, guess.begin, guess.end):
        return False
    return not guess.is_confident or is_abbreviation_by_place(guess.text, guess.begin, guess.end)


def _is_rarely_a_name(word: str) -> bool:
    """Return whether a folded word alone is vocabulary rather than a name."""
    if word in given_names():
        return False
    return word in everyday_words() or is_never_a_name(word)


def _is_words(guess: _Guess) -> bool:
    """Return whether several words are vocabulary, none of them a frequent surname."""
    return all(
        _is_rarely_a_name(word) and word not in surnames_that_are_words() for word in guess.words
    )


def _is_terms_in_capitals(guess: _Guess) -> bool:
    """Return whether several words in capitals are terms or abbreviations, none of them a name."""
    if len(guess.words) < 2 or not guess.value.isupper():
        return False
    return all(
        (word in known_phrases() or is_imaging_term(word) or word.upper() in abbreviations())
        and not is_listed_name(word)
        for word in guess.words
    )


def _is_abbreviation_in_description(guess: _Guess) -> bool:
    """Return whether an abbreviation is alone or among terms in a value in capitals: ``MUGA``."""
    text, value = guess.text, guess.value
    if len(text) > DESCRIPTION_MAX_CHARACTERS or not text.isupper():
        return False
    if value not in abbreviations() or is_frequent_name(fold_text(value)):
        return False
    others = tokenize(text[: guess.begin] + " " + text[guess.end :])
    return all(map(is_description_term, others))


def _is_dotted_label(guess: _Guess) -> bool:
    """Return whether a value is a label written with full stops: ``D.O.B.``."""
    return _DOTTED_LABEL.fullmatch(guess.value) is not None


def _starts_with_foreign_pronoun(guess: _Guess) -> bool:
    """Return whether a value starts with a pronoun or article of another language.

    One that is also an English word or a name counts in foreign text only.
    """
    if not guess.words or guess.words[0] not in word_set("function_words.pronoun"):
        return False
    word = guess.words[0]
    is_unambiguous = len(word) > 3 and not is_word(word) and not is_listed_name(word)
    return is_unambiguous or _is_foreign(guess.text, guess.begin, guess.end)


def _is_compound_of_words(guess: _Guess) -> bool:
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


def _is_in_drug_list(guess: _Guess) -> bool:
    """Return whether words that no list of names has are in a list of drugs or allergies."""
    before = guess.text[max(0, guess.begin - CONTEXT_CHARACTERS) : guess.begin]
    return _DRUGS_BEFORE.search(before) is not None and not any(map(is_listed_name, guess.words))


def _is_particles(guess: _Guess) -> bool:
    """Return whether a value has only particles of names: ``Van den`` of ``Van den Bosch``."""
    return len(guess.words) > 1 and word_set("name_particles").issuperset(guess.words)


_NAME_RULES = RuleList[[_Guess], bool](
    "text.is_common_word_as_name",
    rule_if("title", _is_title, True),
    rule_if("particles", _is_particles, True),
    Rule("after_title", _decide_after_title),
    rule_if("relative", lambda g: is_relative(g.words), True),
    rule_if("key_of_json", _is_key_of_json, True),
    rule_if("drug_list", _is_in_drug_list, True),
    rule_if("known_phrase", _is_known_phrase, True),
    rule_if("abbreviation", _is_abbreviation, True),
    rule_if("field_label", _is_field_label, True),
    rule_if("vendor", lambda g: starts_with_vendor(g.value), True),
    rule_if("nationality", lambda g: _is_nationality(g.value), True),
    rule_if("label", _is_label, True),
    rule_if("acronym", _is_acronym, True),
    rule_if("slashed", lambda g: is_slashed(g.text, g.begin, g.end), True),
    rule_if("letter", _is_abbreviating_letter, True),
    rule_if("hl7_event", lambda g: _HL7_EVENT.fullmatch(g.value), True),
    Rule("lowercase", _decide_lowercase),
    rule_if("foreign_lowercase", _is_foreign_lowercase, True),
    rule_if("foreign_shorthand", _is_foreign_shorthand, True),
    rule_if("terms_in_capitals", _is_terms_in_capitals, True),
    rule_if("abbreviation_in_description", _is_abbreviation_in_description, True),
    rule_if("compound_of_words", _is_compound_of_words, True),
    rule_if("dotted_label", _is_dotted_label, True),
    rule_if("foreign_pronoun", _starts_with_foreign_pronoun, True),
    rule_if("eponym", lambda g: is_eponym(g.text, _begin_of_eponym(g), g.end), True),
    rule_if(
        "eponym_in_description",
        lambda g: is_eponym_in_description(g.text, _begin_of_eponym(g), g.end),
        True,
    ),
    Rule("initials", _decide_initials),
    Rule("one_word", lambda g: _is_rarely_a_name(g.words[0]) if len(g.words) == 1 else None),
    rule_if("words", _is_words, True),
    default=False,
)


# --- Professions


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
    return _PROFESSION_RULES(_Guess(text, begin, end, False, value, []))


def _is_own_profession(guess: _Guess) -> bool:
    """Return whether a clinical profession is the patient's: ``has been a social worker``."""
    before = _OWN_PROFESSION_BEFORE.search(guess.text, max(0, guess.begin - 16), guess.begin)
    return before is not None and _OWN_PROFESSION.search(guess.value) is not None


def _is_clinician(guess: _Guess) -> bool:
    """Return whether a clinical profession is after a degree, a site or ``seen by``."""
    before = guess.text[max(0, guess.begin - 24) : guess.begin]
    return bool(_CLINICAL_PROFESSION.search(guess.value) and _CLINICIAN_BEFORE.search(before))


def _is_in_accident(guess: _Guess) -> bool:
    """Return whether a value is the role of a person in an accident: ``rider injured in``."""
    return _ACCIDENT_AFTER.match(guess.text, guess.end) is not None


_PROFESSION_RULES = RuleList[[_Guess], bool](
    "text.is_common_word_as_profession",
    rule_if("own_profession", _is_own_profession, False),
    rule_if("status_or_clinical", lambda g: _NOT_A_PROFESSION.fullmatch(g.value), True),
    rule_if("abbreviation", _is_abbreviation, True),
    rule_if("known_phrase", _is_known_phrase, True),
    rule_if("vendor", lambda g: starts_with_vendor(g.value), True),
    rule_if("label", lambda g: _COLON_AFTER.match(g.text, g.end), True),
    rule_if("nationality", lambda g: _is_nationality(g.value), True),
    rule_if("in_accident", _is_in_accident, True),
    rule_if("clinician", _is_clinician, True),
    rule_if(
        "eponym",
        lambda g: g.value.istitle() and precedes_noun_of_eponyms(g.text, g.end),
        True,
    ),
    default=False,
)


# --- Places


def is_common_word_as_place(text: str, begin: int, end: int, is_confident: bool = False) -> bool:
    """Return whether a guessed place is vocabulary: everyday words, or a part of any hospital.

    Parameters
    ----------
    text : str
        Whole text.
    begin, end : int
        Range of the guess.
    is_confident : bool
        Whether the model is confident; then a word that is not an everyday word is a place.
    """
    value = text[begin:end].removeprefix("s ")
    begin = end - len(value)
    return _PLACE_RULES(_Guess(text, begin, end, is_confident, value, tokenize(value)))


def _is_ward(guess: _Guess) -> bool:
    """Return whether a value is the wing of a floor: ``4 West``, or ``WEST`` after a number."""
    wing = _WING.fullmatch(guess.value)
    return wing is not None and (wing[1] is not None or guess.text[: guess.begin][-2:-1].isdigit())


def _is_after_preposition(guess: _Guess) -> bool:
    """Return whether ``in``, ``from``, ``near`` or the like is before."""
    begin = guess.begin
    return _PREPOSITION_BEFORE.search(guess.text, max(0, begin - 9), begin) is not None


def _decide_state_code(guess: _Guess) -> bool | None:
    """Return whether a state code is a word: in lower case, not after a comma, without ZIP code.

    ``or`` and ``in`` are words.
    """
    if guess.value.upper() not in word_set("us_states.code"):
        return None
    after_comma = guess.text[max(0, guess.begin - 2) : guess.begin] == ", "
    return not (guess.value.isupper() or after_comma or _ZIP_AFTER.match(guess.text, guess.end))


def _is_about_a_phrase(guess: _Guess) -> bool:
    """Return whether a known phrase has lower-case words after it: ``Singulair black box``."""
    first, _, rest = guess.value.partition(" ")
    return rest.islower() and normalize_phrase(first) in known_phrases()


def _decide_acronym(guess: _Guess) -> bool | None:
    """Return whether an acronym is not after a preposition, if the model is not confident."""
    if guess.is_confident or not is_acronym(guess.text, guess.begin, guess.end):
        return None
    return not _is_after_preposition(guess)


def _is_employer(guess: _Guess) -> bool:
    """Return whether a confident guess is one capitalized word after ``for`` or ``by``.

    ``drives for Swift`` is an example.
    """
    text, begin, end = guess.text, guess.begin, guess.end
    if not guess.is_confident or not _FOR_BEFORE.search(text, max(0, begin - 9), begin):
        return False
    return guess.value.istitle() and is_in_sentence(text, begin, end)


def _is_everyday_word(guess: _Guess) -> bool:
    """Return whether a value is one everyday word that is never a name."""
    words = guess.words
    return len(words) == 1 and words[0] in everyday_words() and is_never_a_name(words[0])


def _decide_capitalized_word(guess: _Guess) -> bool | None:
    """Return whether one capitalized word without a preposition is vocabulary."""
    if len(guess.words) != 1 or not "A" <= guess.value[0] <= "Z" or _is_after_preposition(guess):
        return None
    word = guess.words[0]
    return word in everyday_words() or (not guess.is_confident and is_never_a_name(word))


def _is_long_term(guess: _Guess) -> bool:
    """Return whether a value is a long clinical word, with a short one at most: an antigen."""
    return any(len(word) >= _LONG_TERM_MIN_LETTERS for word in guess.words) and all(
        (len(word) >= _LONG_TERM_MIN_LETTERS and is_never_a_name(word))
        or len(word) <= _INITIALS_MAX_LETTERS
        for word in guess.words
    )


def _ends_with_operation(guess: _Guess) -> bool:
    """Return whether the last word is a noun of eponyms in lower case: ``Le Fort osteotomy``."""
    last = guess.value.rpartition(" ")[2]
    return len(guess.words) > 1 and last.islower() and last in word_set("eponym_nouns.any")


def _is_institution_words(guess: _Guess) -> bool:
    """Return whether a word, or several in lower case, are in the names of many institutions."""
    kept = word_set("institutions.kept")
    if not all(word in kept or len(word) == 2 for word in guess.words):
        return False
    return len(guess.words) == 1 or guess.value.islower()


_PLACE_RULES = RuleList[[_Guess], bool](
    "text.is_common_word_as_place",
    rule_if("letter", _is_abbreviating_letter, True),
    rule_if("key_of_json", _is_key_of_json, True),
    rule_if("dotted_label", _is_dotted_label, True),
    rule_if("indoors", lambda g: _INDOORS.fullmatch(g.value), True),
    rule_if("ward", _is_ward, True),
    Rule("state_code", _decide_state_code),
    rule_if("known_phrase", _is_known_phrase, True),
    rule_if(
        "abbreviation", lambda g: is_abbreviation(g.text, g.begin, g.end, truncated=False), True
    ),
    rule_if("field_label", _is_field_label, True),
    rule_if("label", _is_label, True),
    rule_if("vendor", lambda g: starts_with_vendor(g.value), True),
    rule_if("nationality", lambda g: _is_nationality(g.value), True),
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
    rule_if("terms_in_capitals", _is_terms_in_capitals, True),
    rule_if("abbreviation_in_description", _is_abbreviation_in_description, True),
    rule_if("eponym_with_number", lambda g: is_eponym_with_number(g.text, g.begin, g.end), True),
    rule_if(
        "known_eponym",
        lambda g: is_known_eponym(g.text, g.begin, g.end) and not _is_after_preposition(g),
        True,
    ),
    rule_if("digits", lambda g: not g.words or any(map(str.isdigit, g.value)), False),
    rule_if("foreign_lowercase", _is_foreign_lowercase, True),
    Rule("lowercase", _decide_lowercase),
    rule_if("long_term", _is_long_term, True),
    rule_if("operation", _ends_with_operation, True),
    Rule("capitalized_word", _decide_capitalized_word),
    rule_if("institution_words", _is_institution_words, True),
    default=False,
)
