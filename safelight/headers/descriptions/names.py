"""Find names in short values by their place in the value: next to a given name, alone, labelled.

A surname that is a word as well (``Walker``, ``Banks``) is not found by lists of names only. Its
place in a description shows that it is a name: behind a given name, between separators, with an
initial, or behind a label.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TypeGuard

from safelight.headers.descriptions.eponyms import is_eponym_in_any_case
from safelight.headers.technical_findings import is_acronym
from safelight.records import Span
from safelight.text.known.name_support import DESCRIPTION_MAX_CHARACTERS
from safelight.text.lexicon.folding import fold_text
from safelight.text.lexicon.phrases import is_known_phrase, known_phrases, tokenize
from safelight.text.lexicon.technical_words import is_clinical, scanner_terms
from safelight.text.lexicon.word_lists import expand_lists
from safelight.text.lexicon.words import (
    given_names,
    imaging_words,
    is_frequent_name,
    is_imaging_term,
    is_never_a_name,
    is_surname,
    is_word,
    surnames_that_are_words,
)
from safelight.text.recognizers.full_names import LIST_CONFIDENCE

_MODALITIES = frozenset("CT MR US NM PT PET XR RT DX CR MG MRI CTA MRA".split())
#: Letters of an abbreviation in capitals, at most.
_ABBREVIATION_MAX_LETTERS = 4
#: Letters of a name that no list has; a shorter word may be an abbreviation.
_UNLISTED_NAME_MIN_LETTERS = 4
#: Words of a phrase before a name, at most.
_PHRASE_MAX_WORDS = 4
#: Letters of a side or a direction, which are not initials.
_DIRECTIONS = frozenset("LRAPSIHF")

_WORD = r"[^\W\d_]{2,24}(?:['’-][^\W\d_]{2,24})?"
#: Word before or after a name, with what joins the parts of a name.
_BEFORE = re.compile(rf"(?<![^\W_])({_WORD})(?:,? |[\^_]|, ?)(?:[A-Z]\.? )?\Z")
_AFTER = re.compile(rf"(?:,? |[\^_]|, ?)(?:[A-Z]\.? )?({_WORD})(?![^\W_])")
#: A surname with an initial that has a full stop, and one that an underscore joins to a letter.
_WITH_INITIAL = re.compile(
    rf"(?<![^\W_])(?:(?:[A-Z]\.[ _]?){{1,2}}({_WORD})(?![^\W_])|({_WORD}),? [A-Z]\.(?!\w))"
)
_JOINED_INITIAL = re.compile(r"(?<![^\W_])([A-Z][a-zà-ÿ]{2,24})_([A-Z])(?![^\W_])")
_CAPITALIZED_AFTER = re.compile(r" [^\W\d_a-z]['’]?[^\W\d_]*[a-zà-ÿ]")
#: Initials of a person who did something.
_INITIALS = re.compile(
    r"\b(?:tech(?:nologist|nician)?|radiographer|sonographer|operator|"
    r"(?:read|reported|dictated|performed|scanned|done|typed|checked|reviewed|signed|verified) by)"
    r"\b[:. ]{1,2}([A-Z]{2,3}|[A-Z]\.[A-Z]\.)(?![^\W_])",
    re.I,
)
#: Name behind a label; behind the label of a patient it must be a surname.
_LABELLED = re.compile(
    expand_lists(
        rf"\b(?:(?:patient|pt|pat)['’]?s? name|surname|last name|first name|name)[: ]{{1,2}}"
        rf"([A-Z][\w'’-]{{1,23}}(?:,? [A-Z][\w'’-]{{1,23}})?)|"
        rf"\b(?:pt|pat|patient)\b[.:]? ({_WORD}|[A-Z]\.[A-Z]\.(?:[A-Z]\.)?)(?![^\W_])"
    ),
    re.I,
)
#: Name with a capital behind a title; in capitals the title may be a modality.
_TITLED = re.compile(
    r"(?<![^\W_])(?:D[Rr]|M[Rr]s?|MRS|M[Ss]|Miss|Prof)\.? ([A-Z][a-zà-ÿ]{2,23})(?!\w)"
)
#: Name with a capital before a degree, or behind a role.
_WITH_ROLE = re.compile(
    r"(?<![^\W_])(?:([A-Z][a-zà-ÿ]{2,23}),? "
    r"(?:M\.?D|D\.?O|RN|PA-?C|NP|Ph\.?D|DDS|FRCR|FACR)(?![^\W_])|"
    r"(?i:tech|technologist|operator|radiologist|attending|resident|nurse|rad):? "
    r"([A-Z][a-zà-ÿ]{2,23})(?!\w))"
)
#: Word for a person directly before a name.
_PERSON_BEFORE = re.compile(
    r"(?<![^\W_])(?:by|per|called|dr|mrs?|ms|miss|prof|tech(?:nologist)?|operator|radiologist|"
    r"attending|resident|nurse|rad|physician|patient|pt)[.:]{0,2} \Z",
    re.I,
)
#: Terms of which a description may have one alone, although they are surnames.
_TERMS_ALONE = frozenset("stone stones dye gates spring white".split())
#: Institution in capitals or with capitals.
_INSTITUTION = re.compile(
    r"(?<![^\W_])((?:[A-Z][\w'’.&-]*,? ){1,6}(?:HOSPITALS?|Hospitals?|MEDICAL CENT(?:ER|RE)|"
    r"Medical Cent(?:er|re)|HEALTH SYSTEM|Health System|INFIRMARY|Infirmary)"
    r"(?: (?:[Oo]f|[Ff]or)(?: the)?(?: [A-Z][\w'’-]+){1,4})?|"
    r"H(?:ospital|OSPITAL) (?:[Oo]f|[Ff]or|OF|FOR)(?: [Tt]he| THE)?"
    r"(?: [A-Z][\w'’-]+){1,4})(?![^\W_])"
)
#: A word alone between separators or in brackets.
_SEPARATOR = r"(?: [-–/|] |[,;:] |/ ?)"
_ALONE = re.compile(
    rf"(?:\A|{_SEPARATOR}|[(\[])\s?([A-Z][^\W\d_]{{2,23}})\s?(?=\Z|{_SEPARATOR}|[)\]])"
)
#: Two words alone between separators.
_PAIR_ALONE = re.compile(
    rf"(?:\A|{_SEPARATOR}|[(\[])\s?([A-Z]|[^\W\d_]{{2,24}})(?:,? |_)([^\W\d_]{{2,24}})\s?"
    rf"(?=\Z|{_SEPARATOR}|[)\]])"
)
#: Two words that an underscore or a caret joins, not joined to others.
_JOINED_PAIR = re.compile(r"(?<![^\W])([^\W\d_]{2,24})[_^]([^\W\d_]{2,24})(?![^\W]|\^)")
_CAPITALS = re.compile(r"(?<![^\W_])[A-Z]{4,24}(?![^\W_])")
_LOWERCASE_WORD = re.compile(r"(?<![^\W_])[a-z]{3,}(?![^\W_])")


def find_names_by_place(value: str) -> Iterator[Span]:
    """Yield the names that have an initial, a label or a place of their own in a short value.

    Parameters
    ----------
    value : str
        Value of an element. A longer one than LO holds is not a description.

    Yields
    ------
    Span
        NAME, engine ``regex``.
    """
    if len(value) > DESCRIPTION_MAX_CHARACTERS or "\n" in value:
        return
    yield from _find_with_initial(value)
    for match in _JOINED_INITIAL.finditer(value):
        if match[2] not in _DIRECTIONS and _can_be_surname(fold_text(match[1])):
            yield _span(*match.span())
    for match in _TITLED.finditer(value):
        word = fold_text(match[1])
        if not (is_imaging_term(word) or word in scanner_terms() or word in known_phrases()):
            yield _span(*match.span(1))
    for match in _WITH_ROLE.finditer(value):
        if _is_surname_with_initial(match[1] or match[2]):
            yield _span(*match.span(1 if match[1] else 2))
    for match in _INITIALS.finditer(value):
        if match[1].isupper() and match[1] not in _MODALITIES:
            yield _span(*match.span(1))
    for match in _LABELLED.finditer(value):
        if match[1] and match[1][0].isupper():
            yield _span(match.start(1), _end_of_labelled_name(value, *match.span(1)))
        elif match[2] and match[2][0].isupper() and _is_initials_or_surname(match[2]):
            yield _span(*match.span(2))
    yield from _find_alone(value)
    yield from _find_pairs(value)


def find_institutions(value: str) -> Iterator[Span]:
    """Yield the institutions in a short value, with the terms before their names.

    Parameters
    ----------
    value : str
        Value of an element.

    Yields
    ------
    Span
        LOCATION, engine ``regex``.
    """
    if len(value) <= DESCRIPTION_MAX_CHARACTERS:
        for match in _INSTITUTION.finditer(value):
            yield Span(*match.span(1), "LOCATION", "regex", LIST_CONFIDENCE, "HOSPITAL")


def _end_of_labelled_name(value: str, begin: int, end: int) -> int:
    """Return the end of a name behind a label without a second word that is a term only."""
    first, _, second = value[begin:end].partition(" ")
    word = fold_text(second)
    is_term = is_clinical(word) or (is_word(word) and is_never_a_name(word))
    return begin + len(first) if is_term and not first.endswith(",") else end


def _is_initials_or_surname(text: str) -> bool:
    return "." in text or is_surname(fold_text(text))


def _find_alone(value: str) -> Iterator[Span]:
    """Yield surnames alone between separators, and one in capitals among small letters."""
    for match in _ALONE.finditer(value):
        is_whole = match.end(1) - match.start(1) == len(value.strip())
        if not is_whole and _is_lone_surname(value, *match.span(1)):
            yield _span(*match.span(1))
    capitals = list(_CAPITALS.finditer(value))
    if len(capitals) == 1 and len(_LOWERCASE_WORD.findall(value)) > 1:
        if _is_lone_surname(value, *capitals[0].span()):
            yield _span(*capitals[0].span())


def _find_pairs(value: str) -> Iterator[Span]:
    """Yield a given name and a surname alone between separators, in any case."""
    for match in _PAIR_ALONE.finditer(value):
        first, second = fold_text(match[1]), fold_text(match[2])
        if len(first) == 1:
            if match[2][0].isupper() and _is_lone_surname(value, *match.span(2)):
                yield _span(match.start(1), match.end(2))
        elif any(
            _can_be_given_name(given)
            and (_can_be_surname(surname) or surname in surnames_that_are_words())
            for given, surname in ((first, second), (second, first))
        ) and not is_known_phrase(value, match.start(1), match.end(2)):
            yield _span(match.start(1), match.end(2))


def _is_lone_surname(value: str, begin: int, end: int) -> bool:
    """Return whether a word is a frequent surname, and neither a term nor a known phrase."""
    word = fold_text(value[begin:end])
    if not _can_be_surname(word) or is_imaging_term(word) or word in _TERMS_ALONE:
        return False
    if word in known_phrases() and not is_frequent_name(word):
        return False
    if end - begin <= _ABBREVIATION_MAX_LETTERS and value[begin:end].isupper():
        if not (is_frequent_name(word) or word in surnames_that_are_words()):
            return False
    guess = Span(begin, end, "NAME", "gazetteer", LIST_CONFIDENCE)
    return not (is_eponym_in_any_case(value, guess) or is_acronym(value, guess))


def _find_with_initial(value: str) -> Iterator[Span]:
    """Yield the surnames with an initial that has a full stop."""
    for match in _WITH_INITIAL.finditer(value):
        word = match[1] or match[2]
        if match[2] and _is_initial_of_next_word(value, match):
            continue
        if word[0].isupper() and _is_surname_with_initial(word):
            yield _span(*match.span())


def _is_initial_of_next_word(value: str, match: re.Match[str]) -> bool:
    """Return whether an initial behind a term belongs to the name after it: ``DAT M. Guérin``."""
    if _CAPITALIZED_AFTER.match(value, match.end()) is None:
        return False
    word, folded = match[2], fold_text(match[2])
    if word.isupper() and len(word) <= _ABBREVIATION_MAX_LETTERS:
        return True
    return folded in known_phrases() and not is_frequent_name(folded)


def _is_surname_with_initial(word: str) -> bool:
    folded = fold_text(word)
    return is_surname(folded) or folded in surnames_that_are_words()


def extend_name(value: str, span: Span) -> Span:
    """Return a name with the given name or the surname next to it: ``ELISA`` of ``ELISA JOHNS``.

    Parameters
    ----------
    value : str
        Value of an element.
    span : Span
        Finding in it.
    """
    text = value[span.begin : span.end]
    if span.entity != "NAME" or not text.isalpha():
        return span
    can_be_other = _choose_other_part(value, span, fold_text(text))
    match = _AFTER.match(value, span.end)
    if _is_other_part(match, text, can_be_other) or (
        _is_behind_person(value, span) and _is_other_part(match, text, _is_unlisted_name)
    ):
        return replace(span, end=match.end(1))
    match = _BEFORE.search(value, 0, span.begin)
    if _is_other_part(match, text, can_be_other) and not _ends_phrase(value, match.end(1)):
        return replace(span, begin=match.start(1))
    return span


def _ends_phrase(value: str, end: int) -> bool:
    """Return whether a known phrase of several words ends at an offset: ``circle of Willis``."""
    words = tokenize(value[:end])[-_PHRASE_MAX_WORDS:]
    return any(" ".join(words[start:]) in known_phrases() for start in range(len(words) - 1))


def _is_behind_person(value: str, span: Span) -> bool:
    """Return whether a name with a capital is behind a word for a person: ``Tech: Tomasz``."""
    is_title = value[span.begin : span.end].istitle()
    return is_title and _PERSON_BEFORE.search(value, 0, span.begin) is not None


def _choose_other_part(value: str, span: Span, name: str) -> Callable[[str], bool]:
    """Return the check of a word next to a name: of a surname, or of a given name."""
    is_alone = _is_pair_alone(value, span)
    if name in given_names():
        return _can_be_rare_surname if is_alone else _can_be_surname_in_text
    return _is_given_name if is_alone else _can_be_given_name


def _is_given_name(word: str) -> bool:
    return word in given_names()


def _is_pair_alone(value: str, span: Span) -> bool:
    """Return whether a name and one other word are alone between separators, or joined."""
    return any(
        match.start(1) <= span.begin and span.end <= match.end(2)
        for match in (*_PAIR_ALONE.finditer(value), *_JOINED_PAIR.finditer(value))
    )


def _can_be_rare_surname(word: str) -> bool:
    """Return whether a folded word next to a given name is a surname, because it is not a term."""
    return word in surnames_that_are_words() or (len(word) > 2 and not _is_term(word))


def _is_term(word: str) -> bool:
    is_listed = word in imaging_words() or word in scanner_terms() or word in known_phrases()
    has_term = "-" in word and not imaging_words().isdisjoint(word.split("-"))  # Lung-RADS
    return is_listed or has_term or is_clinical(word)


def _can_be_surname_in_text(word: str) -> bool:
    """Return whether a folded word next to a given name is a surname, also one of no list."""
    return _can_be_surname(word) or _is_unlisted_name(word)


def _is_unlisted_name(word: str) -> bool:
    """Return whether a folded word next to a name is of no list, so that it is a name as well."""
    return len(word) >= _UNLISTED_NAME_MIN_LETTERS and not is_word(word) and not _is_term(word)


def _is_other_part(
    match: re.Match[str] | None, name: str, can_be_part: Callable[[str], bool]
) -> TypeGuard[re.Match[str]]:
    """Return whether a word next to a name has its case and can be the other part of it."""
    if match is None:
        return False
    other = match[1]
    same_case = (other.isupper(), other.islower()) == (name.isupper(), name.islower())
    return same_case and can_be_part(fold_text(other))


def _can_be_surname(word: str) -> bool:
    """Return whether a folded word is a surname, which may be a word as well."""
    if word in imaging_words() and word not in surnames_that_are_words():
        return False
    return is_surname(word) and word not in scanner_terms()


def _can_be_given_name(word: str) -> bool:
    """Return whether a folded word is a given name and not a term."""
    return word in given_names() and word not in imaging_words()


def _span(begin: int, end: int) -> Span:
    return Span(begin, end, "NAME", "regex", LIST_CONFIDENCE)
