"""What identifies by its form or by a word in it: dates, times, numbers, institutions, names."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib import resources
from typing import Any

import yaml

from safelight.pixels.vocabulary import is_allowed, words_of
from safelight.records import Span
from safelight.text.fold import fold_text
from safelight.text.words import given_names


def find_forms(row: str) -> list[Span]:
    """Spans of a row of text that identify by their form."""
    found: list[Span] = []
    for entity, name, pattern in _forms():
        for match in pattern.finditer(row):
            if name == "COMMA" and not _holds_name(match[0]):
                continue
            if name == "CODE" and _is_setting(match[0]):
                continue
            found.append(Span(match.start(), match.end(), entity, "form", 1.0, name))
    return found


def find_institution(piece: str) -> Span | None:
    """The whole of a piece of text, if a word in it names an institution."""
    words = [word for word in re.split(r"[^\w'.]+|_+", fold_text(piece)) if word]
    alone, beside, prefixes = _institutions()
    named = any(word in alone or word.startswith(prefixes) for word in words if word)
    if not named and sum(word in beside for word in words) >= 1:
        named = any(len(word) > 2 and not is_allowed(word) for word in words) or (
            sum(word in beside for word in words) >= 2
        )
    return Span(0, len(piece), "LOCATION", "form", 1.0, "INSTITUTION") if named else None


def find_person(piece: str) -> Span | None:
    """The whole of a short piece, if it is a given name beside one or two other words."""
    words = [word for _, _, word in words_of(piece)]
    if not 2 <= len(words) <= 4 or not all(re.fullmatch(r"[^\W\d_][\w'.-]*", w) for w in words):
        return None
    named = any(len(word) > 2 and fold_text(word) in given_names() for word in words)
    if named and not all(is_allowed(word) for word in words):
        return Span(0, len(piece), "NAME", "form", 0.8, "PERSON")
    return None


def _holds_name(text: str) -> bool:
    """Whether a word of a text is a given name or in no vocabulary."""
    words = [word for _, _, word in words_of(text)]
    return any(not is_allowed(w) or fold_text(w) in given_names() and len(w) > 2 for w in words)


def _is_setting(code: str) -> bool:
    """Whether a code of letters and digits is a number with its unit."""
    return re.fullmatch(r"[\d.,]+[A-Za-z%]{1,5}", code) is not None and "." in code


@lru_cache(maxsize=1)
def _forms() -> tuple[tuple[str, str, re.Pattern[str]], ...]:
    rows = _data("forms.yaml")
    return tuple((row["entity"], row["name"], re.compile(row["pattern"])) for row in rows)


@lru_cache(maxsize=1)
def _institutions() -> tuple[frozenset[str], frozenset[str], tuple[str, ...]]:
    data = _data("institutions.yaml")
    alone = [str(word) for word in data["alone"]]
    return (
        frozenset(word for word in alone if not word.endswith("*")),
        frozenset(map(str, data["beside"])),
        tuple(word[:-1] for word in alone if word.endswith("*")),
    )


def _data(name: str) -> Any:
    return yaml.safe_load((resources.files("safelight.pixels") / name).read_text("utf-8"))
