"""Convert names of elements in scripts of CTP and Karnak, which use those of dcm4che."""

from __future__ import annotations

import re
from collections.abc import Mapping

from pydicom.datadict import keyword_for_tag, tag_for_keyword

from safelight.rules.references import THIS

#: Abbreviations in names of dcm4che 1, and the words of keywords.
_ABBREVIATIONS = (
    (r"^Ref(?=[A-Z])", "Referenced"),
    (r"Seq$", "Sequence"),
    (r"AET$", "AETitle"),
    (r"^SPS(?=[A-Z])", "ScheduledProcedureStep"),
    (r"^PPS(?=[A-Z])", "PerformedProcedureStep"),
    (r"^OperatorName$", "OperatorsName"),
)
_TAG = re.compile(r"[(\[]?([0-9A-Fa-f]{4}),?([0-9A-Fa-f]{4})[)\]]?")


def convert_element_name(name: str, titles: Mapping[str, str] | None = None) -> str | None:
    """Return the reference of a rules file to an element that a script names; None if unknown.

    Parameters
    ----------
    name : str
        Keyword, older keyword of dcm4che, tag (also of a private element), or ``this``.
    titles : mapping of str to str, optional
        References to elements by the names that the script gives them.
    """
    name = name.strip()
    if name in ("", THIS):
        return THIS
    for keyword in (name, _modernize(name)):
        if tag_for_keyword(keyword) is not None:
            return keyword
    if titles and name in titles:
        return titles[name]
    match = _TAG.fullmatch(name)
    if match is None:
        return None
    if int(match[1], 16) % 2:
        return f"({match[1]},{match[2]})"
    tag = int(match[1] + match[2], 16)
    keyword = keyword_for_tag(tag)
    # The keyword of a repeating group names all of its groups.
    return keyword if tag_for_keyword(keyword) == tag else f"({match[1]},{match[2]})"


def convert_element_path(name: str, titles: Mapping[str, str] | None = None) -> str | None:
    """Return the reference to an element, or to one inside sequences: ``Seq::Element``.

    Parameters
    ----------
    name : str
    titles : mapping of str to str, optional
        References to elements by the names that the script gives them.
    """
    steps = [convert_element_name(step, titles) for step in name.split("::")]
    if len(steps) == 1:
        return steps[0]
    if None in steps or THIS in steps:
        return None
    return "/".join(step for step in steps if step)


def _modernize(name: str) -> str:
    """Return the keyword of PS3.6 for a name of dcm4che 1, such as RefSOPInstanceUID."""
    for pattern, words in _ABBREVIATIONS:
        name = re.sub(pattern, words, name)
    return name
