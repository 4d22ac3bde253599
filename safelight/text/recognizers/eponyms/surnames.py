"""Recognize surnames that name a disease, a sign, a score or a device."""

from __future__ import annotations

import re
from typing import NamedTuple

from safelight.named_rules import RuleList, rule_if
from safelight.text.known.name_support import DESCRIPTION_MAX_CHARACTERS
from safelight.text.lexicon.phrases import (
    eponym_surnames,
    eponyms,
    known_phrases,
    normalize_phrase,
    sign_eponyms,
    tokenize,
)
from safelight.text.lexicon.word_lists import expand_lists, word_set
from safelight.text.lexicon.words import (
    is_frequent_name,
    is_imaging_term,
    is_listed_name,
    is_never_a_name,
)
from safelight.text.recognizers.eponyms.context import (
    NOUN_AFTER,
    SIGN_AFTER,
    is_after_body_part,
    is_subtype,
    precedes_score,
    widen_to_hyphenated,
)

#: Characters after an eponym in which a device, a sign or a finding is looked for.
_CHARACTERS_AFTER = 24
#: Characters before an eponym in which another eponym of a list is looked for.
_LIST_CHARACTERS_BEFORE = 28
#: A verb and its object after the name of a person: ``Did Kaplan sign the note``.
_VERB_AFTER = re.compile(
    r" (?:signs?|scores?|tests?|stages?|drains?|repairs?) (?:the|an?|this|that|these|those|it|his|"
    r"her|my|our|your|their|off|well)\b",
    re.I,
)
#: Text after an eponym that a list has, but after the name of a patient as well.
_LISTED_NOUN_AFTER = re.compile(
    expand_lists(
        r"(?:-[^\W\d_]+)?(?:['’]s?)? "
        r"(?:<list:eponym_nouns.listed>|diverticul\w+|tend[io]n\w*)\b"
    ),
    re.I,
)
#: Genitive of a disease or a sign at the end of a clause, or before a state or an abbreviation with
#: its value. That of a person is before what the person has: ``Reinke's no.``, ``It is Still's.``
_GENITIVE_OF_SIGN_AFTER = re.compile(
    r"['’]s?(?=[ ]?[,;:.)?/+]|[ ]?(?:\n|\Z)|"
    r" (?:no|not|neg|pos|excluded|unlikely|absent|present|seen|noted|[A-Z]{2,4}(?= ?[\d.,;)]))\b)"
)
#: Words before a disease that is suspected, and a question mark before or after it: ``r/o Still``.
_SUSPECTED_BEFORE = re.compile(
    r"(?:\b(?:r/o|rule out|ruled out|excludes?|excluded|c/w|consistent with|suggestive of|suspect|"
    r"suspected|possible|probable|likely|query|watch for|features of|signs of|diagnosis of|dx|ddx|"
    r"h/o|hx of|known|mild|severe|classic|early|bilateral)[ :]{1,2}|[?])\Z",
    re.I,
)
_END_OF_CLAUSE_AFTER = re.compile(r"(?:['’]s?)?(?=\?|[ ]?[.,;:)/]|[ ]?(?:\n|\Z))")
#: Genitive of a sign before an abbreviation with its value: ``Simpson's EF 48``.
_GENITIVE_OF_MEASURE_AFTER = re.compile(r"['’]s [A-Z]{2,4} ?[\d<>=]")
#: Endings of words for diseases, operations and images, which never follow a name without a verb.
_CLINICAL_ENDING = re.compile(
    r"(?:itis|itides|om[ae]|omas|omata|osis|oses|ectom(?:y|ies)|otom(?:y|ies)|ostom(?:y|ies)|plast(?:y|ies)|"
    r"pathy|pathies|aemia|emia|algia|cele|ectasi[as]|ectasis|plasia|trophy|malacia|rrhaphy|pexy|"
    r"scop(?:y|ies)|graph(?:y|ies)|gram|grams|physis|phyte|lysis|desis|stenosis|sclerosis|penia|"
    r"uria|rrhea|rrhoea|megaly|ness|noid|iform)\Z"
)
_WORD_AFTER = re.compile(r"(?:['’]s?)? ([^\W\d_]{3,})")
#: Nouns of `eponym_nouns.csv` that are before or after the name of a patient too.
_EXAMINATION_NOUNS = frozenset(
    "protocol phase position view views projection procedure operation repair test line lines "
    "level block bed bar filter filters technique device index response neg negative workup "
    "order area angle frame plate method ap axial lateral".split()
)
#: Lesions that are words of imaging as well.
_LESIONS = frozenset(
    "aneurysm aneurysms cyst cysts fracture hernia lesion lesions nodule tumor tumour coil stent "
    "infarct hemorrhage haemorrhage".split()
)
#: Three words after a name, of which the first ones may be adjectives.
_WORDS_AFTER = re.compile(r" ([a-zà-ÿ]{3,})(?: ([a-zà-ÿ]{4,}))?(?: ([a-zà-ÿ]{4,}))?(?![^\W_])")
#: Grade with a letter, which no person's name ends with: ``Castellvi IIa``.
_LETTERED_GRADE_AFTER = re.compile(r" (?:I{1,3}|IV|VI{0,3})[A-Ca-c]\b")
#: Three names or more, joined by hyphens.
_THREE_NAMES = re.compile(r"[A-Z][^\W\d_]+(?:-[A-Z][^\W\d_]+){2,6}")
#: A surname of one word, with its particle if it has one: ``Van den Bosch``.
_SURNAME = re.compile(
    r"(?:(?:[Vv]an|[Dd]e|[Vv]on)(?: den| der| de| la)? |[Dd](?:el|i|u) |[Ll]a )?"
    r"[A-ZÀ-Þ]\S*?(?:[-–](?:de|van|von) [A-ZÀ-Þ]\S*)?"
)
_CAPITALIZED_BEFORE = re.compile(r"(?:\b[A-Z][a-z'’-]+|\b[A-Z]\.|,|\^)\s*\Z")
#: Grade, type or stage after a name: ``Koedam 1``, ``Garden IV``, ``Anderson type II``.
_GRADE_AFTER = re.compile(
    r" (?:(?:type|grade|stage|class|level|zone|category|score|scale|classification|criteria)\b|"
    r"(?:I{1,3}|IV|VI{0,3}|IX|X)[A-Ca-c]?\b|[0-5][A-Ca-c]?(?![\d/.-]|[ ]?[A-Za-z])|[A-D]\b(?!\.))"
)
#: A stage that the model took for an initial: ``CHIARI I.``
_STAGE = re.compile(r" (?:(?:I{1,3}|IV|VI{0,3})[A-Ca-c]?|[A-D])\.?\Z")
#: Neighbours of an eponym in an enumeration: ``Waters, Caldwell and lateral``.
_NEXT_IN_LIST = re.compile(r",? (?:and |or )?([^\W\d_]+(?:-[^\W\d_]+)?)")
_PREVIOUS_IN_LIST = re.compile(r"([^\W\d_]+(?:-[^\W\d_]+)?),? (?:and |or )?\Z")


class _Eponym(NamedTuple):
    """A value that may be an eponym.

    Attributes
    ----------
    text : str
        Whole text.
    begin, end : int
        Range of the value without a stage at its end.
    value : str
        ``text[begin:end]``.
    parts : list of str
        Normalized parts between commas, slashes and ``and``.
    is_named : bool
        Whether the list of eponyms has all parts.
    is_sign : bool
        Whether all parts are eponyms of a sign, or listed eponyms that alone are a phrase.
    after : str
        Beginning of the text after the value.
    has_stage : bool
        Whether a stage was cut off the end of the value.
    """

    text: str
    begin: int
    end: int
    value: str
    parts: list[str]
    is_named: bool
    is_sign: bool
    after: str
    has_stage: bool


def is_eponym(text: str, begin: int, end: int) -> bool:
    """Return whether a value names a sign, a disease or a device, judged by its context.

    Parameters
    ----------
    text : str
        Whole text.
    begin, end : int
        Range of the value: one surname, or several joined by commas, slashes or ``and``.
    """
    begin, end = widen_to_hyphenated(text, begin, end)
    value = _STAGE.sub("", text[begin:end])
    has_stage = len(value) < end - begin
    end = begin + len(value)
    parts = [normalize_phrase(part) for part in re.split(r", |/| and ", value)]
    is_named = all(part in eponyms() for part in parts)
    is_sign = all(
        part in sign_eponyms() or (is_named and part in known_phrases()) for part in parts
    )
    after = text[end : end + _CHARACTERS_AFTER]
    return _EPONYM_RULES(
        _Eponym(text, begin, end, value, parts, is_named, is_sign, after, has_stage)
    )


def _has_next_in_list(eponym: _Eponym) -> bool:
    """Return whether several eponyms of signs, or views, are enumerated: ``Waters, lateral``."""
    if not eponym.is_sign:
        return False
    if len(eponym.parts) > 1:
        return True
    following = _NEXT_IN_LIST.match(eponym.text, eponym.end)
    if not following:
        return False
    word = normalize_phrase(following[1])
    return word in sign_eponyms() or word in word_set("eponym_nouns.view")


def _has_previous_in_list(eponym: _Eponym) -> bool:
    """Return whether an eponym of a sign is enumerated before this one."""
    if not eponym.is_sign:
        return False
    before = eponym.text[max(0, eponym.begin - _LIST_CHARACTERS_BEFORE) : eponym.begin]
    previous = _PREVIOUS_IN_LIST.search(before)
    return previous is not None and normalize_phrase(previous[1]) in sign_eponyms()


def _is_clinical_word(word: str) -> bool:
    """Return whether a folded word is a disease, an operation or a part of the body."""
    if word in known_phrases() or word in word_set("eponym_nouns.part_of"):
        return True
    return len(word) > 5 and _CLINICAL_ENDING.search(word) is not None


def _precedes_clinical_word(eponym: _Eponym) -> bool:
    """Return whether a disease, an operation or a part of the body follows.

    The name must be a listed eponym that is not a frequent name, or a word that no list of names
    has.
    """
    following = _WORD_AFTER.match(eponym.text, eponym.end)
    if following is None or not _is_clinical_word(normalize_phrase(following[1])):
        return False
    if not following[1].islower() and not eponym.text.isupper():  # Pemberton's DME form
        return False
    return _is_rarely_of_a_person(eponym)


def _is_in_description(eponym: _Eponym) -> bool:
    """Return whether a name is one word of a description, and not after another name."""
    if len(eponym.text) > DESCRIPTION_MAX_CHARACTERS or not eponym.value[:1].isupper():
        return False
    if " " in eponym.value:
        return False
    begin = eponym.text.rfind(" ", 0, eponym.begin) + 1  # of all names that hyphens join
    previous = _CAPITALIZED_BEFORE.search(eponym.text, max(0, begin - 24), begin)
    return previous is None or is_never_a_name(normalize_phrase(previous[0]))


def _is_disease_or_part(word: str) -> bool:
    """Return whether a folded word is a disease, an operation, an instrument or a tissue."""
    if len(word) > 5 and _CLINICAL_ENDING.search(word):
        return True
    if word in _EXAMINATION_NOUNS or (is_imaging_term(word) and word not in _LESIONS):
        return False
    return any(word in word_set(f"eponym_nouns.{use}") for use in ("listed", "any", "part_of"))


def _precedes_noun_in_description(eponym: _Eponym) -> bool:
    """Return whether a disease, an instrument or a tissue follows in a description.

    ``Guglielmi coil``, ``Balo concentric sclerosis``: a person is not named like that.
    """
    if not _is_in_description(eponym):
        return False
    if _LETTERED_GRADE_AFTER.match(eponym.text, eponym.end):
        return True
    following = _WORDS_AFTER.match(eponym.text, eponym.end)
    if following is None:
        return False
    words = [normalize_phrase(word) for word in following.groups() if word]
    if _is_disease_or_part(words[0]):
        return True
    return any(
        all(map(is_never_a_name, words[:index])) and _is_disease_or_part(words[index])
        for index in range(1, len(words))
    )


def _has_three_names(eponym: _Eponym) -> bool:
    """Return whether hyphens join three names or more around the value."""
    begin = eponym.text.rfind(" ", 0, eponym.begin) + 1
    match = _THREE_NAMES.match(eponym.text, begin)
    return match is not None and match.end() >= eponym.end and _is_in_description(eponym)


def _precedes_grade(eponym: _Eponym) -> bool:
    """Return whether a grade, a type or a stage follows a listed eponym, or belongs to it."""
    is_named = eponym.is_named or eponym_surnames().issuperset(eponym.parts)
    if not is_named or _is_frequent(eponym):
        return False
    return eponym.has_stage or _GRADE_AFTER.match(eponym.text, eponym.end) is not None


def _is_rarely_of_a_person(eponym: _Eponym) -> bool:
    """Return whether a value is a listed eponym and not a frequent name, or not a known name."""
    if eponym.is_named or eponym_surnames().issuperset(eponym.parts):
        return not _is_frequent(eponym)
    return not any(map(is_listed_name, tokenize(eponym.value))) and " " not in eponym.value


def _is_frequent(eponym: _Eponym) -> bool:
    """Return whether a listed eponym is a frequent name; names that a hyphen joins are not."""
    if "-" in eponym.value and eponym.is_named:
        return False
    return any(map(is_frequent_name, tokenize(eponym.value)))


def _is_suspected(eponym: _Eponym) -> bool:
    """Return whether a listed eponym that is not a frequent name is suspected.

    ``r/o Fournier.`` and ``Gartner?`` are examples.
    """
    if not eponym.is_named or _is_frequent(eponym):
        return False
    end = _END_OF_CLAUSE_AFTER.match(eponym.after)
    if end is None:
        return False
    before = eponym.text[max(0, eponym.begin - _LIST_CHARACTERS_BEFORE) : eponym.begin]
    return eponym.after[end.end() :][:1] == "?" or _SUSPECTED_BEFORE.search(before) is not None


def _is_in_brackets(eponym: _Eponym) -> bool:
    """Return whether brackets hold an eponym of a sign and nothing else."""
    before = eponym.text[max(0, eponym.begin - 1) : eponym.begin]
    return eponym.is_sign and before == "(" and eponym.after.startswith(")")


_EPONYM_RULES = RuleList[[_Eponym], bool](
    "text.is_eponym",
    rule_if("verb", lambda e: _VERB_AFTER.match(e.after), False),
    rule_if("after_body_part", lambda e: is_after_body_part(e.text, e.begin), True),
    rule_if("next_in_list", _has_next_in_list, True),
    rule_if("previous_in_list", _has_previous_in_list, True),
    rule_if("in_brackets", _is_in_brackets, True),
    rule_if("sign_noun", lambda e: e.is_sign and SIGN_AFTER.match(e.after), True),
    rule_if(
        "listed_noun",
        lambda e: e.is_named and _LISTED_NOUN_AFTER.match(e.text, e.end) and not _is_frequent(e),
        True,
    ),
    rule_if(
        "genitive",
        lambda e: e.is_named and not _is_frequent(e) and _GENITIVE_OF_SIGN_AFTER.match(e.after),
        True,
    ),
    rule_if(
        "genitive_of_measure",
        lambda e: e.is_sign and _GENITIVE_OF_MEASURE_AFTER.match(e.after),
        True,
    ),
    rule_if("suspected", _is_suspected, True),
    rule_if("clinical_word", _precedes_clinical_word, True),
    rule_if("grade", _precedes_grade, True),
    rule_if("noun_in_description", _precedes_noun_in_description, True),
    rule_if("three_names", _has_three_names, True),
    rule_if("subtype", lambda e: is_subtype(e.text, e.begin, e.end), True),
    rule_if("not_one_surname", lambda e: not _SURNAME.fullmatch(e.value), False),
    rule_if("any_noun", lambda e: NOUN_AFTER.match(e.after), True),
    rule_if("score", lambda e: e.is_named and precedes_score(e.text, e.end), True),
    default=False,
)
