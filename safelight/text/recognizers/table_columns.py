"""Find the names in a column of a table by the head of the column: ``Patient``, ``Nurse``.

A cell has no context that the model could use. The head of its column shows what it holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from safelight.records import Span
from safelight.text.lexicon.phrases import abbreviations, tokenize
from safelight.text.lexicon.word_lists import word_set
from safelight.text.lexicon.words import everyday_words, is_known_name, is_placeholder
from safelight.text.recognizers.name_roles import CLINICIAN, PATIENT, RELATIVE

#: Cells that a row of a table has at least.
_MIN_CELLS = 3
_NAME_MAX_CHARACTERS, _NAME_MAX_WORDS = 40, 5
_NAME = re.compile(r"[^\W\d_][^\W\d_ .,'’()\-]*(?:[ .,'’()\-]+[^\W\d_]+)*[.)]?")


class _Cell(NamedTuple):
    """Cell of a row; the range has no white space at its ends."""

    begin: int
    end: int
    text: str


def find_table_names(text: str) -> Iterator[Span]:
    """Yield the names in the columns of tables that ``|``, tabs, semicolons or commas separate.

    Parameters
    ----------
    text : str
        Whole text.

    Yields
    ------
    Span
        NAME, engine ``key``, with the role that the head of the column gives.
    """
    for separator in "|\t;,":
        if text.count(separator) >= 2 * (_MIN_CELLS - 1):
            yield from _find_names(text, separator)


def _find_names(text: str, separator: str) -> Iterator[Span]:
    """Yield the names in the tables of one separator."""
    roles: dict[int, str] = {}
    offset = 0
    for line in text.split("\n"):
        cells = _split(line, separator, offset)
        offset += len(line) + 1
        if len(cells) < _MIN_CELLS:
            roles = roles if _is_rule(line) else {}
            continue
        heads = _read_heads(cells) if separator != "," or " " not in line else {}
        if heads:
            roles = heads
            continue
        for index, role in roles.items():
            if index < len(cells) and _is_name(cells[index].text):
                yield Span(cells[index].begin, cells[index].end, "NAME", "key", 1.0, role)


def _split(line: str, separator: str, offset: int) -> list[_Cell]:
    """Return the cells of a line with their ranges in the text."""
    cells = []
    for part in line.split(separator):
        value = part.strip()
        begin = offset + len(part) - len(part.lstrip())
        cells.append(_Cell(begin, begin + len(value), value))
        offset += len(part) + 1
    return cells


def _is_rule(line: str) -> bool:
    """Return whether a line between rows has only dashes and similar marks."""
    return bool(line.strip()) and not any(map(str.isalnum, line))


def _read_heads(cells: list[_Cell]) -> dict[int, str]:
    """Return the roles of columns by index, if no cell of a row is like a value."""
    if any(any(map(str.isdigit, cell.text)) for cell in cells):
        return {}
    roles = {index: role for index, cell in enumerate(cells) if (role := _role_of_head(cell.text))}
    # a row "Patient | Ann Lee | MRN" has a value after its label: its other cells are not heads
    others = [cell.text for index, cell in enumerate(cells) if index not in roles and cell.text]
    return roles if all(map(_is_head, others)) else {}


def _role_of_head(value: str) -> str | None:
    """Return the role by the words of a head, or by the last of them: ``Night RN``."""
    words = tokenize(value)
    return _roles().get(" ".join(words)) or _roles().get(words[-1]) if words else None


def _is_head(value: str) -> bool:
    """Return whether a cell may be the head of a column: words or abbreviations, not a name."""
    words = tokenize(value)
    return all(
        word in everyday_words()
        or word.removesuffix("s") in everyday_words()
        or word.upper() in abbreviations()
        or value.isupper()
        for word in words
    )


def _is_name(value: str) -> bool:
    """Return whether a cell below the head of a column of people is a name."""
    words = tokenize(value)
    if not words or len(value) > _NAME_MAX_CHARACTERS or len(words) > _NAME_MAX_WORDS:
        return False
    if _NAME.fullmatch(value) is None or is_placeholder(value):
        return False
    return not all(word in everyday_words() and not is_known_name(word) for word in words)


@cache
def _roles() -> dict[str, str]:
    """Return the role of people by the folded head of their column."""
    return (
        dict.fromkeys(word_set("table_heads.patient"), PATIENT)
        | dict.fromkeys(word_set("table_heads.clinician"), CLINICIAN)
        | dict.fromkeys(word_set("table_heads.relative"), RELATIVE)
    )
