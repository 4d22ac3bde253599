"""Find a surname alone in a short value by lists: ``Korhonen contrast``, ``60 Gy Nwosu``.

A description of a few words does not have the context that the model needs. In such a value, a
word of a list of surnames is a name, unless it is a word of the language, a term, a maker or an
eponym. Short questions are left to the model: they have context, and they name eponyms and
places too (``loop of Henle``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from safelight.named_rules import RuleList, rule_if
from safelight.records import Span
from safelight.text.lexicon.folding import fold_text
from safelight.text.lexicon.phrases import (
    abbreviations,
    eponyms,
    is_known_phrase,
    is_truncated_drug,
    normalize_phrase,
    starts_with_vendor,
    tokenize,
)
from safelight.text.lexicon.word_lists import expand_lists, word_set
from safelight.text.lexicon.words import imaging_words, is_word, unambiguous_surnames
from safelight.text.recognizers.eponyms.descriptions import is_eponym_in_description
from safelight.text.recognizers.eponyms.places import is_classification
from safelight.text.recognizers.eponyms.surnames import is_eponym
from safelight.text.recognizers.full_names import LIST_CONFIDENCE

#: Characters and words of a value, at most; longer texts are sentences. LO holds as many
#: characters (PS3.5, table 6.2-1).
VALUE_MAX_CHARACTERS, VALUE_MAX_WORDS = 64, 6
#: Letters of an abbreviation, at most; such words are not evidence against a description.
_ABBREVIATION_MAX_LETTERS = 2

#: A capitalized word that is too long for an abbreviation.
_CAPITALIZED_WORD = re.compile(r"(?<![^\W_])[A-Z][^\W\d_]{4,23}(?![^\W_])")
#: Words in small letters and one with a capital at the end: ``pneumonia resolved Nakhimovsky``.
_LAST_WORD = re.compile(r"([a-z][a-z0-9 /.,-]*[ ][a-z0-9/.,-]+)[ ]([A-Z][a-zß-ÿ]{4,23})")
#: A surname with a particle: ``De La Cruz``.
_SURNAME_WITH_PARTICLE = re.compile(
    r"(?<![^\W_])(?:De (?:La|Las|Los) |Del |V[ao]n (?:de[nr] )?|Di |Della )([A-Z][^\W\d_]{2,23})"
    r"(?![^\W_])",
)
#: Text after a surname, or two of them, that makes any surname an eponym:
#: ``Bavier-Orcutt position``.
_EPONYM_NOUN_AFTER = re.compile(
    expand_lists(r"(?:(?:-| and )[^\W\d_]+)?(?:['’]s)? <list:eponym_nouns.lone>\b"), re.I
)
_FUNCTION_WORD = re.compile(expand_lists(r"\b<list:function_words.sentence>\b"))


def find_lone_surnames(text: str) -> Iterator[Span]:
    """Yield the surnames in a text of a few words.

    Parameters
    ----------
    text : str
        Whole text. A text that is longer than a header value, or is a sentence, has none.

    Yields
    ------
    Span
        NAME, engine ``gazetteer``.
    """
    if len(text) > VALUE_MAX_CHARACTERS or "\n" in text or len(text.split()) > VALUE_MAX_WORDS:
        return
    if _FUNCTION_WORD.search(text):
        return
    for match in _SURNAME_WITH_PARTICLE.finditer(text):
        whole = "".join(tokenize(match[0]))  # the census has "vanhouten"
        is_surname = _is_surname(fold_text(match[1])) or _is_surname(whole)
        if is_surname and not _NOT_A_PERSON_RULES(text, *match.span()):
            yield Span(*match.span(), "NAME", "gazetteer", LIST_CONFIDENCE)
    last = _LAST_WORD.fullmatch(text)
    if last and _is_unknown(fold_text(last[2])) and all(map(_is_ordinary, tokenize(last[1]))):
        if not _NOT_A_PERSON_RULES(text, *last.span(2)):
            yield Span(*last.span(2), "NAME", "gazetteer", LIST_CONFIDENCE)
    for match in _CAPITALIZED_WORD.finditer(text):
        if _is_surname(fold_text(match[0])) and not _NOT_A_PERSON_RULES(text, *match.span()):
            yield Span(*match.span(), "NAME", "gazetteer", LIST_CONFIDENCE)


def _is_surname(word: str) -> bool:
    """Return whether a folded word is a surname, and not a term, a day, a language or a maker."""
    if word in imaging_words() or word in word_set("not_surnames"):
        return False
    return word in unambiguous_surnames() and word not in word_set("device_makers.surname")


def _is_unknown(word: str) -> bool:
    """Return whether no list has a folded word as a word, a drug or an abbreviation."""
    return not (
        is_word(word)
        or word in imaging_words()
        or is_truncated_drug(word)
        or word in word_set("not_surnames")
        or starts_with_vendor(word)
    )


def _is_ordinary(word: str) -> bool:
    """Return whether a folded word is a word or an abbreviation."""
    return is_word(word) or word in imaging_words() or word.upper() in abbreviations()


def _is_eponym_with_text(text: str, begin: int, end: int) -> bool:
    """Return whether a surname is a listed eponym, and other words than imaging terms follow.

    Among imaging terms only, the surname is of a person.
    """
    if normalize_phrase(text[begin:end]) not in eponyms():
        return False
    others = tokenize(text[:begin] + text[end:])
    return not all(
        len(word) <= _ABBREVIATION_MAX_LETTERS or word in imaging_words() for word in others
    )


#: Surnames of a disease, a method, a product or a place.
_NOT_A_PERSON_RULES = RuleList[[str, int, int], bool](
    "text.is_not_a_lone_surname",
    rule_if("known_phrase", is_known_phrase, True),
    rule_if("eponym_with_text", _is_eponym_with_text, True),
    rule_if("eponym", is_eponym, True),
    rule_if("eponym_in_description", is_eponym_in_description, True),
    rule_if("eponym_noun", lambda text, _, end: _EPONYM_NOUN_AFTER.match(text, end), True),
    rule_if("classification", is_classification, True),
    default=False,
)
