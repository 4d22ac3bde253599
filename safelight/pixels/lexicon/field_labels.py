"""Keys such as ``Name:`` and ``DOB``, found also where character recognition misread them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

import yaml
from rapidfuzz.distance import Levenshtein

from safelight.pixels.lexicon.allow_list import is_allowed, tokenize_row
from safelight.text.lexicon.folding import fold_text

#: Shapes that small fonts make alike, folded into one of them.
_SHAPES = str.maketrans(
    {"1": "i", "l": "i", "|": "i", "!": "i", "j": "i", "t": "i", "0": "o", "q": "o", "d": "o",
     "5": "s", "8": "b", "6": "g", "c": "e", "4": "a", "2": "z", "v": "y"}
)  # fmt: skip
#: All that may be misread in a key of so few characters: digits and round letters.
_DIGITS = str.maketrans(
    {"1": "i", "l": "i", "|": "i", "0": "o", "d": "o", "q": "o", "5": "s", "8": "b", "6": "g"}
)
_SHORT = 3
_WORD = re.compile(r"[^\W_]+")
_SEPARATOR = re.compile(r"\s*[:;#=.：)\]]+")
#: What no key holds inside: an abbreviation's point does not end it.
_END = re.compile(r"[:;#=：)\]]|[.](?![A-Za-z])")
#: A number that makes a key of a weak word before it.
_NUMBER = re.compile(r"\s+(?=(?:[A-Z-]*\d){4})")
#: A longer key has more than this many words.
_LONGEST = 4


@dataclass(frozen=True)
class FieldLabel:
    """A key in a text: where it and where its value begin, and what the value is.

    ``separated`` tells that a colon or the like stands after it.
    """

    begin: int
    value: int
    entity: str
    separated: bool


def fold_lookalikes(text: str) -> str:
    """Letters and digits alone, those that look alike made equal."""
    plain = "".join(character for character in fold_text(text) if character.isalnum())
    return plain.replace("rn", "m").replace("vv", "w").translate(_SHAPES)


def find_field_labels(text: str) -> list[FieldLabel]:
    """The keys of a row of text, from left to right, none within another."""
    words = list(_WORD.finditer(text))
    found: list[FieldLabel] = []
    at = 0
    while at < len(words):
        key = _key_at(text, words, at)
        if key is None:
            at += 1
            continue
        found.append(key)
        while at < len(words) and words[at].end() <= key.value:
            at += 1
        if at < len(words) and words[at].start() < key.value:
            at += 1
    return found


@lru_cache(maxsize=4096)
def is_field_label(text: str) -> bool:
    """Whether a text is nothing but one key, with or without a colon."""
    keys = find_field_labels(text)
    return len(keys) == 1 and keys[0].begin == 0 and not text[keys[0].value :].strip()


def _key_at(text: str, words: list[re.Match[str]], at: int) -> FieldLabel | None:
    """The longest key that begins with a word; as it stands before misread."""
    for exact in (True, False):
        for count in range(min(_LONGEST, len(words) - at), 0, -1):
            begin, end = words[at].start(), words[at + count - 1].end()
            shown = text[begin:end]
            if _END.search(shown) or 2 * sum(map(str.isdigit, shown)) > len(shown):
                continue
            seen = fold_lookalikes(shown)
            if len(seen) <= _SHORT and not _is_short(shown):
                continue  # CTA looks like ETA and (mm) like MRN
            entity, strong = _keys().get(seen, ("", False)) if exact else _misread(seen, at == 0)
            if not exact and all(is_allowed(word) for _, _, word in tokenize_row(shown)):
                continue  # other words, read as they stand
            separator = _SEPARATOR.match(text, end)
            if separator is not None and separator[0].strip() == "." and at + count == len(words):
                separator = None  # the point of an abbreviation
            if at == 0 and entity == "ID" and _NUMBER.match(text, end):
                strong = True
            if entity and (separator is not None or strong and at == 0):
                value = separator.end() if separator else end
                return FieldLabel(begin, value, entity, separator is not None)
    return None


def _is_short(shown: str) -> bool:
    """Whether a text is a short key, but for letters that digits or round ones were read as."""
    return not any(map(str.isdigit, shown.split()[1:])) and _plain(shown) in _short_keys()


def _plain(text: str) -> str:
    return "".join(c for c in fold_text(text) if c.isalnum()).translate(_DIGITS)


@lru_cache(maxsize=4096)
def _misread(seen: str, first: bool) -> tuple[str, bool]:
    """Entity of the strong key that a shape differs from by one or two letters."""
    if len(seen) < 6 or not first:
        return "", False
    allowed = 1 if len(seen) < 10 else 2
    for key, (entity, strong) in _keys().items():
        if strong and len(key) >= 6 and abs(len(key) - len(seen)) <= allowed:
            if Levenshtein.distance(key, seen, score_cutoff=allowed) <= allowed:
                return entity, True
    return "", False


@lru_cache(maxsize=1)
def _keys() -> dict[str, tuple[str, bool]]:
    """Entity of each key by its shape, and whether it is strong."""
    return {fold_lookalikes(key): (entity, strong) for key, entity, strong in _rows()}


@lru_cache(maxsize=1)
def _short_keys() -> frozenset[str]:
    return frozenset(_plain(key) for key, _, _ in _rows() if len(fold_lookalikes(key)) <= _SHORT)


@lru_cache(maxsize=1)
def _rows() -> list[tuple[str, str, bool]]:
    """Each key, its entity, and whether it is strong."""
    data = yaml.safe_load(
        (resources.files("safelight.pixels.lexicon") / "field_labels.yaml").read_text("utf-8")
    )
    return [
        (str(key), entity, kind == "strong")
        for entity, kinds in data.items()
        for kind in ("weak", "strong")
        for key in kinds[kind]
    ]
