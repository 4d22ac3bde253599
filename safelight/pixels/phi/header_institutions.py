"""Institutions in the header block of a screen whose names are ordinary words.

Such a name has no word of its own: "Blue Sky Imaging", "Family Care". Evidence is the place next to
the patient's name, number or dates, or the institution that the header of the object gives.
"""

from __future__ import annotations

import re
from functools import lru_cache

from safelight.named_rules import RuleList, rule_if
from safelight.pixels.lexicon.allow_list import is_screen_term, is_technical_term, tokenize_row
from safelight.pixels.lexicon.field_labels import find_field_labels
from safelight.pixels.phi.block_findings import BlockFindings, Piece, Row
from safelight.pixels.thresholds import (
    CONTEXT_FINDING_CONFIDENCE,
    HEADER_INSTITUTION_MAX_WORDS,
    HEADER_INSTITUTION_MIN_LETTERS,
    INSTITUTION_ACRONYM_MIN_LETTERS,
    INSTITUTION_PART_MIN_LETTERS,
    KNOWN_FINDING_CONFIDENCE,
    OCR_RELIABLE_LINE_MIN_CONFIDENCE,
    SINGLE_NAME_MIN_LETTERS,
)
from safelight.text.known.known_phi import KnownPHI
from safelight.text.lexicon.folding import fold_text
from safelight.text.lexicon.word_lists import word_set

#: Entities next to which a header names its institution.
_NEIGHBORS = frozenset({"NAME", "ID", "DATE", "AGE", "CONTACT", "LOCATION"})
#: Engines that find by context only, and are not evidence for further findings.
_CONTEXT_ENGINES = frozenset({"layout", "unknown"})
_NAME_OF_WORDS = re.compile(r"[^\W\d_][^\W\d_'’.&-]*(?:[ '’.&-]+[^\W\d_][^\W\d_'’.-]*)*\.?")
#: Words that the initials of an institution leave out.
CONNECTORS = frozenset({"and", "of", "the", "for", "at", "in", "de", "du", "la", "und", "der"})


def add_header_institutions(findings: BlockFindings) -> None:
    """Add the pieces of a block that name an institution with ordinary words.

    Parameters
    ----------
    findings : BlockFindings
        Holds all findings of shapes, labels, known values and the text model.
    """
    for index, row in enumerate(findings.rows):
        is_near_phi = _is_near_phi(findings, index)
        for piece in row.pieces:
            if findings.find_spans(row, piece.begin, piece.end):
                continue
            text = findings.get_text(row, piece)
            if is_known_institution(text, findings.known):
                _add(findings, row, piece, "known", KNOWN_FINDING_CONFIDENCE)
            elif is_near_phi and _is_read(findings, piece):
                if is_header_institution(text) or index == 0 and is_single_name(text):
                    _add(findings, row, piece, "layout", CONTEXT_FINDING_CONFIDENCE)


def is_header_institution(text: str) -> bool:
    """Return whether a piece next to PHI in a header block is the name of an institution.

    That is two words or more in capitals or with a capital each, one of which a screen does not
    print for anything else, or one is a word of institutions.
    """
    words = split_name(text)
    return bool(words) and (_has_institution_word(words) or _has_ordinary_word(words))


def split_name(text: str) -> list[str]:
    """Return the words of a text that has the form of a name of several words, or none.

    That is two words or more in capitals or with a capital each, without a label, a maker of
    devices or the title of a form.

    Parameters
    ----------
    text : str
        Text of a whole piece.
    """
    text = text.strip(" *_")
    words = [word for _, _, word in tokenize_row(text)]
    if not 2 <= len(words) <= HEADER_INSTITUTION_MAX_WORDS or not _NAME_OF_WORDS.fullmatch(text):
        return []
    return words if _NAME_FORM_RULES(words) else []


def is_single_name(text: str) -> bool:
    """Return whether the only word of the first row of a header may name an institution."""
    word = text.strip(" *_")
    if not word.isalpha() or not word[0].isupper() or len(word) < SINGLE_NAME_MIN_LETTERS:
        return False
    if _has_label([word]) or _is_maker([word]) or _is_form_title([word]):
        return False
    return (
        _has_ordinary_word([word]) or _has_institution_word([word]) and not is_technical_term(word)
    )


def _has_label(words: list[str]) -> bool:
    """Return whether the words begin with a field label, unless it is one of a telephone."""
    labels = find_field_labels(" ".join(words))
    return bool(labels) and labels[0].begin == 0 and labels[0].entity != "CONTACT"


def _has_lower_case(words: list[str]) -> bool:
    """Return whether a longer word begins with a small letter: a sentence."""
    return any(word[0].islower() and fold_text(word) not in CONNECTORS for word in words)


def _is_form_title(words: list[str]) -> bool:
    """Return whether the words are a title of a form, or the head of a column, and terms only."""
    folded = [fold_text(word) for word in words]
    rest = [word for word in folded if word not in word_set("form_words")]
    return len(rest) < len(folded) and not _has_ordinary_word(
        [word for word in rest if word not in CONNECTORS]
    )


def _is_maker(words: list[str]) -> bool:
    """Return whether a word is the maker of a device."""
    return not word_set("device_makers.screen").isdisjoint(map(fold_text, words))


def _has_institution_word(words: list[str]) -> bool:
    """Return whether a word is one of institutions."""
    return not word_set("institutions.screen_header").isdisjoint(map(fold_text, words))


def _has_ordinary_word(words: list[str]) -> bool:
    """Return whether a longer word is not a term of screens, devices, anatomy or imaging."""
    return any(
        len(word) >= HEADER_INSTITUTION_MIN_LETTERS and not is_screen_term(fold_text(word))
        for word in words
    )


_NAME_FORM_RULES = RuleList[[list[str]], bool](
    "pixels.name_form",
    rule_if("label", _has_label, False),
    rule_if("lower_case", _has_lower_case, False),
    rule_if("maker", _is_maker, False),
    rule_if("form_title", _is_form_title, False),
    default=True,
)


def is_known_institution(text: str, known: KnownPHI) -> bool:
    """Return whether a piece is a part, the initials or an abbreviation of a known institution.

    Parameters
    ----------
    text : str
        Text of a whole piece.
    known : KnownPHI
        Values that the header gives of this patient.
    """
    shown = tuple(fold_text(word) for _, _, word in tokenize_row(text))
    if not shown or all(map(is_technical_term, shown)) and len(shown) < 2:
        return False
    is_acronym = len(shown) == 1 and text.strip(" .").replace(".", "").isupper()
    return any(
        _is_part(shown, name)
        or _is_abbreviation(shown, name)
        or is_acronym
        and _is_initials(shown[0].replace(".", ""), name)
        for name in _split_institutions(known)
    )


def _is_part(shown: tuple[str, ...], name: tuple[str, ...]) -> bool:
    """Return whether words follow each other in a name, and are more than one short word."""
    if len(shown) == 1 and len(shown[0]) < INSTITUTION_PART_MIN_LETTERS:
        return False
    if not word_set("institutions").isdisjoint(shown) and len(shown) == 1:
        return False
    count = len(shown)
    return any(name[at : at + count] == shown for at in range(len(name) - count + 1))


def _is_abbreviation(shown: tuple[str, ...], name: tuple[str, ...]) -> bool:
    """Return whether each of several words begins a word of a name, in the same order."""
    if len(shown) < 2 or sum(map(len, shown)) < INSTITUTION_PART_MIN_LETTERS:
        return False
    words = iter(word for word in name if word not in CONNECTORS)
    return all(
        any(word.startswith(part.strip(".")) for word in words)
        for part in shown
        if part not in CONNECTORS
    ) and all(len(part.strip(".")) > 1 or part in CONNECTORS for part in shown)


def _is_initials(letters: str, name: tuple[str, ...]) -> bool:
    """Return whether letters are the initials of a name, with or without its connectors."""
    if len(letters) < INSTITUTION_ACRONYM_MIN_LETTERS or is_technical_term(letters):
        return False
    initials = "".join(word[0] for word in name)
    return letters in (initials, "".join(word[0] for word in name if word not in CONNECTORS))


@lru_cache(maxsize=256)
def _split_institutions(known: KnownPHI) -> tuple[tuple[str, ...], ...]:
    """Return the folded words of each known place of several words."""
    names = (
        tuple(fold_text(word) for _, _, word in tokenize_row(value.text))
        for value in known.values
        if value.entity == "LOCATION"
    )
    return tuple(name for name in names if len(name) > 1)


def _is_near_phi(findings: BlockFindings, index: int) -> bool:
    """Return whether the row above or below a row holds PHI that was not found by its context."""
    rows = findings.rows
    around = (*rows[max(0, index - 1) : index], *rows[index + 1 : index + 2])
    return any(
        span.entity in _NEIGHBORS and span.engine not in _CONTEXT_ENGINES
        for row in around
        for span in findings.find_spans(row)
    )


def _is_read(findings: BlockFindings, piece: Piece) -> bool:
    """Return whether the line of a piece was read reliably."""
    return findings.get_line(piece).confidence >= OCR_RELIABLE_LINE_MIN_CONFIDENCE


def _add(findings: BlockFindings, row: Row, piece: Piece, engine: str, confidence: float) -> None:
    """Add a piece as a place."""
    findings.add_span(row, piece.begin, piece.end, "LOCATION", engine=engine, confidence=confidence)
