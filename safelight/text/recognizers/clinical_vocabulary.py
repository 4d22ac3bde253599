"""The allow list: what an unsupported guess of the model must not hide.

It only ever rules out what the model alone has guessed; keys, rules, gazetteers and known
values of the patient are not held against it.
"""

from __future__ import annotations

import re

from safelight.text.language import is_foreign_text
from safelight.text.lexicon.phrases import (
    is_known_phrase,
    known_phrases,
    normalize_phrase,
    starts_with_vendor,
    tokenize,
)
from safelight.text.lexicon.word_lists import word_set
from safelight.text.lexicon.words import (
    everyday_words,
    given_names,
    is_imaging_term,
    is_never_a_name,
    is_word,
    surnames_that_are_words,
)
from safelight.text.recognizers.eponyms import (
    is_eponym,
    is_eponym_in_description,
    is_eponym_with_number,
    is_known_eponym,
)
from safelight.text.recognizers.shorthand import (
    CONTEXT_CHARACTERS,
    HL7_EVENT,
    LOWERCASE_WORD,
    context_of,
    is_abbreviating_letter,
    is_abbreviation,
    is_acronym,
    is_field_label,
    is_slashed,
)

_TITLE = re.compile(
    r"(?:\b(?:dr|drs|doctor|mr|mrs|ms|miss|mx|prof|professor|dear|hi|hello|nurse)\b[.:,]?|"
    r"\b(?:read|seen|signed|dictated|performed|reported|referred|reviewed|ordered) by:?|"
    r"\b(?:name|patient|pt|md|to|by)[:=]|\^)\s{0,3}\Z",
    re.I,
)
#: A modality or a disease in capitals, where it stands before a term.
_NO_TITLE = re.compile(r"\b(?:MR|DR|MS)\s{1,3}\Z")
_ENDED = re.compile(r"\b(?:dr|mr|mrs|ms|md),\s{1,3}\Z", re.I)
_ZIP_AFTER = re.compile(r",?\s{1,2}\d{5}")
_CAPITAL = re.compile(r"[A-Z]")
_IN = re.compile(r"\b(?:in|from|at|of|near|to|city)\s\Z", re.I)
_FOR = re.compile(r"\b(?:for|by|@) ?\Z")
#: Words that name what every house has, and none in particular: ``Pain Clinic``.
_DEPARTMENTS = (word_set("institutions.common") | word_set("institutions.department")) - frozenset(
    ("general", "regional", "county", "community", "memorial", "university", "metropolitan",
     "children", "childrens", "veterans", "teaching")
)  # fmt: skip
_DEGREE_BEFORE = re.compile(
    r"(?:M\.?D\.?|D\.?O\.?|R\.?N\.?|Ph\.?D\.?|FACR|FRCR|LPN|NP|PA-?C?|MBBS),?\s{1,2}\Z|"
    r"\b(?:referred by|seen by|per|to|the|school|campus|staff|ward) (?:the |a |an )?"
    r"(?:school |campus |clinic )?\Z"
)
_NO_PROFESSION = re.compile(
    r"(?:widow(?:er|ed)?|single|married|divorced|bachelor|man|woman|male|female|gentleman|lady|boy|"
    r"girl|smoker|vegetarian|retired|unemployed|disabled|patient|veteran|student|sophomore|junior|"
    r"historian|police officer|"
    r"freshman|senior|police|medic|witness|sitter|visitor|donor|proband|volunteer|"
    r"(?:school |charge |campus |staff |head )?(?:physician|doctor|surgeon|radiologist|pathologist|"
    r"cardiologist|oncologist|neurologist|hospitalist|counsell?or|resident|intern|fellow|attending|"
    r"nurse practitioner|case manager|social worker|technologist|sonographer))s?",
    re.I,
)
#: ``has been a social worker``: the patient's own profession.
_IS_ONE = re.compile(r"\b(?:been an?|is an?|was an?|as an?|retired|former|by trade an?)\s\Z", re.I)
_CARER = re.compile(r"worker|counsell?or|nurse|manager|technologist|physician|surgeon|doctor", re.I)
_AS_KEY = re.compile(r"\s?:")
_CLINICAL_JOB = re.compile(r"nurse|therapist|pharmacist|psychologist|dietitian|chaplain", re.I)
#: "State after", "disease of": German and Spanish shorthand before an eponym.
_AFTER = re.compile(r"(?:Z\. ?n\.?|St\. ?p\.?|M\.|Mb\.|Morbus|Enf\. de)\s?")
#: Where somebody is within a house.
_INDOORS = re.compile(
    r"(?:\d+(?:st|nd|rd|th)? ?fl(?:oor)?|(?:floor|room|rm|bed|bay|level|ward) ?\d+[A-Z]?)", re.I
)


def _capitals_near(text: str, begin: int, end: int) -> bool:
    return any(map(str.isupper, context_of(text, begin, end)))


def _after_title(text: str, begin: int, end: int) -> bool:
    """Whether a title, a greeting or a key stands before; in ``MR BRAIN`` none does."""
    if not _TITLE.search(text, max(0, begin - 16), begin):
        return False
    if _ENDED.search(text, max(0, begin - 8), begin):
        return False
    modality = _NO_TITLE.search(text, max(0, begin - 6), begin)
    words = tokenize(text[begin:end])
    return not (modality and all(is_imaging_term(word) or is_never_a_name(word) for word in words))


def is_lowercase_among_capitals(text: str, begin: int, end: int) -> bool:
    """Whether a value is in small letters where the text writes capitals too."""
    return text[begin:end].islower() and _capitals_near(text, begin, end)


def is_foreign(text: str, begin: int, end: int) -> bool:
    """Whether the text around is German, French or Spanish, by its small words."""
    return is_foreign_text(
        text[max(0, begin - 2 * CONTEXT_CHARACTERS) : end + 2 * CONTEXT_CHARACTERS]
    )


def _is_about_a_term(value: str) -> bool:
    """A listed drug, maker or organism, and small words behind it: ``Singulair black box``."""
    first, _, rest = value.partition(" ")
    return rest.islower() and normalize_phrase(first) in known_phrases()


def is_department(value: str) -> bool:
    """Whether a value names what every house has: ``Pain Clinic``, ``home health agencies``."""
    words = tokenize(value)
    return len(words) > 1 and all(map(_DEPARTMENTS.__contains__, words))


def _is_nationality(value: str) -> bool:
    return all(word in word_set("nationalities") for word in tokenize(value) or [""])


def _is_capitalised(text: str, begin: int, end: int) -> bool:
    """One word with a capital, where others have none: ``drives for Swift``."""
    around = context_of(text, begin, end)
    return text[begin:end].istitle() and len(LOWERCASE_WORD.findall(around)) > 2


def _hardly_borne(word: str) -> bool:
    """A folded word that is vocabulary rather than a name, standing alone."""
    if word in given_names():
        return False
    return word in everyday_words() or is_never_a_name(word)


def is_common_word_as_name(text: str, begin: int, end: int, sure: bool = False) -> bool:
    """Whether a guessed name is vocabulary: a listed phrase, an eponym, words that nobody bears.

    Where the model is ``sure``, capitals that no list knows are a name. What follows a title, a
    greeting or a key (``Dr. Head``, ``Name: Fine``) is never plain.
    """
    words = tokenize(text[begin:end])
    if words and all(map(word_set("titles.kept").__contains__, words)):
        return True
    if _after_title(text, begin, end):
        # "seen by nutrition": an everyday word in small letters where names have capitals
        if text[begin:end].islower() and is_abbreviation(text, begin, end):
            return not any(map(given_names().__contains__, words))
        return all(map(is_never_a_name, words)) and is_lowercase_among_capitals(text, begin, end)
    if is_known_phrase(text, begin, end) or is_abbreviation(text, begin, end):
        return True
    value = text[begin:end]
    if is_field_label(text, begin, end) or starts_with_vendor(value):
        return True
    if _is_nationality(value) or (not sure and is_acronym(text, begin, end)):
        return True
    if (
        is_slashed(text, begin, end)
        or is_abbreviating_letter(text, value, end)
        or HL7_EVENT.fullmatch(value)
    ):
        return True
    if is_lowercase_among_capitals(text, begin, end):
        # Who writes capitals writes them in names: "creatinine rose", "a long stone".
        return all(map(is_word, words)) or is_foreign(text, begin, end)
    if value[0].islower() and is_foreign(text, begin, end) and _capitals_near(text, begin, end):
        return True
    begin += len(shorthand.group()) if (shorthand := _AFTER.match(value)) else 0
    if shorthand and (begin == end or is_known_phrase(text, begin, end)):
        return True
    if is_eponym(text, begin, end) or is_eponym_in_description(text, begin, end):
        return True
    if len(words) == 1:
        # two or three capitals are initials, unless a list of abbreviations knows them
        initials = len(value) < 4 and value.isupper()
        return words[0] in everyday_words() if initials else _hardly_borne(words[0])
    return all(_hardly_borne(word) and word not in surnames_that_are_words() for word in words)


def is_common_word_as_profession(text: str, begin: int, end: int) -> bool:
    """Whether a guessed profession is a state of life, or that of who treats the patient."""
    value = text[begin:end]
    if _IS_ONE.search(text, max(0, begin - 16), begin) and _CARER.search(value):
        return False
    if _NO_PROFESSION.fullmatch(value) or is_abbreviation(text, begin, end):
        return True
    if is_known_phrase(text, begin, end) or starts_with_vendor(value) or _AS_KEY.match(text, end):
        return True
    if _is_nationality(value):
        return True
    before = text[max(0, begin - 24) : begin]
    return bool(_CLINICAL_JOB.search(value) and _DEGREE_BEFORE.search(before))


def is_common_word_as_place(text: str, begin: int, end: int, sure: bool = False) -> bool:
    """Whether a guessed place is vocabulary: everyday words or what every hospital is called.

    Where the model is ``sure`` of a word that is not an everyday one, it is believed.
    """
    value = text[begin:end].removeprefix("s ")
    begin = end - len(value)
    if is_abbreviating_letter(text, value, end) or _INDOORS.fullmatch(value):
        return True
    if value.upper() in word_set("us_states.code"):
        # "OR", "in": a state in capitals, before a ZIP code or after a comma
        after_comma = text[max(0, begin - 2) : begin] == ", "
        return not (value.isupper() or after_comma or _ZIP_AFTER.match(text, end))
    if is_known_phrase(text, begin, end) or is_abbreviation(text, begin, end, cut=False):
        return True
    if is_field_label(text, begin, end) or starts_with_vendor(value):
        return True
    words = tokenize(value)
    if _is_nationality(value) or is_department(value) or _is_about_a_term(value):
        return True
    if not sure and is_acronym(text, begin, end):
        return not _IN.search(text, max(0, begin - 9), begin)
    if sure and _FOR.search(text, max(0, begin - 9), begin) and _is_capitalised(text, begin, end):
        return False
    if len(words) == 1 and words[0] in everyday_words() and is_never_a_name(words[0]):
        return True
    if value.isdigit() and len(value) < 5:
        return True
    if is_eponym_with_number(text, begin, end):
        return True
    if is_known_eponym(text, begin, end) and not _IN.search(text, max(0, begin - 9), begin):
        return True
    if not words or any(map(str.isdigit, value)):
        return False
    if value[0].islower() and is_foreign(text, begin, end) and _capitals_near(text, begin, end):
        return True
    if is_lowercase_among_capitals(text, begin, end):
        return all(map(is_word, words)) or is_foreign(text, begin, end)
    if len(words) == 1 and _CAPITAL.match(value) and not _IN.search(text, max(0, begin - 9), begin):
        return words[0] in everyday_words() or (not sure and is_never_a_name(words[0]))
    generic = all(word in word_set("institutions.kept") or len(word) == 2 for word in words)
    return generic and (len(words) == 1 or value.islower())
