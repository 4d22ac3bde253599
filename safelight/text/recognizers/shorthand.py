"""Recognize clinical shorthand, field labels and codes in capitals, which are not names.

The context decides: a slash, a number, or lower-case words next to capitals.
"""

from __future__ import annotations

import re

from safelight.text.lexicon.phrases import (
    abbreviations,
    is_prefix_of_any,
    is_truncated_drug,
    known_phrases,
    normalize_phrase,
    tokenize,
)
from safelight.text.lexicon.word_lists import expand_lists, word_set
from safelight.text.lexicon.words import (
    is_imaging_term,
    is_known_name,
    is_word,
    sorted_dictionary,
    unambiguous_given_names,
    unambiguous_surnames,
)

#: Characters before and after a value that are its context.
CONTEXT_CHARACTERS = 120
#: Words in lower case from which on the text around a value is a sentence, not a heading.
_SENTENCE_MIN_LOWERCASE_WORDS = 3
#: Letters from which on the beginning of a word is taken for the word.
_TRUNCATED_WORD_MIN_LETTERS = 6
#: Letters of a part of shorthand between slashes, at most.
_SLASHED_MAX_LETTERS = 3

#: Characters before a value in which a title or a verb of signing is looked for.
_CHARACTERS_BEFORE = 16

#: Words of a field label, before its mark or another word of it: ``PAT:``, ``Hosp ID``.
_LABEL_WORD = re.compile(r"(?:pat|hosp|ref|user|tech|op|pt|name|perf)\.?", re.I)
_LABEL_AFTER = re.compile(r"\.?\s{0,2}[:=#]| (?:ID|Name|Nr|No)\b")
#: Label in capitals before its number: ``NHC 440982``, ``SN RNB448120H``.
_CAPITAL_LABEL = re.compile(r"[A-Z]{2,4}")
_NUMBER_AFTER = re.compile(r" #? ?(?:[A-Z]{1,4})?\d{4,}")
#: What precedes or follows initials: a verb of signing or calling, a mark, a degree, the end of a
#: line, and a date or a time after a signature.
_BEFORE_INITIALS = re.compile(
    expand_lists(
        r"(?:\b(?:(?:reviewed|discussed|spoke|staffed) w/|d/w) |"
        r"\b(?:by|per|cc|paged|bleeped|texted|notified|call(?:ed)?|ask(?:ed)?|tell|told|met|saw|"
        r"entered|signed|verified|reported|typed|dictated|read|initials|name|hi|hello|dear|thanks|"
        r"<list:titles.guess>)\b[.:,]? {0,2}|[-–—~@&(] ?)\Z"
    ),
    re.I,
)
_AFTER_INITIALS = re.compile(
    r"['’]s\b|\.? *(?:\Z|[\r\n])|[&(]|"
    r",? (?:RN|LPN|LVN|MD|DO|NP|PA|MA|RT|CNA|CRNA|PT|OT|SLP|LCSW|MSW|PGY|ST\d|FY\d|SHO|BSN|CNM)\b|"
    r"[, ]{1,2}\d{1,2}[/.:-]\d{2}"
)
_ACRONYM = re.compile(r"[A-Z]{4,6}")
_LOWERCASE_WORD = re.compile(r"(?<![^\W_])[a-z]{2,}(?![^\W_])")
_PART_SEPARATOR = re.compile(r",? ?\+ ?|, ?|/| ")


def context_of(text: str, begin: int, end: int) -> str:
    """Return a value with the characters around it that are its context.

    Parameters
    ----------
    text : str
        Whole text.
    begin, end : int
        Range of the value in code points; ``end`` is exclusive.

    Returns
    -------
    str
        The value with up to 120 characters before it and 120 after it.
    """
    return text[max(0, begin - CONTEXT_CHARACTERS) : end + CONTEXT_CHARACTERS]


def is_in_sentence(text: str, begin: int, end: int) -> bool:
    """Return whether a value has enough lower-case words around it to be in a sentence.

    Parameters
    ----------
    text : str
        Whole text.
    begin, end : int
        Range of the value in code points; ``end`` is exclusive.

    Returns
    -------
    bool
        True if the context holds three words or more of ASCII letters in lower case, the words of
        the value included.
    """
    words = _LOWERCASE_WORD.findall(context_of(text, begin, end))
    return len(words) >= _SENTENCE_MIN_LOWERCASE_WORDS


def _is_unambiguous_name(word: str) -> bool:
    """Return whether a folded word is a name and not a word of the language."""
    return word in unambiguous_given_names() or word in unambiguous_surnames()


def _is_abbreviated(part: str, truncated: bool) -> bool:
    """Return whether a part is a listed abbreviation, or a truncated drug or word."""
    if part in abbreviations():
        return True
    if not truncated or not part.islower() or _is_unambiguous_name(part) or is_word(part):
        return False
    if is_truncated_drug(part):
        return True
    return len(part) >= _TRUNCATED_WORD_MIN_LETTERS and is_prefix_of_any(sorted_dictionary(), part)


def is_abbreviation(text: str, begin: int, end: int, truncated: bool = True) -> bool:
    """Return whether a value is shorthand, possibly with words, in a text with lower case.

    Parameters
    ----------
    text : str
        Whole text.
    begin, end : int
        Range of the value.
    truncated : bool
        Whether truncated words count too (``schisto``). In places they do not: ``iceland``
        is the beginning of a word.
    """
    value = text[begin:end].rstrip(".")
    parts = [part for part in _PART_SEPARATOR.split(value) if part]
    abbreviated = [_is_abbreviated(part, truncated) for part in parts]
    if not any(abbreviated):
        return False
    for part, is_short in zip(parts, abbreviated, strict=True):
        is_lowercase_word = part.islower() and is_word(part)
        if not is_short and normalize_phrase(part) not in known_phrases() and not is_lowercase_word:
            return False
    return value.islower() or any(map(str.islower, context_of(text, begin, end)))


def is_slashed(text: str, begin: int, end: int) -> bool:
    """Return whether a value is a part of shorthand with slashes: ``ABD/PEL``, ``c/w/d``.

    Parameters
    ----------
    text : str
        Whole text.
    begin, end : int
        Range of the value in code points; ``end`` is exclusive. It must not be empty.

    Returns
    -------
    bool
        True if the value has at most three characters and is between two slashes. True also if it
        has at most three characters, starts with a capital, has a slash on one side, and the word
        on the other side of the slash is an imaging term or an abbreviation.

    Raises
    ------
    IndexError
        If the value is empty and not between two slashes.
    """
    value = text[begin:end]
    slash_before = text[max(0, begin - 1) : begin] == "/"
    slash_after = text[end : end + 1] == "/"
    if len(value) > _SLASHED_MAX_LETTERS:
        return False
    if slash_before and slash_after:
        return True
    if not value[0].isupper():
        return False
    other = tokenize(text[max(0, begin - 12) : begin])[-1:] if slash_before else []
    if slash_after:
        other = tokenize(text[end : end + 12])[:1]
    return bool(other) and (is_imaging_term(other[0]) or other[0].upper() in abbreviations())


def is_abbreviating_letter(text: str, value: str, end: int) -> bool:
    """Return whether a value is one letter but not an initial: of ``w/``, ``R`` or ``L``.

    Parameters
    ----------
    text : str
        Whole text.
    value : str
        The value, which ends at ``end``.
    end : int
        Offset of the end of the value in code points, exclusive.

    Returns
    -------
    bool
        True if the value is one character that is in lower case or that no full stop follows.
    """
    return len(value) == 1 and (text[end : end + 1] != "." or value.islower())


def is_field_label(text: str, begin: int, end: int) -> bool:
    """Return whether a value is a field label, before a mark or before a number.

    Parameters
    ----------
    text : str
        Whole text.
    begin, end : int
        Range of the value in code points; ``end`` is exclusive.

    Returns
    -------
    bool
        True for two to four capitals before a number of four digits or more, except for the code of
        a US state; and for a label word before ``:``, ``=``, ``#`` or another label word.
    """
    value = text[begin:end]
    if _CAPITAL_LABEL.fullmatch(value) and _NUMBER_AFTER.match(text, end):
        if value not in word_set("us_states.code"):
            return True
    return bool(_LABEL_WORD.fullmatch(value) and _LABEL_AFTER.match(text, end))


def is_abbreviation_by_place(text: str, begin: int, end: int) -> bool:
    """Return whether capitals among lower-case words are not where initials or a name would be.

    Parameters
    ----------
    text : str
        Whole text.
    begin, end : int
        Range of the capitals in code points; ``end`` is exclusive.

    Returns
    -------
    bool
        True if the context is a sentence, the capitals are not a listed name, and nothing next to
        them is typical of initials: a title, ``by``, a dash, a degree, the end of a line.
    """
    if _is_listed(text[begin:end].lower()) or not is_in_sentence(text, begin, end):
        return False
    before = text[max(0, begin - _CHARACTERS_BEFORE) : begin]
    if _is_half_of_pair(text, begin, end):
        return False
    return not (_BEFORE_INITIALS.search(before) or _AFTER_INITIALS.match(text, end))


def _is_half_of_pair(text: str, begin: int, end: int) -> bool:
    """Return whether a value of three letters or less has one slash next to it: ``OBK/sl``."""
    slashes = (text[max(0, begin - 1) : begin], text[end : end + 1]).count("/")
    chain = re.search(r"/\w{1,5}/\Z", text[max(0, begin - 7) : begin])
    return slashes == 1 and end - begin <= _SLASHED_MAX_LETTERS and chain is None


def _is_listed(word: str) -> bool:
    """Return whether a folded word is a listed name."""
    return _is_unambiguous_name(word) or is_known_name(word)


def is_acronym(text: str, begin: int, end: int) -> bool:
    """Return whether a value is four to six capitals in a sentence, and not a known name.

    Parameters
    ----------
    text : str
        Whole text.
    begin, end : int
        Range of the value in code points; ``end`` is exclusive.

    Returns
    -------
    bool
        True if the value is four to six ASCII capitals, :func:`is_in_sentence` is true for it, and
        it is not a known name.
    """
    value = text[begin:end]
    if not _ACRONYM.fullmatch(value) or not is_in_sentence(text, begin, end):
        return False
    return not _is_listed(value.lower())
