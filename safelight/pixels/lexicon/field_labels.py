"""Field labels such as ``Name:`` and ``DOB``, also where character recognition misread them.

``field_labels.yaml`` lists them by the entity of their value. A strong label needs no separator
at the begin of a row; a weak one does.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

import yaml
from rapidfuzz.distance import Levenshtein

from safelight.named_rules import RuleList, rule_if
from safelight.pixels.lexicon.allow_list import is_allowed, tokenize_row
from safelight.pixels.thresholds import (
    FIELD_LABEL_LONG_MIN_CHARACTERS,
    FIELD_LABEL_MAX_WORDS,
    FIELD_LABEL_MISREAD_MIN_CHARACTERS,
    FIELD_LABEL_SHORT_MAX_CHARACTERS,
)
from safelight.text.lexicon.folding import fold_text

#: Characters that look alike in small fonts, mapped to one of them.
_LOOKALIKES = str.maketrans(
    {"1": "i", "l": "i", "|": "i", "!": "i", "j": "i", "t": "i", "0": "o", "q": "o", "d": "o",
     "5": "s", "8": "b", "6": "g", "c": "e", "4": "a", "2": "z", "v": "y"}
)  # fmt: skip
#: The only characters that may be misread in a short label: digits and round letters.
_SHORT_LABEL_LOOKALIKES = str.maketrans(
    {"1": "i", "l": "i", "|": "i", "0": "o", "d": "o", "q": "o", "5": "s", "8": "b", "6": "g"}
)
_WORD = re.compile(r"[^\W_]+")
_SEPARATOR = re.compile(r"\s*[:;#=.：)\]]+")
#: Signs that end a label; the point of an abbreviation does not.
_INNER_SEPARATOR = re.compile(r"[:;#=：)\]]|[.](?![A-Za-z])")
#: A number of at least four digits: it makes a label of a weak word before it.
_NUMBER = re.compile(r"\s+(?=(?:[A-Z-]*\d){4})")


@dataclass(frozen=True)
class FieldLabel:
    """A field label in a row of text.

    Attributes
    ----------
    begin : int
        Offset of the label in the row.
    value_begin : int
        Offset after the label and its separator.
    entity : str
        Entity of the value, ``NONE`` for a measurement.
    has_separator : bool
        Whether a colon or the like follows the label.
    """

    begin: int
    value_begin: int
    entity: str
    has_separator: bool


@dataclass(frozen=True)
class _Candidate:
    """One to four words of a row that may be a field label."""

    row: str
    begin: int
    end: int
    starts_row: bool
    ends_row: bool
    shown: str
    folded: str


def fold_lookalikes(text: str) -> str:
    """Return letters and digits only, with those that look alike made equal."""
    plain = "".join(character for character in fold_text(text) if character.isalnum())
    return plain.replace("rn", "m").replace("vv", "w").translate(_LOOKALIKES)


def find_field_labels(text: str) -> list[FieldLabel]:
    """Return the field labels of a row of text from left to right, without overlaps."""
    words = list(_WORD.finditer(text))
    found: list[FieldLabel] = []
    at = 0
    while at < len(words):
        label = _find_label_at(text, words, at)
        if label is None:
            at += 1
            continue
        found.append(label)
        while at < len(words) and words[at].end() <= label.value_begin:
            at += 1
        if at < len(words) and words[at].start() < label.value_begin:
            at += 1
    return found


@lru_cache(maxsize=4096)
def is_field_label(text: str) -> bool:
    """Return whether a text is exactly one field label, with or without a separator."""
    labels = find_field_labels(text)
    return len(labels) == 1 and labels[0].begin == 0 and not text[labels[0].value_begin :].strip()


def _find_label_at(text: str, words: Sequence[re.Match[str]], at: int) -> FieldLabel | None:
    """Return the longest label that begins with a word; exact labels precede misread ones."""
    counts = range(min(FIELD_LABEL_MAX_WORDS, len(words) - at), 0, -1)
    candidates = [_make_candidate(text, words, at, count) for count in counts]
    candidates = [one for one in candidates if not _NOT_A_LABEL_RULES(one)]
    for match in (_match_exact, _match_misread):
        for candidate in candidates:
            label = match(candidate)
            if label is not None:
                return label
    return None


def _make_candidate(text: str, words: Sequence[re.Match[str]], at: int, count: int) -> _Candidate:
    """Return the candidate of some words of a row."""
    begin, end = words[at].start(), words[at + count - 1].end()
    shown = text[begin:end]
    return _Candidate(
        text, begin, end, at == 0, at + count == len(words), shown, fold_lookalikes(shown)
    )


def _has_inner_separator(candidate: _Candidate) -> bool:
    """Return whether a separator lies between the words."""
    return _INNER_SEPARATOR.search(candidate.shown) is not None


def _is_mostly_digits(candidate: _Candidate) -> bool:
    """Return whether more than half of the characters are digits."""
    return 2 * sum(map(str.isdigit, candidate.shown)) > len(candidate.shown)


def _is_short_lookalike(candidate: _Candidate) -> bool:
    """Return whether a short word only looks like a label: CTA like ETA, (mm) like MRN."""
    if len(candidate.folded) > FIELD_LABEL_SHORT_MAX_CHARACTERS:
        return False
    has_number = any(map(str.isdigit, candidate.shown.split()[1:]))
    return has_number or _fold_short(candidate.shown) not in _short_labels()


_NOT_A_LABEL_RULES = RuleList[[_Candidate], bool](
    "pixels.not_a_field_label",
    rule_if("inner_separator", _has_inner_separator, True),
    rule_if("mostly_digits", _is_mostly_digits, True),
    rule_if("short_lookalike", _is_short_lookalike, True),
    default=False,
)


def _match_exact(candidate: _Candidate) -> FieldLabel | None:
    """Return the label that the words are, up to characters that look alike."""
    entity, is_strong = _labels().get(candidate.folded, ("", False))
    return _make_label(candidate, entity, is_strong)


def _match_misread(candidate: _Candidate) -> FieldLabel | None:
    """Return the strong label that the words are a misreading of, unless all are plain words."""
    if not candidate.starts_row:
        return None
    entity = _find_misread_entity(candidate.folded)
    if not entity or all(is_allowed(word) for _, _, word in tokenize_row(candidate.shown)):
        return None
    return _make_label(candidate, entity, True)


def _make_label(candidate: _Candidate, entity: str, is_strong: bool) -> FieldLabel | None:
    """Return the label if it has a separator, or needs none at the begin of its row."""
    if not entity:
        return None
    separator = _SEPARATOR.match(candidate.row, candidate.end)
    if separator is not None and separator[0].strip() == "." and candidate.ends_row:
        separator = None  # the point of an abbreviation
    if separator is not None:
        return FieldLabel(candidate.begin, separator.end(), entity, True)
    has_number = entity == "ID" and _NUMBER.match(candidate.row, candidate.end) is not None
    if candidate.starts_row and (is_strong or has_number):
        return FieldLabel(candidate.begin, candidate.end, entity, False)
    return None


def _fold_short(text: str) -> str:
    """Return letters and digits only, with digits and the round letters they resemble equal."""
    plain = "".join(character for character in fold_text(text) if character.isalnum())
    return plain.translate(_SHORT_LABEL_LOOKALIKES)


@lru_cache(maxsize=4096)
def _find_misread_entity(folded: str) -> str:
    """Return the entity of the strong label that differs by one or two letters, or ``""``."""
    if len(folded) < FIELD_LABEL_MISREAD_MIN_CHARACTERS:
        return ""
    allowed = 1 if len(folded) < FIELD_LABEL_LONG_MIN_CHARACTERS else 2
    for label, (entity, is_strong) in _labels().items():
        if not is_strong or len(label) < FIELD_LABEL_MISREAD_MIN_CHARACTERS:
            continue
        if abs(len(label) - len(folded)) > allowed:
            continue
        if Levenshtein.distance(label, folded, score_cutoff=allowed) <= allowed:
            return entity
    return ""


@lru_cache(maxsize=1)
def _labels() -> dict[str, tuple[str, bool]]:
    """Return entity and strength of each label by its folded text."""
    return {fold_lookalikes(label): (entity, strong) for label, entity, strong in _load_rows()}


@lru_cache(maxsize=1)
def _short_labels() -> frozenset[str]:
    """Return the short labels, folded by the characters that may be misread in them."""
    return frozenset(
        _fold_short(label)
        for label, _, _ in _load_rows()
        if len(fold_lookalikes(label)) <= FIELD_LABEL_SHORT_MAX_CHARACTERS
    )


@lru_cache(maxsize=1)
def _load_rows() -> list[tuple[str, str, bool]]:
    """Return each label of the data file, the entity of its value, and whether it is strong."""
    data = yaml.safe_load(
        (resources.files("safelight.pixels.lexicon") / "field_labels.yaml").read_text("utf-8")
    )
    return [
        (str(label), entity, kind == "strong")
        for entity, kinds in data.items()
        for kind in ("weak", "strong")
        for label in kinds[kind]
    ]
