"""Word lists that tell a name from a word; their sources stand in NOTICE."""

from __future__ import annotations

import gzip
from functools import cache, lru_cache
from importlib import resources

import yaml

from safelight.text.lexicon.folding import fold_text


def read_list(name: str) -> tuple[str, ...]:
    """The lines of a list of ``safelight/text/lists``."""
    data = (resources.files("safelight.text.lexicon") / "lists" / name).read_bytes()
    if name.endswith(".gz"):
        data = gzip.decompress(data)
    return tuple(data.decode("utf-8").split("\n"))[:-1]


@cache
def _word_sets() -> dict[str, list[str]]:
    text = (resources.files("safelight.text.lexicon") / "lists" / "word_sets.yaml").read_text(
        "utf-8"
    )
    # the base loader leaves "no" and "on" words
    sets: dict[str, list[str]] = yaml.load(text, Loader=yaml.BaseLoader)
    return sets


def word_set(name: str) -> frozenset[str]:
    """A set of ``lists/word_sets.yaml``, in lower case."""
    return frozenset(_word_sets()[name])


@lru_cache(maxsize=1)
def everyday_words() -> frozenset[str]:
    """Words so common in general and imaging text that alone they are hardly a name."""
    return imaging_words().union(read_list("everyday_words.txt"))


@cache
def imaging_words() -> frozenset[str]:
    """What stands in descriptors and coded fields: body parts, directions, sequences, words.

    Those of other languages (one a line: German, French, Spanish, Italian, Dutch, Portuguese,
    Danish with Norwegian and Swedish) are without what is a frequent surname.
    """
    lines = read_list("imaging_words.txt") + read_list("foreign_imaging_words.txt")
    return frozenset(word for line in lines for word in line.split())


@lru_cache(maxsize=1)
def dictionary() -> frozenset[str]:
    """Ordinary English and clinical words in lower case: stems, without proper names."""
    return frozenset(read_list("words.txt.gz")) | everyday_words()


def is_word(token: str) -> bool:
    """Whether a folded token is an ordinary word, its plain endings included."""
    words = dictionary()
    if token in words:
        return True
    for ending in ("s", "es", "ed", "d", "ing", "ly"):
        stem = token.removesuffix(ending)
        if 2 < len(stem) < len(token) and stem in words:
            return True
    return False


@lru_cache(maxsize=1)
def given_names() -> dict[str, str]:
    """Given name → F, M or U (borne by both)."""
    pairs = (line.split(",") for line in read_list("given_names.csv.gz"))
    return {pair[0]: pair[1] for pair in pairs}


@cache
def surnames_that_are_words() -> frozenset[str]:
    """Frequent surnames that are words as well: black, hill, long."""
    return frozenset(read_list("surnames_that_are_words.txt"))


@lru_cache(maxsize=1)
def _words_that_are_names() -> frozenset[str]:
    return frozenset(read_list("words_that_are_names.txt.gz"))


def nobody_bears(token: str) -> bool:
    """Whether a folded token is an ordinary or clinical word, and the census knows no such name."""
    return token in dictionary() and token not in _words_that_are_names()


def is_borne(token: str) -> bool:
    """Whether a folded token is a given name, or a word that many people bear as a surname."""
    return token in given_names() or token in surnames_that_are_words()


@cache
def _frequent_surnames() -> frozenset[str]:
    return frozenset(read_list("surrogate_surnames.txt"))


def is_frequent(token: str) -> bool:
    """Whether a folded token is a given name or one of the most frequent surnames."""
    return token in given_names() or token in _frequent_surnames()


def may_be_name(token: str) -> bool:
    """Whether a folded token is no everyday word, or one that many people bear as a name."""
    if is_borne(token):
        return True
    return token not in everyday_words() and not nobody_bears(token)


PLACEHOLDERS = word_set("placeholders")


def is_placeholder(value: str) -> bool:
    """Whether a value stands for no value: ``ANONYMOUS``, ``N/A``, ``^^^^``, ``0000``."""
    plain = "".join(filter(str.isalnum, fold_text(value)))
    return not plain or not plain.strip("0") or plain in PLACEHOLDERS
