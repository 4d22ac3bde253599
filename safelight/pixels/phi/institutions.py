"""Lines that name an institution: a hospital, a practice, a department with its name."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib import resources

import yaml

from safelight.pixels.lexicon.allow_list import is_allowed, is_technical_term
from safelight.records import Span
from safelight.text.lexicon.folding import fold_text
from safelight.text.lexicon.words import may_be_name


def find_institution(piece: str) -> Span | None:
    """The whole of a piece of text, if a word in it names an institution."""
    words = [word for word in re.split(r"[^\w']+|_+", fold_text(piece)) if word]
    alone, beside, plain, prefixes = _institutions()
    makers, company = _makers()
    if makers.intersection(words) and makers.union(company).issuperset(words):
        return None
    named = any(word in alone or word.startswith(prefixes) for word in words)
    telling = {word for word in words if word in beside}
    if not named and telling:
        others = [word for word in words if len(word) > 2 and word not in telling]
        others = [word for word in others if not any(map(str.isdigit, word))]
        named = any(
            not is_allowed(w) or may_be_name(w) and not is_technical_term(w) for w in others
        )
        named = named or len(telling) >= 2 and not telling <= plain
    return Span(0, len(piece), "LOCATION", "form", 1.0, "INSTITUTION") if named else None


@lru_cache(maxsize=1)
def _institutions() -> tuple[frozenset[str], frozenset[str], frozenset[str], tuple[str, ...]]:
    data = {kind: [str(word) for word in words] for kind, words in _data().items()}
    return (
        frozenset(word for word in data["alone"] if not word.endswith("*")),
        frozenset(data["beside"]),
        frozenset(data["plain"]),
        tuple(word[:-1] for word in data["alone"] if word.endswith("*")),
    )


@lru_cache(maxsize=1)
def _makers() -> tuple[frozenset[str], frozenset[str]]:
    data = _data()
    return frozenset(data["makers"]), frozenset(data["company"])


@lru_cache(maxsize=1)
def _data() -> dict[str, list[str]]:
    text = (resources.files("safelight.pixels.phi") / "institutions.yaml").read_text("utf-8")
    data: dict[str, list[str]] = yaml.safe_load(text)
    return data
