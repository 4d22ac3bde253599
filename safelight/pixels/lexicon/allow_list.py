"""Allow list of burned-in text: words that say nothing about a person and may stay visible."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, NamedTuple

from rapidfuzz.distance import Indel, Levenshtein

from safelight.named_rules import Rule, RuleList, rule_if
from safelight.pixels.thresholds import (
    ALLOW_LIST_JOINED_TERM_MIN_CHARACTERS,
    ALLOW_LIST_MISREAD_MIN_CHARACTERS,
    FILM_MARKER_MIN_SIMILARITY,
)
from safelight.text.lexicon.folding import fold_text
from safelight.text.lexicon.words import imaging_words, is_known_name, is_word

if TYPE_CHECKING:
    from importlib.abc import Traversable

_WORD = re.compile(r"\S+")
_PUNCTUATION = ".,:;!?()[]{}<>*\"'`´_|/\\-–—=+~^#"
#: Views that directly follow a body part if the blank between them was not read.
_VIEWS = ("ap", "pa", "lat", "obl")
#: For the first letter of a word in capitals, the letters that it may be a misreading of.
_FIRST_LETTER_MISREADINGS = {
    "i": "tl", "t": "i", "l": "it", "c": "go", "o": "cgq", "f": "pe", "e": "f", "p": "f"
}  # fmt: skip
#: Digits and signs that are read for letters.
_DIGITS_TO_LETTERS = str.maketrans("01|58", "olisb")
#: A letter three times in a row: OCR of a curve or of a border.
_REPEATED_LETTER = re.compile(r"([^\W\d_])\1\1", re.IGNORECASE)
#: A number with sign, decimals, ratio, unit: 3.3, -12, 1/25, 6.0MHz, 64%, T1, C5-1, x2.
_SETTING = re.compile(
    r"[+\-±<>≤≥~=x×*]{0,2}\d{1,4}(?:[.,]\d+)?(?:[/x×:-]\d{1,4}(?:[.,]\d+)?){0,2}[a-zµμ°%²³/*]{0,6}\d?"
    r"|[a-z]{1,4}[-=]?\d{1,3}(?:[.,/-]\d{1,3}){0,2}[a-z]{0,3}"
    r"|(?:cm|mm)?\d{1,2}w\d{1,2}d",
    re.IGNORECASE,
)
#: A number with a unit that is read twice: 3cm3cm.
_DOUBLED_NUMBER = re.compile(r"(\d{1,3}[a-z]{1,3})\1", re.IGNORECASE)
#: A term with a number directly after it: gain45, depth16cm.
_TERM_WITH_NUMBER = re.compile(r"([a-z]{3,})([\d.,]+[a-z%]{0,3})")
#: A number with letters or signs directly after it, which may be a unit.
_NUMBER_WITH_UNIT = re.compile(r"[+-]?[\d.,]*\d([a-zµ%°²³/]+\d?)")
#: A short part of the name of an MR sequence: ep2d, b1000, 3mm.
_SEQUENCE_CODE = re.compile(r"[A-Za-z]{0,3}\d{1,2}[A-Za-z]{0,2}|b\d{2,4}", re.IGNORECASE)


def tokenize_row(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield begin, end and text of each word of a row, without the punctuation around it."""
    for match in _WORD.finditer(text):
        word = match[0]
        begin = match.start() + len(word) - len(word.lstrip(_PUNCTUATION))
        stripped = word.strip(_PUNCTUATION)
        if stripped:
            yield begin, begin + len(stripped), stripped


def is_setting(word: str) -> bool:
    """Return whether a word is a short number, with or without a unit, or a short code."""
    return _SETTING.fullmatch(word) is not None


def is_misread_curve(word: str) -> bool:
    """Return whether a word looks like OCR of a curve: it repeats a letter three times."""
    return _REPEATED_LETTER.search(word) is not None


@lru_cache(maxsize=16384)
def is_allowed(word: str) -> bool:
    """Return whether a word may stay visible: a listed term, an ordinary word or a setting."""
    return _ALLOWED_WORD_RULES(_Token(word, fold_text(word).strip(_PUNCTUATION)))


class _Token(NamedTuple):
    """A word as it is written, and folded without the punctuation around it."""

    text: str
    folded: str


def _is_possessive(token: _Token) -> bool:
    """Return whether a word is a listed one with a possessive ending: "barrett's"."""
    return token.folded.endswith("'s") and _is_listed(token.folded[:-2])


def _is_term_with_number(token: _Token) -> bool:
    """Return whether a word is a listed one with a setting directly after it."""
    match = _TERM_WITH_NUMBER.fullmatch(token.folded)
    return match is not None and _is_listed(match[1]) and is_setting(match[2])


def _is_term_with_view(token: _Token) -> bool:
    """Return whether a word is a device term with a view next to it: "chestap", "apupright"."""
    folded, terms = token.folded, device_terms()
    shortest = ALLOW_LIST_JOINED_TERM_MIN_CHARACTERS
    return any(
        folded.endswith(view)
        and folded[: -len(view)] in terms
        or folded.startswith(view)
        and len(folded) >= len(view) + shortest
        and folded[len(view) :] in terms
        and not is_known_name(folded)
        for view in _VIEWS
    )


def _is_two_terms(token: _Token) -> bool:
    """Return whether a word is two device terms without the blank between them."""
    folded, terms = token.folded, device_terms()
    shortest = ALLOW_LIST_JOINED_TERM_MIN_CHARACTERS
    return any(
        folded[:n] in terms and folded[n:] in terms
        for n in range(shortest, len(folded) - shortest + 1)
    )


def _decide_compound(token: _Token) -> bool | None:
    """Decide on a word with inner punctuation by its parts; None if it is one part."""
    parts = [part for part in re.split(r"[^\w]+|_+", token.folded) if part]
    if len(parts) <= 1:
        return None
    return all(len(part) == 1 or _is_listed(part) or is_setting(part) for part in parts)


_ALLOWED_WORD_RULES = RuleList[[_Token], bool](
    "pixels.is_allowed",
    rule_if("single_character", lambda token: len(token.folded) <= 1, True),
    rule_if("listed_word", lambda token: _is_listed(token.folded), True),
    rule_if("possessive", _is_possessive, True),
    rule_if("term_with_number", _is_term_with_number, True),
    rule_if("term_with_view", _is_term_with_view, True),
    rule_if("two_terms", _is_two_terms, True),
    Rule("compound", _decide_compound),
    rule_if("setting", lambda token: is_setting(token.text), True),
    rule_if("doubled_number", lambda token: _DOUBLED_NUMBER.fullmatch(token.text), True),
    rule_if("misread_term", lambda token: _is_misread_term(token.folded), True),
    default=False,
)


def is_technical_term(word: str) -> bool:
    """Return whether a word is a term of devices, anatomy or imaging, or a number with a unit."""
    folded = fold_text(word).strip(_PUNCTUATION)
    if folded in allow_list() or folded in imaging_words():
        return True
    match = _NUMBER_WITH_UNIT.fullmatch(folded)
    if match is not None and match[1] in units():
        return True
    return is_setting(word) and (word[0].isdigit() and not word[-1].isupper() or len(word) <= 2)


def is_screen_term(folded: str) -> bool:
    """Return whether a folded word is a term of devices, anatomy or imaging.

    Parameters
    ----------
    folded : str
        Result of :func:`safelight.text.lexicon.folding.fold_text`.
    """
    return folded in device_terms() or folded in imaging_words()


def is_sequence_name(code: str) -> bool:
    """Return whether a code consists of imaging terms and short numbers: "ep2d_diff_b1000"."""
    parts = [part for part in re.split(r"[\W_]+", code) if part]
    return (
        re.search(r"[_\d]", code) is not None
        and any(map(_is_long_word, parts))
        and all(map(_is_part_of_sequence_name, parts))
    )


def _is_long_word(part: str) -> bool:
    """Return whether a part of a code consists of three letters or more."""
    return part.isalpha() and len(part) > 2


def _is_part_of_sequence_name(part: str) -> bool:
    """Return whether a part of a code is an imaging term, two characters or a short number."""
    if _is_long_word(part):
        return is_technical_term(part)
    return len(part) < 3 or _SEQUENCE_CODE.fullmatch(part) is not None


def _is_listed(word: str) -> bool:
    """Return whether a folded word is in the allow list or an ordinary word."""
    return word in allow_list() or is_word(word)


def _is_misread_term(word: str) -> bool:
    """Return whether a longer folded word differs from a listed one by one misread letter."""
    if len(word) < ALLOW_LIST_MISREAD_MIN_CHARACTERS:
        return False
    plain = word.translate(_DIGITS_TO_LETTERS)
    if plain != word and _is_listed(plain):
        return True
    lengths = _words_by_length()
    for letter in _FIRST_LETTER_MISREADINGS.get(plain[0], ""):
        if letter + plain[1:] in allow_list():
            return True  # the stem of the first letter was not seen
    return any(
        other[0] == plain[0] and Levenshtein.distance(other, plain, score_cutoff=1) <= 1
        for size in (len(plain), len(plain) + 1)
        for other in lengths.get(size, ())
    )


def is_misread_marker(word: str) -> bool:
    """Return whether a word resembles a lead marker of a radiograph and is not a known name."""
    folded = fold_text(word).strip(_PUNCTUATION)
    if len(folded) < ALLOW_LIST_MISREAD_MIN_CHARACTERS or is_known_name(folded):
        return False
    least = FILM_MARKER_MIN_SIMILARITY
    return any(
        other[0] == folded[0] and Indel.normalized_similarity(other, folded) >= least
        for other in _film_markers()
    )


@lru_cache(maxsize=1)
def _film_markers() -> frozenset[str]:
    """Return the long words of lead markers, in lower case."""
    return _read_terms(resources.files("safelight.pixels.lexicon") / "lists" / "film_markers.txt")


@lru_cache(maxsize=1)
def allow_list() -> frozenset[str]:
    """Return all words of the shipped lists, in lower case."""
    folder = resources.files("safelight.pixels.lexicon") / "lists"
    words = gzip.decompress((folder / "allow_list.txt.gz").read_bytes()).decode().split()
    return device_terms() | frozenset(words)


@lru_cache(maxsize=1)
def device_terms() -> frozenset[str]:
    """Return the terms that devices print next to the picture, in lower case."""
    files = (resources.files("safelight.pixels.lexicon") / "lists" / "device_terms").iterdir()
    return frozenset(
        word for file in files if file.name.endswith(".txt") for word in _read_terms(file)
    )


@lru_cache(maxsize=1)
def units() -> frozenset[str]:
    """Return the units that follow a number directly, in lower case."""
    return _read_terms(resources.files("safelight.pixels.lexicon") / "lists" / "units.txt")


@lru_cache(maxsize=1)
def quantities() -> frozenset[str]:
    """Return the quantities whose values are several short numbers, in lower case."""
    return _read_terms(resources.files("safelight.pixels.lexicon") / "lists" / "quantities.txt")


def _read_terms(file: Traversable) -> frozenset[str]:
    """Return the words of a shipped list, in lower case."""
    lines = file.read_text("utf-8").lower().splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


@lru_cache(maxsize=1)
def _words_by_length() -> dict[int, tuple[str, ...]]:
    """Return the longer words of the allow list by their length, sorted."""
    found: dict[int, list[str]] = {}
    for word in sorted(allow_list()):
        if len(word) >= ALLOW_LIST_MISREAD_MIN_CHARACTERS:
            found.setdefault(len(word), []).append(word)
    return {size: tuple(words) for size, words in found.items()}
