"""Parse ``add`` of a rules file."""

from __future__ import annotations

from collections.abc import Collection

from safelight.dicom.tags import SPECIFIC_CHARACTER_SET
from safelight.dicom.value_formats import can_hold
from safelight.rules.action_parameters import ActionParameters
from safelight.rules.additions import AddedItem, Addition
from safelight.rules.attributes import get_vr
from safelight.rules.compiled_rules import ALWAYS_REMOVED
from safelight.rules.parsing.action_parameters import parse_lookup, parse_template
from safelight.rules.parsing.conditions import parse_condition
from safelight.rules.parsing.yaml_node import YamlMapping, YamlNode
from safelight.rules.references import parse_reference
from safelight.rules.required_attributes import REQUIRED_TAGS

#: Keys of an entry of ``add``, and of its lookup.
ADDITION_KEYS = ("tag", "vr", "value", "lookup", "item", "always", "append", "when", "reason")
ADDITION_LOOKUP_KEYS = ("table", "column")

#: Largest number of sequences around an element that is created.
MAX_ADDITION_DEPTH = 8

#: VRs of private elements that are created.
ADDED_PRIVATE_VRS = (
    "AE", "AS", "CS", "DA", "DS", "DT", "FD", "FL", "IS", "LO", "LT", "PN", "SH", "SL", "SS", "ST",
    "TM", "UC", "UI", "UL", "UR", "US", "UT",
)  # fmt: skip
_DEFAULT_PRIVATE_VR = "LO"

#: Group of the delimiters of items, which are not elements.
_FIRST_DELIMITER_GROUP = 0xFFFA

#: Last odd group that holds no private elements (PS3.5, section 7.8.1).
_LAST_GROUP_WITHOUT_PRIVATE = 0x0007
_FIRST_BLOCK = 0x1000

#: Attributes that follow from what was done to an object.
_LABELS = frozenset({0x00120062, 0x00120063, 0x00120064, 0x00280301, 0x00280303})

_VRS_WITHOUT_TEXT = frozenset({"", "SQ", "OB", "OW", "OD", "OF", "OL", "OV", "UN"})


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
    private = _parse_private(entry, tag_node)
    *path, tag = _parse_path(tag_node) if private is None else [private[0]]
    item = entry.get("item")
    _check_kind(entry, tag_node, tag)
    creator, private_vr = ("", "") if private is None else private[1:]
    always, append, condition = entry.get("always"), entry.get("append"), entry.get("when")
    is_always, is_appended = (bool(one and one.as_boolean()) for one in (always, append))
    if append is not None and (item is None or is_always):
        raise append.make_error("append only beside an item, and without always")
    return Addition(
        tag,
        None if item else _parse_value(entry, private_vr or get_vr(tag), tables),
        is_always,
        parse_condition(condition) if condition else None,
        f"{name} add[{index}]",
        tag_node.line,
        tuple(path),
        _parse_item(item, len(path) + 1) if item else None,
        is_appended,
        creator,
        private_vr,
    )


def _parse_private(entry: YamlMapping, node: YamlNode) -> tuple[int, str, str] | None:
    """Return tag, private creator and VR of a private element; None for a standard attribute."""
    selector, vr_node = node.parse_text(parse_reference), entry.get("vr")
    found = selector.steps[-1].private
    if found is None or len(selector.steps) > 1:
        if vr_node is not None:
            raise vr_node.make_error("a VR only for a private element")
        return None
    group, creator, low_byte = found
    if not int(group, 16) & 1 or int(group, 16) <= _LAST_GROUP_WITHOUT_PRIVATE:
        raise node.make_error("an odd group from 0009 on for a private element")
    if not can_hold("LO", creator) or "\\" in creator:
        raise node.make_error("a private creator of at most 64 characters, without a backslash")
    vr = _DEFAULT_PRIVATE_VR if vr_node is None else vr_node.as_text()
    if vr not in ADDED_PRIVATE_VRS:
        raise entry.require("vr").make_error(f"one of the VRs {', '.join(ADDED_PRIVATE_VRS)}")
    return int(group, 16) << 16 | _FIRST_BLOCK | int(low_byte, 16), creator, vr


def _check_kind(entry: YamlMapping, tag_node: YamlNode, tag: int) -> None:
    """Raise an error unless the entry has one content, which fits the attribute."""
    contents = [key for key in ("value", "lookup", "item") if key in entry]
    if len(contents) != 1:
        raise entry.node.make_error("one of value, lookup and item for an element to add")
    is_sequence = get_vr(tag) == "SQ"
    if is_sequence and contents != ["item"]:
        raise tag_node.make_error("an item for a sequence, instead of a value")
    if not is_sequence and contents == ["item"]:
        raise tag_node.make_error("a sequence, because the entry has an item")


def _parse_value(entry: YamlMapping, vr: str, tables: Collection[str]) -> ActionParameters:
    """Return the parameters of ``value`` or ``lookup``."""
    lookup = entry.get("lookup")
    if lookup is not None:
        return parse_lookup(lookup.as_mapping(ADDITION_LOOKUP_KEYS), tables)
    value = entry.require("value")
    if not value.as_text().strip():
        raise value.make_error(
            "a value, because an empty one creates no element; to empty one, write action: empty "
            "under elements"
        )
    return _parse_text(value, vr)


def _parse_text(node: YamlNode, vr: str) -> ActionParameters:
    """Return the parameters of a text, which the VR of its attribute can hold."""
    parameters = ActionParameters("text", template=parse_template(node))
    if "{" not in node.as_text() and not can_hold(vr, node.as_text()):
        raise node.make_error(f"a value that the VR {vr} can hold")
    return parameters


def _parse_item(node: YamlNode, depth: int) -> AddedItem:
    """Return an item: elements and their values, or the items of nested sequences."""
    if depth > MAX_ADDITION_DEPTH:  # a YAML alias may contain itself
        raise node.make_error(f"at most {MAX_ADDITION_DEPTH} sequences around an element")
    mapping = node.as_mapping(None)
    elements: dict[int, ActionParameters | AddedItem] = {}
    for key in mapping:
        value = mapping.require(key)
        key_node = mapping.get_key_node(key)
        steps = _parse_path(key_node)
        tag = steps[-1]
        if len(steps) > 1 or tag in elements:
            raise key_node.make_error("one attribute, named once, for each value of an item")
        if get_vr(tag) == "SQ":
            elements[tag] = _parse_item(value, depth + 1)
        else:
            elements[tag] = _parse_text(value, get_vr(tag))
    if not elements:
        raise node.make_error("attributes with their values for an item")
    return AddedItem(tuple(sorted(elements.items(), key=lambda one: one[0])))


def _parse_path(node: YamlNode) -> list[int]:
    """Return the tags of the sequences around one standard attribute, and its own."""
    selector = node.parse_text(parse_reference)
    tags = [step.tag for step in selector.steps]
    if None in tags:
        raise node.make_error(
            "a standard attribute, because private elements are created at the top level only"
        )
    path = [tag for tag in tags if tag is not None]
    if len(path) > MAX_ADDITION_DEPTH:
        raise node.make_error(f"at most {MAX_ADDITION_DEPTH} sequences around an element")
    if any(get_vr(tag) != "SQ" for tag in path[:-1]):
        raise node.make_error("only sequences before the last attribute of a path")
    if get_vr(path[-1]) in _VRS_WITHOUT_TEXT - {"SQ"}:
        raise node.make_error("an attribute whose value is a text or a number, or a sequence")
    if not all(map(_can_create, path)):
        raise node.make_error("an attribute that rules may create, which this one is not")
    return path


def _can_create(tag: int) -> bool:
    """Return whether rules may create an attribute, or elements in its items."""
    is_fixed = not 8 <= tag >> 16 < _FIRST_DELIMITER_GROUP or tag & 0xFFFF == 0
    is_fixed |= tag in ALWAYS_REMOVED or tag == SPECIFIC_CHARACTER_SET
    return not (is_fixed or tag in REQUIRED_TAGS or tag in _LABELS)
