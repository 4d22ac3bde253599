"""Recognize surnames and towns that name a disease, a sign, a score or a device."""

from __future__ import annotations

import re
from typing import NamedTuple

from safelight.named_rules import RuleList, rule_if
from safelight.text.known.name_support import DESCRIPTION_MAX_CHARACTERS
from safelight.text.lexicon.phrases import (
    abbreviations,
    disease_eponyms,
    eponym_surnames,
    eponyms,
    known_phrases,
    normalize_phrase,
    sign_eponyms,
    tokenize,
)
from safelight.text.lexicon.word_lists import expand_lists, word_set
from safelight.text.lexicon.words import (
    everyday_words,
    imaging_words,
    is_frequent_name,
    is_imaging_term,
    is_listed_name,
    is_never_a_name,
)

#: Characters after an eponym in which a device, a sign or a finding is looked for.
_CHARACTERS_AFTER = 24
_CHARACTERS_BEFORE = 40
#: Characters before an eponym in which ``circle of`` or another eponym of a list is looked for.
_PART_CHARACTERS_BEFORE, _LIST_CHARACTERS_BEFORE = 20, 28

#: Text after an eponym of a sign, which doctors also use without a noun: ``Murphy neg``.
_SIGN_AFTER = re.compile(
    expand_lists(
        r"[ ]?[(]?[ ]?(?:<list:eponym_nouns.sign>|<list:eponym_nouns.sign_state>|"
        r"\+|-(?!\w)|\d(?!\d?[A-Z]\b)|up\b|out\b|[cn]/[wa]\b|[IV]+\b|[AB]\b|d/?c)"
    ),
    re.I,
)
#: Text after any capitalized word that makes it an eponym.
_NOUN_AFTER = re.compile(
    expand_lists(r"(?:['’]s)? (?:<list:eponym_nouns.any_stem>|<list:eponym_nouns.any>\b)"), re.I
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
_THREE_NAMES = re.compile(r"[A-Z][^\W\d_]+(?:-[A-Z][^\W\d_]+){2,}")
#: A disease before the surname that it is named after: ``ataxia of Friedreich``.
_DISEASE_BEFORE = re.compile(
    r"\b[a-z]*(?:itis|oma|osis|ataxia|trophy|plasia|pathy|derma|hystrix|syndrome|anomaly|"
    r"malformation) of \Z",
    re.I,
)
#: Names that a hyphen joins to the begin or the end of a value.
_HYPHENATED_BEFORE = re.compile(r"(?<![^\W_])(?:[A-ZÀ-Þ][^\W\d_]{1,20}[-–])+\Z")
_HYPHENATED_AFTER = re.compile(r"(?:[-–](?:de |van |von )?[A-ZÀ-Þ][^\W\d_]{1,20})+(?![^\W_])")
#: A surname of one word, with its particle if it has one: ``Van den Bosch``.
_SURNAME = re.compile(
    r"(?:(?:[Vv]an|[Dd]e|[Vv]on)(?: den| der| de| la)? |[Dd](?:el|i|u) |[Ll]a )?"
    r"[A-ZÀ-Þ]\S*?(?:[-–](?:de|van|von) [A-ZÀ-Þ]\S*)?"
)
#: The name of a subtype of a disease, at the end of a clause: ``dysplasia, Kozlowski type``.
_TYPE_BEFORE = re.compile(r"[a-z]{4,}(?:,| disease| syndrome)(?: [a-z]+)? (?:type )?\Z")
_TYPE_AFTER = re.compile(r" type(?: \d{1,2}[A-C]?)?(?=\Z|[.;,)])")
_NO_WORD_AFTER = re.compile(r"(?= ?\Z|[.;,)])")
_CAPITALIZED_BEFORE = re.compile(r"(?:\b[A-Z][a-z'’-]+|\b[A-Z]\.|,|\^)\s*\Z")
#: Grade, type or stage after a name: ``Koedam 1``, ``Garden IV``, ``Anderson type II``.
_GRADE_AFTER = re.compile(
    r" (?:(?:type|grade|stage|class|level|zone|category|score|scale|classification|criteria)\b|"
    r"(?:I{1,3}|IV|VI{0,3}|IX|X)[A-Ca-c]?\b|[0-5][A-Ca-c]?(?![\d/.-]|[ ]?[A-Za-z])|[A-D]\b(?!\.))"
)
#: A score one to three words after its name: ``Hamilton rating scale``, ``Ottawa Ankle Rules``.
_SCORE_AFTER = re.compile(
    expand_lists(
        r"(?: (?!<list:words_before_scores>\b)[a-z]{3,14}){1,2} "
        r"(?:<list:eponym_nouns.score>|staging|definition)\b|"
        r" [A-Z][a-z]+ (?:(?=[A-Z][a-z]+\b)(?i:<list:eponym_nouns.score>)|Study)\b"
    )
)
#: Text after a town that names a classification or a substance: ``India ink``.
_PLACE_NOUN_AFTER = re.compile(expand_lists(r"(?: [IV]+)? <list:eponym_nouns.place>\b"), re.I)
#: Classification written as letters: ``Montreal A2L3B2``.
_LETTERS_AFTER = re.compile(r" (?:[A-Z]\d[a-z]?){2,4}\b")
_DISEASE_AFTER_PLACE = re.compile(expand_lists(r" <list:eponym_nouns.place_disease>\b"), re.I)
_PREPOSITION_BEFORE = re.compile(r"\b(?:from|in|to|at|near) \Z", re.I)
#: Grade behind a town in brackets: ``(Ottawa neg)``, ``(Berlin severe)``.
_FINDING_AFTER = re.compile(expand_lists(r" (?:<list:eponym_nouns.finding>|\+)\b"), re.I)
#: Part of the body before the surname that it is named after: ``circle of Willis``.
_PART_BEFORE = re.compile(expand_lists(r"\b<list:eponym_nouns.part_of> of (?:the )?\Z"), re.I)
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
    begin, end = _widen_to_hyphenated(text, begin, end)
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


def _widen_to_hyphenated(text: str, begin: int, end: int) -> tuple[int, int]:
    """Return the range with the names that hyphens join to it: ``Jackson`` of ``Jackson-Weiss``."""
    before = _HYPHENATED_BEFORE.search(text, max(0, begin - _CHARACTERS_BEFORE), begin)
    after = _HYPHENATED_AFTER.match(text, end)
    return before.start() if before else begin, after.end() if after else end


def _is_after_body_part(text: str, begin: int) -> bool:
    """Return whether ``circle of``, ``ataxia of`` or the like is before a position."""
    before = text[max(0, begin - _PART_CHARACTERS_BEFORE) : begin]
    return _PART_BEFORE.search(before) is not None or _DISEASE_BEFORE.search(before) is not None


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
    rule_if("after_body_part", lambda e: _is_after_body_part(e.text, e.begin), True),
    rule_if("next_in_list", _has_next_in_list, True),
    rule_if("previous_in_list", _has_previous_in_list, True),
    rule_if("in_brackets", _is_in_brackets, True),
    rule_if("sign_noun", lambda e: e.is_sign and _SIGN_AFTER.match(e.after), True),
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
    rule_if("any_noun", lambda e: _NOUN_AFTER.match(e.after), True),
    rule_if("score", lambda e: e.is_named and precedes_score(e.text, e.end), True),
    default=False,
)


def is_subtype(text: str, begin: int, end: int) -> bool:
    """Return whether a name or a place is that of a subtype: ``dysplasia, Missouri type``.

    Parameters
    ----------
    text : str
        Whole text.
    begin, end : int
        Range of the name or the place.
    """
    before = _TYPE_BEFORE.search(text, max(0, begin - _CHARACTERS_BEFORE), begin)
    if before is None:
        return False
    after = _NO_WORD_AFTER if before.group().endswith(" type ") else _TYPE_AFTER
    return after.match(text, end) is not None


def precedes_noun_of_eponyms(text: str, end: int) -> bool:
    """Return whether a noun follows that makes any word an eponym: ``Carpenter syndrome``.

    Parameters
    ----------
    text : str
        Whole text.
    end : int
        Offset of the end of the word in code points.
    """
    return _NOUN_AFTER.match(text, end) is not None


def precedes_score(text: str, end: int) -> bool:
    """Return whether the text after a position names a score, a rule or a trial.

    ``Boston bowel prep score`` is one.

    Parameters
    ----------
    text : str
        Whole text.
    end : int
        Offset of the end of the name in code points: of ``Boston`` in the example.
    """
    return _SCORE_AFTER.match(text, end) is not None


def is_classification(text: str, begin: int, end: int) -> bool:
    """Return whether a place names a classification, a score or a disease.

    Parameters
    ----------
    text : str
        Whole text.
    begin, end : int
        Range of the place: ``Ottawa`` in ``Ottawa ankle rules``, ``Berlin`` in ``(Berlin mild)``.
    """
    return _CLASSIFICATION_RULES(text, begin, end)


def _is_disease(text: str, begin: int, end: int) -> bool:
    """Return whether a disease follows a place that is not an address: ``West Nile virus``."""
    if not _DISEASE_AFTER_PLACE.match(text, end):
        return False
    return not _PREPOSITION_BEFORE.search(text[max(0, begin - 8) : begin])


def _is_graded_in_brackets(text: str, begin: int, end: int) -> bool:
    """Return whether brackets hold a place and a grade."""
    return text[max(0, begin - 1) : begin] == "(" and _FINDING_AFTER.match(text, end) is not None


def _is_hyphenated_disease(text: str, begin: int, end: int) -> bool:
    """Return whether a hyphen joins a place to the name of a disease: ``Cronkhite-Canada``."""
    first, last = _widen_to_hyphenated(text, begin, end)
    if (first, last) == (begin, end):
        return False
    return bool(_NOUN_AFTER.match(text, last) or _DISEASE_AFTER_PLACE.match(text, last))


_CLASSIFICATION_RULES = RuleList[[str, int, int], bool](
    "text.is_classification",
    rule_if("noun", lambda text, _, end: _PLACE_NOUN_AFTER.match(text, end), True),
    rule_if("letters", lambda text, _, end: _LETTERS_AFTER.match(text, end), True),
    rule_if("score", lambda text, _, end: precedes_score(text, end), True),
    rule_if("disease", _is_disease, True),
    rule_if("subtype", is_subtype, True),
    rule_if("hyphenated", _is_hyphenated_disease, True),
    rule_if("grade_in_brackets", _is_graded_in_brackets, True),
    default=False,
)


def is_eponym_in_description(text: str, begin: int, end: int) -> bool:
    """Return whether a value is an eponym among imaging terms only: ``SINUS WATERS``.

    The list of phrases must have the value alone; that list leaves out frequent surnames.

    Parameters
    ----------
    text : str
        Whole value of a description; longer texts are never one.
    begin, end : int
        Range of the surname.
    """
    value = normalize_phrase(text[begin:end])
    if len(text) > DESCRIPTION_MAX_CHARACTERS:
        return False
    if value not in sign_eponyms() and value not in disease_eponyms():
        return False
    others = tokenize(text[:begin] + " " + text[end:])
    return bool(others) and all(map(is_description_term, others))


def is_description_term(word: str) -> bool:
    """Return whether a folded word is a term, a phrase, an abbreviation or an everyday word."""
    return (
        word in imaging_words()
        or word in known_phrases()
        or word.upper() in abbreviations()
        or (word in everyday_words() and is_never_a_name(word))
    )


def is_eponym_with_number(text: str, begin: int, end: int) -> bool:
    """Return whether a guessed place is an eponym and its score: ``Hamilton 22``.

    Parameters
    ----------
    text : str
        Whole text.
    begin, end : int
        Range of the place in code points; ``end`` is exclusive.

    Returns
    -------
    bool
        True if the place without digits and punctuation at its end is an eponym of a sign, and a
        number, a sign or a state of a sign follows the eponym.
    """
    name = re.sub(r"[\W\d_]+\Z", "", text[begin:end])
    if normalize_phrase(name) not in sign_eponyms():
        return False
    return _SIGN_AFTER.match(text, begin + len(name)) is not None


def is_known_eponym(text: str, begin: int, end: int) -> bool:
    """Return whether the last word of a guessed place is an eponym that a list has.

    ``Rockwood clinical frailty scale`` is one.

    Parameters
    ----------
    text : str
        Whole text.
    begin, end : int
        Range of the place in code points, ``end`` exclusive: of ``Rockwood`` in the example.

    Returns
    -------
    bool
        True if the list of eponyms has the word and :func:`is_eponym` is true for it. True also
        for any word after a part of the body and ``of``, as in ``circle of Willis``.
    """
    begin = max(begin, text.rfind(" ", begin, end) + 1)
    if _is_after_body_part(text, begin):
        return True
    return normalize_phrase(text[begin:end]) in eponyms() and is_eponym(text, begin, end)
