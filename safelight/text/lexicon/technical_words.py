"""Recognize the technical words of descriptions: joined, truncated or shortened terms.

Scanners and sites join terms (``SkullMidThigh``), truncate them to the length of a field
(``Enhan``) and leave out vowels (``Brachiocephls``), so no dictionary has them. A word that a list
of names has is technical only if ``scanner_terms.txt`` has it.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import cache, lru_cache
from itertools import chain

from safelight.text.lexicon.folding import fold_text
from safelight.text.lexicon.phrases import known_phrases
from safelight.text.lexicon.word_lists import read_list
from safelight.text.lexicon.words import (
    given_names,
    imaging_words,
    is_frequent_name,
    is_listed_name,
    is_never_a_name,
    is_word,
    unambiguous_given_names,
    unambiguous_surnames,
)

#: Letters of a truncated word, and of the word that it begins, at least.
_TRUNCATED_MIN_LETTERS, _WHOLE_MIN_LETTERS = 5, 8
#: Letters of a word that is shortened by its vowels, at least.
_SHORTENED_MIN_LETTERS = 5
#: First letters that a shortened word keeps.
_SHORTENED_KEPT_LETTERS = 3
#: Terms that a word may be joined of, letters of one of them at least, and of the longest one.
_JOINED_MAX_TERMS, _JOINED_MIN_LETTERS, _JOINED_LONGEST_MIN_LETTERS = 4, 3, 5
#: Terms of two letters, which join to others only.
_SHORT_TERMS = frozenset(
    "ct mr pt nm us fs hi lo wo ax st lt rt ap pa fa pd t1 t2 co re no or mm cm ms ce iv pe".split()
)
#: Modalities that begin a joined word: ``rtdose``.
_MODALITIES = frozenset("ct mr pt nm us rt dx cr mg xa".split())
_SHORT_MODALITIES = ("pet", "abd", "dwi", "adc", "fbp", "tof", "tse", "fse", "mri", "cta", "mra")
_MODALITIES_ONLY = re.compile(r"(?:pet|mri?|ct|spect|dwi|adc|wb|cta|mra){2,4}")
#: Letters of a term that a partly technical word begins or ends with, at least.
_PARTLY_TECHNICAL_MIN_LETTERS = 4
#: Endings of clinical words that no name has.
_CLINICAL_ENDING = re.compile(
    r"(?:itis|osis|oses|ectomy|otomy|ostomy|plasty|opathy|aemia|emia|algia|megaly|plasia|trophy|"
    r"malacia|rrhaphy|scopy|graphy|gram|stenosis|sclerosis|penia|rrhea|rrhoea|dactyly|phalangy|"
    r"melia|cephaly|genesis|lysis|blastoma|carcinoma|adenoma|fibroma|myoma|sarcoma|phasia|kinesia|"
    r"uria|dermia|trichosis|keratosis|oid|iform|ectasia|ectasis|pexy|centesis|phobia|plegia|paresis)"
)
_CLINICAL_MIN_LETTERS = 8
_VOWELS = re.compile("[aeiou]")
_VOWELS_AND_Y = re.compile("[aeiouy]")
_REPEATED = re.compile(r"(.)\1+")


@cache
def scanner_terms() -> frozenset[str]:
    """Return the terms of scanners and sites that no dictionary has."""
    return frozenset(" ".join(read_list("scanner_terms.txt")).split())


@cache
def foreign_description_words() -> frozenset[str]:
    """Return words of descriptions in other languages than English."""
    return frozenset(" ".join(read_list("foreign_description_words.txt")).split())


@cache
def _foreign_words() -> frozenset[str]:
    """Return folded clinical words of other languages; some are names."""
    return frozenset(map(fold_text, read_list("foreign_words.txt")))


@cache
def _terms() -> frozenset[str]:
    """Return the terms that other technical words are made of."""
    return imaging_words() | scanner_terms() | foreign_description_words()


@lru_cache(maxsize=8192)
def is_technical_word(word: str) -> bool:
    """Return whether a folded word of letters is a technical word, and not a listed name.

    Parameters
    ----------
    word : str
        Folded letters without digits.

    Returns
    -------
    bool
        True for terms of scanners and foreign words of descriptions. True also for a word that no
        list of names has if it is a term of imaging, an ordinary word that is never a name, or a
        joined, truncated or shortened term. True also for letters without a vowel.
    """
    if word in scanner_terms() or word in foreign_description_words():
        return True
    if is_listed_name(word) or is_frequent_name(word):
        return False
    return (
        word in imaging_words()
        or word in _foreign_words()
        or (is_word(word) and is_never_a_name(word))
        or is_joined(word)
        or is_truncated(word)
        or is_shortened(word)
        or is_clinical(word)
        or is_partly_technical(word)
        or (len(word) > 2 and _VOWELS_AND_Y.search(word) is None)
    )


def is_joined(word: str) -> bool:
    """Return whether a folded word is made of two to four terms: ``abdomencap``."""
    if _MODALITIES_ONLY.fullmatch(word):
        return True
    if word[:2] in _MODALITIES and word[2:] in imaging_words() and len(word) > 5:
        return True
    return _split(word, _JOINED_MAX_TERMS, 0) >= _JOINED_LONGEST_MIN_LETTERS


def _split(word: str, count: int, longest: int) -> int:
    """Return the letters of the longest term of a word made of terms, or 0 if it is not."""
    if not word:
        return longest
    if not count:
        return 0
    best = 0
    for end in range(len(word), 1, -1):
        part = word[:end]
        is_term = part in _SHORT_TERMS if end < _JOINED_MIN_LETTERS else part in _terms()
        if is_term:
            best = max(best, _split(word[end:], count - 1, max(longest, end)))
            if best:
                return best
    return best


def is_partly_technical(word: str) -> bool:
    """Return whether a folded word begins or ends with a term, and no name has some letters of it.

    ``wbhpelvis`` is one: no listed name has ``bhp``.
    """
    if not _has_letters_of_no_name(word):
        return False
    return (
        any(
            word[:count] in _terms() or word[-count:] in _terms()
            for count in range(_PARTLY_TECHNICAL_MIN_LETTERS, len(word) - 1)
        )
        or word.startswith(_SHORT_MODALITIES)
        or word.endswith(_SHORT_MODALITIES)
    )


def _has_letters_of_no_name(word: str) -> bool:
    """Return whether three adjacent letters, or the first or last two, are in no listed name."""
    return not _triples_of_names().issuperset(_triples(word))


def _triples(word: str) -> set[str]:
    """Return the runs of three letters, with a mark at the begin and the end of the word."""
    marked = f"^{word}$"
    return {marked[index : index + 3] for index in range(len(marked) - 2)}


@cache
def _triples_of_names() -> frozenset[str]:
    """Return the runs of three letters in the listed names."""
    found: set[str] = set()
    for names in (given_names(), unambiguous_given_names(), unambiguous_surnames()):
        for name in names:
            found |= _triples(name)
    return frozenset(found)


def is_truncated(word: str) -> bool:
    """Return whether a folded word is the begin of a longer term: ``enhan``."""
    if len(word) < _TRUNCATED_MIN_LETTERS:
        return False
    terms = _long_terms()
    index = bisect_left(terms, word)
    return index < len(terms) and terms[index].startswith(word)


def is_shortened(word: str) -> bool:
    """Return whether a folded word is a longer term without some vowels: ``maxilry``."""
    if len(word) < _SHORTENED_MIN_LETTERS:
        return False
    whole = _terms_by_consonants().get(_consonants(word), ())
    return any(
        len(word) < len(term)
        and term.startswith(word[:_SHORTENED_KEPT_LETTERS])
        and _is_subsequence(word.removesuffix("s"), term)
        for term in whole
    )


def _is_subsequence(word: str, whole: str) -> bool:
    """Return whether a word has the letters of a longer one in order, without some of them."""
    letters = iter(whole)
    return all(letter in letters for letter in word)


@cache
def _long_terms() -> tuple[str, ...]:
    """Return the long terms of imaging and anatomy, sorted."""
    terms = chain(_terms(), (phrase for phrase in known_phrases() if " " not in phrase))
    return tuple(
        sorted({term for term in terms if len(term) >= _WHOLE_MIN_LETTERS and is_word(term)})
    )


@cache
def _terms_by_consonants() -> dict[str, tuple[str, ...]]:
    """Return the long terms by their consonants."""
    found: dict[str, tuple[str, ...]] = {}
    for term in _long_terms():
        key = _consonants(term)
        found[key] = (*found.get(key, ()), term)
    return found


def _consonants(word: str) -> str:
    """Return the consonants of a singular, each run of the same letter once."""
    return _REPEATED.sub(r"\1", _VOWELS.sub("", word.removesuffix("s")))


def is_clinical(word: str) -> bool:
    """Return whether a folded word has the ending of a disease, an operation or an image."""
    return len(word) >= _CLINICAL_MIN_LETTERS and _CLINICAL_ENDING.search(word[-9:]) is not None
