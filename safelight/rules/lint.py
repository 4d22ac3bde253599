"""Find contradictions and probable mistakes in a rule set."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timezone

from safelight.dicom.encoding import NUMBER_LAYOUTS
from safelight.rules.attributes import DATE_VRS, FREE_TEXT_VRS, get_vr
from safelight.rules.compiled_rules import ALWAYS_REMOVED, CompiledRules
from safelight.rules.lint_effects import lint_effects
from safelight.rules.lint_finding import LintFinding
from safelight.rules.model import RuleEntry, RuleSet
from safelight.rules.operations import AttributeRule, Operation
from safelight.standard.attribute_categories import is_direct_identifier
from safelight.standard.confidentiality import find_row
from safelight.standard.options import Option
from safelight.standard.private_elements import load_safe_elements, normalize_creator

_VRS_BY_OPERATION = {
    Operation.SHIFT: DATE_VRS,
    Operation.AGE: frozenset({"AS"}),
    Operation.UID: frozenset({"UI"}),
    Operation.NAME: frozenset({"PN"}),
    Operation.REMOVE_ITEMS: frozenset({"SQ"}),
    Operation.CLEAN: FREE_TEXT_VRS | DATE_VRS | {"SQ", "PN", "AE"},
}
_NUMBER_VRS = frozenset({"IS", "DS", *NUMBER_LAYOUTS})
#: VRs that each function fits, except dates.
_VRS_BY_FUNCTION = {
    "generalise": _NUMBER_VRS | FREE_TEXT_VRS | {"AS"},
    "round": _NUMBER_VRS | FREE_TEXT_VRS | {"AS"},
    "perturb": _NUMBER_VRS | {"AS", "TM", "DT"},
    **dict.fromkeys(
        ("truncate", "regex", "upper", "lower", "initials"),
        FREE_TEXT_VRS | {"PN", "CS", "AE", "UR"},
    ),
}
_PROTECTIVE = frozenset(
    {
        Operation.REMOVE,
        Operation.EMPTY,
        Operation.DUMMY,
        Operation.LITERAL,
        Operation.HASH,
        Operation.LOOKUP,
        Operation.TEXT,
        Operation.QUARANTINE,
    }
)
_REVEALING = frozenset({Operation.KEEP, Operation.RECURSE, Operation.TRANSFORM})

#: Shorter ranges of the date shift are reported.
_MIN_SHIFT_RANGE_DAYS = 30

#: Sequence that represents all sequences in the comparison with the rule at the top level.
_REFERENCED_IMAGE_SEQUENCE = 0x00081140


def lint(rules: RuleSet) -> tuple[LintFinding, ...]:
    """Return the findings for a rule set, errors first."""
    compiled = CompiledRules(rules)
    found = [
        *_lint_options(rules),
        *_lint_settings(rules),
        *_lint_encryption(compiled),
        *_lint_elements(compiled),
        *lint_effects(compiled),
    ]
    return tuple(sorted(found, key=lambda finding: finding.severity))


def has_errors(findings: tuple[LintFinding, ...]) -> bool:
    """Return whether one of the findings is an error."""
    return any(finding.severity == "error" for finding in findings)


def _lint_options(rules: RuleSet) -> Iterator[LintFinding]:
    """Yield the findings for the selected options."""
    options = rules.options
    if {Option.RETAIN_LONG_FULL_DATES, Option.RETAIN_LONG_MODIFIED_DATES} <= options:
        yield LintFinding(
            "error", "date-options", "options",
            "retain_long_full_dates and retain_long_modified_dates exclude each other "
            "(PS3.15, section E.3.6)",
        )  # fmt: skip
    if Option.CLEAN_PIXEL_DATA in options and not rules.pixels.check:
        yield LintFinding(
            "error",
            "pixels-unread",
            "options",
            "clean_pixel_data is selected, but pixels: check is false",
        )
    if Option.CLEAN_RECOGNIZABLE_VISUAL_FEATURES in options and rules.pixels.faces == "keep":
        yield LintFinding(
            "error", "faces-kept", "options",
            "clean_recognizable_visual_features is selected, but pixels: faces is keep, so that "
            "head scans are not changed",
        )  # fmt: skip
    if Option.RETAIN_UIDS in options:
        yield LintFinding(
            "warning", "uids-kept", "options",
            "retain_uids lets everybody who has the originals identify the patient",
        )  # fmt: skip
    if Option.RETAIN_LONG_FULL_DATES in options:
        yield LintFinding(
            "warning",
            "dates-kept",
            "options",
            "retain_long_full_dates keeps all dates except the birth date",
        )


def _lint_settings(rules: RuleSet) -> Iterator[LintFinding]:
    """Yield the findings for the settings of dates, pixels and text."""
    first, last = rules.shift_range
    if last - first < _MIN_SHIFT_RANGE_DAYS:
        yield LintFinding(
            "warning",
            "short-shift-range",
            "dates",
            f"a range of {last - first + 1} days is easy to guess",
        )
    if rules.uid_root and Option.RETAIN_UIDS in rules.options:
        yield LintFinding(
            "warning", "uid-root-unused", "uids",
            "retain_uids keeps UIDs; the root has no effect on them",
        )  # fmt: skip
    if not rules.pixels.check:
        yield LintFinding(
            "warning", "pixels-unread", "pixels", "check is false: text in pixels is kept"
        )
    if rules.pixels.denied_devices == "read":
        yield LintFinding(
            "warning", "denied-devices-read", "pixels",
            "images of devices that the device catalog denies are read instead of quarantined; "
            "text in them that cannot be read stays",
        )  # fmt: skip
    if rules.filters and all(one.outcome == "accept" for one in rules.filters):
        yield LintFinding(
            "warning", "filter-rejects-nothing", "filters",
            "objects that no accept filter matches are processed as well; add a reject filter",
        )  # fmt: skip
    used = {entry.parameters.table for entry in rules.elements if entry.parameters is not None}
    used |= {one.parameters.table for one in rules.additions if one.parameters is not None}
    used |= {rules.date_lookup.table} if rules.date_lookup is not None else set()
    for table in rules.lookups:
        if table.name not in used:
            text = f"no entry uses the lookup table {table.name}"
            yield LintFinding("warning", "lookup-unused", "lookups", text)
    for entity, action in sorted(rules.text.entities.items()):
        if action == "keep":
            yield LintFinding("warning", "entity-kept", "text", f"{entity} is kept in free text")


def _lint_encryption(compiled: CompiledRules) -> Iterator[LintFinding]:
    """Yield the findings for ``encrypt``."""
    policy = compiled.rule_set.encryption
    if policy is None:
        return
    level = compiled.get_root_level("")
    for selector in policy.selectors:
        if selector.tag is not None and level.rules[selector.tag].operation is Operation.KEEP:
            text = f"{selector.text} is kept in the clear; nothing is gained by encrypting it"
            yield LintFinding("warning", "encrypted-kept", "encrypt", text)
    for recipient in policy.recipients:
        if recipient.expires < datetime.now(timezone.utc):
            text = f"the certificate {recipient.fingerprint[:16]} (SHA-256) has expired"
            yield LintFinding("warning", "certificate-expired", "encrypt", text)


def _lint_elements(compiled: CompiledRules) -> Iterator[LintFinding]:
    """Yield the findings for the entries of ``elements``."""
    rules = compiled.rule_set
    item_level = compiled.get_root_level("").get_item_level(_REFERENCED_IMAGE_SEQUENCE)
    earlier: dict[int | None, list[RuleEntry]] = defaultdict(list)  # by tag; None: patterns
    for entry in rules.elements:
        selector = entry.selector
        location = f"{entry.source}, line {entry.line}, {selector.text}"
        candidates = [*earlier[None], *(earlier[selector.tag] if selector.tag else ())]
        cover = next((other for other in candidates if _hides(other, entry)), None)
        if cover is not None:
            text = f"never applies: {cover.selector.text} (line {cover.line}) comes first"
            yield LintFinding("warning", "never-applies", location, text)
        earlier[selector.tag].append(entry)
        if selector.is_private:
            yield from _lint_private(entry, location, rules)
            continue
        if not selector.is_in_dictionary():
            text = "selects no attribute of the data dictionary"
            yield LintFinding("warning", "never-matches", location, text)
        if selector.tag is not None:
            yield from _lint_tag(entry, selector.tag, location, rules)
            nested = _find_unprotected(item_level.rules[selector.tag])
            is_top_level = not selector.depth and len(selector.steps) == 1
            if is_top_level and entry.operation in _PROTECTIVE and nested is not None:
                yield LintFinding(
                    "warning", "top-level-only", location,
                    f"applies to the top level only; inside sequences: {nested.name}. "
                    f"Write */{selector.text} for every level",
                )  # fmt: skip


def _find_unprotected(rule: AttributeRule) -> Operation | None:
    """Return an operation that some objects get and that does not remove the value, or None."""
    operations = (alternative.operation for alternative in rule.list_alternatives())
    return next((operation for operation in operations if operation not in _PROTECTIVE), None)


def _hides(earlier: RuleEntry, entry: RuleEntry) -> bool:
    """Return whether an entry never applies because of an earlier one of the same rule set.

    To override an entry of a rule set that this one extends is not a mistake.
    """
    names = [one.source.partition(" elements[")[0] for one in (earlier, entry)]
    if earlier.condition is not None or earlier.exceptions:
        return False
    if entry.operation is Operation.REMOVE_ITEMS:
        return False  # it is applied in addition to the entry for the sequence
    return names[0] == names[1] and earlier.selector.covers(entry.selector)


def _lint_tag(entry: RuleEntry, tag: int, location: str, rules: RuleSet) -> Iterator[LintFinding]:
    """Yield the findings for an entry that selects one standard attribute."""
    if tag in ALWAYS_REMOVED or tag >> 16 < 8 or tag & 0xFFFF == 0:
        yield LintFinding(
            "warning", "no-effect", location, "is always removed; the rule has no effect"
        )
        return
    vr, row = get_vr(tag), find_row(tag)
    vrs = _find_vrs(entry)
    if vrs is not None and vr and vr not in vrs:
        text = f"{entry.action} does not fit VR {vr}"
        yield LintFinding("warning", "action-does-not-fit", location, text)
    is_person = vr == "PN" or is_direct_identifier(tag)
    is_listed = row is not None and not rules.options & row.options.keys()
    if not is_person and entry.operation in _REVEALING and is_listed and row and vr != "SQ":
        kept = "is kept" if entry.operation is Operation.KEEP else "is kept in part"
        text = f"{kept}, but Table E.1-1 says {row.basic}"
        yield LintFinding("warning", "listed-attribute-kept", location, text)


def _find_vrs(entry: RuleEntry) -> frozenset[str] | None:
    """Return the VRs that the action of an entry fits; None for any."""
    if entry.operation is Operation.TRANSFORM:
        if entry.parameters is not None and entry.parameters.to:
            return frozenset({"DA", "DT"})
        return _VRS_BY_FUNCTION.get(entry.action)
    return _VRS_BY_OPERATION.get(entry.operation) if entry.operation is not None else None


def _lint_private(entry: RuleEntry, location: str, rules: RuleSet) -> Iterator[LintFinding]:
    """Yield the findings for an entry that selects private elements."""
    if entry.operation not in _REVEALING:
        return
    if entry.selector.steps[-1].private_digits:
        text = "is kept, whatever the private creator of the block is; name the creator"
        yield LintFinding("warning", "unsafe-private-kept", location, text)
        return
    group, creator, element = entry.selector.steps[-1].private or ("", "", "")
    safe = {(c, f"{g:04X}", f"{e:02X}") for c, g, e in load_safe_elements()}
    if (normalize_creator(creator), group, element) not in safe:
        text = "is kept, but is not in the list of safe private elements"
        yield LintFinding("warning", "unsafe-private-kept", location, text)
    elif Option.RETAIN_SAFE_PRIVATE in rules.options:
        text = "is safe and kept already by retain_safe_private"
        yield LintFinding("warning", "redundant", location, text)
