"""Phrases that are not names: eponyms, drugs, vendors, device models, trials and abbreviations."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from functools import cache

from safelight.text.lexicon.folding import fold_text
from safelight.text.lexicon.word_lists import read_list, word_set
from safelight.text.lexicon.words import is_frequent_name

_WORDS = re.compile(r"[^\W\d_]+")
_GENITIVE = re.compile(r"['’]s(?![^\W_])")
#: Characters before and after a value in which :func:`is_known_phrase` looks for more words.
_CHARACTERS_BEFORE, _CHARACTERS_AFTER = 24, 40
#: Words after a value that may belong to the same phrase.
_WORDS_AFTER = 3


def tokenize(text: str) -> list[str]:
    """Return the runs of letters in a text, folded."""
    return [fold_text(word) for word in _WORDS.findall(text)]


def normalize_phrase(text: str) -> str:
    """Return the folded words of a text, joined by single spaces, without a genitive ``'s``."""
    return " ".join(tokenize(_GENITIVE.sub("", text)))


@cache
def known_phrases() -> frozenset[str]:
    """Return eponyms, drugs, vendors, device models, trials and genes, as normalized phrases."""
    return frozenset(map(normalize_phrase, read_list("phrases.txt"))) | frozenset(drugs())


@cache
def drugs() -> tuple[str, ...]:
    """Return drug names that are not names of people, folded and sorted."""
    return read_list("drugs.txt.gz")


def is_prefix_of_any(words: Sequence[str], part: str) -> bool:
    """Return whether one of some sorted words starts with a part.

    Parameters
    ----------
    words : sequence of str
        Words sorted by code point.
    part : str
        Beginning of a word, in the case of the words.

    Returns
    -------
    bool
        True also if the part is a whole word of ``words``.
    """
    index = bisect_left(words, part)
    return any(word.startswith(part) for word in words[index : index + 1])


def is_truncated_drug(word: str) -> bool:
    """Return whether a folded word of five letters or more starts a drug name: ``doxycyc``."""
    return len(word) > 4 and is_prefix_of_any(drugs(), word)


@cache
def abbreviations() -> frozenset[str]:
    """Return clinical abbreviations, in the case in which they are written."""
    return frozenset(read_list("abbreviations.txt"))


@cache
def sign_eponyms() -> frozenset[str]:
    """Return surnames that alone name a sign, a test, a score or an instrument."""
    return frozenset(map(normalize_phrase, read_list("sign_eponyms.txt")))


@cache
def eponyms() -> frozenset[str]:
    """Return :func:`sign_eponyms` and the surnames that name something with a noun after them."""
    others = " ".join(read_list("eponyms.txt")).split(",")
    return sign_eponyms() | frozenset(map(normalize_phrase, others))


@cache
def eponym_surnames() -> frozenset[str]:
    """Return eponyms that count only before a clinical word or a grade."""
    return frozenset(map(normalize_phrase, read_list("eponym_surnames.txt")))


@cache
def _vendors() -> tuple[str, ...]:
    """Return normalized names of makers that are not names of people, sorted."""
    return tuple(sorted(set(map(normalize_phrase, read_list("vendors.txt")))))


def is_known_phrase(text: str, begin: int, end: int) -> bool:
    """Return whether a value, alone or with its neighbouring words, is a known phrase.

    Parameters
    ----------
    text : str
        Whole text.
    begin, end : int
        Range of the value in code points; ``end`` is exclusive.

    Returns
    -------
    bool
        True if the value is in :func:`known_phrases`, alone or with one word before it and up to
        three words after it.
    """
    value = normalize_phrase(text[begin:end])
    before = tokenize(text[max(0, begin - _CHARACTERS_BEFORE) : begin])[-1:]
    after = tokenize(_GENITIVE.sub("", text[end : end + _CHARACTERS_AFTER]))[:_WORDS_AFTER]
    candidates = [" ".join([value, *after[:count]]) for count in range(len(after) + 1)]
    if before:
        candidates += [f"{before[0]} {phrase}" for phrase in candidates]
    return not known_phrases().isdisjoint(candidates)


@cache
def disease_eponyms() -> frozenset[str]:
    """Return surnames that are the first word of a known phrase such as ``hodgkin disease``.

    Frequent names are left out.
    """
    heads = {
        phrase.split(" ")[0]
        for phrase in known_phrases()
        if phrase.count(" ") == 1 and phrase.split(" ")[1] in word_set("eponym_nouns.disease")
    }
    return frozenset(head for head in heads - eponym_surnames() if not is_frequent_name(head))


def starts_with_vendor(value: str) -> bool:
    """Return whether a value starts with a device vendor: ``Philips Healthcare X 64``."""
    whole = normalize_phrase(value) + " "
    return any(whole.startswith(f"{vendor} ") for vendor in _vendors())
