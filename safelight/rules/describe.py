"""Say in plain words what a rule set does: for privacy officers and conformance statements."""

from __future__ import annotations

import textwrap
from collections import defaultdict
from collections.abc import Iterator

from pydicom.datadict import keyword_for_tag

from safelight.rules.attributes import get_vr
from safelight.rules.conditions import Combination, Comparison, Condition
from safelight.rules.model import RuleEntry, RuleSet
from safelight.rules.operations import Operation
from safelight.rules.profile import make_listed_rule
from safelight.standard import confidentiality, iod
from safelight.standard.confidentiality import ProfileRow
from safelight.standard.options import METHOD_MEANINGS, Option
from safelight.standard.private_elements import load_safe_elements

OPERATION_PHRASES = {
    Operation.KEEP: "kept",
    Operation.REMOVE: "removed",
    Operation.EMPTY: "emptied",
    Operation.DUMMY: "replaced by a dummy value",
    Operation.UID: "replaced by a new UID, the same one wherever the old one stands",
    Operation.SHIFT: "moved by the patient's number of days",
    Operation.CLEAN: "cleaned of what identifies",
    Operation.PATIENT_ID: "replaced by the patient's pseudonym",
    Operation.TOKEN: "replaced by a keyed token",
    Operation.NAME: "replaced by a token or an invented name",
    Operation.AGE: "kept up to 89 years, 090Y above",
    Operation.LITERAL: "replaced by a fixed value",
    Operation.RECURSE: "kept as a sequence, with the rules applied inside",
    Operation.STRUCTURED_CONTENT: "cleaned as a content tree, or else the object is quarantined",
    Operation.ENCAPSULATED_DOCUMENT: "cleaned as a document, or else the object is quarantined",
}

_ALWAYS = """\
Always: patient name and ID are replaced; UIDs that the standard registers stay; the file
preamble and group 0002 are written anew; group lengths, curves (50xx), digital signatures,
original values (0400,0550) and (0400,0561), and unknown attributes are removed; overlays are
removed unless graphics are cleaned. What is done is stated in (0012,0062), (0012,0063),
(0012,0064) and (0028,0303)."""


def describe(rules: RuleSet) -> str:
    """The whole description, as text of at most 100 columns."""
    parts = [
        *_head(rules), *_settings(rules), *_filters(rules), *_elements(rules),
        "", _ALWAYS, *_listed(rules), *_unlisted(rules),
    ]  # fmt: skip
    return "\n".join(parts) + "\n"


def _head(rules: RuleSet) -> Iterator[str]:
    yield f"AttributeRule set {rules.name}, version {rules.version}"
    yield f"Hash {rules.hash}"
    if rules.description:
        yield from textwrap.wrap(rules.description, 100)
    yield ""
    yield (
        f"Profile: DICOM PS3.15 Table E.1-1, edition {confidentiality.EDITION}; Types of "
        f"attributes: PS3.3, edition {iod.get_edition()}."
    )
    yield "Methods (CID 7050), each written to an object only if it was carried out:"
    for code in rules.get_method_codes():
        yield f"  {code} {METHOD_MEANINGS[code]}"


def _settings(rules: RuleSet) -> Iterator[str]:
    first, last = rules.shift_range
    yield ""
    if Option.RETAIN_LONG_MODIFIED_DATES in rules.options:
        yield f"Dates move by {first} to {last} days, one number for each patient, never 0."
    issuer = "Patient ID with its issuer" if rules.issuer_in_identity else "Patient ID alone"
    prefix = f", after the prefix {rules.patient_prefix}" if rules.patient_prefix else ""
    yield f"A patient is told by {issuer}; pseudonyms are keyed{prefix}."
    style = "invented names" if rules.name_style == "surrogate" else "keyed tokens"
    yield f"Names become {style}."
    pixels = rules.pixels
    if pixels.check:
        what = "what identifies" if pixels.decision == "phi" else "every text"
        yield f"Text in pixels is read in all frames ({pixels.engine}) and {what} is hidden."
        yield (
            f"Overlays: {pixels.overlays}. Icons: {pixels.icons}. Head scans that show a face: "
            f"{pixels.faces}."
        )
    else:
        yield "PIXELS ARE NOT LOOKED AT: text burned into them stays."
    yield from _second_guess(rules)
    if Option.CLEAN_DESCRIPTORS not in rules.options:
        return
    entities = ", ".join(f"{name} {what}" for name, what in sorted(rules.text.entities.items()))
    yield f"In free text: {entities}."


def _second_guess(rules: RuleSet) -> Iterator[str]:
    yield "Kept values lose what is known of the patient: names, numbers, birth date, addresses."
    done = {"clean": "is cut out of them too", "quarantine": "quarantines the object"}
    if rules.text.second_guess in done:
        yield (
            "Kept texts are read by rules and model as well; what identifies "
            f"{done[rules.text.second_guess]}."
        )


def _filters(rules: RuleSet) -> Iterator[str]:
    if rules.filters:
        yield ""
        yield "Objects, the first that applies:"
    words = {"accept": "are taken", "reject": "are left out", "quarantine": "are quarantined"}
    for one in rules.filters:
        reason = f" ({one.reason})" if one.reason else ""
        yield f"  Objects where {_condition(one.when)} {words[one.outcome]}{reason}."


def _condition(condition: Condition) -> str:
    if isinstance(condition, Combination):
        inner = [_condition(part) for part in condition.parts]
        if condition.how == "not":
            return f"not ({' or '.join(inner)})"
        return "(" + {"all": " and ", "any": " or "}[condition.how].join(inner) + ")"
    return _compare(condition)


def _compare(compare: Comparison) -> str:
    if compare.test in ("missing", "present"):
        return f"{compare.keyword} is {compare.test}"
    verbs = {
        "equals": "is",
        "contains": "contains",
        "startsWith": "starts with",
        "matches": "matches",
    }
    return f"{compare.keyword} {verbs[compare.test]} {' or '.join(compare.values)}"


def _elements(rules: RuleSet) -> Iterator[str]:
    if not rules.elements:
        return
    yield ""
    yield "The organisation's own rules, which win over profile and options; the first applies:"
    for one in rules.elements:
        what = (
            OPERATION_PHRASES[one.operation]
            if one.operation is not None
            else f"handled as {one.action} of PS3.15"
        )
        value = f" ({one.value})" if one.value is not None else ""
        reason = f" {one.reason}" if one.reason else ""
        yield from textwrap.wrap(
            f"{one.selector.text}: {what}{value}.{reason}",
            100, initial_indent="  ", subsequent_indent="    ",
        )  # fmt: skip


def _listed(rules: RuleSet) -> Iterator[str]:
    """Attributes of the table, grouped by what becomes of them under Types 1, 2 and 3."""
    groups: dict[str, list[str]] = defaultdict(list)
    for row in confidentiality.load_table().values():
        if any(_is_own(row, entry) for entry in rules.elements):
            continue
        groups[_outcome(row, rules)].append(_name(row))
    yield ""
    yield "Attributes of Table E.1-1 that no rule above names, at every nesting level:"
    for outcome in sorted(groups, key=lambda one: (-len(groups[one]), one)):
        yield f"  {len(groups[outcome])} {outcome}:"
        yield from textwrap.wrap(
            ", ".join(groups[outcome]), 100, initial_indent="    ", subsequent_indent="    "
        )


def _is_own(row: ProfileRow, entry: RuleEntry) -> bool:
    """Whether a rule of the organisation decides on a row at every level."""
    return entry.selector.depth == "*" and entry.selector.matches((), _tag(row), row.vr)


def _tag(row: ProfileRow) -> int:
    return int(row.tag.replace("x", "0"), 16)


def _name(row: ProfileRow) -> str:
    if "x" in row.tag:
        return f"{row.name} ({row.tag[:4]},{row.tag[4:]})"
    return keyword_for_tag(int(row.tag, 16)) or row.name


def _outcome(row: ProfileRow, rules: RuleSet) -> str:
    tag = _tag(row)
    found = [
        make_listed_rule(row, tag, get_vr(tag) or "UN", kind, rules.options)
        for kind in ("3", "2", "1")
    ]
    words = list(dict.fromkeys(OPERATION_PHRASES[rule.operation] for rule in found))
    text = words[0]
    if len(words) > 1:
        needed = "the object's IOD requires the attribute"
        if "U*" in row.basic and Operation.RECURSE in {rule.operation for rule in found}:
            needed += ", or the object lists the instances that it refers to,"
        text += f", or if {needed} " + " or ".join(words[1:])
    if found[0].operation is Operation.CLEAN:
        fallbacks = list(dict.fromkeys(OPERATION_PHRASES[rule.fallback] for rule in found))
        text += f" (where text cannot be cleaned: {' or '.join(fallbacks)})"
    return text


def _unlisted(rules: RuleSet) -> Iterator[str]:
    options = rules.options
    yield ""
    yield "Standard attributes that the table does not list:"
    if rules.default == "keep":
        yield "  Known ones stay even where the object's IOD does not define them, but:"
    else:
        yield "  Those that no module of the object's IOD defines are removed; of the others:"
    protected = "removed, or where the IOD requires the attribute emptied or replaced"
    date = protected
    if Option.RETAIN_LONG_MODIFIED_DATES in options:
        date = OPERATION_PHRASES[Operation.SHIFT]
    elif Option.RETAIN_LONG_FULL_DATES in options:
        date = OPERATION_PHRASES[Operation.KEEP]
    text = OPERATION_PHRASES[Operation.CLEAN] if Option.CLEAN_DESCRIPTORS in options else protected
    uids = "kept" if Option.RETAIN_UIDS in options else "replaced unless registered"
    yield f"  dates and times are {date};"
    yield f"  UIDs are {uids}, except those that name a class, syntax or coding scheme;"
    yield f"  names, application entities and web addresses are {protected};"
    yield f"  technical vocabulary (manufacturer, kernel, codes, …) is kept, other text is {text};"
    yield "  numbers, coded strings, tables and pixel data are kept; sequences are gone through."
    yield ""
    if Option.RETAIN_SAFE_PRIVATE in options:
        yield (
            f"Private elements: {len(load_safe_elements())} known to be safe are kept, with dates "
            "and UIDs treated as above; all others are removed."
        )
    else:
        yield "Private elements: all are removed."
