"""Describe a rule set in plain English, for privacy officers and conformance statements."""

from __future__ import annotations

import textwrap
from collections import defaultdict
from collections.abc import Iterator, Sequence

from pydicom.datadict import keyword_for_tag

from safelight.rules.additions import AddedItem, Addition
from safelight.rules.attributes import format_attribute, get_vr
from safelight.rules.conditions import PRESENCE_OPERATORS, Combination, Comparison, Condition
from safelight.rules.lookups import MissingAction
from safelight.rules.model import RuleEntry, RuleSet
from safelight.rules.operations import Operation
from safelight.rules.pixel_regions import RegionEntry
from safelight.rules.profile import make_listed_rule
from safelight.rules.references import THIS
from safelight.standard import confidentiality, iod
from safelight.standard.confidentiality import ProfileRow
from safelight.standard.options import METHOD_MEANINGS, Option
from safelight.standard.private_elements import load_safe_elements

_WIDTH = 100

#: Completes "The element is …".
OPERATION_PHRASES = {
    Operation.KEEP: "kept",
    Operation.REMOVE: "removed",
    Operation.EMPTY: "emptied",
    Operation.DUMMY: "replaced by a dummy value",
    Operation.UID: "replaced by a new UID, the same one wherever the original UID occurs",
    Operation.SHIFT: "shifted by the patient's number of days",
    Operation.CLEAN: "cleaned of identifying text",
    Operation.PATIENT_ID: "replaced by the patient's pseudonym",
    Operation.TOKEN: "replaced by a keyed token",
    Operation.NAME: "replaced by a token or a surrogate name",
    Operation.AGE: "kept up to 89 years and replaced by 090Y above",
    Operation.LITERAL: "replaced by a fixed value",
    Operation.RECURSE: "kept as a sequence, with the rules applied to its items",
    Operation.STRUCTURED_CONTENT: "cleaned as a content tree; if that fails, the object is "
    "quarantined",
    Operation.ENCAPSULATED_DOCUMENT: "cleaned as a document; if that fails, the object is "
    "quarantined",
    Operation.TRANSFORM: "changed by a function",
    Operation.HASH: "replaced by a keyed hash",
    Operation.LOOKUP: "replaced by a value of a lookup table",
    Operation.TEXT: "replaced by a text of values of the new object",
    Operation.QUARANTINE: "a reason to quarantine the object",
    Operation.CONDITIONAL: "handled by a condition",
    Operation.REMOVE_ITEMS: "a sequence whose items are removed",
}

_COMPARISON_PHRASES = {
    "equals": "is",
    "in": "is",
    "greaterThan": "is greater than",
    "lessThan": "is less than",
    "contains": "contains",
    "startsWith": "starts with",
    "matches": "matches",
}

_OUTCOME_PHRASES = {"accept": "accepted", "reject": "filtered out", "quarantine": "quarantined"}

_SECOND_GUESS_PHRASES = {
    "clean": "Identifying text in them is removed.",
    "quarantine": "An object with identifying text in them is quarantined.",
}

_LANGUAGE_PHRASES = {
    "refuse": "Notes and documents in a language that neither the text model nor the rules read "
    "are quarantined; such a text of an element is masked as a whole.",
    "clean": "TEXTS IN A LANGUAGE THAT NEITHER THE TEXT MODEL NOR THE RULES READ ARE RELEASED; "
    "only what is found in them is replaced.",
}

_ALWAYS = """\
Always: UIDs that the standard registers are kept. The file preamble and group 0002 are replaced.
Group lengths, curves (50xx), digital signatures, original values (0400,0550) and (0400,0561),
encrypted values of the source (0400,0500) and unknown attributes are removed. Overlays are removed
unless graphics are cleaned. (0012,0062), (0012,0063), (0012,0064) and (0028,0303) follow from what
was done to each object."""


def describe(rules: RuleSet) -> str:
    """Return the description of a rule set, as text of at most 100 columns."""
    parts = [
        *_describe_head(rules),
        *_describe_settings(rules),
        *_describe_filters(rules),
        *_describe_entries(rules),
        *_describe_additions(rules),
        "",
        _ALWAYS,
        *_describe_listed_attributes(rules),
        *_describe_unlisted_attributes(rules),
    ]
    return "\n".join(parts) + "\n"


def _wrap(text: str, indent: str = "", next_indent: str | None = None) -> list[str]:
    """Return the lines of a paragraph.

    Parameters
    ----------
    text : str
    indent : str
        Indent of the first line.
    next_indent : str or None
        Indent of the lines after it; None is the indent of the first line.
    """
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=indent,
        subsequent_indent=indent if next_indent is None else next_indent,
    )


def _describe_head(rules: RuleSet) -> Iterator[str]:
    """Yield name, hash, editions and method codes."""
    yield f"Rule set {rules.name}, version {rules.version}"
    yield f"Hash {rules.hash}"
    if rules.description:
        yield from _wrap(rules.description)
    yield ""
    yield (
        f"Profile: DICOM PS3.15 Table E.1-1, edition {confidentiality.EDITION}; attribute Types: "
        f"PS3.3, edition {iod.get_edition()}."
    )
    yield "Methods (CID 7050). An object receives the code of a method only if it was applied:"
    for code in rules.get_method_codes():
        yield f"  {code} {METHOD_MEANINGS[code]}"


def _describe_settings(rules: RuleSet) -> Iterator[str]:
    """Yield the settings of dates, identity, names, pixels and text."""
    first, last = rules.shift_range
    yield ""
    if Option.RETAIN_LONG_MODIFIED_DATES in rules.options:
        text = (
            f"Dates are shifted by {first} to {last} days: one number for each patient, never 0 "
            "and never a multiple of a year."
        )
        if rules.date_lookup is not None:
            text += (
                f" The column {rules.date_lookup.column} of the lookup table "
                f"{rules.date_lookup.table} has the days of each patient."
            )
        if rules.date_precision != "day":
            text += f" Only the {rules.date_precision} of a shifted date is kept."
        yield from _wrap(text)
    identity = "Patient ID and its issuer" if rules.issuer_in_identity else "Patient ID alone"
    yield f"A patient is identified by {identity}."
    if rules.default_issuer:
        yield from _wrap(f"A Patient ID without an issuer is one of {rules.default_issuer}.")
    if rules.patient_prefix:
        yield f"Pseudonyms are keyed and start with {rules.patient_prefix}."
    else:
        yield "Pseudonyms are keyed."
    if rules.uid_root:
        yield from _wrap(
            f"New UIDs begin with {rules.uid_root} and a number of the namespace, which "
            "`safelight keys check` shows."
        )
    style = "surrogate names" if rules.name_style == "surrogate" else "keyed tokens"
    yield f"Names are replaced by {style}."
    yield from _describe_pixels(rules)
    yield from _describe_kept_values(rules)
    if Option.CLEAN_DESCRIPTORS in rules.options:
        actions = sorted(rules.text.entities.items())
        entities = ", ".join(f"{label} {action}" for label, action in actions)
        yield from _wrap(f"Actions in free text: {entities}.")


def _describe_pixels(rules: RuleSet) -> Iterator[str]:
    """Yield the settings of pixels."""
    pixels = rules.pixels
    if not pixels.check:
        yield "PIXELS ARE NOT CHECKED: burned-in text is kept."
        return
    masked = "identifying text" if pixels.decision == "phi" else "every text"
    yield f"All frames are searched for text ({pixels.engine}); {masked} is masked."
    yield from _wrap(
        f"Overlays: {pixels.overlays}. Icons: {pixels.icons}. Head scans that show a face: "
        f"{pixels.faces}. Devices that the device catalog denies: {pixels.denied_devices}."
    )
    if pixels.regions:
        yield "Regions that are masked whatever is read there, beside those of the device catalog:"
    for entry in pixels.regions:
        yield from _wrap(_format_region_entry(entry), "  ", "    ")


def _format_region_entry(entry: RegionEntry) -> str:
    """Return an entry of ``pixels.regions`` as a sentence."""
    device, tests = entry.device, []
    for label, names in (("Manufacturer", device.manufacturers), ("model", device.models)):
        if names:
            tests.append(f"{label} is {' or '.join(names)}")
    if entry.condition is not None:
        tests.append(_format_condition(entry.condition))
    boxes = ", ".join(f"{w} x {h} at {x}, {y}" for x, y, w, h in entry.boxes)
    regions = boxes or "the ultrasound regions (0018,6011)"
    done = "masked" if entry.action == "mask" else "kept, and all else is masked"
    return (
        f"Where {' and '.join(tests)}: {regions} {'is' if len(entry.boxes) == 1 else 'are'} {done}."
    )


def _describe_kept_values(rules: RuleSet) -> Iterator[str]:
    """Yield the checks of values that the rules keep."""
    yield from _wrap(
        "Known values of the patient (names, numbers, birth date, addresses) are removed from kept "
        "values."
    )
    if rules.text.second_guess in _SECOND_GUESS_PHRASES:
        action = _SECOND_GUESS_PHRASES[rules.text.second_guess]
        yield from _wrap(f"Kept texts are checked by recognizers and the text model. {action}")
    yield from _wrap(_LANGUAGE_PHRASES[rules.text.unsupported_language])


def _describe_filters(rules: RuleSet) -> Iterator[str]:
    """Yield the filters."""
    if rules.filters:
        yield ""
        yield "Filters. The first one that matches decides:"
    for one in rules.filters:
        reason = f" ({one.reason})" if one.reason else ""
        outcome = _OUTCOME_PHRASES[one.outcome]
        text = f"Objects where {_format_condition(one.condition)} are {outcome}{reason}."
        yield from _wrap(text, "  ", "    ")


def _format_condition(condition: Condition) -> str:
    """Return a condition as text."""
    if isinstance(condition, Comparison):
        return _format_comparison(condition)
    return _format_combination(condition)


def _format_combination(combination: Combination) -> str:
    """Return a combination of conditions as text."""
    inner = [_format_condition(condition) for condition in combination.conditions]
    if combination.operator == "not":
        return f"not ({' or '.join(inner)})"
    return "(" + {"all": " and ", "any": " or "}[combination.operator].join(inner) + ")"


def _format_comparison(comparison: Comparison) -> str:
    """Return a comparison as text."""
    if comparison.operator == "exists":
        return f"{comparison.keyword} exists"
    if comparison.operator in PRESENCE_OPERATORS:
        return f"{comparison.keyword} is {comparison.operator}"
    phrase = _COMPARISON_PHRASES[comparison.operator]
    operand = comparison.other or " or ".join(comparison.values)
    return f"{comparison.keyword} {phrase} {operand}"


def _describe_entries(rules: RuleSet) -> Iterator[str]:
    """Yield the entries of ``elements``."""
    if not rules.elements:
        return
    yield ""
    yield from _wrap(
        "Rules of the organisation. They take precedence over profile and options, and the first "
        "one that matches decides:"
    )
    for entry in rules.elements:
        if entry.operation is not None:
            phrase = OPERATION_PHRASES[entry.operation]
        else:
            phrase = f"handled as {entry.action} of PS3.15"
        value = f" ({entry.value})" if entry.value is not None else ""
        if entry.parameters is not None:
            settings = entry.parameters.list_settings().items()
            listed = ", ".join(f"{name} {one}" for name, one in settings)
            value = f" ({' '.join(filter(None, (entry.action, listed)))})"
        if entry.condition is not None:
            value += f" where {_format_condition(entry.condition)}"
        if entry.exceptions:
            value += f", except {', '.join(one.text for one in entry.exceptions)}"
        reason = f" {entry.reason}" if entry.reason else ""
        yield from _wrap(f"{entry.selector.text}: {phrase}{value}.{reason}", "  ", "    ")


_DESCRIBED_MISSING: dict[MissingAction, str] = {
    "quarantine": "the object is quarantined",
    "remove": "the value is removed",
    "derive": "a keyed value is derived",
    "keep": "the value is kept",
    "default": "a fixed value is written",
}


def _describe_additions(rules: RuleSet) -> Iterator[str]:
    """Yield the lookup tables, the elements that are created, and the dummy values."""
    for table in rules.lookups:
        otherwise = _DESCRIBED_MISSING[table.missing]
        match = "the element itself" if table.match == THIS else table.match
        text = f"Lookup table {table.name}: {table.key} is compared with {match}; without a row, "
        yield from _wrap(text + f"{otherwise}.")
    if rules.additions:
        yield ""
        yield "Elements that are created. Of one attribute, the first one that applies decides:"
    for one in rules.additions:
        condition = f", where {_format_condition(one.condition)}" if one.condition else ""
        name = one.name if one.creator else _format_path(one.steps)
        text = f"{name}: {_format_added(one)}{condition}."
        yield from _wrap(text, "  ", "    ")
    if rules.encryption is not None:
        names = ", ".join(one.text for one in rules.encryption.selectors)
        count = len(rules.encryption.recipients)
        yield from _wrap(
            f"Original values of {names} are in Encrypted Attributes Sequence (0400,0500), which "
            f"{count} {'holder' if count == 1 else 'holders'} of a certificate can open: "
            + ", ".join(one.fingerprint for one in rules.encryption.recipients)
            + " (SHA-256)."
        )
    if rules.dummies:
        values = ", ".join(f"{vr} {value}" for vr, value in rules.dummies)
        yield from _wrap(f"Dummy values by VR: {values}.")


def _format_path(steps: Sequence[int]) -> str:
    """Return the attributes of a path."""
    return " > ".join(map(format_attribute, steps))


def _format_added(addition: Addition) -> str:
    """Return the value or the item that is created, and when."""
    settings, where = addition.parameters, " in each item" if addition.path else ""
    if settings is None:
        value = f"an item with {_format_item(addition.item)}" if addition.item else ""
        if addition.appends:
            return f"{value},{where} after the items that there are"
        missing = "item"
    else:
        value = settings.template or f"{settings.column} of the table {settings.table}"
        missing = "value"
    if addition.always:
        return f"{value},{where} in any case"
    owner = "" if addition.path else " the object"
    return f"{value},{where} if{owner or ' it'} has no {missing}"


def _format_item(item: AddedItem) -> str:
    """Return the elements of an item that is created."""
    return ", ".join(
        f"{format_attribute(tag)}: "
        + (f"[{_format_item(one)}]" if isinstance(one, AddedItem) else one.template)
        for tag, one in item.elements
    )


def _describe_listed_attributes(rules: RuleSet) -> Iterator[str]:
    """Yield the attributes of Table E.1-1, grouped by their operations for Types 1, 2 and 3."""
    groups: dict[str, list[str]] = defaultdict(list)
    for row in confidentiality.load_table().values():
        if not any(_determines_row(entry, row) for entry in rules.elements):
            groups[_describe_row(row, rules)].append(_format_row_name(row))
    yield ""
    yield "Attributes of Table E.1-1 that no rule above names, at every nesting level:"
    for phrase in sorted(groups, key=lambda one: (-len(groups[one]), one)):
        yield from _wrap(f"{len(groups[phrase])} {phrase}:", "  ")
        yield from _wrap(", ".join(groups[phrase]), "    ")


def _determines_row(entry: RuleEntry, row: ProfileRow) -> bool:
    """Return whether an entry of ``elements`` determines a row at every nesting level."""
    is_certain = entry.selector.depth == "*" and entry.condition is None
    return is_certain and entry.selects((), _get_row_tag(row), row.vr)


def _get_row_tag(row: ProfileRow) -> int:
    """Return the tag of a row; for a repeating group, the first tag."""
    return int(row.tag.replace("x", "0"), 16)


def _format_row_name(row: ProfileRow) -> str:
    """Return the keyword of a row; its name if it has none; the tag for a repeating group."""
    if "x" in row.tag:
        return f"{row.name} ({row.tag[:4]},{row.tag[4:]})"
    return keyword_for_tag(int(row.tag, 16)) or row.name


def _describe_row(row: ProfileRow, rules: RuleSet) -> str:
    """Return the operations on an attribute of Table E.1-1 as text."""
    tag = _get_row_tag(row)
    found = [
        make_listed_rule(row, tag, get_vr(tag) or "UN", attribute_type, rules.options)
        for attribute_type in ("3", "2", "1")
    ]
    phrases = list(dict.fromkeys(OPERATION_PHRASES[rule.operation] for rule in found))
    text = phrases[0]
    if len(phrases) > 1:
        cause = "the object's IOD requires the attribute"
        if "U*" in row.basic and Operation.RECURSE in {rule.operation for rule in found}:
            cause += " or the object lists the instances that it refers to"
        text += f"; if {cause}: " + ", or ".join(phrases[1:])
    if found[0].operation is Operation.CLEAN:
        fallbacks = list(dict.fromkeys(OPERATION_PHRASES[rule.fallback] for rule in found))
        text += f" (where text cannot be cleaned: {' or '.join(fallbacks)})"
    return text


def _describe_unlisted_attributes(rules: RuleSet) -> Iterator[str]:
    """Yield the treatment of unlisted standard attributes and of private elements."""
    options = rules.options
    yield ""
    yield "Standard attributes that Table E.1-1 does not list:"
    if rules.default == "remove":
        yield (
            "  Only those are kept that the object needs: identifiers, the description of its "
            "pixels, Type 1."
        )
    elif rules.default == "keep":
        yield "  Known attributes are kept even if the object's IOD does not define them, except:"
    else:
        yield "  Attributes that no module of the object's IOD defines are removed. The others:"
    protected = "removed; if the object's IOD requires the attribute: emptied or replaced"
    dates = protected
    if Option.RETAIN_LONG_MODIFIED_DATES in options:
        dates = OPERATION_PHRASES[Operation.SHIFT]
    elif Option.RETAIN_LONG_FULL_DATES in options:
        dates = OPERATION_PHRASES[Operation.KEEP]
    free_text = protected
    if Option.CLEAN_DESCRIPTORS in options:
        free_text = OPERATION_PHRASES[Operation.CLEAN]
    uids = "kept" if Option.RETAIN_UIDS in options else "replaced unless registered"
    for text in (
        f"Dates and times are {dates}.",
        f"UIDs are {uids}, except UIDs of a class, transfer syntax or coding scheme.",
        f"Names, application entities and web addresses are {protected}.",
        "Technical vocabulary (manufacturer, kernel, codes, …) is kept; other text is "
        f"{free_text}.",
        "Numbers, coded strings, tables and pixel data are kept.",
        "The rules are applied to the items of sequences.",
    ):
        yield from _wrap(text, "  - ", "    ")
    yield ""
    if Option.RETAIN_SAFE_PRIVATE in options:
        yield from _wrap(
            f"Private elements: {len(load_safe_elements())} safe private elements are kept; their "
            "dates and UIDs are treated as above. All others are removed."
        )
    else:
        yield "Private elements: all are removed."
