"""A surname alone in a brief value, by lists: ``Korhonen contrast``, ``60 Gy Nwosu``.

A description of a few words gives the model nothing to tell a name by; a question, brief as it is,
does, and holds eponyms and places too (``loop of Henle``). What is in a list of
surnames, and no word of the language, no term, no maker and no eponym, is taken for one there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from safelight.records import Span
from safelight.text.lexicon.folding import fold_text
from safelight.text.lexicon.phrases import (
    eponyms,
    is_known_phrase,
    normalize_phrase,
    starts_with_vendor,
    tokenize,
)
from safelight.text.lexicon.word_lists import word_set
from safelight.text.lexicon.words import imaging_words, unambiguous_surnames
from safelight.text.recognizers.eponyms import (
    is_classification,
    is_eponym,
    is_eponym_in_description,
)

#: The longest text that is a value rather than a sentence: as many characters as LO holds
#: (PS3.5 Table 6.2-1), and words.
LONGEST, WORDS = 64, 6
#: A capitalised word that is too long for an abbreviation.
_WORD = re.compile(r"(?<![^\W_])[A-Z][^\W\d_]{4,23}(?![^\W_])")
#: A surname with what stands before surnames alone: ``De La Cruz``.
_WITH_PARTICLE = re.compile(
    r"(?<![^\W_])(?:De (?:La|Las|Los) |Del |V[ao]n (?:de[nr] )?|Di |Della )([A-Z][^\W\d_]{2,23})"
    r"(?![^\W_])",
)
#: What makes the names before it an eponym, whoever they are: ``Bavier-Orcutt position``.
_EPONYMOUS = re.compile(
    r"(?:(?:-| and )[^\W\d_]+)?(?:['’]s)? "
    r"(?:method|position|triad|stain|criteria|sign|score|index|projection|trial|speaking)\b",
    re.I,
)
#: Small words that only a sentence or a question has: its model tells names by what is around.
_SENTENCE = re.compile(
    r"\b(?:of|to|and|or|in|on|vs|versus|with|the|is|are|was|can|does|did|what|when|how|who|why|should|"
    r"after|before|about|between|per|if)\b"
)
#: As sure as other names that only a list knows.
_CONFIDENCE = 0.9


def find_lone_surnames(text: str) -> Iterator[Span]:
    """Surnames in a text of a few words.

    Parameters
    ----------
    text : str
        Anything longer than a header value yields nothing.

    Yields
    ------
    Span
        NAME, engine ``gazetteer``.
    """
    if len(text) > LONGEST or "\n" in text or len(text.split()) > WORDS:
        return
    if _SENTENCE.search(text):
        return
    for match in _WITH_PARTICLE.finditer(text):
        whole = "".join(tokenize(match[0]))  # the census has "vanhouten"
        known = _is_surname(fold_text(match[1])) or _is_surname(whole)
        if known and not _stands_for_more(text, *match.span()):
            yield Span(*match.span(), "NAME", "gazetteer", _CONFIDENCE)
    for match in _WORD.finditer(text):
        if _is_surname(fold_text(match[0])) and not _stands_for_more(text, *match.span()):
            yield Span(*match.span(), "NAME", "gazetteer", _CONFIDENCE)


def _is_surname(word: str) -> bool:
    if word in imaging_words() or word in word_set("not_surnames"):
        return False
    return word in unambiguous_surnames() and word not in word_set("device_makers.surname")


def _is_technical(rest: str) -> bool:
    """Whether nothing but terms of imaging stands around: what a procedure is called by."""
    return all(len(word) < 3 or word in imaging_words() for word in tokenize(rest))


def _stands_for_more(text: str, begin: int, end: int) -> bool:
    """Whether a surname is that of a disease, a method or a product."""
    if is_known_phrase(text, begin, end) or starts_with_vendor(text[begin:end]):
        return True
    if normalize_phrase(text[begin:end]) in eponyms() and not _is_technical(
        text[:begin] + text[end:]
    ):
        return True
    if is_eponym(text, begin, end) or is_eponym_in_description(text, begin, end):
        return True
    return _EPONYMOUS.match(text, end) is not None or is_classification(text, begin, end)
