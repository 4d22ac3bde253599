"""Surnames that stand for a disease, a sign, a score or a device."""

from __future__ import annotations

import re

from nlp_pipelines.allow_lists import abbreviations, disease_names, joined, phrases, signs, words_of
from safelight.text.name_support import LONGEST_TITLE
from safelight.text.words import everyday_words, imaging_words, nobody_bears

#: What follows an eponym, and what follows one even where no list knows it.
_EPONYM_AFTER = re.compile(
    r"[ ]?[(]?[ ]?(?:neg|pos|\+|-(?!\w)|\d|absent|present|normal|equivocal|down|up\b|intact|"
    r"[IV]+\b|[AB]\b|"
    r"signs?|test|score|scale|grade|class|type|stage|level|criteria|views?|project|stain|tube|drain|"
    r"clamp|catheter|retractor|forceps|pins?|wires?|rods?|nail|plate|screws?|valve|stent|graft|mesh|"
    r"repair|procedure|technique|approach|incision|line|node|cyst|hernia|fracture|tumou?r|lymphoma|"
    r"sarcoma|disease|syndrome|palsy|reflex|maneuver|phenomenon|ligament|fascia|duct|pouch|"
    r"lift|collar|pump|hose|stockings?|boot|brace|sling|splint|walker|"
    r"central|lateral|in place|in situ|removed|placed|out\b|care|bag|d/?c)",
    re.I,
)
_SURE_AFTER = re.compile(
    r"(?:['’]s)? (?:disease|syndrome|signs?\b|palsy|tumou?r|lymphoma|sarcoma|fracture|hernia|cyst|"
    r"catheter|drain|retractor|clamp|stain|reflex|maneuver|phenomenon|classification|criteria|"
    r"neg(?:ative)?\b|ligament|views?\b|valve\b|score\b|grade\b|"
    r"lift\b|collar\b|splint\b|sling\b|stockings\b)",
    re.I,
)
#: A stage that a guess took for an initial: ``CHIARI I.``
_STAGE = re.compile(r" (?:I{1,3}|IV|V)\.?\Z")
#: The neighbours of an eponym in a list: ``Waters, Caldwell and lateral``.
_LISTED = re.compile(r",? (?:and |or )?([^\W\d_]+(?:-[^\W\d_]+)?)")
_LISTED_BEFORE = re.compile(r"([^\W\d_]+(?:-[^\W\d_]+)?),? (?:and |or )?\Z")
_VIEWS = frozenset(("lateral", "pa", "ap", "oblique", "axial", "frontal", "tip"))


def is_eponym(text: str, begin: int, end: int) -> bool:
    """A surname that stands for a sign or a device, as what follows tells."""
    value = _STAGE.sub("", text[begin:end])
    end = begin + len(value)
    parts = [joined(part) for part in re.split(r", |/| and ", value)]
    known = all(part in signs() for part in parts)
    behind = text[end : end + 24]
    if known:
        listed = _LISTED.match(text, end)
        if len(parts) > 1 or (listed and joined(listed[1]) in signs() | _VIEWS):
            return True
        before = _LISTED_BEFORE.search(text[max(0, begin - 28) : begin])
        if before and joined(before[1]) in signs():
            return True
        opened = text[max(0, begin - 1) : begin] == "(" and behind.startswith(")")
        return opened or _EPONYM_AFTER.match(behind) is not None
    return value[:1].isupper() and " " not in value and _SURE_AFTER.match(behind) is not None


def is_eponym_in_title(text: str, begin: int, end: int) -> bool:
    """An eponym among terms of imaging alone, as in a description: ``SINUS WATERS``.

    Alone it counts where the list of phrases has it, which leaves out frequent surnames.
    """
    value = joined(text[begin:end])
    if len(text) > LONGEST_TITLE or value not in signs() | disease_names():
        return False
    around = text[:begin] + " " + text[end:]
    others = words_of(around)
    return bool(others) and all(
        word in imaging_words()
        or word in phrases()
        or word.upper() in abbreviations()
        or (word in everyday_words() and nobody_bears(word))
        for word in others
    )


def is_eponym_with_number(text: str, begin: int, end: int) -> bool:
    """A guessed place such as ``Hamilton 22``: an eponym and its score."""
    name = re.sub(r"[\W\d_]+\Z", "", text[begin:end])
    return joined(name) in signs() and bool(_EPONYM_AFTER.match(text, begin + len(name)))
