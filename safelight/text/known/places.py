"""Build expressions for known places, institutions and other phrases."""

from __future__ import annotations

import re
from collections.abc import Iterator

from safelight.text.known.expressions import ValueExpression, number_expression
from safelight.text.lexicon.folding import fold_text
from safelight.text.lexicon.word_lists import word_set
from safelight.text.lexicon.words import imaging_words, is_placeholder, is_word

_ABBREVIATIONS = {
    "street": "st|str", "avenue": "ave|av", "road": "rd", "boulevard": "blvd|bd", "drive": "dr",
    "lane": "ln", "court": "ct", "place": "pl", "square": "sq", "highway": "hwy",
    "parkway": "pkwy", "terrace": "ter", "circle": "cir", "apartment": "apt", "suite": "ste",
    "north": "n", "south": "s", "east": "e", "west": "w", "saint": "st", "hospital": "hosp",
    "medical": "med", "center": "ctr|centre|cntr", "centre": "ctr|center", "university": "univ|uni",
    "department": "dept", "strasse": "str", "general": "gen", "memorial": "mem", "mount": "mt",
}  # fmt: skip
_FULL_FORMS: dict[str, list[str]] = {}
for _full, _abbreviations in _ABBREVIATIONS.items():
    for _abbreviation in _abbreviations.split("|"):
        _FULL_FORMS.setdefault(_abbreviation, []).append(_full)
_INSTITUTION_WORDS = word_set("institutions.common")
_SEPARATORS = re.compile(r"[,;^\n\r\t\\=()]+")
_TOKEN = re.compile(r"[^\W_]+")
_ZIP = re.compile(r"[0-9]{5}|[0-9]{9}")
#: Words before the distinctive part of an institution's name.
_LEADING_WORDS = frozenset(map(fold_text, word_set("institutions.leading")))
#: Length from which the last word of the name of an institution is its town.
_TOWN_MIN_LETTERS = 5
#: Abbreviations of a device at the end of its name.
_DEVICES = "ct|mri?|us|nm|pt|pet|xa|xr|rf|cr|dx|dr|mg|ws|pacs|ris"
#: Length from which a word of no list identifies a place, also if letters of a device follow it.
_RARE_MIN_LETTERS = 6


def phrase_expressions(entity: str, text: str, subtype: str) -> Iterator[ValueExpression]:
    """Yield the expressions of a place or institution.

    Each part between commas has expressions of its own: for its words with their usual
    abbreviations, for the name of an institution without words such as "hospital", and for a ZIP
    code at its end.

    Parameters
    ----------
    entity : str
        Entity of the spans.
    text : str
        Known value.
    subtype : str
        Subtype of the spans, or empty.

    Yields
    ------
    ValueExpression
        Expressions over folded text.
    """
    for part in dict.fromkeys(_SEPARATORS.split(fold_text(text))):
        tokens = _TOKEN.findall(part)
        while tokens and _ZIP.fullmatch(tokens[-1]) and len(tokens) > 1:
            yield number_expression(tokens.pop().lstrip("0"), entity, subtype or "ZIP")
        if not tokens or is_placeholder("".join(tokens)):
            continue
        if len(tokens) == 1:
            token = tokens[0]
            if token.isdigit():
                yield number_expression(token.lstrip("0"), entity, subtype)
            elif len(token) > 2:
                yield ValueExpression("", token, entity, subtype)
            continue
        yield _phrase_expression(tokens, entity, subtype)
        yield from _distinctive_expressions(tokens, entity, subtype)


def _distinctive_expressions(
    tokens: list[str], entity: str, subtype: str
) -> Iterator[ValueExpression]:
    """Yield the expressions of the part of a name that other institutions do not have."""
    distinctive = _distinctive_tokens(tokens)
    rare = [token for token in distinctive if _is_rare(token)]
    is_only_rare = len(rare) == 1 and all(_is_term(one) for one in distinctive if one != rare[0])
    if is_only_rare:
        yield ValueExpression("", rare[0], entity, subtype)
        yield _device_name_expression(rare[0], entity, subtype)
    if not distinctive or distinctive == tokens:
        return
    if len(distinctive) > 1:
        yield _phrase_expression(distinctive, entity, subtype)
        if town := _find_town(tokens, distinctive):
            yield ValueExpression("", town, entity, subtype)
    elif len(distinctive[0]) > 3 and not is_only_rare:
        yield ValueExpression("", distinctive[0], entity, subtype)


def _is_term(word: str) -> bool:
    return is_word(word) or word in imaging_words() or word.startswith("radiolog")


def _is_rare(word: str) -> bool:
    """Return whether a word identifies a place without the other words of its name."""
    is_common = _is_term(word) or word in word_set("device_makers.surname")
    return len(word) >= _RARE_MIN_LETTERS and word.isalpha() and not is_common


def _device_name_expression(word: str, entity: str, subtype: str) -> ValueExpression:
    """Return the expression of a place at the start of the name of a device: ``LINDENAUCT1``."""
    pattern = rf"(?<![^\W_])({word})(?:[a-z]{{1,4}}[0-9]{{1,3}}|{_DEVICES})(?![^\W_])"
    return ValueExpression(word, pattern, entity, subtype)


def _distinctive_tokens(tokens: list[str]) -> list[str]:
    """Return the tokens of a name without the institution words before and after them."""
    distinctive = list(tokens)
    while distinctive and distinctive[-1] in _INSTITUTION_WORDS:
        distinctive.pop()
    while distinctive and distinctive[0] in _LEADING_WORDS:
        distinctive.pop(0)
    return distinctive


def _find_town(tokens: list[str], distinctive: list[str]) -> str:
    """Return the last word of the name of an institution if it may be a town, else nothing.

    In many languages the town is behind the name: ``Hôpital Saint-Roch Angoulême``.
    """
    last = distinctive[-1]
    is_behind = tokens[-1] == last and tokens[0] != distinctive[0]
    return last if is_behind and len(last) >= _TOWN_MIN_LETTERS and not _is_term(last) else ""


def _phrase_expression(tokens: list[str], entity: str, subtype: str) -> ValueExpression:
    """Return the expression of two or more tokens in order."""
    unchanged = [t for t in tokens if t not in _ABBREVIATIONS and t not in _FULL_FORMS]
    needle = max(unchanged or [""], key=len)
    pattern = r"[\W_]{0,4}".join(map(_alternatives, tokens))
    if not needle:  # every word may be abbreviated: only its first letter is sure to remain
        needle = tokens[0][0]
    return ValueExpression(needle, rf"(?<![^\W_]){pattern}(?![^\W_])", entity, subtype)


def _alternatives(token: str) -> str:
    """Return an expression for a word, its abbreviations and its full forms."""
    forms = [token, *_ABBREVIATIONS.get(token, "").split("|"), *_FULL_FORMS.get(token, [])]
    return "(?:" + "|".join(re.escape(form) for form in dict.fromkeys(forms) if form) + ")"
