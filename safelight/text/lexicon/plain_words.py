"""Find out whether a short value consists of words of schemas, codes and numbers only.

The sender chooses the values of coded fields and the names of columns and members. A value that is
not plain may be a name or an identifier.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from safelight.text.lexicon.folding import fold_text
from safelight.text.lexicon.word_lists import read_list, word_set
from safelight.text.lexicon.words import (
    everyday_words,
    given_names,
    is_never_a_name,
    is_word,
    surnames_that_are_words,
    unambiguous_given_names,
    unambiguous_surnames,
)

#: Unknown words of so many letters are abbreviations, unless they are names.
_MAX_ABBREVIATION_LETTERS = 4
#: A number of more digits may be a date, a telephone number or an identifier.
_MAX_PLAIN_DIGITS = 4
#: Surnames that the lists do not have because they are so short.
_SHORT_SURNAMES = frozenset("an do ha he ho hu ko le li lu ma ng oh vo wu xu ye yi yu zu".split())
_BOUNDARIES = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_TOKENS = re.compile(r"[^\W_]+")
#: As many digits as a date or a telephone number.
_MANY_DIGITS = re.compile(r"\d(?:\D{0,2}\d){5}")
_CODE_TOKEN = re.compile(r"[a-z]{1,4}[0-9]{1,4}[a-z]{0,4}|[0-9]{1,4}[a-z]{1,4}[0-9]{0,2}")


@cache
def schema_words() -> frozenset[str]:
    """Return words of the schemas of clinical tables, and of codes, beyond the dictionary."""
    return frozenset(word for line in read_list("schema_words.txt") for word in line.split())


@cache
def _place_words() -> frozenset[str]:
    """Return the words of states, countries, nationalities and languages."""
    names = (*word_set("us_states"), *word_set("countries"), *word_set("nationalities"))
    return frozenset(word for name in names for word in _TOKENS.findall(fold_text(name)))


@lru_cache(maxsize=20_000)
def is_plain(value: str, more_words: frozenset[str] = frozenset()) -> bool:
    """Return whether a value can be kept without its context.

    Each word is a dictionary word, a word of schemas, a place as large as a state, an
    abbreviation or a short number, and not all words are names of people.

    Parameters
    ----------
    value : str
        Name of a column or member, code, or short value.
    more_words : frozenset of str
        Folded words that are plain as well.
    """
    if "@" in value or "//" in value or _MANY_DIGITS.search(value):
        return False
    tokens = [fold_text(token) for token in _TOKENS.findall(_BOUNDARIES.sub(" ", value))]
    words = [token for token in tokens if token not in more_words]
    if not all(map(is_plain_word, words)):
        return False
    names = [_can_be_name(word) for word in words if not word.isdigit()]
    return len(words) < len(tokens) or not names or not all(names)


def is_plain_word(token: str) -> bool:
    """Return whether one folded word is plain; alone it may still be a name."""
    if token.isdigit():
        return len(token) <= _MAX_PLAIN_DIGITS
    if token in schema_words() or token in _place_words() or is_word(token):
        return True
    if not token.isascii():
        return False
    if not token.isalpha():
        return _CODE_TOKEN.fullmatch(token) is not None
    return len(token) <= _MAX_ABBREVIATION_LETTERS and not _is_name(token)


def _is_name(token: str) -> bool:
    return (
        token in given_names()
        or token in unambiguous_surnames()
        or token in unambiguous_given_names()
    )


def _can_be_name(token: str) -> bool:
    """Return whether a plain word alone may name a person."""
    if token in schema_words() or token in _place_words():
        return False
    if token in _SHORT_SURNAMES:
        return True
    if token in everyday_words() or is_never_a_name(token):
        return token in given_names() and token in surnames_that_are_words()
    return _is_name(token) or token in surnames_that_are_words()
