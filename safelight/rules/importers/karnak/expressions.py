"""Convert the expressions of Karnak that choose an action by the tag, the VR or a condition."""

from __future__ import annotations

import re
from dataclasses import replace

from pydicom.datadict import tag_for_keyword

from safelight.rules.importers.condition_nodes import negate
from safelight.rules.importers.karnak.conditions import convert_condition
from safelight.rules.importers.models import ConditionNode, ImportedRule

_CALL = re.compile(r"(\w+)\((.*)\)", re.DOTALL)
_TERNARY = re.compile(r"(?P<condition>.*?)\?(?P<first>[^?:]*):(?P<second>[^?:]*)", re.DOTALL)
_TAG_CONDITION = re.compile(r"tag\s*==\s*#Tag\.(\w+)|vr\s*==\s*#VR\.([A-Z]{2})")
#: Remark on an expression that rules files cannot express.
NO_COUNTERPART = "the expression has no counterpart; removed"
_TEXT_PART = re.compile(r"""getString\(\s*#Tag\.(\w+)\s*\)|'([^']*)'|"([^"]*)\"""")


def convert_expression(text: str) -> list[ImportedRule]:
    """Return the rules for an expression: one action, or two and a condition.

    They have a selector only if the condition compares the tag or the VR of the element.
    """
    if match := _TERNARY.fullmatch(text.strip()):
        others, selector = _split_tag_condition(match["condition"])
        condition = convert_condition(others) if others else None
        if condition is not None or not others:
            return _list_branches(match["first"], match["second"], condition, selector)
    elif "?" not in text:
        return [_convert_action(text, None)]
    return [ImportedRule("", "remove", remark=NO_COUNTERPART)]


def _split_tag_condition(text: str) -> tuple[str, str]:
    """Return a condition without the comparison of tag or VR, and the selector of what it names."""
    terms = re.split(r"\s*&&\s*|\s+and\s+", text.strip())
    found = [match for term in terms if (match := _TAG_CONDITION.fullmatch(term))]
    if len(found) != 1 or (found[0][1] and tag_for_keyword(found[0][1]) is None):
        return text, ""
    selector = found[0][1] or f"{{{found[0][2]}}}"
    return " and ".join(term for term in terms if not _TAG_CONDITION.fullmatch(term)), selector


def _list_branches(
    first: str, second: str, condition: ConditionNode | None, selector: str
) -> list[ImportedRule]:
    """Return the rules for the two actions of a ternary; ``null`` means that nothing is done."""
    rules = []
    if first.strip() != "null":
        rules.append(replace(_convert_action(first, condition), selector=selector))
    elif selector or second.strip() == "null":
        return [ImportedRule("", "remove", remark=NO_COUNTERPART)]
    if second.strip() != "null":
        # Behind a rule for some elements, the other one is for all that it does not decide.
        opposite = None if selector or condition is None else negate(condition)
        rules.append(_convert_action(second, opposite))
    return rules


def _convert_action(text: str, when: ConditionNode | None) -> ImportedRule:
    """Return the rule for one action of an expression."""
    match = _CALL.fullmatch(text.strip())
    name, argument = (match[1], match[2].strip()) if match else ("", "")
    if name == "ExcludeInstance":
        reason = "ExcludeInstance in the imported profile"
        return ImportedRule("", "quarantine", {"reason": reason}, when)
    simple = {"ReplaceNull": "empty", "Remove": "remove", "Keep": "keep", "UID": "uid"}
    if name == "ComputePatientAge":
        remark = "the age of the object is kept up to 89 years; it is not computed from dates"
        return ImportedRule("", "age", when=when, remark=remark)
    if name in simple and not argument:
        return ImportedRule("", simple[name], when=when)
    template = _convert_template(argument) if name == "Replace" else None
    if template is None:
        remark = f"{name[:30] or 'the expression'} has no counterpart; removed"
        return ImportedRule("", "remove", when=when, remark=remark)
    action = "text" if "{" in template else "literal"
    return ImportedRule("", action, {"value": template}, when)


def _convert_template(text: str) -> str | None:
    """Return the text for constants and values that ``+`` joins; None for another form."""
    template, position = "", 0
    while position < len(text):
        match = _TEXT_PART.match(text, position)
        if match is None:
            return None
        constant = match[2] or match[3] or ""
        if set(constant) & set("{}"):
            return None
        template += f"{{{match[1]}}}" if match[1] else constant
        rest = text[match.end() :].lstrip()
        if rest and not rest.startswith("+"):
            return None
        text, position = rest[1:].lstrip(), 0
    return template
