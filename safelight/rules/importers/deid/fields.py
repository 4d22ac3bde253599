"""Convert fields and expanders of pydicom/deid recipes into selectors."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from pydicom.datadict import dictionary_description, keyword_for_tag

from safelight.rules.linear_patterns import find_pattern_defect, is_found
from safelight.rules.selectors import list_dictionary_tags

_TAG = re.compile(r"\(?([0-9A-Fa-f]{4}),?\s*([0-9A-Fa-f]{4})\)?")
_PRIVATE = re.compile(r"""\(?([0-9A-Fa-f]{4}),\s*["']([^"']+)["'],\s*([0-9A-Fa-f]{2})\)?""")
#: Groups of data sets; those before and behind them are of messages, files and the encoding.
_FIRST_GROUP, _GROUPS_OF_ENCODING = 0x0008, 0xFFFA
_WORDS = re.compile(r"[A-Za-z0-9|]+")


def convert_field(field: str, groups: dict[str, list[str]]) -> list[str] | None:
    """Return the selectors for a field or an expander; None if there is no counterpart.

    Fields and expanders of deid ignore case; an expander searches keyword, name and tag.

    Parameters
    ----------
    field : str
    groups : dict
        Fields of each section ``%fields`` by the name of the section.
    """
    if match := _PRIVATE.fullmatch(field):
        return [f'({match[1]},"{match[2]}",{match[3]})']
    if match := _TAG.fullmatch(field):
        return [f"({match[1]},{match[2]})"]
    expander, colon, expression = field.partition(":")
    if not colon:
        return ["*"] if field.upper() == "ALL" else _find_attribute(field)
    expander = expander.lower()
    if expander == "fields":
        return _convert_group(groups.get(expression), groups)
    if expander == "select":
        return _convert_selection(expression)
    if expander in ("startswith", "endswith", "contains", "except", "allexcept"):
        return _expand(expander, expression)
    return None


def _convert_group(fields: Iterable[str] | None, groups: dict[str, list[str]]) -> list[str] | None:
    """Return the selectors for the fields of a section ``%fields``."""
    if fields is None:
        return None
    found: list[str] = []
    for field in fields:
        selectors = None if field.startswith("fields:") else convert_field(field, groups)
        if selectors is None:
            return None
        found.extend(selectors)
    return found


def _find_attribute(field: str) -> list[str]:
    """Return the selector for a keyword or a name in any case; unknown words as they are."""
    keyword = _load_keywords().get(field.casefold())
    return [keyword or field]


@lru_cache(maxsize=1)
def _load_keywords() -> dict[str, str]:
    """Return the keywords of all attributes by the keyword in lower case."""
    keywords = (keyword_for_tag(tag) for tag in list_dictionary_tags())
    return {keyword.casefold(): keyword for keyword in keywords if keyword}


def _convert_selection(expression: str) -> list[str] | None:
    """Return the selector for ``VR:PN`` or ``group:0018``."""
    attribute, _, value = expression.partition(":")
    if attribute.lower() == "vr" and re.fullmatch(r"[A-Za-z]{2}", value):
        return [f"{{{value.upper()}}}"]
    if attribute.lower() == "group" and re.fullmatch(r"[0-9A-Fa-f]{1,4}", value):
        return [f"({value.zfill(4)},xxxx)"]
    return None


@lru_cache(maxsize=1)
def _list_names() -> tuple[tuple[str, str, str], ...]:
    """Return keyword, name and tag (eight digits) of each attribute of data sets."""
    return tuple(
        (keyword, dictionary_description(tag), f"{tag:08x}")
        for tag in list_dictionary_tags()
        if _FIRST_GROUP <= tag >> 16 < _GROUPS_OF_ENCODING and (keyword := keyword_for_tag(tag))
    )


def _expand(expander: str, expression: str) -> list[str] | None:
    """Return the selectors for a regular expression on names of attributes."""
    pattern = {"startswith": f"^({expression})", "endswith": f"({expression})$"}.get(
        expander, expression
    )
    if find_pattern_defect(pattern):
        return None
    matching = {
        keyword: any(is_found(pattern, text) for text in texts)
        for texts in _list_names()
        for keyword in texts[:1]
    }
    wanted = not expander.endswith("except")
    keywords = [keyword for keyword, found in matching.items() if found is wanted]
    if wanted and _WORDS.fullmatch(expression):
        return _abbreviate(expander, expression, keywords)
    return keywords


def _abbreviate(expander: str, expression: str, keywords: list[str]) -> list[str]:
    """Return wildcards for the matching keywords, and the keywords that no wildcard selects."""
    form = {"startswith": ("", "*"), "endswith": ("*", "")}.get(expander, ("*", "*"))
    anchor = {"startswith": ("^", ""), "endswith": ("", "$")}.get(expander, ("", ""))
    word = re.compile(f"{anchor[0]}({expression}){anchor[1]}", re.IGNORECASE)
    spelled = {match[0] for keyword in keywords for match in word.finditer(keyword) if match[0]}
    wildcards = [f"{form[0]}{text}{form[1]}" for text in sorted(spelled)]
    others = [keyword for keyword in keywords if word.search(keyword) is None]
    return wildcards + others
