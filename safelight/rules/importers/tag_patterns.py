"""Convert tags of other tools, with ``x`` for any digit, into selectors."""

from __future__ import annotations

import re

from safelight.rules.selectors import list_keywords

_TAG = re.compile(r"[(\[]?\s*([0-9A-Fa-fxX]{4})\s*[-,]?\s*([0-9A-Fa-fxX]{4})\s*[)\]]?")
_ODD_DIGITS = "13579BDFbdf"


def convert_tag(text: str, *, keeps: bool) -> list[str]:
    """Return the selectors for a keyword or a tag; none if there is no counterpart.

    Parameters
    ----------
    text : str
        ``PatientName``, ``(0010,0010)``, ``0010-0010``, ``00100010`` or ``0010,00XX``.
    keeps : bool
        Whether the rule keeps the elements. Private elements are then selected only if the tag
        selects them in any block, because a rules file does not select blocks by number.
    """
    text = text.strip()
    if text in list_keywords():
        return [text]
    match = _TAG.fullmatch(text)
    if match is None:
        return []
    group, element = match[1].lower(), match[2].lower()
    standard = [f"({group},{element})"] if group[-1] not in _ODD_DIGITS else []
    if group[-1] in "02468ace":
        return standard
    if keeps and not element.startswith("xx"):
        return standard
    return [*standard, f'({group},"*",{element[2:]})']
