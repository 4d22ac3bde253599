"""The allow lists as they ship: phrases, abbreviations, signs that bear a name, vendors."""

from __future__ import annotations

import gzip
import re
from bisect import bisect_left
from collections.abc import Sequence
from functools import cache, lru_cache
from importlib import resources

from safelight.text.lexicon.folding import fold_text

_WORDS = re.compile(r"[^\W\d_]+")
_GENITIVE = re.compile(r"['’]s(?![^\W_])")
_DISEASES = frozenset(
    "disease lymphoma syndrome palsy sarcoma tumor fracture cyst sign lesion deformity "
    "malformation encephalopathy thyroiditis esophagus arteritis diverticulum".split()
)


def words_of(text: str) -> list[str]:
    """The words of a text, folded."""
    return [fold_text(word) for word in _WORDS.findall(text)]


def joined(text: str) -> str:
    """The words of a text, folded, with one blank between them, and no genitive."""
    return " ".join(words_of(_GENITIVE.sub("", text)))


@cache
def _lines(name: str) -> tuple[str, ...]:
    text = (resources.files("safelight.text.lexicon.lists") / f"{name}.txt").read_text("utf-8")
    return tuple(line for line in text.splitlines() if line)


@lru_cache(maxsize=1)
def state_codes() -> frozenset[str]:
    """Postal codes of the states of the USA."""
    return frozenset(
        "AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH "
        "NJ NM NY NC ND OH OK OR PA PR RI SC SD TN TX UT VT VA WA WV WI WY".split()
    )


@lru_cache(maxsize=1)
def phrases() -> frozenset[str]:
    """Eponyms, drugs, vendors, device models, trials and genes, word by word joined."""
    return frozenset(map(joined, _lines("not_names"))) | frozenset(drugs())


@cache
def drugs() -> tuple[str, ...]:
    """Names of drugs that nobody is called, folded and in order."""
    data = (resources.files("safelight.text.lexicon.lists") / "drugs.txt.gz").read_bytes()
    return tuple(gzip.decompress(data).decode("utf-8").split())


def begins_one_of(words: Sequence[str], part: str) -> bool:
    """Whether a part begins one of some words, which stand in order."""
    place = bisect_left(words, part)
    return any(word.startswith(part) for word in words[place : place + 1])


def is_drug_cut_short(word: str) -> bool:
    """Whether a word in small letters begins the name of a drug and nobody's: ``doxycyc``."""
    return len(word) > 4 and begins_one_of(drugs(), word)


@lru_cache(maxsize=1)
def abbreviations() -> frozenset[str]:
    """Clinical abbreviations as they are written."""
    return frozenset(_lines("abbreviations"))


@lru_cache(maxsize=1)
def signs() -> frozenset[str]:
    """Surnames that stand alone for a sign, a test, a score or an instrument."""
    return frozenset(map(joined, _lines("signs")))


@lru_cache(maxsize=1)
def eponyms() -> frozenset[str]:
    """Those surnames, and many more that stand for something beside what they are named after."""
    return signs() | frozenset(map(joined, " ".join(_lines("named_after")).split(",")))


@lru_cache(maxsize=1)
def _vendors() -> tuple[str, ...]:
    return tuple(sorted(set(map(joined, _lines("vendors")))))


def is_listed(text: str, begin: int, end: int) -> bool:
    """Whether the value, alone or with the words beside it, is a phrase of the list."""
    value = joined(text[begin:end])
    before = words_of(text[max(0, begin - 24) : begin])[-1:]
    following = words_of(_GENITIVE.sub("", text[end : end + 40]))[:3]
    beside = [" ".join([value, *following[:count]]) for count in range(len(following) + 1)]
    if before:
        beside += [f"{before[0]} {phrase}" for phrase in beside]
    return not phrases().isdisjoint(beside)


@lru_cache(maxsize=1)
def disease_names() -> frozenset[str]:
    """Surnames that the list knows in front of a disease, a tumour, a sign or a fracture."""
    return frozenset(
        phrase.split(" ")[0]
        for phrase in phrases()
        if phrase.count(" ") == 1 and phrase.split(" ")[1] in _DISEASES
    )


def is_product(value: str) -> bool:
    """Whether a value begins with a vendor that nobody is called: ``Philips Healthcare X 64``."""
    whole = joined(value) + " "
    return any(whole.startswith(f"{vendor} ") for vendor in _vendors())
