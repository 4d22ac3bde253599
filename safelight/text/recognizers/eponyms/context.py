"""Recognize the words around an eponym: a sign, a score, a subtype, a part of the body."""

from __future__ import annotations

import re

from safelight.text.lexicon.word_lists import expand_lists

#: Characters before an eponym in which a hyphenated name or a disease is looked for.
_CHARACTERS_BEFORE = 40
#: Characters before an eponym in which ``circle of`` is looked for.
_PART_CHARACTERS_BEFORE = 20
#: Text after an eponym of a sign, which doctors also use without a noun: ``Murphy neg``.
SIGN_AFTER = re.compile(
    expand_lists(
        r"[ ]?[(]?[ ]?(?:<list:eponym_nouns.sign>|<list:eponym_nouns.sign_state>|"
        r"\+|-(?!\w)|\d(?!\d?[A-Z]\b)|up\b|out\b|[cn]/[wa]\b|[IV]+\b|[AB]\b|d/?c)"
    ),
    re.I,
)
#: Text after any capitalized word that makes it an eponym.
NOUN_AFTER = re.compile(
    expand_lists(r"(?:['’]s)? (?:<list:eponym_nouns.any_stem>|<list:eponym_nouns.any>\b)"), re.I
)
#: A disease before the surname that it is named after: ``ataxia of Friedreich``.
_DISEASE_BEFORE = re.compile(
    r"\b[a-z]*(?:itis|oma|osis|ataxia|trophy|plasia|pathy|derma|hystrix|syndrome|anomaly|"
    r"malformation) of \Z",
    re.I,
)
#: Names that a hyphen joins to the begin or the end of a value.
_HYPHENATED_BEFORE = re.compile(r"(?<![^\W_])(?:[A-ZÀ-Þ][^\W\d_]{1,20}[-–])+\Z")
_HYPHENATED_AFTER = re.compile(r"(?:[-–](?:de |van |von )?[A-ZÀ-Þ][^\W\d_]{1,20}){1,6}(?![^\W_])")
#: The name of a subtype of a disease, at the end of a clause: ``dysplasia, Kozlowski type``.
_TYPE_BEFORE = re.compile(r"[a-z]{4,}(?:,| disease| syndrome)(?: [a-z]+)? (?:type )?\Z")
_TYPE_AFTER = re.compile(r" type(?: \d{1,2}[A-C]?)?(?=\Z|[.;,)])")
_NO_WORD_AFTER = re.compile(r"(?= ?\Z|[.;,)])")
#: A score one to three words after its name: ``Hamilton rating scale``, ``Ottawa Ankle Rules``.
_SCORE_AFTER = re.compile(
    expand_lists(
        r"(?: (?!<list:words_before_scores>\b)[a-z]{3,14}){1,2} "
        r"(?:<list:eponym_nouns.score>|staging|definition)\b|"
        r" [A-Z][a-z]+ (?:(?=[A-Z][a-z]+\b)(?i:<list:eponym_nouns.score>)|Study)\b"
    )
)
#: Part of the body before the surname that it is named after: ``circle of Willis``.
_PART_BEFORE = re.compile(expand_lists(r"\b<list:eponym_nouns.part_of> of (?:the )?\Z"), re.I)


def widen_to_hyphenated(text: str, begin: int, end: int) -> tuple[int, int]:
    """Return the range with the names that hyphens join to it: ``Jackson`` of ``Jackson-Weiss``."""
    before = _HYPHENATED_BEFORE.search(text, max(0, begin - _CHARACTERS_BEFORE), begin)
    after = _HYPHENATED_AFTER.match(text, end)
    return before.start() if before else begin, after.end() if after else end


def is_after_body_part(text: str, begin: int) -> bool:
    """Return whether ``circle of``, ``ataxia of`` or the like is before a position."""
    before = text[max(0, begin - _PART_CHARACTERS_BEFORE) : begin]
    return _PART_BEFORE.search(before) is not None or _DISEASE_BEFORE.search(before) is not None


def is_subtype(text: str, begin: int, end: int) -> bool:
    """Return whether a name or a place is that of a subtype: ``dysplasia, Missouri type``.

    Parameters
    ----------
    text : str
        Whole text.
    begin, end : int
        Range of the name or the place.
    """
    before = _TYPE_BEFORE.search(text, max(0, begin - _CHARACTERS_BEFORE), begin)
    if before is None:
        return False
    after = _NO_WORD_AFTER if before.group().endswith(" type ") else _TYPE_AFTER
    return after.match(text, end) is not None


def precedes_noun_of_eponyms(text: str, end: int) -> bool:
    """Return whether a noun follows that makes any word an eponym: ``Carpenter syndrome``.

    Parameters
    ----------
    text : str
        Whole text.
    end : int
        Offset of the end of the word in code points.
    """
    return NOUN_AFTER.match(text, end) is not None


def precedes_score(text: str, end: int) -> bool:
    """Return whether the text after a position names a score, a rule or a trial.

    ``Boston bowel prep score`` is one.

    Parameters
    ----------
    text : str
        Whole text.
    end : int
        Offset of the end of the name in code points: of ``Boston`` in the example.
    """
    return _SCORE_AFTER.match(text, end) is not None
