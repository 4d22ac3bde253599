"""Convert the conditions of Karnak profiles."""

from __future__ import annotations

import re
from dataclasses import dataclass

from safelight.rules.importers.condition_nodes import negate
from safelight.rules.importers.element_names import convert_element_name
from safelight.rules.importers.models import ConditionNode
from safelight.rules.linear_patterns import escape_pattern
from safelight.rules.references import THIS

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<function>tag\w+)\(\s*(?:\#Tag\.(?P<keyword>\w+)|["'](?P<tag>[^"']*)["'])
            (?:\s*,\s*(?P<quote>["'])(?P<value>.*?)(?P=quote))?\s*\)
        | (?:stringValue|getString\(\s*\#Tag\.(?P<compared>\w+)\s*\))\s*(?P<equality>==|!=)\s*
            (?:(?P<quote2>["'])(?P<text>.*?)(?P=quote2)|(?P<null>null))
        | (?P<operator>&&|\|\||[!()]|(?:and|or|not)\b)
    )""",
    re.VERBOSE,
)
_FORMS = {
    "tagValueIsPresent": "^{}$",
    "tagValueContains": "{}",
    "tagValueBeginsWith": "^{}",
    "tagValueEndsWith": "{}$",
}
_MAX_DEPTH = 30
#: Operators that are written as words too.
_WORDS = {"&&": "and", "||": "or", "!": "not", "(": "(", ")": ")"}


@dataclass
class _Tokens:
    """Tokens of a condition and the position of the next one."""

    items: list[re.Match[str]]
    position: int = 0

    def accept(self, operator: str) -> bool:
        """Return whether the next token is an operator, and skip it if it is."""
        found = self.position < len(self.items) and (
            self.items[self.position]["operator"] in (operator, _WORDS[operator])
        )
        self.position += found
        return found


def convert_condition(text: str) -> ConditionNode | None:
    """Return the condition for an expression; None if a rules file cannot express it.

    Parameters
    ----------
    text : str
        Functions of tags that ``&&``, ``||``, ``!`` and parentheses combine.
    """
    tokens, position, text = [], 0, text.strip()
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            return None
        tokens.append(match)
        position = match.end()
    state = _Tokens(tokens)
    try:
        condition = _parse_any(state, 0)
    except ValueError:
        return None
    return condition if state.position == len(tokens) else None


def _parse_any(tokens: _Tokens, depth: int) -> ConditionNode:
    if depth > _MAX_DEPTH:
        raise ValueError("too many levels")
    terms = [_parse_all(tokens, depth)]
    while tokens.accept("||"):
        terms.append(_parse_all(tokens, depth))
    return terms[0] if len(terms) == 1 else {"any": terms}


def _parse_all(tokens: _Tokens, depth: int) -> ConditionNode:
    factors = [_parse_one(tokens, depth)]
    while tokens.accept("&&"):
        factors.append(_parse_one(tokens, depth))
    return factors[0] if len(factors) == 1 else {"all": factors}


def _parse_one(tokens: _Tokens, depth: int) -> ConditionNode:
    if depth > _MAX_DEPTH:
        raise ValueError("too many levels")
    if tokens.accept("!"):
        return negate(_parse_one(tokens, depth + 1))
    if tokens.accept("("):
        condition = _parse_any(tokens, depth + 1)
        if not tokens.accept(")"):
            raise ValueError("a parenthesis is not closed")
        return condition
    if tokens.position >= len(tokens.items) or tokens.items[tokens.position]["operator"]:
        raise ValueError("an operand is missing")
    token = tokens.items[tokens.position]
    tokens.position += 1
    return _compare(token)


def _compare(token: re.Match[str]) -> ConditionNode:
    """Return the comparison of one token."""
    if token["equality"]:
        return _compare_value(token)
    element = _find_element(token["keyword"] or token["tag"] or "?")
    if token["function"] == "tagIsPresent":
        return {element: {"exists": True}}
    if token["function"] not in _FORMS or token["value"] is None:
        raise ValueError("an unknown function")
    pattern = _FORMS[token["function"]].format(escape_pattern(token["value"]))
    return {element: {"matches": f"(?-i:{pattern})"}}


def _find_element(name: str) -> str:
    """Return the reference to an element."""
    element = convert_element_name(name)
    if element is None:
        raise ValueError("an unknown element")
    return element


def _compare_value(token: re.Match[str]) -> ConditionNode:
    """Return the comparison of a value with a text or with ``null``."""
    element = _find_element(token["compared"]) if token["compared"] else THIS
    is_equal = token["equality"] == "=="
    if token["null"]:
        return {element: {"missing" if is_equal else "present": True}}
    comparison: ConditionNode = {element: {"matches": f"(?-i:^{escape_pattern(token['text'])}$)"}}
    return comparison if is_equal else negate(comparison)
