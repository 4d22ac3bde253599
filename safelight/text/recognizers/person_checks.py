"""Check whether words in the position of a name are a name, and where the name ends."""

from __future__ import annotations

import re

from safelight.text.lexicon.folding import fold_text
from safelight.text.lexicon.phrases import abbreviations
from safelight.text.lexicon.word_lists import word_set
from safelight.text.lexicon.words import (
    everyday_words,
    given_names,
    is_known_name,
    is_word,
    may_be_name,
    surnames_that_are_words,
)

_WORD = re.compile(r"[^\W\d_]+")
_FIRST_PERSON = re.compile(r"I['’ ]")
_INITIAL = re.compile(r"[A-Z]\.")
_ABBREVIATION = re.compile(r"[A-Z]{2,4}\b")
_SHORT_ABBREVIATION = re.compile(r"[A-Z]{2,3}\b")
_EXAMINATION = re.compile(r"(?:graphy|gram|grams|scopy|metry|guided|imaging)$")


def folded_words(text: str) -> list[str]:
    """Return the words of a text, folded."""
    return re.findall(r"[^\W\d_]+", fold_text(text))


def _words_without_initials(text: str) -> list[str]:
    """Return the folded words of two or more letters."""
    return [word for word in folded_words(text) if len(word) > 1]


def is_person(text: str) -> bool:
    """Return whether words after a title or a label are a name.

    They are not if the first is a pronoun, an answer or a clinical word, or if none may be a name.
    """
    words = _words_without_initials(text)
    if not words or words[0] in word_set("words_after_titles") or _FIRST_PERSON.match(text):
        return False
    return any(map(may_be_name, words))


def may_follow_title(text: str) -> bool:
    """Return whether a word after ``Mr`` is a name, even if it is an ordinary word."""
    return fold_text(text) not in word_set("words_after_titles")


def is_full_person_name(text: str) -> bool:
    """Return whether the first two words may be names, where a sentence is possible as well."""
    words = _words_without_initials(text[: find_name_end(text)])
    return (
        len(words) > 1
        and is_person(text)
        and all(
            may_be_name(word) and word not in word_set("words_after_titles") for word in words[:2]
        )
    )


def is_person_before_degree(text: str) -> bool:
    """Return whether words before a degree are a name, or start with an initial or a given name.

    A surname that is known as a part of an eponym only is a surname there: ``S. Chotzen MD``.
    """
    if is_person(text):
        return True
    words = folded_words(text)
    starts_as_name = _INITIAL.match(text) is not None or words[:1] and words[0] in given_names()
    return len(words) > 1 and bool(starts_as_name) and words[-1] not in everyday_words()


def is_person_in_capitals(text: str) -> bool:
    """Return whether words after MR or DR in capitals are a name, not a word or an examination."""
    words = [word for word in folded_words(text) if len(word) > 2]
    return (
        bool(words)
        and is_person(text)
        and not is_word(words[0])
        and not _EXAMINATION.search(words[0])
    )


def is_person_in_lower_case(text: str) -> bool:
    """Return whether lower-case words after ``dr`` start with a name."""
    first = fold_text(text.split(" ", 1)[0])
    return first not in word_set("words_after_titles") and may_be_name(first)


def is_person_after_role(text: str) -> bool:
    """Return whether words after a role or relation are a name, not a sentence or abbreviation."""
    words = _words_without_initials(text)
    if not words or not is_person(text):
        return False
    if _ABBREVIATION.match(text) and words[0] not in given_names():
        return False
    if _SHORT_ABBREVIATION.match(text) and words[0].upper() in abbreviations():
        return False
    return (
        not is_word(words[0])
        or words[0] in given_names()
        or (words[0] in surnames_that_are_words() and words[0] not in everyday_words())
    )


def starts_with_given_name(text: str) -> bool:
    """Return whether words are a name that starts with a given name, not a disease."""
    words = folded_words(text)
    return bool(words) and words[0] in given_names() and is_person(text)


def is_name_with_nickname(text: str) -> bool:
    """Return whether ``Robert "Bobby" Marchetti`` is a name: the first word is a given name."""
    words = folded_words(text)
    if words[0] not in given_names() or (is_word(words[-1]) and not is_known_name(words[-1])):
        return False
    return words[1] in given_names() or not is_word(words[1])


def is_person_before_birth_date(text: str) -> bool:
    """Return whether words before a birth date are a name: the last of them may be a name."""
    words = _words_without_initials(text)
    return bool(words) and words[0] not in word_set("words_after_titles") and may_be_name(words[-1])


def is_initials(text: str) -> bool:
    """Return whether two or three letters after a label of a person are initials.

    Modalities, units of a hospital and short words are not.
    """
    return text.lower() not in word_set("not_initials")


def find_name_end(text: str) -> int:
    """Return the end of a name: capitalized words after it that cannot be names are cut off.

    In a text in capitals the first such word ends the name. In other texts, an abbreviation in
    capitals ends it (``Lee ABD W``), and such words at the end are cut off.
    """
    pieces = list(_WORD.finditer(text))
    words = [fold_text(piece.group()) for piece in pieces]
    if text.isupper() and "^" not in text:
        end = _end_in_capitals(pieces, words, len(text))
    else:
        end = _end_in_mixed_case(pieces, words, len(text))
    return len(text[:end].rstrip(" ,;:-")) if end < len(text) else end


def find_lower_case_name_end(text: str) -> int:
    """Return the end of a lower-case name, where a verb may follow.

    The second word belongs to the name if it is a known name or not an ordinary word.
    """
    first, _, second = text.partition(" ")
    folded = fold_text(second)
    if not second or folded in word_set("words_after_titles"):
        return len(first)
    return len(text) if is_known_name(folded) or not is_word(folded) else len(first)


def _end_in_capitals(pieces: list[re.Match[str]], words: list[str], end: int) -> int:
    """Return the start of the first word that cannot continue a name, or the end of the text."""
    for piece, word in zip(pieces[1:], words[1:]):
        if not _can_continue_name(word, True):
            return piece.start()
    return end


def _end_in_mixed_case(pieces: list[re.Match[str]], words: list[str], end: int) -> int:
    """Return the end of a name before an abbreviation and before words that are not names."""
    for index, (piece, word) in enumerate(zip(pieces[1:], words[1:]), 1):
        if len(word) > 1 and piece.group().isupper() and not _can_continue_name(word, True):
            pieces, words = pieces[:index], words[:index]
            end = piece.start()
            break
    for piece, word in reversed(list(zip(pieces[1:], words[1:]))):
        if _can_continue_name(word, False):
            break
        end = piece.start()
    return end


def _can_continue_name(word: str, caseless: bool) -> bool:
    """Return whether a folded word can follow the first word of a name."""
    if len(word) == 1:
        return True
    if word in word_set("words_after_titles") or not may_be_name(word):
        return False
    if caseless and is_word(word):
        # sentences continue in capitals: in "DR VORA NO FEVER" only a known name continues the name
        return is_known_name(word)
    return True
