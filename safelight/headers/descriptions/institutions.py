"""Trim institutions in descriptions, which may have terms before their names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from safelight.headers.descriptions.terms import camel_case_words, is_term_only
from safelight.records import Span
from safelight.text.lexicon.folding import fold_text
from safelight.text.lexicon.phrases import abbreviations, known_phrases, normalize_phrase
from safelight.text.lexicon.technical_words import (
    is_clinical,
    is_technical_word,
)
from safelight.text.lexicon.word_lists import expand_lists
from safelight.text.lexicon.words import (
    imaging_words,
    is_frequent_name,
    is_known_name,
    is_never_a_name,
    is_word,
)

#: Words in the names of institutions that are not in the names of manufacturers.
INSTITUTION = re.compile(expand_lists("<list:institutions.header_stem>|h.pital"), re.IGNORECASE)
#: Words that many institutions have in their names, so that they distinguish none.
_GENERIC_INSTITUTION_WORDS = frozenset(
    "hospital clinic medical center centre general regional memorial municipal community "
    "university universitario county city district national st saint san santa".split()
)
_TOKEN = re.compile(r"[^\s_/-]+")
#: Sides in capitals before an institution; a letter without a full stop is not an initial.
_SIDES = frozenset(("LT", "RT", "BIL", "BILAT"))
#: Tokens of a phrase before an institution, at most: ``circle of Willis``.
_PHRASE_MAX_TOKENS = 3


def trim_institution(value: str, span: Span) -> Span:
    """Return an institution without terms before its name: ``CT CHEST Lakeview Hospital``.

    Terms are removed only if one of them is a term of imaging, and if a word is left that
    distinguishes the institution.

    Parameters
    ----------
    value : str
        Value of an element.
    span : Span
        Finding in it.
    """
    text = value[span.begin : span.end]
    if span.entity != "LOCATION" or span.engine == "known" or not INSTITUTION.search(text):
        return span
    tokens = list(_TOKEN.finditer(value, span.begin, span.end))
    first, is_certain = 0, value[: span.begin].endswith("_")
    while first < len(tokens):
        if count := _count_phrase_tokens(value, tokens[first : first + _PHRASE_MAX_TOKENS]):
            first, is_certain = first + count, True
            continue
        token = tokens[first].group()
        if token in _SIDES or (len(token) == 1 and token.isupper()):
            first, is_certain = first + 1, True
            continue
        if not _is_ordinary(token):
            break
        is_certain |= _is_technical_token(token) or any(
            is_term_only(word) or is_clinical(word) for word in camel_case_words(token)
        )
        first += 1
    rest = [word for token in tokens[first:] for word in camel_case_words(token.group())]
    is_distinctive = any(
        len(word) > 2 and word not in _GENERIC_INSTITUTION_WORDS and word not in imaging_words()
        for word in rest
    )
    if not first or not is_certain or not is_distinctive:
        return span
    return replace(span, begin=tokens[first].start())


def _count_phrase_tokens(value: str, tokens: Sequence[re.Match[str]]) -> int:
    """Return the number of tokens, two or more, that begin the tokens and are a known phrase."""
    for count in range(len(tokens), 1, -1):
        phrase = value[tokens[0].start() : tokens[count - 1].end()]
        if phrase in abbreviations() or normalize_phrase(phrase) in known_phrases():
            return count
    return 0


def _is_ordinary(token: str) -> bool:
    """Return whether a token cannot be a part of the name of an institution."""
    if token[0].isdigit() or token in ("W", "WO") or _is_technical_token(token):
        return True
    words = camel_case_words(token)
    return _GENERIC_INSTITUTION_WORDS.isdisjoint(words) and all(
        is_never_a_name(word) or is_term_only(word) or is_technical_word(word) for word in words
    )


def _is_technical_token(token: str) -> bool:
    """Return whether a token is an abbreviation, a word in lower case, or has digits: ``T20s``."""
    folded = fold_text(token)
    if folded in known_phrases() and not is_known_name(folded) and not is_frequent_name(folded):
        return True
    is_mixed = token.isalnum() and any(map(str.isdigit, token)) and any(map(str.isalpha, token))
    return is_mixed or token in abbreviations() or (token.islower() and is_word(folded))
