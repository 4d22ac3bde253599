"""Compile a rule set: look up one rule for each attribute at each place of an IOD.

Rules are resolved when an object first needs them, and cached.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile

from safelight.rules.attributes import FREE_TEXT_VRS, get_vr
from safelight.rules.conditions import Combination
from safelight.rules.entry_rules import (
    REMOVING_OPERATIONS,
    combine_rules,
    is_protective,
    make_entry_rule,
    restrict_rule,
)
from safelight.rules.model import RuleEntry, RuleSet
from safelight.rules.operations import AttributeRule, ConditionalRule, Operation
from safelight.rules.profile import (
    choose_operation,
    make_listed_rule,
    resolve_code,
)
from safelight.rules.required_attributes import REQUIRED_TAGS
from safelight.rules.selectors import PRIVATE_SEQUENCE
from safelight.rules.unlisted_attributes import make_private_rule, make_unlisted_rule
from safelight.standard.attribute_categories import (
    is_shared_date,
)
from safelight.standard.confidentiality import find_row
from safelight.standard.iod import UNKNOWN_IOD, IodLevel, find_iod_level
from safelight.standard.options import Option
from safelight.standard.private_elements import find_safe_element

#: Limits of the caches, so that objects with arbitrary attributes, paths or SOP classes cannot
#: fill the memory of a worker.
_MAX_CACHED_RULES, _MAX_CACHED_LEVELS, _MAX_CACHED_SOP_CLASSES = 20_000, 20_000, 512

_SPECIFIC_CHARACTER_SET = 0x00080005

#: Groups that describe how pixels and samples are stored. An object cannot be read without them.
_STRUCTURAL_GROUPS = frozenset({0x0028, 0x5400, 0x7FE0})

#: Refers to an attribute that may not be defined for the IOD and is then removed.
_FRAME_INCREMENT_POINTER = 0x00280009

#: Elements that are removed whatever the rules say, with the reason (PS3.15, section E.1.1).
ALWAYS_REMOVED = {
    0x04000561: "original values",
    0x04000550: "original values",
    0x04000500: "encrypted original values",
    0x4FFE0001: "digital signature",
    0xFFFAFFFA: "digital signature",
    0xFFFCFFFC: "padding",
}

#: Condition of an entry whose condition every item of an object meets.
_ALWAYS = Combination("all", ())

#: VRs of which no original value is kept inside a sequence that is replaced by dummies.
_DUMMIED_VRS = frozenset({"LO", "SH", "ST", "LT", "UT", "UC", "OB", "OW", "UN", "DA", "DT", "TM"})


class RuleIndex:
    """Index of the entries of a rules file by tag, because imported files have thousands."""

    def __init__(self, entries: Sequence[RuleEntry]):
        self._by_tag: dict[int, list[int]] = {}
        self._patterns: list[int] = []
        self._entries = entries
        for number, entry in enumerate(entries):
            tag = entry.selector.tag
            numbers = self._patterns if tag is None else self._by_tag.setdefault(tag, [])
            numbers.append(number)

    def find_candidates(self, tag: int) -> list[RuleEntry]:
        """Return the entries that may select a tag, in the order of the rules file."""
        numbers = sorted([*self._by_tag.get(tag, ()), *self._patterns])
        return [self._entries[number] for number in numbers]


class RulesByTag(dict[int, AttributeRule]):
    """Rules of the standard attributes at one level by tag, each resolved on first access."""

    __slots__ = ("_level",)

    def __init__(self, level: CompiledLevel):
        super().__init__()
        self._level = level

    def __missing__(self, tag: int) -> AttributeRule:
        rule = self._level.resolve(tag)
        if len(self) < _MAX_CACHED_RULES:
            self[tag] = rule
        return rule


class CompiledLevel:
    """Rules at one nesting level of the objects of a SOP class.

    Parameters
    ----------
    compiled : CompiledRules
    iod_level : IodLevel
        Attributes that the IOD defines at this level.
    path : tuple of int
        See the attribute.
    is_dummied : bool
        Whether a sequence that contains this level is replaced by dummies.
    lists_references : bool
        See `CompiledRules.get_root_level`.

    Attributes
    ----------
    rules : RulesByTag
        Rules of standard attributes (even group) by tag.
    path : tuple of int
        Tags of the sequences that contain this level, the outermost first. A private sequence is
        :data:`~safelight.rules.selectors.PRIVATE_SEQUENCE`.
    """

    __slots__ = (
        "_compiled",
        "_iod_level",
        "_is_dummied",
        "_item_rules",
        "_items",
        "_lists_references",
        "_private",
        "path",
        "rules",
    )

    def __init__(
        self,
        compiled: CompiledRules,
        iod_level: IodLevel,
        path: tuple[int, ...],
        is_dummied: bool,
        lists_references: bool,
    ):
        self.rules = RulesByTag(self)
        self.path = path
        self._compiled = compiled
        self._iod_level = iod_level
        self._is_dummied = is_dummied
        self._lists_references = lists_references
        self._items: dict[int, CompiledLevel] = {}
        self._private: dict[tuple[str, int, int, str], AttributeRule] = {}
        self._item_rules: dict[int, tuple[ConditionalRule, ...]] = {}

    def get_type(self, tag: int) -> str:
        """Return the Type of an attribute at this level; empty if the IOD does not define it."""
        return self._iod_level.get_type(tag)

    def get_private_rule(self, creator: str, group: int, number: int, vr: str) -> AttributeRule:
        """Return the rule for a private element.

        Parameters
        ----------
        creator : str
            Private creator of the element's block.
        group : int
        number : int
            Element number, such as ``0x100F``.
        vr : str
            VR in the object; UN or empty if the object does not state it.
        """
        key = (creator, group, number, vr)
        rule = self._private.get(key)
        if rule is None:
            rule = self._resolve_private(creator, group, number, vr)
            if len(self._private) < _MAX_CACHED_RULES:
                self._private[key] = rule
        return rule

    def get_item_level(self, tag: int) -> CompiledLevel:
        """Return the level inside a standard sequence of this level."""
        level = self._items.get(tag)
        if level is None:
            is_dummied = self._is_dummied or self.rules[tag].operation is Operation.DUMMY
            iod_level, path = self._iod_level.get_item_level(tag), (*self.path, tag)
            level = CompiledLevel(
                self._compiled, iod_level, path, is_dummied, self._lists_references
            )
            self._cache_item_level(tag, level)
        return level

    def get_item_rules(self, tag: int) -> tuple[ConditionalRule, ...]:
        """Return the rules that remove items of a standard sequence of this level.

        Parameters
        ----------
        tag : int
        """
        entries = self._compiled.item_entries
        if not entries:
            return ()
        rules = self._item_rules.get(tag)
        if rules is None:
            rules = self._item_rules[tag] = tuple(
                ConditionalRule(
                    entry.condition or _ALWAYS, AttributeRule(Operation.REMOVE, entry.source)
                )
                for entry in entries
                if entry.selects(self.path, tag, "SQ")
            )
        return rules

    def get_private_item_level(self) -> CompiledLevel:
        """Return the level inside a private sequence of this level."""
        level = self._items.get(PRIVATE_SEQUENCE)
        if level is None:
            path = (*self.path, PRIVATE_SEQUENCE)
            level = CompiledLevel(
                self._compiled, UNKNOWN_IOD, path, self._is_dummied, self._lists_references
            )
            self._cache_item_level(PRIVATE_SEQUENCE, level)
        return level

    def _cache_item_level(self, tag: int, level: CompiledLevel) -> None:
        """Keep the level inside a sequence, up to the limit of the compiled rule set."""
        if self._compiled.cached_levels < _MAX_CACHED_LEVELS:
            self._compiled.cached_levels += 1
            self._items[tag] = level

    def resolve(self, tag: int) -> AttributeRule:
        """Resolve the rule for a standard attribute. Callers use :attr:`rules`, which caches."""
        fixed = _resolve_fixed(tag)
        if fixed is not None:
            return fixed
        vr = get_vr(tag)
        attribute_type = self._iod_level.get_type(tag)
        own = [
            entry
            for entry in self._compiled.index.find_candidates(tag)
            if entry.selects(self.path, tag, vr)
        ]
        return combine_rules(
            own,
            lambda entry: _protect_shared_date(
                make_entry_rule(entry, tag, vr, attribute_type), tag, vr, attribute_type
            ),
            lambda: _protect_shared_date(
                self._resolve_by_profile(tag, vr, attribute_type),
                tag,
                vr,
                attribute_type,
                ", shared by patients",
            ),
        )

    def _resolve_by_profile(self, tag: int, vr: str, attribute_type: str) -> AttributeRule:
        """Resolve the rule for a standard attribute that no entry of the rules file decides."""
        options = self._compiled.rule_set.options
        row = find_row(tag)
        if row is not None:
            return make_listed_rule(
                row, tag, vr, attribute_type, options, lists_references=self._lists_references
            )
        group = tag >> 16
        is_overlay = group & 0xFF00 == 0x6000
        if is_overlay and Option.CLEAN_GRAPHICS not in options:
            return AttributeRule(Operation.REMOVE, "overlay without its data")
        is_structural = group in _STRUCTURAL_GROUPS and tag != _FRAME_INCREMENT_POINTER
        is_defined = is_overlay or is_structural or self._iod_level.defines(tag)
        default = self._compiled.rule_set.default
        if default == "remove":
            dropped = self._drop_unnamed(tag, vr, attribute_type, is_structural)
            if dropped is not None:
                return dropped
        keeps_undefined = default == "keep"
        rule = make_unlisted_rule(
            tag,
            vr,
            attribute_type,
            is_defined=is_defined,
            keeps_undefined=keeps_undefined,
            options=options,
        )
        return _replace_by_dummy(rule, vr) if self._is_dummied else rule

    def _drop_unnamed(
        self, tag: int, vr: str, attribute_type: str, is_structural: bool
    ) -> AttributeRule | None:
        """Return the rule of ``default: remove`` for an attribute that nothing names.

        Return None for what the object needs: its identifiers, the description of its pixels, and
        the attributes of Type 1.
        """
        is_layout = is_structural and vr not in FREE_TEXT_VRS
        if tag in REQUIRED_TAGS or is_layout or attribute_type == "1":
            return None
        operation = Operation.EMPTY if attribute_type in ("2", "2C") else Operation.REMOVE
        return AttributeRule(operation, "unlisted, no rule names it")

    def _resolve_private(self, creator: str, group: int, number: int, vr: str) -> AttributeRule:
        """Resolve the rule for a private element."""
        own = [
            entry
            for entry in self._compiled.rule_set.elements
            if entry.operation is not Operation.REMOVE_ITEMS
            and entry.selects_private(self.path, creator, group, number)
        ]

        def resolve_by_profile() -> AttributeRule:
            if self._is_dummied:
                return AttributeRule(Operation.REMOVE, "private")
            safe = find_safe_element(creator, group, number & 0xFF)
            return make_private_rule(safe, vr, self._compiled.rule_set.options)

        tag = group << 16 | number
        rule = combine_rules(
            own, lambda entry: make_entry_rule(entry, tag, vr, "3"), resolve_by_profile
        )
        first = next((one for one in own if one.operation not in REMOVING_OPERATIONS), None)
        by_vr = [
            entry
            for entry in takewhile(lambda one: one is not first, self._compiled.vr_entries)
            if entry.selects(self.path, tag, vr)
        ]
        return restrict_rule(rule, by_vr, lambda entry: make_entry_rule(entry, tag, vr, "3"))


class CompiledRules:
    """Rule set with its rules by SOP class and nesting level.

    Parameters
    ----------
    rule_set : RuleSet
    """

    def __init__(self, rule_set: RuleSet):
        self.rule_set = rule_set
        self.index = RuleIndex(
            [one for one in rule_set.elements if one.operation is not Operation.REMOVE_ITEMS]
        )
        # A VR selects private elements too, but only to protect what another rule keeps of them.
        self.vr_entries = [
            one
            for one in rule_set.elements
            if one.selector.is_private or (one.selector.steps[-1].vr and is_protective(one))
        ]
        self.item_entries = [
            one for one in rule_set.elements if one.operation is Operation.REMOVE_ITEMS
        ]
        self.cached_levels = 0
        self._roots: dict[tuple[str, bool], CompiledLevel] = {}

    def get_root_level(self, sop_class_uid: str, lists_references: bool = False) -> CompiledLevel:
        """Return the top level of the objects of a SOP class.

        Parameters
        ----------
        sop_class_uid : str
            If the SOP class is unknown, the letter that keeps least is chosen for each code.
        lists_references : bool
            Whether the object has one of
            :data:`~safelight.rules.profile.INSTANCE_REFERENCE_SEQUENCES`.
        """
        level = self._roots.get((sop_class_uid, lists_references))
        if level is None:
            iod_level = find_iod_level(sop_class_uid)
            level = CompiledLevel(self, iod_level, (), False, lists_references)
            if len(self._roots) < _MAX_CACHED_SOP_CLASSES:
                self._roots[sop_class_uid, lists_references] = level
        return level


def _resolve_fixed(tag: int) -> AttributeRule | None:
    """Return the rule for an attribute that no rules file can change; None for all others."""
    group, element = tag >> 16, tag & 0xFFFF
    if group < 0x0008:
        return AttributeRule(Operation.REMOVE, "not part of a data set")
    if element == 0:
        return AttributeRule(Operation.REMOVE, "group length")
    if tag in ALWAYS_REMOVED:
        return AttributeRule(Operation.REMOVE, ALWAYS_REMOVED[tag])
    if tag == _SPECIFIC_CHARACTER_SET:
        return AttributeRule(Operation.KEEP, "character set")
    if group & 0xFF00 == 0x5000:
        return AttributeRule(Operation.REMOVE, "curve")
    return None


def _protect_shared_date(
    rule: AttributeRule, tag: int, vr: str, attribute_type: str, remark: str = ""
) -> AttributeRule:
    """Return the rule of an attribute; a date that several patients share is never shifted.

    Their outputs would reveal the difference of their shifts. The remark is added to the source.
    """
    is_moved = rule.operation is Operation.SHIFT or rule.is_perturbed
    if not is_moved or not is_shared_date(tag):
        return rule
    row = find_row(tag)
    letter = resolve_code(row.basic if row is not None else "X/Z/D", attribute_type)
    return AttributeRule(choose_operation(letter, vr), f"{rule.source}{remark}")


def _replace_by_dummy(rule: AttributeRule, vr: str) -> AttributeRule:
    """Return the rule inside a sequence that is replaced by dummies.

    No original text, date or binary value is kept there.
    """
    source = f"{rule.source}, inside a dummied sequence"
    if rule.operation in (Operation.CLEAN, Operation.SHIFT, Operation.AGE):
        return AttributeRule(choose_operation("D", vr), source)
    if rule.operation is Operation.KEEP and vr in _DUMMIED_VRS:
        return AttributeRule(choose_operation("D", vr), source)
    if rule.operation is Operation.RECURSE:
        return AttributeRule(Operation.DUMMY, source)
    return rule
