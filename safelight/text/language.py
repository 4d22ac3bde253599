"""Detect German, Spanish, French, Italian and Portuguese text, and text that no rule reads."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from safelight.text.lexicon.folding import fold_text
from safelight.text.lexicon.word_lists import expand_lists, read_list, word_set
from safelight.text.lexicon.words import is_word

#: Entity of a finding for a whole text that neither the model nor the rules read.
UNSUPPORTED_LANGUAGE = "LANGUAGE"
_FUNCTION_WORDS = re.compile(expand_lists(r"\b<list:function_words.language>\b"), re.I)
_DISTINCT_FUNCTION_WORDS_MIN = 3
#: Clinical words are shared by languages more often than function words.
_DISTINCT_WORDS_MIN = 4
_ENGLISH_WORDS = re.compile(expand_lists(r"\b<list:function_words.english>\b"), re.I)
_OTHER_WORDS = re.compile(expand_lists(r"\b<list:function_words.other>\b"), re.I)
_DISTINCT_OTHER_WORDS_MIN = 4
#: Letters of other scripts from which on a text is not only a name in its own script.
_OTHER_SCRIPT_LETTERS_MIN = 20
#: Letters above this code point are neither Latin nor modifiers of Latin letters.
_LAST_LATIN = "\u02ff"
_TOKEN = re.compile(r"[^\W\d_]{4,}")


def is_foreign_text(text: str) -> bool:
    """Return whether a text is in one of the five languages.

    It has three of their function words, or four function and clinical words that are not English.
    """
    return _has_foreign_words(text, _FUNCTION_WORDS.findall(text))


def is_mostly_foreign_text(text: str) -> bool:
    """Return whether a text is foreign and has fewer English function words than foreign words.

    An English note may hold foreign names and places (``de la Cruz``, ``Los Alamos``).
    """
    function_words = _FUNCTION_WORDS.findall(text)
    if not _has_foreign_words(text, function_words):
        return False
    words = _TOKEN.findall(text.lower())
    foreign = len(function_words) + sum(map(_clinical_words().__contains__, words))
    return foreign > len(_ENGLISH_WORDS.findall(text))


def is_unsupported_language(text: str) -> bool:
    """Return whether a text is in a language or script that neither model nor rules read.

    It is mostly in another script than Latin, or has four function words of other languages, and
    more of them than of English and of the five languages. Only the patterns for all languages
    and the known values are found in such a text.
    """
    if _is_other_script(text):
        return True
    # Words between spaces are enough, and faster than an expression.
    if len(word_set("function_words.other").intersection(text.lower().split())) < (
        _DISTINCT_OTHER_WORDS_MIN
    ):
        return False
    other = _OTHER_WORDS.findall(text)
    return len(other) > len(_ENGLISH_WORDS.findall(text)) and len(other) > len(
        _FUNCTION_WORDS.findall(text)
    )


def _is_other_script(text: str) -> bool:
    """Return whether most letters of a text are in another script than Latin."""
    if text.isascii():
        return False
    letters = [one for one in text if one.isalpha()]
    other = sum(one > _LAST_LATIN and not "\u1e00" <= one <= "\u1eff" for one in letters)
    return other >= _OTHER_SCRIPT_LETTERS_MIN and 2 * other > len(letters)


def _has_foreign_words(text: str, function_words: Sequence[str]) -> bool:
    """Return whether a text with some function words of the five languages is in one of them."""
    distinct = len(set(map(str.lower, function_words)))
    if distinct >= _DISTINCT_FUNCTION_WORDS_MIN:
        return True
    words = _clinical_words().intersection(_TOKEN.findall(text.lower()))
    return len(words) + distinct >= _DISTINCT_WORDS_MIN


@cache
def _clinical_words() -> frozenset[str]:
    """Return the words of the five languages that are not English, also without accents."""
    words = read_list("foreign_words.txt")
    return frozenset(word for word in (*words, *map(fold_text, words)) if not is_word(word))
