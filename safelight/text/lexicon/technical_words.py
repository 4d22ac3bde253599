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
from os.path import commonprefix

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
    "ct mr pt nm us fs hi lo wo ax st lt rt ap pa fa pd t1 t2 co re no or mm cm ms ce iv pe to "
    "in".split()
)
#: Modalities that begin a joined word: ``rtdose``.
_MODALITIES = frozenset("ct mr pt nm us rt dx cr mg xa".split())
_SHORT_MODALITIES = ("pet", "abd", "dwi", "adc", "fbp", "tof", "tse", "fse", "mri", "cta", "mra")
#: Beginnings that make another term of a term: ``superscan``.
_PREFIXES = (
    "super supra infra inter intra extra peri para hyper hypo multi semi ultra trans micro macro "
    "hemi endo retro anti non pre post".split()
)
_PREFIXED_MIN_LETTERS = 4
_MODALITIES_ONLY = re.compile(r"(?:pet|mri?|ct|spect|dwi|adc|wb|cta|mra){2,4}")
#: Letters of a term that a partly technical word begins or ends with, at least.
_PARTLY_TECHNICAL_MIN_LETTERS = 4
#: Runs of three letters of no name that show a shorter term, and letters of that term at least.
_MANY_RUNS_OF_NO_NAME, _PARTLY_TECHNICAL_FEWEST_LETTERS = 2, 3
#: Letters of an abbreviation, at most.
_ABBREVIATION_MAX_LETTERS = 5
#: Letters of a term that a word has with one error, at least.
_MISSPELT_MIN_LETTERS = 7
#: Letters of a word that the end of a value cuts, and of the word that it begins, at least.
_CUT_MIN_LETTERS, _CUT_WHOLE_MIN_LETTERS = 4, 6
#: Endings of clinical words, also German and Dutch ones. Lithuanian surnames end with -aitis.
_CLINICAL_ENDING = re.compile(
    r"(?:(?<!a)itis|osis|oses|ectomy|otomy|ostomy|plasty|opathy|aemia|emia|algia|megaly|plasia|trophy|"
    r"malacia|rrhaphy|scopy|graphy|gram|stenosis|sclerosis|penia|rrhea|rrhoea|dactyly|"
    r"phalangy|melia|cephaly|genesis|lysis|blastoma|cytoma|cytic|carcinoma|adenoma|fibroma|"
    r"myoma|sarcoma|phasia|kinesia|uria|dermia|trichosis|keratosis|oid|iform|ectasia|ectasis|"
    r"pexy|centesis|phobia|plegia|paresis|fraktur|allergie|schmerz(?:en)?|verletzung|"
    r"entzundung|erguss|untersuchung|aufnahme|kontrolle|erkrankung|schwellung|tumor|karzinom|"
    r"metastasen?|prothese|infektion|thrombose|embolie|blutung|beschwerden|verdacht|einlauf|"
    r"breuk|klachten|onderzoek|ontsteking|afwijking(?:en)?|letsel|gewricht|vergroting|"
    r"verdenking|bloeding|zwelling)"
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
        list of names has if it is a term of imaging. The same holds for a word in Latin letters
        that is an ordinary word and never a name, a joined, truncated or shortened term, or has no
        vowel.
    """
    if word in scanner_terms() or word in foreign_description_words():
        return True
    if is_listed_name(word) or is_frequent_name(word):
        return False
    if word in imaging_words() or word in _foreign_words():
        return True
    if not word.isascii():
        return False
    return (
        (is_word(word) and is_never_a_name(word))
        or is_joined(word)
        or is_truncated(word)
        or is_shortened(word)
        or is_misspelt(word)
        or is_clinical(word)
        or is_partly_technical(word)
        or (len(word) > 2 and _VOWELS_AND_Y.search(word) is None)
    )


def is_joined(word: str) -> bool:
    """Return whether a folded word is made of two to four terms: ``abdomencap``."""
    if _MODALITIES_ONLY.fullmatch(word):
        return True
    if _is_prefixed(word):
        return True
    if word[:2] in _MODALITIES and word[2:] in imaging_words() and len(word) > 5:
        return True
    return _split(word, _JOINED_MAX_TERMS, 0) >= _JOINED_LONGEST_MIN_LETTERS


def _is_prefixed(word: str) -> bool:
    """Return whether a folded word is a term behind a prefix: ``superscan``."""
    rests = (word.removeprefix(prefix) for prefix in _PREFIXES if word.startswith(prefix))
    return any(len(rest) >= _PREFIXED_MIN_LETTERS and rest in _terms() for rest in rests)


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

    ``wbhpelvis`` is one: no listed name has ``bhp``. With two such runs of letters, the term may be
    shorter (``usabdlcon``), and a short word is an abbreviation (``dipg``).
    """
    runs = len(_triples(word) - _triples_of_names())
    if not runs:
        return False
    is_rare = runs >= _MANY_RUNS_OF_NO_NAME
    if is_rare and len(word) <= _ABBREVIATION_MAX_LETTERS:
        return True
    fewest = _PARTLY_TECHNICAL_FEWEST_LETTERS if is_rare else _PARTLY_TECHNICAL_MIN_LETTERS
    return (
        any(
            word[:count] in _terms() or word[-count:] in _terms()
            for count in range(fewest, len(word) - 1)
        )
        or word.startswith(_SHORT_MODALITIES)
        or word.endswith(_SHORT_MODALITIES)
    )


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


def is_cut(word: str) -> bool:
    """Return whether a folded word at the end of a value is the begin of a term: ``routi``."""
    if len(word) < _CUT_MIN_LETTERS or is_listed_name(word) or is_frequent_name(word):
        return False
    return any(
        len(term) >= _CUT_WHOLE_MIN_LETTERS and term.startswith(word) for term in imaging_words()
    )


@lru_cache(maxsize=4096)
def is_misspelt(word: str) -> bool:
    """Return whether a folded word is a longer term with one error after its first letter.

    The error is a missing, an additional, a wrong or two swapped letters: ``decending``.
    """
    if len(word) < _MISSPELT_MIN_LETTERS - 1:
        return False
    return any(
        term[0] == word[0] and _differs_by_one_error(word, term)
        for term in chain(_long_terms(), imaging_words())
        if len(term) >= _MISSPELT_MIN_LETTERS and abs(len(term) - len(word)) < 2
    )


def _differs_by_one_error(word: str, term: str) -> bool:
    start = len(commonprefix((word, term)))
    rest, other = word[start:], term[start:]
    is_swapped = rest[:2] == other[:2][::-1] and rest[2:] == other[2:]
    return is_swapped or rest[1:] in (other, other[1:]) or rest == other[1:]


def is_shortened(word: str) -> bool:
    """Return whether a folded word is a longer term without some vowels: ``maxilry``."""
    if len(word) < _SHORTENED_MIN_LETTERS:
        return False
    whole = _terms_by_consonants().get(_consonants(word), ())
    return any(
        len(word) < len(term)
        and term.startswith(word[:_SHORTENED_KEPT_LETTERS])
        and is_subsequence(word.removesuffix("s"), term)
        for term in whole
    )


def is_subsequence(word: str, whole: str) -> bool:
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
