"""Find identifying values in the content tree of a structured report by their concept names.

The elements of the tree are cleaned by their tags and by the text model, like all other elements.
Only the concept name shows that a value identifies: ``Person Observer Name`` may contain any
string as TEXT, PNAME or CODE. These values are read here, so that they are removed from their own
content item, from the narrative of the report and from the rest of the object.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from importlib import resources

import yaml

from safelight.dicom.items import ItemReader
from safelight.dicom.tags import CODE_MEANING
from safelight.records import Reason, Refusal
from safelight.rules.profile import CONTENT_SEQUENCE
from safelight.text.generalization import OLDEST_AGE
from safelight.text.known.known_phi import KnownValue

_CODE_VALUE = 0x00080100
_CODING_SCHEME = 0x00080102
_MEASUREMENT_UNITS = 0x004008EA
_VALUE_TYPE = 0x0040A040
_CONCEPT_NAMES = 0x0040A043
_PERSON_NAME = 0x0040A123
_CONCEPT_CODES = 0x0040A168
_MEASURED_VALUES = 0x0040A300
_NUMERIC_VALUE = 0x0040A30A
#: Tags and VRs of the values of content items: text, person name, date, date and time.
_VALUES = ((0x0040A160, "UT"), (_PERSON_NAME, "PN"), (0x0040A121, "DA"), (0x0040A120, "DT"))

#: Subject Age (DCM).
_SUBJECT_AGE = "121033"
_YEAR_UNITS = frozenset({"a", "yr", "year", "years"})


@cache
def identifying_concepts() -> dict[str, tuple[str, str, str]]:
    """Return the identifying concepts: code of scheme DCM → (entity, kind, meaning)."""
    text = (resources.files("safelight.documents") / "structured_reports.yaml").read_text("utf-8")
    data: dict[str, list[str]] = yaml.load(text, Loader=yaml.BaseLoader)
    return {code: (entry[0], entry[1], entry[2]) for code, entry in data.items()}


def _value_text(item: ItemReader) -> str:
    """Return the value of a content item as text (PS3.3, section C.18)."""
    for tag, vr in _VALUES:
        if value := item.read_text(tag, vr):
            return value
    codes = item.read_items(_CONCEPT_CODES)
    return codes[0].read_text(CODE_MEANING, "LO") if codes else ""


def _check_age(item: ItemReader) -> None:
    """Refuse a subject age over 89 years, because a text model does not see numbers."""
    for measured in item.read_items(_MEASURED_VALUES)[:1]:
        units = measured.read_items(_MEASUREMENT_UNITS)
        is_in_years = not units or units[0].read_text(_CODE_VALUE, "SH").lower() in _YEAR_UNITS
        try:
            age = float(measured.read_text(_NUMERIC_VALUE, "DS") or 0)
        except ValueError:
            age = float("inf")
        if is_in_years and age > OLDEST_AGE:
            raise Refusal(
                Reason.STRUCTURED_CONTENT,
                "the content tree states an age over 89 years as a number; review the report "
                "manually",
            )


def _iterate_items(items: Sequence[ItemReader]) -> Iterator[tuple[str, ItemReader]]:
    """Return all content items, each with the code of its concept name.

    The code is empty if it is not of scheme DCM.
    """
    pending = list(reversed(items))
    while pending:
        item = pending.pop()
        names = item.read_items(_CONCEPT_NAMES)
        code = ""
        if names and names[0].read_text(_CODING_SCHEME, "SH") == "DCM":
            code = names[0].read_text(_CODE_VALUE, "SH")
        yield code, item
        pending.extend(reversed(item.read_items(CONTENT_SEQUENCE)))


def identifying_values(
    items: Sequence[ItemReader], with_devices: bool = True
) -> tuple[KnownValue, ...]:
    """Return the values in a content tree that identify by their concept name.

    Parameters
    ----------
    items : sequence of ItemReader
        Items of the top-level Content Sequence (0040,A730).
    with_devices : bool
        Include names and serial numbers of devices; false if the rules retain the device
        identity.

    Returns
    -------
    tuple of KnownValue
        PHI.

    Raises
    ------
    Refusal
        If the tree has PHI that cannot be removed as text: an age over 89 years as a number; or
        if a sequence in it cannot be read.
    """
    concepts = identifying_concepts()
    values: dict[KnownValue, None] = {}
    for code, item in _iterate_items(items):
        if code == _SUBJECT_AGE:
            _check_age(item)
        if code in concepts:
            entity, kind, _ = concepts[code]
            text = _value_text(item)
            if text and (with_devices or kind != "device"):
                values[KnownValue(entity, text, kind)] = None
        elif item.read_text(_VALUE_TYPE, "CS") == "PNAME":
            if name := item.read_text(_PERSON_NAME, "PN"):
                values[KnownValue("NAME", name, "")] = None
    return tuple(values)
