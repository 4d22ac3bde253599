"""Parse ``add`` of a rules file."""

from __future__ import annotations

from collections.abc import Collection

from safelight.dicom.tags import SPECIFIC_CHARACTER_SET
from safelight.dicom.value_formats import can_hold
from safelight.rules.action_parameters import ActionParameters
from safelight.rules.additions import Addition
from safelight.rules.attributes import get_vr
from safelight.rules.compiled_rules import ALWAYS_REMOVED
from safelight.rules.parsing.action_parameters import parse_lookup, parse_template
from safelight.rules.parsing.conditions import parse_condition
from safelight.rules.parsing.yaml_node import YamlNode
from safelight.rules.references import parse_reference
from safelight.rules.required_attributes import REQUIRED_TAGS

#: Keys of an entry of ``add``, and of its lookup.
ADDITION_KEYS = ("tag", "value", "lookup", "always", "when", "reason")
ADDITION_LOOKUP_KEYS = ("table", "column")

#: Group of the delimiters of items, which are not elements.
_FIRST_DELIMITER_GROUP = 0xFFFA

#: Attributes that follow from what was done to an object.
_LABELS = frozenset({0x00120062, 0x00120063, 0x00120064, 0x00280301, 0x00280303})


def parse_addition(node: YamlNode, name: str, index: int, tables: Collection[str] = ()) -> Addition:
    """Return one entry of ``add``.

    Parameters
    ----------
    node : YamlNode
    name : str
        Name of the rule set.
    index : int
        Index of the entry in ``add``.
    tables : collection of str
        Names of the lookup tables.
    """
    entry = node.as_mapping(ADDITION_KEYS)
    tag_node = entry.require("tag")
    tag = _parse_tag(tag_node)
    value, lookup = entry.get("value"), entry.get("lookup")
    if (value is None) == (lookup is None):
        raise node.make_error("a value or a lookup for an element to add")
    if value is not None:
        parameters = ActionParameters("text", template=parse_template(value))
        if "{" not in value.as_text() and not can_hold(get_vr(tag), value.as_text()):
            raise value.make_error(f"a value that the VR {get_vr(tag)} can hold")
    elif lookup is not None:
        parameters = parse_lookup(lookup.as_mapping(ADDITION_LOOKUP_KEYS), tables)
    always, condition = entry.get("always"), entry.get("when")
    return Addition(
        tag,
        parameters,
        always.as_boolean() if always else False,
        parse_condition(condition) if condition else None,
        f"{name} add[{index}]",
        tag_node.line,
    )


def _parse_tag(node: YamlNode) -> int:
    """Return the tag of one standard attribute of the top level that rules may create."""
    try:
        selector = parse_reference(node.as_text())
    except ValueError as error:
        raise node.make_error(str(error)) from None
    tag = selector.tag
    if tag is None or len(selector.steps) > 1:
        raise node.make_error("a standard attribute of the top level")
    if get_vr(tag) in ("", "SQ", "OB", "OW", "OD", "OF", "OL", "OV", "UN"):
        raise node.make_error("an attribute whose value is a text or a number")
    is_fixed = not 8 <= tag >> 16 < _FIRST_DELIMITER_GROUP or tag & 0xFFFF == 0
    is_fixed |= tag in ALWAYS_REMOVED or tag == SPECIFIC_CHARACTER_SET
    if is_fixed or tag in REQUIRED_TAGS or tag in _LABELS:
        raise node.make_error("an attribute that rules may create, which this one is not")
    return tag
