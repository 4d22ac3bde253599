"""Decide whether adjacent parts of a known name in a text are the name or ordinary words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from safelight.named_rules import Rule, RuleList, rule_if
from safelight.records import Span
from safelight.text.known.name_parts import (
    INITIAL_PART,
    PARTICLE_PART,
    STRONG_PART,
    WEAK_PART,
    WORD_PART,
)
from safelight.text.lexicon.folding import Folded
from safelight.text.lexicon.word_lists import expand_lists
from safelight.text.lexicon.words import (
    imaging_words,
    is_far_commoner_than_name,
    is_known_name,
    is_name_rather_than_term,
    is_rare_word_and_name,
    is_word,
)
from safelight.text.span_merging import COMMON_WORD

#: Entity and subtype of the known value that a part belongs to.
Owner = tuple[str, str]

#: Confidence of a part of a known name that is read as an ordinary word, and is kept.
_COMMON_WORD_CONFIDENCE = 0.1
#: Texts up to the length of LO (PS3.5, 64 characters) are read as descriptions: they consist of
#: terms, not of sentences.
DESCRIPTION_MAX_CHARACTERS = 64
#: Characters that may separate the parts of a name.
NAME_GAP = re.compile(r"[\s,.^_\-='+/]{0,3}")
_TITLE_BEFORE = re.compile(
    expand_lists(
        r"(?:\b(?:<list:titles.known>|pt|pat|patient|patientin|patiente|paciente)[.:\s,]{1,3}"
        r"|\b(?:name|nom|nombre|surname|nachname|apellidos?)\s?[:=]\s{0,3})$"
    )
)
#: Longest title or label that `_TITLE_BEFORE` looks at, with its separators.
_TITLE_REACH_CHARACTERS = 16
_SENTENCE_START = re.compile(r"(?:^|[.!?:;•*\"'(\n-])\s*$")
_SENTENCE_REACH_CHARACTERS = 8
#: White space that may surround a name that is the whole text.
_WHOLE_TEXT_MARGIN_CHARACTERS = 8
#: Single letters that are words of their own in a text in lower case.
_ONE_LETTER_WORDS = ("a", "i", "e", "s", "o", "y")
#: Share of capitalized words above which the case of a text is not evidence.
_TITLE_CASE_MIN_SHARE = 0.6
_CASE_SAMPLE_CHARACTERS = 2000


@dataclass(frozen=True)
class PartMatch:
    """Token of a text that may be part of a known name; offsets into the folded text."""

    begin: int
    end: int
    token: str
    rank: int
    owner: Owner


@dataclass(frozen=True)
class TextContext:
    """Text with the properties that are computed once for all candidates.

    Attributes
    ----------
    text, folded : str, Folded
        Original and folded text.
    is_lower : bool
        Whether the text is in lower case.
    is_caseless : bool
        Whether case is not evidence, as :func:`is_caseless` returns it.
    is_description : bool
        Whether the text may be a description of imaging terms.
    """

    text: str
    folded: Folded
    is_lower: bool
    is_caseless: bool
    is_description: bool


class _Candidate(NamedTuple):
    """Adjacent parts of a known name without a strong part.

    Attributes
    ----------
    entity : str
        Entity of the known value.
    words : set of str
        Tokens of the word parts and weak parts.
    ranks : set of int
        Ranks of all parts.
    start : int
        Offset into the folded text.
    begin, end : int
        Offsets into the original text.
    written : str
        The parts as the text writes them.
    context : TextContext
        The text.
    """

    entity: str
    words: set[str]
    ranks: set[int]
    start: int
    begin: int
    end: int
    written: str
    context: TextContext


def is_caseless(text: str) -> bool:
    """Return whether case is not evidence: one case only, or a capital on most words."""
    if text.isupper() or text.islower():
        return True
    words: list[str] = re.findall(r"[^\W\d_]{3,}", text[:_CASE_SAMPLE_CHARACTERS])
    capitals = sum(word[0].isupper() for word in words)
    return capitals > _TITLE_CASE_MIN_SHARE * len(words)


def find_supported_names(run: list[PartMatch], context: TextContext) -> Iterator[Span]:
    """Yield the spans of adjacent parts that support each other enough.

    Parameters
    ----------
    run : list of PartMatch
        Parts of one owner, in order, separated by `NAME_GAP` at most.
    context : TextContext
        The text of the parts.

    Yields
    ------
    Span
        A name; its label is that of the strongest part.
    """
    kept: list[PartMatch] = []
    for part in run:
        if part.rank == INITIAL_PART and not _is_written_as_initial(part, context):
            continue
        # a dropped initial may have separated the parts
        if kept and not NAME_GAP.fullmatch(context.folded.text, kept[-1].end, part.begin):
            yield from _judge(kept, context)
            kept = []
        kept.append(part)
    yield from _judge(kept, context)


def _judge(run: list[PartMatch], context: TextContext) -> Iterator[Span]:
    """Yield the span of adjacent parts, without trailing particles, if they are a name."""
    while run and run[-1].rank == PARTICLE_PART:
        run.pop()
    if not run:
        return
    begin, end = context.folded.original(run[0].begin, run[-1].end)
    ranks = {part.rank for part in run}
    entity, subtype = min(run, key=lambda part: part.rank).owner
    if STRONG_PART not in ranks:
        words = {part.token for part in run if part.rank in (WORD_PART, WEAK_PART)}
        written = context.text[begin:end]
        start = run[0].begin
        candidate = _Candidate(entity, words, ranks, start, begin, end, written, context)
        if not _HAS_SUPPORT(candidate):
            if entity == "NAME" and words:
                yield Span(begin, end, entity, "known", _COMMON_WORD_CONFIDENCE, COMMON_WORD)
            return
    yield Span(begin, end, entity, "known", 1.0, subtype)


def _is_name_by_itself(token: str) -> bool:
    """Return whether a field with this word only may hold a name: not HEAD, not PANCREAS."""
    return (is_known_name(token) or len(token) == 2) and token not in imaging_words()


def _is_written_as_initial(part: PartMatch, context: TextContext) -> bool:
    """Return whether a letter that matches a known initial is written as an initial."""
    begin, end = context.folded.original(part.begin, part.end)
    before, after = context.text[max(0, begin - 1) : begin], context.text[end : end + 1]
    if before and before in "'’":  # the genitive: Smith's
        return False
    if (after and after in ".^'’") or (before and before in "^_"):  # J. J^ O'Brien _J
        return True
    if context.is_lower:
        return part.token not in _ONE_LETTER_WORDS
    return context.text[begin:end].isupper()


def _has_caret(candidate: _Candidate) -> bool:
    """Return whether a caret of the PN format is inside or next to the parts."""
    return "^" in candidate.context.text[max(0, candidate.begin - 1) : candidate.end + 1]


def _is_in_description(candidate: _Candidate) -> bool:
    """Return whether the parts are in a description, and not in lower case if case is evidence."""
    context = candidate.context
    return len(context.text) <= DESCRIPTION_MAX_CHARACTERS and (
        context.is_caseless or not candidate.written.islower()
    )


def _is_surname_in_description(candidate: _Candidate) -> bool:
    """Return whether a part is a surname even among the terms of a description."""
    return _is_in_description(candidate) and any(map(is_name_rather_than_term, candidate.words))


def _is_rare_word_in_description(candidate: _Candidate) -> bool:
    """Return whether a part is rare as a word, so that a description has it as the known name."""
    context = candidate.context
    return (
        candidate.entity == "NAME"
        and context.is_description
        and any(map(is_rare_word_and_name, candidate.words))
    )


def _is_two_letter_name_in_description(candidate: _Candidate) -> bool:
    """Return whether the part is a capitalized name of two letters in a description: Ng, Li."""
    written = candidate.written
    return (
        len(written) == 2
        and written.istitle()
        and _is_in_description(candidate)
        and not is_word(written.lower())
    )


def _is_never_ordinary(candidate: _Candidate) -> bool:
    """Return whether a part of a name in a sentence is not far commoner as a word than as a name.

    A description of a few words is imaging terms for the most part, and is judged by other rules.
    """
    return (
        candidate.entity == "NAME"
        and not candidate.context.is_description
        and not all(map(is_far_commoner_than_name, candidate.words))
    )


def _decide_whole_text(candidate: _Candidate) -> bool | None:
    """Return whether parts that are the whole text are a name; None if they are not all of it."""
    written, text = candidate.written, candidate.context.text
    if len(written) + _WHOLE_TEXT_MARGIN_CHARACTERS > len(text) and written == text.strip():
        return WORD_PART in candidate.ranks or any(map(_is_name_by_itself, candidate.words))
    return None


def _has_title_before(candidate: _Candidate) -> bool:
    """Return whether a title or a name label precedes the parts."""
    start = candidate.start
    before = candidate.context.folded.text[max(0, start - _TITLE_REACH_CHARACTERS) : start]
    return _TITLE_BEFORE.search(before) is not None


def _decide_caseless(candidate: _Candidate) -> bool | None:
    """Return whether the parts hold more than weak parts, in a text whose case is not evidence."""
    return WORD_PART in candidate.ranks if candidate.context.is_caseless else None


def _starts_sentence(candidate: _Candidate) -> bool:
    """Return whether the parts start a sentence, so that their capital is not evidence."""
    begin = candidate.begin
    before = candidate.context.text[max(0, begin - _SENTENCE_REACH_CHARACTERS) : begin]
    return _SENTENCE_START.search(before) is not None


_HAS_SUPPORT = RuleList[[_Candidate], bool](
    "text.known_name_support",
    rule_if("only_initials", lambda c: not c.words, False),
    rule_if("several_words", lambda c: len(c.words) > 1, True),
    rule_if("caret", _has_caret, True),
    rule_if(
        "initial_with_punctuation",
        lambda c: INITIAL_PART in c.ranks and any(mark in c.written for mark in ",."),
        True,
    ),
    rule_if("not_a_common_word", _is_never_ordinary, True),
    rule_if("surname_in_description", _is_surname_in_description, True),
    rule_if("rare_word_in_description", _is_rare_word_in_description, True),
    rule_if("two_letters_in_description", _is_two_letter_name_in_description, True),
    Rule("whole_text", _decide_whole_text),
    rule_if("title_before", _has_title_before, True),
    Rule("caseless_text", _decide_caseless),
    rule_if("lower_case", lambda c: c.written.islower(), False),
    rule_if("word_part", lambda c: WORD_PART in c.ranks, True),
    rule_if("sentence_start", _starts_sentence, False),
    default=True,
)
