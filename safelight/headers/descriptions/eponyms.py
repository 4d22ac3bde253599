"""Recognize eponyms in descriptions, whatever their case and whatever joins their words.

The rules of sentences expect ``Barrett's esophagus``. Descriptions have ``BARRETT'S ESOPHAGUS``,
``barrett_esophagus``, ``Acatalasia [Takahara]`` and ``BPD, Hadlock 1984``.
"""

from __future__ import annotations

import re

from safelight.named_rules import RuleList, rule_if
from safelight.records import Span
from safelight.text.known.name_support import DESCRIPTION_MAX_CHARACTERS
from safelight.text.lexicon.folding import fold_text
from safelight.text.lexicon.phrases import (
    eponym_surnames,
    eponyms,
    is_known_phrase,
    known_phrases,
    normalize_phrase,
    tokenize,
)
from safelight.text.lexicon.technical_words import is_clinical
from safelight.text.lexicon.word_lists import word_set
from safelight.text.lexicon.words import given_names, is_frequent_name, is_listed_name
from safelight.text.recognizers.eponyms.places import is_classification, is_known_eponym
from safelight.text.recognizers.eponyms.surnames import is_eponym

_GUESSING_ENGINES = frozenset(("ner", "gazetteer"))
_PERSON_BEFORE = re.compile(
    r"(?<![^\W\d_])(?:for|by|per|pt|patient|name|dr|mr|mrs|ms|ref|prof|miss)\W{1,2}\Z"
)
#: Shorthand before a diagnosis or an operation, and words of other languages before an eponym.
_DIAGNOSIS_BEFORE = re.compile(
    r"(?:\?|(?<![^\W_])(?:r/o|s/p|h/o|c/w|hx of|history of|rule out|status post|dx|z\.? ?n\.|"
    r"v\.? ?a\.|m\.|mb\.|morbus|maladie de|syndrome de|signe de|incidence de|enfermedad de|"
    r"sindrome de|morbo di|malattia di|sindrome di|doenca de))[ _]?\Z"
)
#: Words for a disease or a sign in other languages, at the begin of a guessed name.
_DISEASE_OF = re.compile(
    r"(?:morbus|morbo d[ei]|malattia di|sindrome d[ei]|enfermedad de|mal de|doenca de|"
    r"maladie d[eu]|syndrome d[eu]|signe de|ziekte van|syndroom van)(?:[ _][^\W\d_]+)?"
)
_ENDS_WITH_GENITIVE = re.compile(r"['’]s? ?(?:\Z|[,;)\]])")
#: Genitive and the one or two words after it.
_AFTER_GENITIVE = re.compile(r"(?:['’]s|(?<=s)['’])[ _]([^\W\d_]+)(?:[ _-]([^\W\d_]+))?", re.I)
_JOINED_BEFORE = re.compile(r"(?<![^\W_])(?:[^\W\d_]+-)+\Z")
_JOINED_AFTER = re.compile(r"(?:-[^\W\d_]+)+(?![^\W_])")
_ROMAN_NUMERAL = re.compile(r"(?<![^\W_])(?:i{1,3}|iv|vi{0,3}|ix|x)[a-c]?(?![^\W_])")
#: Measures of fetal biometry (PS3.16, CID 12004 ff.), which are tables of an author and a year.
_MEASURE_WORD = (
    r"(?:BPD[ao]?|HC|AC|FL|HL|CRL|EFW\d?|GA|GS|OFD|TCD|TAD|APAD|APTD|TTD|AxT|ThC|IOD|OOD|BOD|MSD|NT|"
    r"LMP|BWP|SL|LV|ulna|tibia|radius|fibula|humerus|femur|length|circumference|diameter)"
)
_MEASURE = re.compile(rf"(?<![^\W_]){_MEASURE_WORD}(?![^\W_])", re.I)
_MEASURES = re.compile(rf"{_MEASURE_WORD}(?:\W+{_MEASURE_WORD})*", re.I)
_YEAR_AFTER = re.compile(r"(?:,? |,?_)\(?(?:19[5-9]\d|20[0-3]\d)(?!\d)")
#: Words that are a disease, a tissue or an instrument, and not an examination of a patient.
_USES = ("listed", "any", "part_of", "disease")
_EXAMINATION_NOUNS = frozenset(
    "protocol phase position view views projection procedure operation repair test line lines "
    "level block bed bar filter filters technique device index response area angle frame plate "
    "method ap axial lateral lesion lesions fracture".split()
)


def is_eponym_in_any_case(value: str, span: Span) -> bool:
    """Return whether a guessed name or place is an eponym of a short value.

    Parameters
    ----------
    value : str
        Value of an element.
    span : Span
        Finding in it.
    """
    if span.entity not in ("NAME", "LOCATION") or span.engine not in _GUESSING_ENGINES:
        return False
    if len(value) > DESCRIPTION_MAX_CHARACTERS or "^" in value[span.begin : span.end]:
        return False  # a caret joins the parts of the name of a person
    if _is_table_of_author(value, span):
        return True
    if _PERSON_BEFORE.search(fold_text(value[max(0, span.begin - 12) : span.begin])):
        return False
    return _IS_EPONYM(value, span)


def _is_table_of_author(value: str, span: Span) -> bool:
    """Return whether a measure of a fetus is before, and a year after a name."""
    if _MEASURES.fullmatch(value, span.begin, span.end):
        return _YEAR_AFTER.search(value, span.end) is not None
    if not _YEAR_AFTER.match(value, span.end):
        return False
    return _MEASURE.search(value, 0, span.end) is not None


def _is_disease_of_language(value: str, span: Span) -> bool:
    """Return whether a guessed name is a word for a disease with an eponym: ``Morbo di Crohn``."""
    return _DISEASE_OF.fullmatch(fold_text(value[span.begin : span.end])) is not None


def _is_genitive_alone(value: str, span: Span) -> bool:
    """Return whether the genitive of a listed eponym that is not a frequent name ends a part."""
    name = normalize_phrase(value[span.begin : span.end])
    if is_frequent_name(name) or name in given_names():
        return False
    is_listed = name in eponyms() or name in eponym_surnames()
    return is_listed and _ENDS_WITH_GENITIVE.match(value, span.end) is not None


def _is_eponym_with_noun(value: str, span: Span) -> bool:
    """Return whether a guessed name is a listed eponym and its noun: ``meckel diverticulum``."""
    name, _, noun = normalize_phrase(value[span.begin : span.end]).rpartition(" ")
    if name not in eponyms() or is_frequent_name(name):
        return False
    return not is_listed_name(noun) and _is_disease(noun)


def _has_disease_after_genitive(value: str, span: Span) -> bool:
    """Return whether a disease follows the genitive of a name: ``Fiedler's myocarditis``."""
    match = _AFTER_GENITIVE.match(value, span.end)
    if match is None:
        return False
    name = normalize_phrase(value[span.begin : span.end])
    words = [fold_text(word) for word in match.groups() if word]
    if name in eponyms() or name in eponym_surnames():
        return any(map(_is_disease, words))
    is_frequent = name in given_names() or is_frequent_name(name)
    return not is_frequent and any(map(is_clinical, words))


def _is_disease(word: str) -> bool:
    if word in _EXAMINATION_NOUNS:
        return False
    return is_clinical(word) or any(word in word_set(f"eponym_nouns.{use}") for use in _USES)


def _is_hyphenated(value: str, span: Span) -> bool:
    """Return whether hyphens join a name to a listed eponym: ``Chassard-Lapine``."""
    before = _JOINED_BEFORE.search(value, 0, span.begin)
    after = _JOINED_AFTER.match(value, span.end)
    begin, end = before.start() if before else span.begin, after.end() if after else span.end
    name = value[begin:end].rpartition(" ")[2]
    return "-" in name and normalize_phrase(name) in eponyms() | known_phrases()


def _is_several_eponyms(value: str, span: Span) -> bool:
    """Return whether a name is several listed eponyms, none of them a frequent name."""
    words = tokenize(value[span.begin : span.end])
    return len(words) > 1 and all(
        word in eponyms() and not is_frequent_name(word) for word in words
    )


def _is_in_brackets(value: str, span: Span) -> bool:
    """Return whether brackets hold a listed eponym, or square brackets any after a disease."""
    before, after = value[: span.begin], value[span.end :]
    if not before.endswith(("[", "(")) or not after.startswith(("]", ")")):
        return False
    name = normalize_phrase(value[span.begin : span.end])
    if any(map(is_frequent_name, name.split(" "))):
        return False
    if name in eponyms() or name in eponym_surnames():
        return True
    words = tokenize(before)
    return before.endswith("[") and bool(words) and is_clinical(words[-1])


def _is_eponym_of_sentence(value: str, span: Span) -> bool:
    """Return whether the rules of sentences take a name or a place for an eponym.

    If the value is in capitals or the name in small letters, it must be a listed eponym, or have no
    word that is a listed name.
    """
    text = value.replace("_", " ")
    begin, end = span.begin, span.end
    name = text[begin:end]
    is_caseless = value.isupper() or name.islower()
    if is_caseless:
        words = tokenize(name)
        is_listed = normalize_phrase(name) in eponyms() | eponym_surnames() | known_phrases()
        if not is_listed and any(map(is_listed_name, words)):
            return False
        after = _ROMAN_NUMERAL.sub(lambda match: match[0].upper(), text[end:].lower())
        text = text[:begin].lower() + name.title() + after
        if len(text) != len(value):
            return False
    elif "_" not in value:
        return False  # the rules have judged it before
    if is_known_phrase(text, begin, end):
        return True
    if span.entity == "LOCATION":
        return is_classification(text, begin, end) or is_known_eponym(text, begin, end)
    return is_eponym(text, begin, end)


def _is_after_diagnosis_cue(value: str, span: Span) -> bool:
    """Return whether ``r/o``, ``s/p``, ``?`` or the like is before one word, no frequent name."""
    words = tokenize(value[span.begin : span.end])
    if len(words) != 1 or not _DIAGNOSIS_BEFORE.search(fold_text(value[: span.begin])):
        return False
    return words[0] not in given_names() and not is_frequent_name(words[0])


_IS_EPONYM = RuleList[[str, Span], bool](
    "header_description_eponyms",
    rule_if("hyphenated", _is_hyphenated, True),
    rule_if("several", _is_several_eponyms, True),
    rule_if("genitive", _has_disease_after_genitive, True),
    rule_if("genitive_alone", _is_genitive_alone, True),
    rule_if("noun", _is_eponym_with_noun, True),
    rule_if("language", _is_disease_of_language, True),
    rule_if("brackets", _is_in_brackets, True),
    rule_if("diagnosis_cue", _is_after_diagnosis_cue, True),
    rule_if("sentence", _is_eponym_of_sentence, True),
    default=False,
)
