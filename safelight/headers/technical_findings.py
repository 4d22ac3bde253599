"""Recognize findings of the text model that are technical strings of a description.

Scanners and sites write ``CT_SkullMidThigh`` or ``Ch_Abd_Enhan_5_0``. The model takes the parts
for names, places, dates and identifiers.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from safelight.headers.descriptions.institutions import INSTITUTION
from safelight.named_rules import RuleList, rule_if
from safelight.records import Span
from safelight.text.dates.parsing import parse_date_text
from safelight.text.lexicon.folding import fold_text
from safelight.text.lexicon.technical_words import (
    is_cut,
    is_joined,
    is_subsequence,
    is_technical_word,
    scanner_terms,
)
from safelight.text.lexicon.word_lists import expand_lists, word_set
from safelight.text.lexicon.words import is_imaging_term, is_listed_name

#: Confidence from which a guessed place of technical words is a place.
_PLACE_MIN_CONFIDENCE = 0.9
#: Digits of a series, a dose or a study in a technical string, at most.
_TECHNICAL_MAX_DIGITS = 4
#: Letters of an abbreviation in a place or an identifier, at most.
_ABBREVIATION_MAX_LETTERS = 3
_ACRONYM_MAX_LETTERS = 6
#: Confidence from which words in sentence case are a place.
_SENTENCE_CASE_MIN_CONFIDENCE = 0.95
#: Confidence from which a guessed profession that no list has is one.
_PROFESSION_MIN_CONFIDENCE = 0.9
#: Characters between the parts of a name.
_NAME_GAP_MAX_CHARACTERS = 2

_WORD = re.compile(r"[^\W\d_]+")
_CAMEL_CASE_WORD = re.compile(r"[A-Z]?[^\W\d_A-Z]+|[A-Z]+(?![a-z])")
#: Capitals as no name has them: ``DynaCT``, ``aSAH``.
_ENDS_WITH_CAPITALS = re.compile(r"[A-Za-z]?[a-z]+[A-Z]{2,}|[a-z]{1,3}[A-Z]+")
#: Words before the name of a person, and those that are before a term as well.
_PERSON_BEFORE = re.compile(
    r"(?<![^\W\d_])(?:for|by|per|pt|patient|name|dr|mr|mrs|ms|ref|prof|miss)\W{1,2}\Z"
)
_MODALITY_BEFORE = re.compile(r"(?<![^\W\d_])(?:mr|hi) \Z")
#: Milliseconds, and not the title ``Ms``.
_MILLISECONDS_BEFORE = re.compile(r"\d ?ms \Z")
#: Word with a number in the middle: ``ColdRod22MIN``.
_WORD_AROUND_NUMBER = re.compile(r"[^\W\d_]+\d+[^\W\d_]+\d*")
#: Letters with blanks between them, such as those of parts of the body: ``C A P``.
_LETTERS_APART = re.compile(r"[A-Z](?: [A-Z])+")
_PREPOSITION_BEFORE = re.compile(r"(?<![^\W\d_])(?:to|from|with|and)[\W_]{1,2}\Z")
#: Words and marks of a date that a parser of dates does not read.
_DATE_SIGN = re.compile(
    expand_lists(
        r"(?<![^\W\d_])(?:<list:months>|<list:weekdays.full.en>|<list:relative_dates>)(?![^\W\d_])"
        r"|(?<!\d)(?:19|20)\d\d(?!\d)|\d[./-]\d"
    ),
    re.I,
)


_TWO_NUMBERS = re.compile(r"\d{1,2}(?:st|nd|rd|th)?[-–/]\d{1,2}(?:st|nd|rd|th)?(?:/\d{1,2}){0,2}")
_DIGIT_BEFORE = re.compile(r"\d[.,/]\Z")
#: Units and parts of the body that are counted.
_UNIT_AFTER = re.compile(
    r"[.,]\d|,000| ?(?:HU|mm|cm|ml|mg|kg|g|Gy|cGy|kV|mAs?|Hz|MHz|ms|sec|s|min|h|hrs?|days?|wks?|"
    r"weeks?|months?|mos?|yrs?|years?|%|x|digits?|fingers?|toes?|ribs?|metacarpals?|metatarsals?|"
    r"ventricles?|phal\w*|vertebra\w*|branchial|pharyngeal|degrees?|deg|cells?|lesions?|nodes?|"
    r"views?|images?|slices?|phases?|beats?|bpm|gates?|level|space)(?![^\W_])",
    re.I,
)
_OWN_PROFESSION_BEFORE = re.compile(
    r"(?:retired|former|works? as|working as|worked as|\ban?|occupation|job|profession|trade|pt is)"
    r"\W{1,3}\Z",
    re.I,
)
#: Isotopes of nuclear medicine and radiotherapy, and b-values of diffusion.
_ISOTOPE_OR_B_VALUE = re.compile(
    r"(?:I-?12[345]|I-?131|Tc-?99m?|Ga-?6[78]|In-?111|Tl-?201|Xe-?133|F-?18|Y-?90|Lu-?177|"
    r"Sr-?(?:89|90)|Sm-?153|Ra-?223|Cu-?64|Zr-?89|Rb-?82|N-?13|C-?11|O-?15|P-?32|Co-?(?:57|60)|"
    r"Cs-?137|Ir-?192|Pd-?103|Cr-?51|b ?=? ?\d{1,4})",
    re.I,
)
#: Trials and protocols of cooperative groups, which many patients and sites have in common.
_TRIAL = re.compile(
    r"(?<![^\W_])(?:ACRIN|EAY|ECOG|RTOG|NRG|CALGB|SWOG|NSABP|NCCTG|EORTC|ALLIANCE|TROG|NCIC)"
    r"[ _-]{0,2}[A-Z]{0,2}\d{2,5}(?!\d)",
    re.I,
)
#: Version of a software in front of a value: ``1.0``, ``2.4.1``.
_VERSION = re.compile(r"v?\d{1,2}(?:\.\d{1,2}){1,2}", re.IGNORECASE)
_SMALL_WORD = re.compile(r"(?<![^\W_])(?:[a-z]{2,}|[a-z]/[a-z])(?![^\W_])")
_SOCIETY = re.compile(
    r"(?:American|British|Canadian|Australian|European|German|French|Italian|Japanese|Asian|"
    r"International|World|National|Royal|New York Heart|Radiological|Society|College|Association)\b"
    r"(?=.{0,60}\b(?:Association|Societ(?:y|ies)|College of|Institutes?|Academy|Federation|League|"
    r"Committee|Board of|Organi[sz]ation|Network|Group|Alliance|Council|Registry|of|for)\b)"
    r"(?!.*\b(?:Hospital|Clinic|Medical)\b)",
    re.I,
)


def drop_technical_findings(value: str, spans: Sequence[Span]) -> list[Span]:
    """Return the findings without those of the text model that are technical strings.

    Parameters
    ----------
    value : str
        Value of an element.
    spans : sequence of Span
        Findings in it.
    """
    kept = [span for span in spans if not _IS_TECHNICAL(value, span)]
    return [span for span in kept if not _is_lone_letter(value, span, kept)]


def _is_technical_name(value: str, span: Span) -> bool:
    """Return whether a name consists of technical words and is not after a title."""
    text = value[span.begin : span.end]
    if span.entity != "NAME" or _count_digits(text) > _TECHNICAL_MAX_DIGITS:
        return False
    words = _WORD.findall(text)
    long_words = [word for word in words if len(word) > 1]
    before = fold_text(value[max(0, span.begin - 12) : span.begin])
    if span.engine == "key":
        if _MILLISECONDS_BEFORE.search(before):
            return True
        return _MODALITY_BEFORE.search(before) is not None and all(map(_is_technical, long_words))
    if span.engine not in ("ner", "gazetteer"):
        return False
    if all(word.islower() and fold_text(word) in _particles() for word in words):
        return True
    if not long_words or (_PERSON_BEFORE.search(before) and not _is_after_modality(value, span)):
        return False
    if all(fold_text(word) in scanner_terms() for word in long_words):
        return True
    if span.engine == "gazetteer" or _PREPOSITION_BEFORE.search(before):
        return False
    return all(map(_is_technical, long_words))


def _is_string_without_name(value: str, span: Span) -> bool:
    """Return whether a guessed name is letters apart, or a word around a number."""
    if (span.entity, span.engine) != ("NAME", "ner"):
        return False
    before = fold_text(value[max(0, span.begin - 12) : span.begin])
    if _PERSON_BEFORE.search(before):
        return False
    text = value[span.begin : span.end]
    return any(form.fullmatch(text) for form in (_LETTERS_APART, _WORD_AROUND_NUMBER))


def _is_after_modality(value: str, span: Span) -> bool:
    """Return whether ``MR`` in capitals is before small letters: ``MR prostaat``."""
    return value[: span.begin].endswith("MR ") and value[span.begin : span.end].islower()


@cache
def _particles() -> frozenset[str]:
    """Return particles and articles that no name consists of: ``de la``."""
    return word_set("name_particles") | frozenset(
        "su du au des une una um uma im am zur zum".split()
    )


def _is_technical(word: str) -> bool:
    """Return whether a word, or each part of a word in camel case, is technical."""
    if is_technical_word(fold_text(word)):
        return True
    if _ENDS_WITH_CAPITALS.fullmatch(word):
        return True
    parts = _CAMEL_CASE_WORD.findall(word)
    return (
        len(parts) > 1
        and any(len(part) > 3 and _is_term(part) for part in parts)
        and all(_is_short_or_technical(fold_text(part)) for part in parts)
    )


def _is_short_or_technical(part: str) -> bool:
    is_short = len(part) <= _ABBREVIATION_MAX_LETTERS and not is_listed_name(part)
    return len(part) < 3 or is_short or is_technical_word(part)


def _is_term(word: str) -> bool:
    """Return whether a word is a term of imaging or of scanners, and not any ordinary word."""
    folded = fold_text(word)
    return folded in scanner_terms() or is_imaging_term(folded) or is_joined(folded)


def _is_technical_string(value: str, span: Span) -> bool:
    """Return whether a place or an identifier has technical words and short numbers only."""
    text = value[span.begin : span.end]
    words = _WORD.findall(text)
    if span.entity == "ID":
        if span.engine not in ("ner", "key") or _count_digits(text) > _TECHNICAL_MAX_DIGITS:
            return False
    elif span.entity != "LOCATION" or span.engine != "ner":
        return False
    elif span.confidence >= _PLACE_MIN_CONFIDENCE:
        return False
    if span.entity == "LOCATION" and INSTITUTION.search(text):
        return False
    is_term = _is_technical if span.entity == "ID" or text.islower() else _is_term
    return any(is_term(word) for word in words if len(word) > 2) and all(
        len(word) <= _ABBREVIATION_MAX_LETTERS and not is_listed_name(fold_text(word))
        or is_term(word)
        for word in words
    )  # fmt: skip


def _count_digits(text: str) -> int:
    return sum(map(str.isdigit, text))


def _is_number_of_series(value: str, span: Span) -> bool:
    """Return whether a guessed date has neither the form nor a word of a date: ``b1000``."""
    if (span.entity, span.engine) != ("DATE", "ner"):
        return False
    text = value[span.begin : span.end]
    return parse_date_text(text) is None and _DATE_SIGN.search(text) is None


def _is_measured_range(value: str, span: Span) -> bool:
    """Return whether two numbers that look like a day and a month are a range or a size."""
    if span.entity != "DATE" or not _TWO_NUMBERS.fullmatch(value, span.begin, span.end):
        return False
    if _DIGIT_BEFORE.search(value[: span.begin]):
        return True
    return _UNIT_AFTER.match(value, span.end) is not None


def _is_isotope(value: str, span: Span) -> bool:
    """Return whether a number that looks like an age is that of an isotope: ``Tc^99m^``."""
    return span.entity == "AGE" and value[: span.begin].endswith("^")


def _is_term_as_profession(value: str, span: Span) -> bool:
    """Return whether a guessed profession is a contrast agent, or a word without evidence."""
    if (span.entity, span.engine) != ("PROFESSION", "ner"):
        return False
    text = fold_text(value[span.begin : span.end])
    if any(word in word_set("professions.term") for word in _WORD.findall(text)):
        return True
    if text in word_set("professions") or _OWN_PROFESSION_BEFORE.search(value[: span.begin]):
        return False
    return _is_technical(text) or span.confidence < _PROFESSION_MIN_CONFIDENCE


def is_acronym(value: str, span: Span) -> bool:
    """Return whether a name is an acronym: in brackets after its words, or among small letters.

    Parameters
    ----------
    value : str
        Value of an element.
    span : Span
        Finding in it.
    """
    text = value[span.begin : span.end]
    if span.entity != "NAME" or span.engine not in ("ner", "gazetteer") or not text.isalpha():
        return False
    if not text.isupper() or not 1 < len(text) <= _ACRONYM_MAX_LETTERS:
        return False
    before = value[: span.begin]
    if before.endswith("("):
        words = re.split(r"[\s_-]+", before[:-1].strip(" _").lower())
        return _has_initials(text.lower(), words)
    if is_listed_name(text.lower()) or _PERSON_BEFORE.search(fold_text(before[-12:])):
        return False
    return value.startswith("?") or _SMALL_WORD.search(value) is not None


def _has_initials(acronym: str, words: Sequence[str]) -> bool:
    """Return whether the letters of an acronym are in the words before it, from an initial on."""
    if words[-1].startswith(acronym):
        return True
    return any(
        word[:1] == acronym[0] and is_subsequence(acronym, "".join(words[start:]))
        for start, word in enumerate(words[:-1])
    )


def _is_code_of_state(value: str, span: Span) -> bool:
    """Return whether a place is a code of a state alone, or with technical words: ``CA pre``."""
    if span.entity != "LOCATION" or span.engine not in ("ner", "gazetteer"):
        return False
    if INSTITUTION.search(value, span.begin, span.end):
        return False
    words = _WORD.findall(value[span.begin : span.end])
    if value[: span.begin].rstrip().endswith(",") or _count_digits(value[span.begin :][:12]) > 4:
        return False
    return bool(words) and all(len(word) <= 2 or _is_term(word) for word in words)


def _is_phrase_in_sentence_case(value: str, span: Span) -> bool:
    """Return whether a guessed place is ordinary words, of which at most the first has a capital.

    Each word of the name of a place has a capital.
    """
    if (span.entity, span.engine) != ("LOCATION", "ner"):
        return False
    if span.confidence >= _SENTENCE_CASE_MIN_CONFIDENCE:
        return False
    text = value[span.begin : span.end]
    words = _WORD.findall(text)
    if len(words) < 2 or not text[1:].islower() or INSTITUTION.search(text):
        return False
    return all(is_technical_word(fold_text(word)) for word in words if len(word) > 3)


def _is_cut_term(value: str, span: Span) -> bool:
    """Return whether a guessed name is the begin of a term that the end of the value cuts."""
    if (span.entity, span.engine) != ("NAME", "ner") or value[span.end :].strip(" _"):
        return False
    word = value[span.begin : span.end]
    before = value[: span.begin]
    if not word.isalpha() or not before.strip() or _PERSON_BEFORE.search(fold_text(before[-12:])):
        return False
    return is_cut(fold_text(word))


def _is_isotope_or_b_value(value: str, span: Span) -> bool:
    """Return whether a guessed identifier is an isotope or a b-value: ``I-123``, ``b800``."""
    if (span.entity, span.engine) != ("ID", "ner"):
        return False
    return _ISOTOPE_OR_B_VALUE.fullmatch(value, span.begin, span.end) is not None


def _is_trial(value: str, span: Span) -> bool:
    """Return whether a guessed identifier has only the number of a trial: ``ACRIN 6657``."""
    if (span.entity, span.engine) != ("ID", "ner"):
        return False
    for match in _TRIAL.finditer(value):
        if match.start() <= span.begin < match.end():
            return not any(map(str.isdigit, value[match.end() : span.end]))
    return False


def _is_version(value: str, span: Span) -> bool:
    """Return whether a guessed contact is a version: ``LUNG CAD 1.0``."""
    if (span.entity, span.engine) != ("CONTACT", "ner"):
        return False
    return _VERSION.fullmatch(value, span.begin, span.end) is not None


def _is_number_before_term(value: str, span: Span) -> bool:
    """Return whether a guessed age is a number before a term of imaging: ``104 LUNG``."""
    if (span.entity, span.engine) != ("AGE", "ner"):
        return False
    after = _WORD.match(value, span.end + 1)
    return after is not None and len(after[0]) > 2 and _is_term(after[0])


def _is_society(value: str, span: Span) -> bool:
    """Return whether a place is a society of a country or a speciality."""
    if span.entity != "LOCATION" or span.engine == "known":
        return False
    return _SOCIETY.match(value.replace("_", " "), span.begin) is not None


_IS_TECHNICAL = RuleList[[str, Span], bool](
    "header_technical_findings",
    rule_if("name", _is_technical_name, True),
    rule_if("string", _is_technical_string, True),
    rule_if("string_without_name", _is_string_without_name, True),
    rule_if("number", _is_number_of_series, True),
    rule_if("range", _is_measured_range, True),
    rule_if("isotope", _is_isotope, True),
    rule_if("profession", _is_term_as_profession, True),
    rule_if("acronym", is_acronym, True),
    rule_if("state", _is_code_of_state, True),
    rule_if("sentence_case", _is_phrase_in_sentence_case, True),
    rule_if("number_before_term", _is_number_before_term, True),
    rule_if("society", _is_society, True),
    rule_if("cut_term", _is_cut_term, True),
    rule_if("trial", _is_trial, True),
    rule_if("isotope_or_b_value", _is_isotope_or_b_value, True),
    rule_if("version", _is_version, True),
    default=False,
)


def _is_lone_letter(value: str, span: Span, spans: Sequence[Span]) -> bool:
    """Return whether a guessed name is one letter that is not next to another name: ``_W``."""
    if span.entity != "NAME" or span.engine != "ner":
        return False
    if sum(map(str.isalpha, value[span.begin : span.end])) != 1:
        return False
    if value[span.end : span.end + 1] == ".":
        return False
    return not any(
        other is not span
        and other.entity == "NAME"
        and max(other.begin - span.end, span.begin - other.end) <= _NAME_GAP_MAX_CHARACTERS
        for other in spans
    )
