"""Compile a rule set: for each attribute at each place of an IOD, one rule, looked up once."""

from __future__ import annotations

from collections.abc import Sequence

from safelight.rules.attributes import get_vr
from safelight.rules.model import RuleEntry, RuleSet
from safelight.rules.operations import AttributeRule, Operation, Recheck
from safelight.rules.profile import (
    choose_clean_operation,
    choose_operation,
    make_listed_rule,
    resolve_code,
)
from safelight.rules.selectors import PRIVATE_SEQUENCE
from safelight.rules.unlisted_attributes import make_private_rule, make_unlisted_rule
from safelight.standard.attribute_categories import is_identifying_attribute, is_technical_attribute
from safelight.standard.confidentiality import find_row
from safelight.standard.iod import UNKNOWN_IOD, IodLevel, find_iod_level
from safelight.standard.options import Option
from safelight.standard.private_elements import find_safe_element

#: Bounds what an object made up of ever new attributes or paths can make a worker remember.
_MAXIMUM_RULES, _MAXIMUM_LEVELS, _MAXIMUM_CLASSES = 20_000, 20_000, 512

_CHARACTER_SET = 0x00080005

#: Groups that say how pixels and samples are stored: without them the object is unreadable.
_STRUCTURE = frozenset({0x0028, 0x5400, 0x7FE0})

#: Points to attributes that may not be defined here and so are gone.
_FRAME_INCREMENT_POINTER = 0x00280009

#: Never in an output, whatever the rules say (PS3.15, section E.1.1).
ALWAYS_REMOVED = {
    0x04000561: "original values",
    0x04000550: "original values",
    0x4FFE0001: "digital signature",
    0xFFFAFFFA: "digital signature",
    0xFFFCFFFC: "padding",
}


class ElementIndex:
    """An organisation's rules by tag: imported rule sets have thousands."""

    def __init__(self, elements: Sequence[RuleEntry]):
        self._exact: dict[int, list[int]] = {}
        self._patterns: list[int] = []
        self._elements = elements
        for number, entry in enumerate(elements):
            tag = entry.selector.tag
            places = self._patterns if tag is None else self._exact.setdefault(tag, [])
            places.append(number)

    def candidates(self, tag: int) -> list[RuleEntry]:
        """The rules that may name a tag, in their order."""
        numbers = sorted([*self._exact.get(tag, ()), *self._patterns])
        return [self._elements[number] for number in numbers]


class RulesByTag(dict[int, AttributeRule]):
    """Tag → rule at one level; a rule that is not there yet is worked out once."""

    __slots__ = ("_level",)

    def __init__(self, level: CompiledLevel):
        super().__init__()
        self._level = level

    def __missing__(self, tag: int) -> AttributeRule:
        rule = self._level.resolve(tag)
        if len(self) < _MAXIMUM_RULES:
            self[tag] = rule
        return rule


class CompiledLevel:
    """The rules at one nesting level.

    Attributes
    ----------
    rules : RulesByTag
        Rules of standard attributes (even group) by tag.
    path : tuple of int
        Tags of the sequences around; :data:`PRIVATE_SEQUENCE` for private ones.
    """

    __slots__ = ("_definition", "_dummy", "_items", "_listed", "_plan", "_private", "path", "rules")

    def __init__(
        self,
        plan: CompiledRules,
        defined: IodLevel,
        path: tuple[int, ...],
        dummy: bool,
        listed: bool,
    ):
        self.rules = RulesByTag(self)
        self.path = path
        self._plan = plan
        self._definition = defined
        self._dummy = dummy
        self._listed = listed
        self._items: dict[int, CompiledLevel] = {}
        self._private: dict[tuple[str, int, int, str], AttributeRule] = {}

    def private(self, creator: str, group: int, low_byte: int, vr: str) -> AttributeRule:
        """The rule of a private element, by its creator and the low byte of its element."""
        key = (creator, group, low_byte, vr)
        rule = self._private.get(key)
        if rule is None:
            rule = self._resolve_private(creator, group, low_byte, vr)
            if len(self._private) < _MAXIMUM_RULES:
                self._private[key] = rule
        return rule

    def item(self, tag: int) -> CompiledLevel:
        """The level inside a sequence of this level."""
        level = self._items.get(tag)
        if level is None:
            dummy = self._dummy or self.rules[tag].operation is Operation.DUMMY
            defined, path = self._definition.item(tag), (*self.path, tag)
            level = CompiledLevel(self._plan, defined, path, dummy, self._listed)
            self._remember(tag, level)
        return level

    def private_item(self) -> CompiledLevel:
        """The level inside a private sequence of this level."""
        level = self._items.get(PRIVATE_SEQUENCE)
        if level is None:
            path = (*self.path, PRIVATE_SEQUENCE)
            level = CompiledLevel(self._plan, UNKNOWN_IOD, path, self._dummy, self._listed)
            self._remember(PRIVATE_SEQUENCE, level)
        return level

    def _remember(self, tag: int, level: CompiledLevel) -> None:
        if self._plan.levels < _MAXIMUM_LEVELS:
            self._plan.levels += 1
            self._items[tag] = level

    def resolve(self, tag: int) -> AttributeRule:
        """Work out the rule of a standard attribute; use :attr:`rules` instead."""
        group, element = tag >> 16, tag & 0xFFFF
        if group < 0x0008:
            return AttributeRule(Operation.REMOVE, "not part of a data set")
        if element == 0:
            return AttributeRule(Operation.REMOVE, "group length")
        if tag in ALWAYS_REMOVED:
            return AttributeRule(Operation.REMOVE, ALWAYS_REMOVED[tag])
        if tag == _CHARACTER_SET:
            return AttributeRule(Operation.KEEP, "character set")
        if group & 0xFF00 == 0x5000:
            return AttributeRule(Operation.REMOVE, "curve")
        vr = get_vr(tag)
        kind = self._definition.get_type(tag)
        for entry in self._plan.index.candidates(tag):
            if entry.selector.matches(self.path, tag, vr):
                return _make_own_rule(entry, tag, vr, kind)
        options = self._plan.ruleset.options
        row = find_row(tag)
        if row is not None:
            return make_listed_rule(row, tag, vr, kind, options, self._listed)
        keep = self._plan.ruleset.default == "keep"
        overlay = group & 0xFF00 == 0x6000
        if overlay and Option.CLEAN_GRAPHICS not in options:
            return AttributeRule(Operation.REMOVE, "overlay without its data")
        structure = group in _STRUCTURE and tag != _FRAME_INCREMENT_POINTER
        defined = overlay or structure or self._definition.defines(tag)
        rule = make_unlisted_rule(tag, vr, kind, defined, keep, options)
        return _make_dummied_rule(rule, tag, vr) if self._dummy else rule

    def _resolve_private(self, creator: str, group: int, low_byte: int, vr: str) -> AttributeRule:
        for entry in self._plan.ruleset.elements:
            if entry.selector.matches_private(self.path, creator, group, low_byte):
                return _make_own_rule(entry, group << 16 | low_byte, vr, "3")
        if self._dummy:
            return AttributeRule(Operation.REMOVE, "private")
        return make_private_rule(
            find_safe_element(creator, group, low_byte), vr, self._plan.ruleset.options
        )


class CompiledRules:
    """A rule set, compiled as objects come.

    Parameters
    ----------
    ruleset : RuleSet
    """

    def __init__(self, ruleset: RuleSet):
        self.ruleset = ruleset
        self.index = ElementIndex(ruleset.elements)
        self.levels = 0
        self._roots: dict[tuple[str, bool], CompiledLevel] = {}

    def for_sop_class(self, sop_class_uid: str, listed: bool = False) -> CompiledLevel:
        """The top level of objects of a SOP class; of an unknown one, the careful choice.

        Parameters
        ----------
        sop_class_uid : str
        listed : bool
            Whether the object lists the instances that it refers to
            (:data:`~safelight.rules.profile.INSTANCE_REFERENCE_SEQUENCES`).
        """
        level = self._roots.get((sop_class_uid, listed))
        if level is None:
            level = CompiledLevel(self, find_iod_level(sop_class_uid), (), False, listed)
            if len(self._roots) < _MAXIMUM_CLASSES:
                self._roots[sop_class_uid, listed] = level
        return level


def _make_own_rule(entry: RuleEntry, tag: int, vr: str, kind: str) -> AttributeRule:
    """The rule that an entry of ``elements`` makes for an attribute."""
    fallback = choose_operation(resolve_code("X", kind), tag, vr)
    operation = entry.operation
    if operation is None:
        operation = (
            choose_clean_operation(vr, fallback)
            if entry.action == "C"
            else choose_operation(entry.action, tag, vr)
        )
    elif operation is Operation.CLEAN:
        operation = choose_clean_operation(vr, Operation.CLEAN)
    elif operation is Operation.KEEP and vr == "SQ":
        operation = Operation.RECURSE
    return AttributeRule(operation, entry.source, entry.value, fallback, _choose_own_recheck(tag))


def _choose_own_recheck(tag: int) -> Recheck:
    """What may be held against a value that the organisation itself keeps."""
    row = find_row(tag)
    if (
        row is not None
        and Option.CLEAN_DESCRIPTORS not in row.options
        or is_identifying_attribute(tag)
    ):
        return Recheck.NONE  # the table says that it identifies: to keep it is no mistake
    return Recheck.CONFIDENT if is_technical_attribute(tag) else Recheck.ANY


def _make_dummied_rule(rule: AttributeRule, tag: int, vr: str) -> AttributeRule:
    """Inside a dummied sequence no original text, date or binary value is left."""
    if rule.operation in (Operation.CLEAN, Operation.SHIFT, Operation.AGE) or (
        rule.operation is Operation.KEEP and vr in _NAMED_VRS
    ):
        return AttributeRule(
            choose_operation("D", tag, vr), f"{rule.source}, inside a dummied sequence"
        )
    if rule.operation is Operation.RECURSE:
        return AttributeRule(Operation.DUMMY, f"{rule.source}, inside a dummied sequence")
    return rule


_NAMED_VRS = frozenset({"LO", "SH", "ST", "LT", "UT", "UC", "OB", "OW", "UN", "DA", "DT", "TM"})
