"""Convert boolean expressions of CTP filter and pixel scripts into conditions.

``+`` is *or*, ``*`` is *and* and binds more tightly, ``!`` is *not*. An operand is an element with
a function, such as ``[0008,0008].contains("SAVE")``. An absent element has an empty value.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from safelight.rules.importers.condition_nodes import ALWAYS, match_whole_value, negate
from safelight.rules.importers.element_names import convert_element_name
from safelight.rules.importers.models import ConditionNode
from safelight.rules.linear_patterns import escape_pattern
from safelight.rules.references import THIS

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<element>\[[^\]]*\]|\w+(?:::\w+)*)\s*\.\s*(?P<function>\w+)\s*
            \(\s*"(?P<operand>[^"]*)"\s*\)
        | (?P<constant>true|false)\.?
        | (?P<operator>[-+*!()])
    )""",
    re.VERBOSE | re.IGNORECASE,
)
_MAX_EXPRESSION_DEPTH = 50

#: Element that no data set has: a length of group 2, which is not part of data sets.
_NO_ELEMENT = "(0002,0000)"


@dataclass
class _Tokens:
    """Tokens of an expression and the position of the next one."""

    items: list[re.Match[str]]
    position: int = 0

    def accept(self, operator: str) -> bool:
        """Return whether the next token is an operator, and skip it if it is."""
        if self.position < len(self.items) and self.items[self.position]["operator"] == operator:
            self.position += 1
            return True
        return False

    def take(self) -> re.Match[str]:
        """Return the next token."""
        if self.position >= len(self.items):
            raise ValueError("the expression is not complete")
        self.position += 1
        return self.items[self.position - 1]


def convert_expression(text: str) -> ConditionNode:
    """Return the condition for an expression.

    Parameters
    ----------
    text : str

    Raises
    ------
    ValueError
        If a rules file cannot express it. The message holds no operand.
    """
    tokens = _Tokens(_tokenize(text))
    condition = _parse_sum(tokens, 0)
    if tokens.position < len(tokens.items):
        raise ValueError("the expression has an operand without an operator")
    return condition


def _tokenize(text: str) -> list[re.Match[str]]:
    """Return the tokens of an expression without its comments."""
    text = re.sub(r"/\*.*?\*/", " ", text, flags=re.DOTALL)
    text = re.sub(r"(?m)//[^\"\n]*$", " ", text).strip()
    tokens, position = [], 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise ValueError(
                "the expression has a part that is not an element, function or operator"
            )
        tokens.append(match)
        position = match.end()
        if not text[position:].strip():
            break
    return tokens


def _parse_sum(tokens: _Tokens, depth: int) -> ConditionNode:
    """Return the condition for terms that ``+`` connects."""
    if depth > _MAX_EXPRESSION_DEPTH:
        raise ValueError(f"the expression has more than {_MAX_EXPRESSION_DEPTH} levels")
    terms = [_parse_product(tokens, depth)]
    while tokens.accept("+"):
        terms.append(_parse_product(tokens, depth))
    return terms[0] if len(terms) == 1 else {"any": terms}


def _parse_product(tokens: _Tokens, depth: int) -> ConditionNode:
    """Return the condition for factors that ``*`` connects."""
    factors = [_parse_factor(tokens, depth)]
    while tokens.accept("*"):
        factors.append(_parse_factor(tokens, depth))
    return factors[0] if len(factors) == 1 else {"all": factors}


def _parse_factor(tokens: _Tokens, depth: int) -> ConditionNode:
    """Return the condition for an operand, its opposite, or an expression in parentheses."""
    if tokens.accept("!") or tokens.accept("-"):
        if depth > _MAX_EXPRESSION_DEPTH:
            raise ValueError(f"the expression has more than {_MAX_EXPRESSION_DEPTH} levels")
        return negate(_parse_factor(tokens, depth + 1))
    if tokens.accept("("):
        condition = _parse_sum(tokens, depth + 1)
        if not tokens.accept(")"):
            raise ValueError("a parenthesis is not closed")
        return condition
    token = tokens.take()
    if token["constant"]:
        return ALWAYS if token["constant"].lower() == "true" else negate(ALWAYS)
    if not token["function"]:
        raise ValueError("the expression has an operator without an operand")
    return _compare(token)


def _find_reference(name: str) -> str | None:
    """Return the reference to an element; None if neither CTP nor the dictionary knows it."""
    reference = convert_element_name(name)
    return None if reference == THIS else reference


def _compare(token: re.Match[str]) -> ConditionNode:
    """Return the comparison of an element with an operand."""
    names = token["element"].strip("[] ").split("::")
    references = [_find_reference(name) for name in names]
    reference = "/".join(reference for reference in references if reference)
    # A backslash is not an escape character in these scripts.
    function, operand = token["function"].lower(), token["operand"]
    if not all(references):
        reference = _NO_ELEMENT  # a name that CTP does not know has an empty value
    if function in ("islessthan", "isgreaterthan"):
        operator = "lessThan" if function == "islessthan" else "greaterThan"
        try:
            number = float(operand)
        except ValueError:
            raise ValueError(f"{token['function']} has an operand that is not a number") from None
        return {reference: {operator: number}}
    ignores_case = function.endswith("ignorecase")
    form = _PATTERNS.get(function.removesuffix("ignorecase"))
    if form is None:
        raise ValueError(f"the function {token['function'][:30]} is unknown")
    if not operand:
        is_missing = {reference: {"missing": True}}
        return is_missing if function.startswith(("equals", "matches")) else ALWAYS
    if function.startswith("matches"):
        case = "" if ignores_case else "-i"
        return match_whole_value(reference, f"(?{case}:{operand})")
    pattern = form(operand)
    return {reference: {"matches": pattern if ignores_case else f"(?-i:{pattern})"}}


_PATTERNS: dict[str, Callable[[str], str]] = {
    "equals": lambda text: f"^{escape_pattern(text)}$",
    "matches": lambda text: text,
    "contains": escape_pattern,
    "startswith": lambda text: f"^{escape_pattern(text)}",
    "endswith": lambda text: f"{escape_pattern(text)}$",
}
