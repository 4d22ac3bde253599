"""The allow list: words that may stay in a picture because they say nothing of a person."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from functools import lru_cache
from importlib import resources

from rapidfuzz.distance import Levenshtein

from safelight.text.lexicon.folding import fold_text
from safelight.text.lexicon.words import imaging_words, is_word

_WORD = re.compile(r"\S+")
_EDGES = ".,:;!?()[]{}<>*\"'`´_|/\\-–—=+~^#"
#: Views that stand directly after the part of the body when the blank is not read.
_VIEWS = ("ap", "pa", "lat", "obl")
#: Letters that the first one of a word in capitals is misread as.
_ALIKE = {"i": "tl", "t": "i", "l": "it", "c": "go", "o": "cgq", "f": "pe", "e": "f", "p": "f"}
#: The same letter three times: a curve or a border, read as letters.
_TRACE = re.compile(r"([^\W\d_])\1\1", re.IGNORECASE)
#: A number with sign, decimals, ratio, unit: 3.3, -12, 1/25, 6.0MHz, 64%, T1, C5-1, x2.
_SETTING = re.compile(
    r"[+\-±<>≤≥~=x×*]{0,2}\d{1,4}(?:[.,]\d+)?(?:[/x×:-]\d{1,4}(?:[.,]\d+)?){0,2}[a-zµμ°%²³/*]{0,6}\d?"
    r"|[a-z]{1,4}[-=]?\d{1,3}(?:[.,/-]\d{1,3}){0,2}[a-z]{0,3}"
    r"|(?:cm|mm)?\d{1,2}w\d{1,2}d",
    re.IGNORECASE,
)

#: A part of a sequence's name: ep2d, b1000, 3mm.
_SHORT_CODE = re.compile(r"[A-Za-z]{0,3}\d{1,2}[A-Za-z]{0,2}|b\d{2,4}", re.IGNORECASE)


def tokenize_row(text: str) -> Iterator[tuple[int, int, str]]:
    """Begin, end and text of the words of a row, punctuation around them left off."""
    for match in _WORD.finditer(text):
        word = match[0]
        begin = match.start() + len(word) - len(word.lstrip(_EDGES))
        stripped = word.strip(_EDGES)
        if stripped:
            yield begin, begin + len(stripped), stripped


def is_setting(word: str) -> bool:
    """Whether a word is a short number, with or without unit, or a short code."""
    return _SETTING.fullmatch(word) is not None


def is_misread_curve(word: str) -> bool:
    """Whether a word is what a curve is read as."""
    return _TRACE.search(word) is not None


@lru_cache(maxsize=16384)
def is_allowed(word: str) -> bool:
    """Whether a word may stay: vocabulary, ordinary word, or the two joined by a sign."""
    folded = fold_text(word).strip(_EDGES)
    if len(folded) <= 1 or _in_list(folded):
        return True
    if folded.endswith("'s") and _in_list(folded[:-2]):
        return True
    glued = re.fullmatch(r"([a-z]{3,})([\d.,]+[a-z%]{0,3})", folded)
    if glued is not None and _in_list(glued[1]) and is_setting(glued[2]):
        return True
    if any(folded.endswith(view) and folded[: -len(view)] in device_terms() for view in _VIEWS):
        return True
    if any(
        folded[:n] in device_terms() and folded[n:] in device_terms()
        for n in range(4, len(folded) - 3)
    ):
        return True  # two words of the trade, read without the blank between them
    parts = [part for part in re.split(r"[^\w]+|_+", folded) if part]
    if len(parts) > 1:
        return all(len(part) == 1 or _in_list(part) or is_setting(part) for part in parts)
    return is_setting(word) or _misread(folded)


def is_technical_term(word: str) -> bool:
    """Whether a word is one of devices, of anatomy or of imaging, or a number with its unit."""
    folded = fold_text(word).strip(_EDGES)
    if folded in allow_list() or folded in imaging_words():
        return True
    return is_setting(word) and (word[0].isdigit() and not word[-1].isupper() or len(word) <= 2)


def is_sequence_name(code: str) -> bool:
    """Whether a code is made of words of the trade and short numbers: ep2d_diff_b1000."""
    parts = [part for part in re.split(r"[\W_]+", code) if part]
    words = [part for part in parts if part.isalpha() and len(part) > 2]
    others = [part for part in parts if part not in words]
    return (
        bool(words)
        and re.search(r"[_\d]", code) is not None
        and all(map(is_technical_term, words))
        and all(len(part) < 3 or _SHORT_CODE.fullmatch(part) for part in others)
    )


def _in_list(word: str) -> bool:
    return word in allow_list() or is_word(word)


def _misread(word: str) -> bool:
    """Whether a longer word differs from one of the list by one misread letter only."""
    if len(word) < 6:
        return False
    plain = word.translate(str.maketrans("01|58", "olisb"))
    if plain != word and _in_list(plain):
        return True
    lengths = _by_length()
    for letter in _ALIKE.get(plain[0], ""):
        if letter + plain[1:] in allow_list():
            return True  # the stem of the first letter was not seen
    return any(
        other[0] == plain[0] and Levenshtein.distance(other, plain, score_cutoff=1) <= 1
        for size in (len(plain), len(plain) + 1)
        for other in lengths.get(size, ())
    )


@lru_cache(maxsize=1)
def allow_list() -> frozenset[str]:
    """All words of the shipped lists."""
    folder = resources.files("safelight.pixels.lexicon") / "lists"
    words = gzip.decompress((folder / "allow_list.txt.gz").read_bytes()).decode().split()
    return device_terms() | frozenset(words)


@lru_cache(maxsize=1)
def device_terms() -> frozenset[str]:
    """What devices write beside the picture."""
    file = resources.files("safelight.pixels.lexicon") / "lists" / "device_terms.txt"
    lines = file.read_text("utf-8").lower().splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


@lru_cache(maxsize=1)
def _by_length() -> dict[int, tuple[str, ...]]:
    found: dict[int, list[str]] = {}
    for word in sorted(allow_list()):
        if len(word) >= 6:
            found.setdefault(len(word), []).append(word)
    return {size: tuple(words) for size, words in found.items()}
