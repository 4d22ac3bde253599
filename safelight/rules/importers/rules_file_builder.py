"""Builder of a rules file: collects rules and remarks of an importer, and returns YAML."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from safelight.pseudonyms import holds_usable_shift
from safelight.rules.attributes import get_vr
from safelight.rules.compiled_rules import ALWAYS_REMOVED
from safelight.rules.importers.ctp.lookup_table import KEY_COLUMN, write_rows
from safelight.rules.importers.models import (
    UNPRINTABLE,
    ConditionNode,
    ImportedRule,
    ImportedRules,
    Remark,
    RulesImportError,
)
from safelight.rules.importers.rule_adaptation import (
    adapt_rule,
    can_write,
    fit_text,
)
from safelight.rules.model import RuleSet
from safelight.rules.parsing.additions import parse_addition
from safelight.rules.parsing.elements import parse_entry
from safelight.rules.parsing.filters import parse_filter
from safelight.rules.parsing.settings import apply_settings
from safelight.rules.parsing.yaml_node import RulesError, parse_document
from safelight.rules.selectors import parse_selector

#: Actions that keep a value, or a part of it. They are applied only at the depth where the other
#: tool keeps the element; all other actions at every depth.
_REVEALING_ACTIONS = frozenset(
    {"keep", "round", "truncate", "regex", "upper", "lower", "initials", "text"}
)

#: De-identification labels, which follow from what is done to an object.
_LABELS = frozenset({0x00120062, 0x00120063, 0x00120064, 0x00280303})


@dataclass
class RulesFileBuilder:
    """Collects the rules and remarks of one import.

    Attributes
    ----------
    file : str
        Name of the other tool's file.
    tool : str
        Name of the other tool.
    default : str
        Value of ``default`` in the rules file.
    options : list of str
        Options of the profile.
    settings : list of str
        Further lines of the rules file, such as ``ids: {prefix: A-}``.
    elements, additions, filters, regions : list of str
        Lines of ``elements``, ``add``, ``filters`` and ``pixels.regions``, comments included.
    pixel_settings : list of str
        Further settings of ``pixels``.
    remarks : list of Remark
    lookup_values : mapping of str to mapping
        Values of the other tool's lookup table by the type of the key and by the key. PHI.
    """

    file: str
    tool: str
    default: str = "keep"
    options: list[str] = field(default_factory=list)
    settings: list[str] = field(default_factory=list)
    elements: list[str] = field(default_factory=list)
    additions: list[str] = field(default_factory=list)
    filters: list[str] = field(default_factory=list)
    regions: list[str] = field(default_factory=list)
    pixel_settings: list[str] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    lookup_values: Mapping[str, Mapping[str, str]] = field(default_factory=dict, repr=False)
    _lookups: dict[tuple[str, str, str, str], str] = field(default_factory=dict)
    _selectors: set[tuple[str, str]] = field(default_factory=set)

    def add_remark(self, line: int, text: str, *, is_downgrade: bool = True) -> None:
        """Record that a part of the other tool's file has no counterpart, or another one.

        Parameters
        ----------
        line : int
            Line of the other tool's file.
        text : str
        is_downgrade : bool
            Whether that part is lost, or is replaced by an action that keeps less.
        """
        self._comment(Remark(line, text, is_downgrade), self.elements)

    def set_shift_range(self, line: int, first: int, last: int) -> None:
        """Set the range of the date shift, of which each patient gets one number of days.

        Parameters
        ----------
        line : int
            Line of the other tool's file.
        first, last : int
            Smallest and largest shift in days.
        """
        setting = f"dates: {{shift_days: [{first}, {last}]}}"
        own = next((one for one in self.settings if one.startswith("dates:")), None)
        if own == setting:
            return
        if own is not None or not holds_usable_shift(first, last):
            reason = "a rules file has one range" if own else "such a shift keeps day and month"
            self.add_remark(line, f"the range of the date shift is left out: {reason}")
            return
        self.settings.append(setting)
        text = "each patient has one shift in this range, which the secret key determines"
        self.add_remark(line, text, is_downgrade=False)

    def set_default_issuer(self, issuer: str) -> None:
        """Set the issuer of the patient IDs that are given without one.

        Parameters
        ----------
        issuer : str
        """
        self.settings.append(f"ids: {{default_issuer: {json.dumps(issuer)}}}")

    def add_lookup(self, kind: str, match: str, missing: str, default: str = "") -> str:
        """Add a lookup table, and return its name; empty if the other tool's table has none.

        Parameters
        ----------
        kind : str
            Type of the key.
        match : str
            Reference to the element whose value is looked up.
        missing : str
            What happens to a value that is not in the table, as in a rules file.
        default : str
            Value that ``missing: default`` writes.
        """
        if kind not in self.lookup_values:
            return ""
        number = len(self._lookups) + 1
        key = (kind, match, missing, default)
        return self._lookups.setdefault(key, f"{_make_name(kind)}-{number}")

    def _comment(self, remark: Remark, lines: list[str]) -> None:
        """Record a remark and write it as a comment."""
        self.remarks.append(remark)
        lines.append(f"  # {remark}")

    def add_rule(self, line: int, selector: str, action: str, value: str | None = None) -> None:
        """Add a rule. As in a rules file, the first rule for a selector decides.

        Parameters
        ----------
        line : int
            Line of the other tool's file.
        selector : str
        action : str
        value : str or None
            Value of the action ``literal``.
        """
        self.add(line, ImportedRule(selector, action, {} if value is None else {"value": value}))

    def add(self, line: int, rule: ImportedRule) -> None:
        """Add a rule, or *remove* with a remark where a rules file cannot express it.

        Parameters
        ----------
        line : int
            Line of the other tool's file.
        rule : ImportedRule
        """
        try:
            tag = parse_selector(rule.selector).tag
        except ValueError as error:
            self.add_remark(line, f"left out: expected {error}")
            return
        if tag is not None and (tag in ALWAYS_REMOVED or tag >> 16 < 8 or tag & 0xFFFF == 0):
            if rule.action in _REVEALING_ACTIONS:
                self.add_remark(line, f"left out: {rule.selector} is never kept")
            return
        if tag in _LABELS:
            self.add_remark(
                line, f"{rule.selector} follows from what is done to an object", is_downgrade=False
            )
            return
        for adapted in adapt_rule(rule):
            self._add_adapted(line, adapted)

    def _add_adapted(self, line: int, rule: ImportedRule) -> None:
        """Add a rule, unless an earlier one without a condition selects the same elements."""
        depth = rule.depth
        if depth is None:
            depth = "" if rule.action in _REVEALING_ACTIONS else "*/"
        path = f"{depth}{rule.selector}"
        if {("*/", rule.selector), (depth, rule.selector)} & self._selectors:
            return
        if rule.when is None and not rule.exceptions:
            self._selectors.add((depth if rule.depth is not None else "*/", rule.selector))
        self._write_rule(line, rule, path, parse_selector(rule.selector).tag)

    def _write_rule(self, line: int, rule: ImportedRule, path: str, tag: int | None) -> None:
        """Write a rule, and its remark beside it; a removal if a rules file cannot have it."""
        entry = _format_entry(rule, path)
        defect = _find_defect(rule, tag, entry, self._lookups.values())
        if not defect:
            remark = Remark(line, rule.remark, rule.is_downgrade) if rule.remark else None
            self._write_entry(entry, remark)
            return
        removal = ImportedRule(
            rule.selector, "remove", {}, rule.when, rule.exceptions, remark=f"{defect}; removed"
        )
        if _find_defect(removal, tag, _format_entry(removal, path)):
            # The condition cannot be expressed either.
            removal = replace(removal, when=None, exceptions=())
        for one in adapt_rule(removal):
            depth = (rule.depth or "*/") if one.depth is None else one.depth
            entry = _format_entry(one, f"{depth}{one.selector}")
            self._write_entry(entry, Remark(line, one.remark, one.is_downgrade))

    def _write_entry(self, entry: str, remark: Remark | None) -> None:
        """Write an entry of ``elements``, and the remark beside it."""
        if remark is None:
            self.elements.append(f"  - {entry}")
            return
        self.remarks.append(remark)
        self.elements.append(f"  - {entry}  # {remark}")

    def add_addition(
        self,
        line: int,
        selector: str,
        value: str = "",
        *,
        lookup: Mapping[str, object] | None = None,
        vr: str = "",
        always: bool = False,
        when: ConditionNode | None = None,
    ) -> None:
        """Add an element that the new object receives, except the labels, which it has anyway.

        Parameters
        ----------
        line : int
            Line of the other tool's file.
        selector : str
            Keyword or tag of one attribute, or a private element.
        value : str
            Text with references to other attributes in braces.
        lookup : mapping or None
            Table and column of the value, instead of a text.
        vr : str
            VR of a private element.
        always : bool
            Whether a value of the source object is replaced.
        when : mapping or None
            Condition.
        """
        if parse_selector(selector).tag in _LABELS:
            return
        node: dict[str, object] = {"tag": selector}
        if vr:
            node["vr"] = vr
        if lookup is None:
            node["value"] = fit_text(selector, value)
        else:
            node["lookup"] = dict(lookup)
        if always:
            node["always"] = True
        if when is not None:
            node["when"] = when
        entry = _to_flow(node)
        try:
            parse_addition(parse_document(entry, self.file), "imported", 0, self._lookups.values())
        except RulesError as error:
            message = f"{selector} is not created: expected {error.expected}"
            self._comment(Remark(line, message), self.additions)
        else:
            self.additions.append(f"  - {entry}")

    def add_filter(
        self, line: int, outcome: str, when: ConditionNode, reason: str, remark: str = ""
    ) -> None:
        """Add a filter for whole objects.

        Parameters
        ----------
        line : int
            Line of the other tool's file.
        outcome : str
            ``accept``, ``reject`` or ``quarantine``.
        when : mapping
            Condition.
        reason : str
        remark : str
            Remark; empty for none.
        """
        entry = _to_flow({outcome: when, "reason": UNPRINTABLE.sub(" ", reason)})
        try:
            parse_filter(parse_document(entry, self.file))
        except RulesError as error:
            raise RulesImportError(
                f"{self.file}, line {line}: the filter needs a form that rules files do not have: "
                f"expected {error.expected}"
            ) from None
        comment = ""
        if remark:
            self.remarks.append(Remark(line, remark))
            comment = f"  # {self.remarks[-1]}"
        self.filters.append(f"  - {entry}{comment}")

    def add_region(self, line: int, when: ConditionNode, boxes: Sequence[Sequence[int]]) -> None:
        """Add boxes to mask in the objects that meet a condition.

        Parameters
        ----------
        line : int
            Line of the other tool's file.
        when : mapping
            Condition.
        boxes : sequence of sequence of int
            Boxes: left, top, width and height in pixels. They are cut off at the frame.
        """
        self._write_region(line, {"when": when, "mask": [list(box) for box in boxes]})

    def keep_regions(
        self, line: int, when: ConditionNode, boxes: Sequence[Sequence[int]] | None = None
    ) -> None:
        """Mask everything outside boxes in the objects that meet a condition.

        Parameters
        ----------
        line : int
            Line of the other tool's file.
        when : mapping
            Condition.
        boxes : sequence of sequence of int or None
            Boxes; None for the regions of Sequence of Ultrasound Regions.
        """
        kept = "ultrasound_regions" if boxes is None else [list(box) for box in boxes]
        self._write_region(line, {"when": when, "keep": kept})

    def _write_region(self, line: int, node: Mapping[str, object]) -> None:
        """Write an entry of ``pixels.regions``."""
        entry = _to_flow(node)
        try:
            document = parse_document(f"pixels: {{regions: [{entry}]}}", self.file)
            apply_settings(document.as_mapping(None), RuleSet("imported", "1"))
        except RulesError as error:
            message = f"boxes are left out: expected {error.expected}; all pixels are read"
            self._comment(Remark(line, message), self.regions)
        else:
            self.regions.append(f"    - {entry}")

    def build(self) -> ImportedRules:
        """Return the rules file and the remarks."""
        name = _make_name(self.file.rsplit(".", 1)[0])
        lines = [
            f"# Imported from {UNPRINTABLE.sub(' ', self.file)} ({self.tool}).",
            "# The Basic Profile of DICOM PS3.15 applies to all attributes that it does not name.",
            f"name: {name}",
            'version: "1"',
            "profile: basic",
        ]
        if self.options:
            lines.append(f"options: [{', '.join(dict.fromkeys(self.options))}]")
        lines += [f"default: {self.default}", *self.settings]
        files = {kind: f"{name}-{_make_name(kind)}.csv" for kind, *_ in self._lookups}
        if self._lookups:
            lines.append("lookups:")
        for (kind, match, missing, default), table in self._lookups.items():
            node = {"uri": files[kind], "key": KEY_COLUMN, "match": match, "missing": missing}
            if missing == "default":
                node["default"] = default
            lines.append(f"  {table}: {_to_flow(node)}")
        has_regions = any(entry.startswith("    - ") for entry in self.regions)
        if has_regions or self.pixel_settings:
            lines += ["pixels:", *(f"  {one}" for one in dict.fromkeys(self.pixel_settings))]
        if has_regions:
            lines.append("  regions:")
        lines += self.regions
        for key, entries in (
            ("filters", self.filters), ("elements", self.elements), ("add", self.additions),
        ):  # fmt: skip
            if any(entry.startswith("  - ") for entry in entries):
                lines.append(f"{key}:")
            lines += entries
        tables = {file: write_rows(self.lookup_values[kind]) for kind, file in files.items()}
        return ImportedRules("\n".join(lines) + "\n", tuple(sorted(self.remarks)), tables)


def _make_name(text: str) -> str:
    """Return a text as a name of a rules file or a table."""
    return re.sub(r"[^A-Za-z0-9_-]+", "-", text).strip("-") or "imported"


def _to_flow(node: Mapping[str, object]) -> str:
    """Return a mapping of YAML on one line; each value is written as JSON."""
    parts = (f"{key}: {json.dumps(value, ensure_ascii=True)}" for key, value in node.items())
    return f"{{{', '.join(parts)}}}"


def _format_entry(rule: ImportedRule, path: str) -> str:
    """Return an entry of ``elements`` on one line."""
    node: dict[str, object] = {"tag": path}
    if rule.exceptions:
        node["except"] = list(rule.exceptions)
    if rule.when is not None:
        node["when"] = rule.when
    entry = _to_flow(node)[:-1] + f", action: {rule.action}"
    if rule.parameters:
        entry += f", {_to_flow(rule.parameters)[1:-1]}"
    return entry + "}"


def _find_defect(
    rule: ImportedRule, tag: int | None, entry: str, tables: Collection[str] = ()
) -> str:
    """Return why a rules file cannot have an entry; empty if it can."""
    try:
        parse_entry(parse_document(entry, "imported"), "imported", 0, tables)
    except RulesError as error:
        return f"a rules file cannot express it: expected {error.expected}"
    if rule.action == "literal" and tag is not None and (vr := get_vr(tag)):
        value = str(rule.parameters["value"])
        if not can_write(vr, value):
            return f"the VR {vr} cannot hold the value"
    return ""
