"""Find entries of a rules file that do harm, whatever selector they use.

The entries are not read: the rules are compiled, and each attribute of the data dictionary is
looked up at the top level and inside a sequence. So a wildcard, a VR, a group or a path is seen for
what it does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Literal, NamedTuple

from pydicom.datadict import keyword_for_tag

from safelight.dicom.value_formats import can_hold
from safelight.rules.attributes import get_vr
from safelight.rules.compiled_rules import CompiledLevel, CompiledRules
from safelight.rules.lint_finding import LintFinding
from safelight.rules.model import RuleEntry
from safelight.rules.operations import AttributeRule, Operation
from safelight.rules.required_attributes import REQUIRED_TAGS, is_operation_allowed
from safelight.rules.selectors import list_dictionary_tags
from safelight.standard.attribute_categories import (
    is_constant_date,
    is_direct_identifier,
    is_shared_date,
)
from safelight.standard.confidentiality import find_row
from safelight.standard.options import Option

#: Sequence that represents all sequences in the comparison with the rule at the top level.
_REFERENCED_IMAGE_SEQUENCE = 0x00081140

#: Keywords that a finding lists.
_MAX_LISTED_KEYWORDS = 3


class _Effect(NamedTuple):
    """Kind of harm that an entry does to an attribute. The text has a place for keywords."""

    severity: Literal["error", "warning"]
    code: str
    text: str


_IDENTIFIER_KEPT = _Effect(
    "error", "identifier-kept",
    "keeps direct identifiers ({}), so that the objects are labelled as identified; all but the "
    "name and the ID of the patient are replaced where they hold a value that is removed elsewhere",
)  # fmt: skip
_PERSON_KEPT = _Effect(
    "warning", "person-kept", "keeps names of persons ({}), so that the objects are labelled as "
    "identified",
)  # fmt: skip
_REQUIRED_REMOVED = _Effect(
    "error", "required-removed",
    "removes or replaces what objects cannot be stored or read without ({}); such objects are "
    "quarantined",
)  # fmt: skip
_VALUE_DOES_NOT_FIT = _Effect(
    "error", "value-does-not-fit", "has a value that the VR cannot hold ({})"
)
_SEQUENCE_WITHOUT_VALUE = _Effect(
    "warning", "action-does-not-fit", "removes sequences ({}), which have no value"
)
_TOKEN_DOES_NOT_FIT = _Effect(
    "warning", "action-does-not-fit", "removes values whose VR cannot hold a token ({})"
)
_SHIFT_REVEALED = _Effect(
    "error", "shift-revealed",
    "keeps original dates ({}) beside dates that retain_long_modified_dates shifts, which reveals "
    "the shift",
)  # fmt: skip
_FULL_DATES_SHIFTED = _Effect(
    "warning", "date-options", "shifts dates ({}), but retain_long_full_dates keeps all others"
)
_SHARED_DATE_SHIFTED = _Effect(
    "warning", "shared-date",
    "asks to shift dates that several patients share ({}), which would reveal the difference of "
    "their shifts; they are removed",
)  # fmt: skip
_PATIENTS_MERGED = _Effect("warning", "patients-merged", "gives all patients the same value ({})")

#: VRs without room for a token.
_VRS_WITHOUT_TOKEN = frozenset({"AS", "DA", "DT", "TM", "UI"})
_TOKENS = frozenset({Operation.TOKEN, Operation.HASH})
_PATIENT_ID = 0x00100020


def lint_effects(compiled: CompiledRules) -> Iterator[LintFinding]:
    """Yield a finding for each entry and each kind of harm that it does.

    Parameters
    ----------
    compiled : CompiledRules

    Yields
    ------
    LintFinding
    """
    rules = compiled.rule_set
    root = compiled.get_root_level("")
    tags = [tag for tag in list_dictionary_tags() if compiled.index.find_candidates(tag)]
    entries: dict[str, list[RuleEntry]] = defaultdict(list)
    for entry in rules.elements:
        entries[entry.source].append(entry)
    keywords: dict[tuple[int, _Effect], dict[str, None]] = defaultdict(dict)
    by_id: dict[int, RuleEntry] = {}
    for level in (root, root.get_item_level(_REFERENCED_IMAGE_SEQUENCE)):
        for tag in tags:
            for rule in level.rules[tag].list_alternatives():
                found = _find_entry(entries, rule.source, level, tag)
                if found is None:
                    continue
                for effect in _find_effects(level, tag, rule, found, rules.options):
                    by_id[id(found)] = found
                    keywords[id(found), effect][keyword_for_tag(tag) or f"{tag:08X}"] = None
    for (number, effect), names in keywords.items():
        entry = by_id[number]
        listed = ", ".join([*names][:_MAX_LISTED_KEYWORDS])
        if len(names) > _MAX_LISTED_KEYWORDS:
            listed += f" and {len(names) - _MAX_LISTED_KEYWORDS} others"
        location = f"{entry.source}, line {entry.line}, {entry.selector.text}"
        yield LintFinding(effect.severity, effect.code, location, effect.text.format(listed))


def _find_entry(
    entries: dict[str, list[RuleEntry]], source: str, level: CompiledLevel, tag: int
) -> RuleEntry | None:
    """Return the entry that a rule for an attribute comes from; None if it is the profile."""
    candidates = entries.get(source, ())
    vr = get_vr(tag)
    return next((one for one in candidates if one.selects(level.path, tag, vr)), None)


def _find_effects(
    level: CompiledLevel,
    tag: int,
    rule: AttributeRule,
    entry: RuleEntry,
    options: frozenset[Option],
) -> Iterator[_Effect]:
    """Yield the kinds of harm that an entry does to one attribute."""
    vr, operation = get_vr(tag), rule.operation
    if operation is Operation.KEEP or operation is Operation.TRANSFORM:
        if is_direct_identifier(tag):
            yield _IDENTIFIER_KEPT
        elif vr == "PN":
            yield _PERSON_KEPT
        elif rule.is_perturbed:
            pass  # a date-time is shifted by the days of the patient too
        elif vr in ("DA", "DT") and not _is_year(entry) and _reveals_shift(tag, options):
            yield _SHIFT_REVEALED
    is_named = entry.selector.tag == tag and entry.operation is Operation.SHIFT
    if is_named and is_shared_date(tag):
        yield _SHARED_DATE_SHIFTED
    if operation is Operation.SHIFT and Option.RETAIN_LONG_FULL_DATES in options:
        yield _FULL_DATES_SHIFTED
    if not level.path and tag in REQUIRED_TAGS and not is_operation_allowed(tag, operation):
        yield _REQUIRED_REMOVED
    yield from _find_misfits(tag, vr, entry)


def _find_misfits(tag: int, vr: str, entry: RuleEntry) -> Iterator[_Effect]:
    """Yield the findings for a value or a token that an attribute cannot hold."""
    if entry.operation is Operation.LITERAL:
        if vr == "SQ":
            yield _SEQUENCE_WITHOUT_VALUE
        elif not can_hold(vr, entry.value or ""):
            yield _VALUE_DOES_NOT_FIT
        elif tag == _PATIENT_ID and entry.value:
            yield _PATIENTS_MERGED
    elif entry.operation in _TOKENS or (entry.action == "U" and vr != "UI"):
        if vr == "SQ":
            yield _SEQUENCE_WITHOUT_VALUE
        elif vr in _VRS_WITHOUT_TOKEN and entry.operation in _TOKENS:
            yield _TOKEN_DOES_NOT_FIT


def _is_year(entry: RuleEntry) -> bool:
    """Return whether an entry leaves the year of a date only."""
    return entry.parameters is not None and entry.parameters.to == "year"


def _reveals_shift(tag: int, options: frozenset[Option]) -> bool:
    """Return whether an original date stands beside shifted dates of the same patient."""
    if Option.RETAIN_LONG_MODIFIED_DATES not in options or is_constant_date(tag):
        return False
    row = find_row(tag)
    return row is None or Option.RETAIN_DEVICE_IDENTITY not in row.options
