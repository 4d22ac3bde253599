"""Convert tags of other tools, with ``x`` for any digit, into selectors."""

from __future__ import annotations

import re

from safelight.rules.selectors import list_keywords, parse_selector

_TAG = re.compile(r"[(\[]?\s*([0-9A-Fa-fxX]{4})\s*[-,]?\s*([0-9A-Fa-fxX]{4})\s*[)\]]?")
_ODD_DIGITS = "13579bdf"


def convert_tag(text: str) -> list[str]:
    """Return the selectors for a keyword or a tag; none if there is no counterpart.

    Parameters
    ----------
    text : str
        ``PatientName``, ``(0010,0010)``, ``0010-0010``, ``00100010`` or ``0010,00XX``.
    """
    text = text.strip()
    if text in list_keywords():
        return [text]
    match = _TAG.fullmatch(text)
    if match is None:
        return []
    group, element = match[1].lower(), match[2].lower()
    selectors = [f"({group},{element})"]
    if group[-1] == "x" and element.startswith("xx"):
        selectors.append(f'({group},"*",{element[2:]})')
    elif group[-1] == "x":  # a rules file selects standard attributes by it
        selectors += [f"({group[:-1]}{digit},{element})" for digit in _ODD_DIGITS]
    return [one for one in selectors if _is_selector(one)]


def is_private_creator(text: str) -> bool:
    """Return whether a tag is that of private creators.

    A rules file does not name them: one is kept exactly if an element of its block is.

    Parameters
    ----------
    text : str
    """
    match = _TAG.fullmatch(text.strip())
    return match is not None and match[1][-1].lower() in _ODD_DIGITS and match[2][:2] == "00"


def _is_selector(text: str) -> bool:
    """Return whether a rules file may have a selector: it names no private creator."""
    try:
        parse_selector(text)
    except ValueError:
        return False
    return True
