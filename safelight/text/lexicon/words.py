"""Ordinary words and names of people: whether a word can be a name.

NOTICE names the sources of the lists. All functions take folded words
(:func:`safelight.text.lexicon.folding.fold_text`).
"""

from __future__ import annotations

from functools import cache

from safelight.text.lexicon.folding import fold_text
from safelight.text.lexicon.word_lists import read_list, word_set

#: Inflections that :func:`is_word` removes.
_ENDINGS = ("s", "es", "ed", "d", "ing", "ly")


@cache
def everyday_words() -> frozenset[str]:
    """Return words so common in general and imaging text that alone they are rarely a name."""
    return imaging_words().union(read_list("everyday_words.txt"))


@cache
def imaging_words() -> frozenset[str]:
    """Return words of descriptions and coded elements: body parts, directions, sequences.

    Words of other languages (one line each: German, French, Spanish, Italian, Dutch,
    Portuguese, Danish and Norwegian, Swedish) that are frequent surnames are left out.
    """
    lines = read_list("imaging_words.txt") + read_list("foreign_imaging_words.txt")
    return frozenset(word for line in lines for word in line.split())


@cache
def dictionary() -> frozenset[str]:
    """Return ordinary English and clinical words: stems, without proper names."""
    return frozenset(read_list("words.txt.gz")) | everyday_words()


@cache
def sorted_dictionary() -> tuple[str, ...]:
    """Return :func:`dictionary` in order, for a search by prefix."""
    return tuple(sorted(dictionary()))


def is_word(token: str) -> bool:
    """Return whether a folded token is an ordinary word or a regular inflection of one."""
    known = dictionary()
    if token in known:
        return True
    for ending in _ENDINGS:
        stem = token.removesuffix(ending)
        if 2 < len(stem) < len(token) and stem in known:
            return True
    return False


@cache
def given_names() -> dict[str, str]:
    """Return given names with F, M or U (used for both sexes)."""
    pairs = (line.split(",") for line in read_list("given_names.csv.gz"))
    return {pair[0]: pair[1] for pair in pairs}


@cache
def surnames_that_are_words() -> frozenset[str]:
    """Return frequent surnames that are words as well: black, hill, long."""
    return frozenset(read_list("surnames_that_are_words.txt"))


@cache
def inflected_surnames() -> frozenset[str]:
    """Return frequent surnames that have the form of an inflected word: banks, hodges."""
    return frozenset(read_list("inflected_surnames.txt"))


@cache
def terms_that_are_surnames() -> frozenset[str]:
    """Return those of :func:`surnames_that_are_words` that are mostly terms in a description."""
    return frozenset(read_list("terms_that_are_surnames.txt"))


@cache
def _unambiguous_names(kinds: str) -> frozenset[str]:
    """Return names that are not words: given names (G), surnames (S) or both (B)."""
    pairs = (line.split(",") for line in read_list("unambiguous_names.csv.gz"))
    return frozenset(name for name, kind in pairs if kind in kinds)


def unambiguous_given_names() -> frozenset[str]:
    """Return given names that are not words of the language."""
    return _unambiguous_names("GB")


def unambiguous_surnames() -> frozenset[str]:
    """Return surnames that are not words of the language."""
    return _unambiguous_names("SB")


@cache
def _words_that_are_names() -> frozenset[str]:
    """Return words that the census lists as names as well."""
    return frozenset(read_list("words_that_are_names.txt.gz"))


def is_never_a_name(token: str) -> bool:
    """Return whether a token is an ordinary or clinical word that the census has as no name."""
    return token in dictionary() and token not in _words_that_are_names()


def is_known_name(token: str) -> bool:
    """Return whether a token is a given name, or a word that is a frequent surname."""
    return token in given_names() or token in surnames_that_are_words()


@cache
def _frequent_surnames() -> frozenset[str]:
    """Return the most frequent surnames that are not words."""
    return frozenset(read_list("surrogate_surnames.txt"))


def is_frequent_name(token: str) -> bool:
    """Return whether a token is a given name or one of the most frequent surnames."""
    return token in given_names() or token in _frequent_surnames()


def is_listed_name(token: str) -> bool:
    """Return whether any list has a token as the name of a person."""
    return (
        is_known_name(token)
        or token in unambiguous_given_names()
        or token in unambiguous_surnames()
        or token in _frequent_surnames()
    )


def may_be_name(token: str) -> bool:
    """Return whether a token is a known name, or not known as a word that is never a name."""
    if is_known_name(token):
        return True
    return token not in everyday_words() and not is_never_a_name(token)


def is_imaging_term(token: str) -> bool:
    """Return whether a token is a term of imaging that is rarely a name."""
    return token in imaging_words() and not (
        is_name_rather_than_term(token) or token in given_names()
    )


def is_surname(token: str) -> bool:
    """Return whether a token is a surname, which may be a word as well, and not a term."""
    return is_name_rather_than_term(token) or (
        token not in imaging_words()
        and (
            token in unambiguous_surnames()
            or token in inflected_surnames()
            or token in _frequent_surnames()
        )
    )


def is_name_rather_than_term(token: str) -> bool:
    """Return whether a word is a surname even among the terms of a description.

    YOUNG is one, HEAD is not.
    """
    return token in surnames_that_are_words() and token not in terms_that_are_surnames()


def is_rare_word_and_name(token: str) -> bool:
    """Return whether a folded word is a name and rare as a word: ``stokes``.

    So is the inflection of a word that the dictionary does not have: ``shells``. Words of everyday
    language, terms of imaging and their inflections are not rare.
    """
    if token in everyday_words():
        return False
    if token not in dictionary():
        return is_word(token) and not any(
            token.removesuffix(ending) in imaging_words() for ending in _ENDINGS
        )
    return token in _words_that_are_names() or is_listed_name(token)


@cache
def _names_among_everyday_words() -> frozenset[str]:
    """Return everyday words that are as common as names."""
    return frozenset(read_list("names_among_everyday_words.txt"))


def is_far_commoner_than_name(token: str) -> bool:
    """Return whether a folded token is far commoner as a word than as a name: ``will``, ``may``.

    Tokens of two letters are, if they are a word or an abbreviation.
    """
    if len(token) == 2:
        return is_word(token) or token.upper() in _abbreviations()
    return token in everyday_words() and token not in _names_among_everyday_words()


@cache
def _abbreviations() -> frozenset[str]:
    """Return clinical abbreviations in capitals."""
    return frozenset(read_list("abbreviations.txt"))


def is_placeholder(value: str) -> bool:
    """Return whether a value is a placeholder: ``ANONYMOUS``, ``N/A``, ``^^^^``, ``0000``."""
    plain = "".join(filter(str.isalnum, fold_text(value)))
    return not plain or not plain.strip("0") or plain in word_set("placeholders")
