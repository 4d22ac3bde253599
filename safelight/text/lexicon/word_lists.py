r"""Read the word lists of ``lists/`` and build sets and expressions from them.

There is one file per concept. Its lines are ``word,languages,uses``; a line that starts with ``#``
is a comment. *Languages* are ISO 639-1 codes, and *uses* are the classes of a word; both are
separated by spaces. A reference is the name of a file (``titles``), or of the words in it that
have a use, a language or several of them (``titles.kept``, ``weekdays.full.en``). An expression
may contain ``<list:REFERENCE>``: :func:`expand_lists` replaces it by the alternatives, for
instance ``(?:mrs|mr)``.
"""

from __future__ import annotations

import gzip
import re
from functools import cache
from importlib import resources
from typing import NamedTuple

_LISTS = "lists"
_REFERENCE = re.compile(r"<list:([a-z0-9_]+(?:\.[a-z0-9_]+)*)>")


def _read(name: str) -> str:
    """Return the text of a file of the folder ``lists``."""
    data = (resources.files("safelight.text.lexicon") / _LISTS / name).read_bytes()
    return (gzip.decompress(data) if name.endswith(".gz") else data).decode("utf-8")


@cache
def read_list(name: str) -> tuple[str, ...]:
    """Return the lines of a list, without empty lines and comments.

    Parameters
    ----------
    name : str
        File in ``safelight/text/lexicon/lists``; ``.gz`` is decompressed.
    """
    lines = _read(name).splitlines()
    if name.endswith(".gz"):  # generated: as long as a dictionary, and without comments
        return tuple(lines)
    return tuple(line for line in lines if line and not line.startswith("#"))


class Entry(NamedTuple):
    """One line of a list."""

    word: str
    languages: tuple[str, ...]
    uses: tuple[str, ...]


@cache
def entries(name: str) -> tuple[Entry, ...]:
    """Return the lines of ``lists/NAME.csv``, in the order of the file."""
    found = []
    for line in read_list(f"{name}.csv"):
        word, languages, uses = [*line.split(","), "", ""][:3]
        found.append(Entry(word, tuple(languages.split()), tuple(uses.split())))
    return tuple(found)


@cache
def listed_words(reference: str) -> tuple[str, ...]:
    """Return the words of a list, in the order of the file, each once.

    Parameters
    ----------
    reference : str
        ``concept``, ``concept.use`` or ``concept.use.language``.

    Raises
    ------
    KeyError
        If the list has no such word.
    """
    name, *tags = reference.split(".")
    found = dict.fromkeys(
        word
        for word, languages, uses in entries(name)
        if all(tag in uses or tag in languages for tag in tags)
    )
    if not found:
        raise KeyError(f"no word in the list {reference}: correct the reference")
    return tuple(found)


@cache
def word_set(reference: str) -> frozenset[str]:
    """Return the words of a list as a set (see :func:`listed_words`)."""
    return frozenset(listed_words(reference))


@cache
def _alternatives(reference: str) -> str:
    """Return a group that matches the longest word of a list that is at a position."""
    return _factor(sorted(listed_words(reference)))


def _factor(endings: list[str]) -> str:
    """Return a group of alternatives with common beginnings factored out.

    ``mr`` and ``mrs`` become ``mr(?:s)?``. ``re`` tries the alternatives one by one, so
    this is faster than a list of words, and no word hides a longer one.
    """
    by_first: dict[str, list[str]] = {}
    for ending in endings:
        if ending:
            by_first.setdefault(ending[0], []).append(ending[1:])
    if len({first.lower() for first in by_first}) < len(by_first):
        # one letter in both cases: without case, the order of the branches would matter
        longest_first = sorted(endings, key=lambda ending: (-len(ending), ending))
        return f"(?:{'|'.join(map(_escape, longest_first))})"
    branches = [
        _escape(first + rests[0]) if len(rests) == 1 else _escape(first) + _factor(rests)
        for first, rests in by_first.items()
    ]
    group = f"(?:{'|'.join(branches)})"
    return f"{group}?" if "" in endings else group


def _escape(text: str) -> str:
    """Return a literal as an expression; spaces stay readable."""
    return re.escape(text).replace(r"\ ", " ")


def expand_lists(pattern: str) -> str:
    r"""Return an expression with each ``<list:REFERENCE>`` replaced by its alternatives.

    Parameters
    ----------
    pattern : str
        Expression for Python's ``re`` or ``java.util.regex``, without a verbose flag.

    Examples
    --------
    ``\b<list:titles.kept>\.? `` becomes ``\b(?:professor|...|mr)\.? ``.
    """
    return _REFERENCE.sub(lambda match: _alternatives(match[1]), pattern)
