"""Find what is probably not meant in a rule set that can be read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from safelight.rules.attributes import DATE_VRS, FREE_TEXT_VRS, get_vr
from safelight.rules.compiled_rules import ALWAYS_REMOVED, CompiledRules
from safelight.rules.model import RuleEntry, RuleSet
from safelight.rules.operations import Operation
from safelight.rules.profile import PATIENT_ID, PATIENT_NAME
from safelight.rules.selectors import covers
from safelight.standard.confidentiality import find_row
from safelight.standard.options import Option
from safelight.standard.private_elements import load_safe_elements, normalize_creator

_FITTING_VRS = {
    Operation.SHIFT: DATE_VRS,
    Operation.AGE: frozenset({"AS"}),
    Operation.UID: frozenset({"UI"}),
    Operation.NAME: frozenset({"PN"}),
    Operation.CLEAN: FREE_TEXT_VRS | DATE_VRS | {"SQ", "PN", "AE"},
}
_PROTECTIVE = frozenset({Operation.REMOVE, Operation.EMPTY, Operation.DUMMY, Operation.LITERAL})
_REVEALING = frozenset({Operation.KEEP, Operation.RECURSE})
_SHORT_RANGE_DAYS = 30


@dataclass(frozen=True)
class LintFinding:
    """One remark.

    Attributes
    ----------
    severity : str
        ``error``: the rule set contradicts itself. ``warning``: look at it.
    where : str
        A part of the rule set, with its line where there is one.
    text : str
    """

    severity: Literal["error", "warning"]
    where: str
    text: str

    def __str__(self) -> str:
        return f"{self.severity}: {self.where}: {self.text}"


def lint(rules: RuleSet) -> tuple[LintFinding, ...]:
    """All remarks on a rule set, errors first."""
    found = [*_options(rules), *_settings(rules), *_elements(rules)]
    return tuple(sorted(found, key=lambda advice: advice.severity))


def _options(rules: RuleSet) -> Iterator[LintFinding]:
    options = rules.options
    if {Option.RETAIN_LONG_FULL_DATES, Option.RETAIN_LONG_MODIFIED_DATES} <= options:
        yield LintFinding(
            "error", "options",
            "retain_long_full_dates and retain_long_modified_dates exclude each other "
            "(PS3.15, section E.3.6)",
        )  # fmt: skip
    if Option.CLEAN_PIXEL_DATA in options and not rules.pixels.check:
        yield LintFinding("error", "options", "clean_pixel_data, but pixels: check is false")
    if Option.CLEAN_RECOGNIZABLE_VISUAL_FEATURES in options and rules.pixels.faces == "keep":
        yield LintFinding(
            "error", "options",
            "clean_recognizable_visual_features, but pixels: faces keeps head scans as they are",
        )  # fmt: skip
    if Option.RETAIN_UIDS in options:
        yield LintFinding(
            "warning", "options", "retain_uids lets anyone with the originals find the patient"
        )
    if Option.RETAIN_LONG_FULL_DATES in options:
        yield LintFinding(
            "warning", "options", "retain_long_full_dates keeps all dates but the birth's"
        )


def _settings(rules: RuleSet) -> Iterator[LintFinding]:
    first, last = rules.shift_range
    if last - first < _SHORT_RANGE_DAYS:
        yield LintFinding(
            "warning", "dates", f"a range of {last - first + 1} days is easily guessed"
        )
    if not rules.pixels.check:
        yield LintFinding("warning", "pixels", "check is false: text burned into pixels stays")
    for entity, action in sorted(rules.text.entities.items()):
        if action == "keep":
            yield LintFinding("warning", "text", f"{entity} stays in free text")


def _elements(rules: RuleSet) -> Iterator[LintFinding]:
    level = CompiledRules(rules).for_sop_class("")
    earlier: dict[int | None, list[RuleEntry]] = defaultdict(list)  # by tag; None: patterns
    for entry in rules.elements:
        where = f"{entry.source}, line {entry.line}, {entry.selector.text}"
        kin = [*earlier[None], *(earlier[entry.selector.tag] if entry.selector.tag else ())]
        before = next((one for one in kin if _hides(one, entry)), None)
        if before is not None:
            text = f"never applies: {before.selector.text} (line {before.line}) comes first"
            yield LintFinding("warning", where, text)
        earlier[entry.selector.tag].append(entry)
        if entry.selector.is_private:
            yield from _private(entry, where, rules)
            continue
        if not entry.selector.names():
            yield LintFinding("warning", where, "names nothing that the data dictionary knows")
        tag = entry.selector.tag
        if tag is not None:
            yield from _one_tag(entry, tag, where)
            inside = level.item(_ANY_SEQUENCE).rules[tag].operation
            plain = not entry.selector.depth and len(entry.selector.parts) == 1
            if plain and entry.operation in _PROTECTIVE and inside not in _PROTECTIVE:
                yield LintFinding(
                    "warning", where,
                    f"holds at the top level only; inside sequences: {inside.name}. "
                    f"Write */{entry.selector.text} for every level",
                )  # fmt: skip


_ANY_SEQUENCE = 0x00081140


def _hides(earlier: RuleEntry, entry: RuleEntry) -> bool:
    """Whether an entry of the same file is hidden; to override another file is no mistake."""
    files = [one.source.partition(" elements[")[0] for one in (earlier, entry)]
    return files[0] == files[1] and covers(earlier.selector, entry.selector)


def _one_tag(entry: RuleEntry, tag: int, where: str) -> Iterator[LintFinding]:
    if tag in ALWAYS_REMOVED or tag >> 16 < 8 or tag & 0xFFFF == 0:
        yield LintFinding("warning", where, "is always removed; the rule has no effect")
        return
    vr, row = get_vr(tag), find_row(tag)
    fitting = _FITTING_VRS.get(entry.operation) if entry.operation is not None else None
    if fitting is not None and vr and vr not in fitting:
        yield LintFinding("warning", where, f"{entry.action} does not fit VR {vr}")
    if entry.operation in _REVEALING and tag in (PATIENT_NAME, PATIENT_ID):
        yield LintFinding("error", where, "keeps who the patient is")
    elif entry.operation in _REVEALING and row is not None and vr != "SQ":
        yield LintFinding("warning", where, f"is kept, though Table E.1-1 says {row.basic}")


def _private(entry: RuleEntry, where: str, rules: RuleSet) -> Iterator[LintFinding]:
    if entry.operation not in _REVEALING:
        return
    group, creator, element = entry.selector.parts[-1].private or ("", "", "")
    known = {(c, f"{g:04X}", f"{e:02X}") for c, g, e in load_safe_elements()}
    if (normalize_creator(creator), group, element) not in known:
        yield LintFinding(
            "warning", where, "is kept, though no list of safe private elements has it"
        )
    elif Option.RETAIN_SAFE_PRIVATE in rules.options:
        yield LintFinding("warning", where, "is safe and kept already by retain_safe_private")


def has_errors(advice: tuple[LintFinding, ...]) -> bool:
    """Whether a rule set contradicts itself."""
    return any(one.severity == "error" for one in advice)
