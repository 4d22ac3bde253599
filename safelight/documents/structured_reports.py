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
from pydicom.dataset import Dataset

from safelight.records import Reason, Refusal
from safelight.text.generalization import OLDEST_AGE
from safelight.text.known.known_phi import KnownValue

#: Subject Age (DCM).
_SUBJECT_AGE = "121033"
_YEAR_UNITS = frozenset({"a", "yr", "year", "years"})


@cache
def identifying_concepts() -> dict[str, tuple[str, str, str]]:
    """Return the identifying concepts: code of scheme DCM → (entity, kind, meaning)."""
    text = (resources.files("safelight.documents") / "structured_reports.yaml").read_text("utf-8")
    data: dict[str, list[str]] = yaml.load(text, Loader=yaml.BaseLoader)
    return {code: (entry[0], entry[1], entry[2]) for code, entry in data.items()}


def _first_item(item: Dataset, keyword: str) -> Dataset | None:
    sequence = item.get(keyword)
    return sequence[0] if sequence else None


def _value_text(item: Dataset) -> str:
    """Return the value of a content item as text (PS3.3, section C.18)."""
    for keyword in ("TextValue", "PersonName", "Date", "DateTime"):
        value = item.get(keyword)
        if value:
            return str(value)
    code = _first_item(item, "ConceptCodeSequence")
    return str(code.get("CodeMeaning", "")) if code is not None else ""


def _check_age(item: Dataset) -> None:
    """Refuse a subject age over 89 years, because a text model does not see numbers."""
    measured = _first_item(item, "MeasuredValueSequence")
    if measured is None:
        return
    unit = _first_item(measured, "MeasurementUnitsCodeSequence")
    is_in_years = unit is None or str(unit.get("CodeValue", "")).lower() in _YEAR_UNITS
    try:
        age = float(measured.get("NumericValue", 0) or 0)
    except (TypeError, ValueError):
        age = float("inf")
    if is_in_years and age > OLDEST_AGE:
        raise Refusal(
            Reason.STRUCTURED_CONTENT,
            "the content tree states an age over 89 years as a number; review the report manually",
        )


def _iterate_items(items: Sequence[Dataset]) -> Iterator[tuple[str, Dataset]]:
    """Return all content items, each with the code of its concept name.

    The code is empty if it is not of scheme DCM.
    """
    pending = list(reversed(items))
    while pending:
        item = pending.pop()
        name = _first_item(item, "ConceptNameCodeSequence")
        code = ""
        if name is not None and name.get("CodingSchemeDesignator") == "DCM":
            code = str(name.get("CodeValue", ""))
        yield code, item
        pending.extend(reversed(item.get("ContentSequence") or []))


def identifying_values(
    items: Sequence[Dataset], with_devices: bool = True
) -> tuple[KnownValue, ...]:
    """Return the values in a content tree that identify by their concept name.

    Parameters
    ----------
    items : sequence of Dataset
        Items of the top-level Content Sequence (0040,A730).
    with_devices : bool
        Include names and serial numbers of devices; false if the rules retain the device
        identity.

    Raises
    ------
    Refusal
        If the tree has PHI that cannot be removed as text: an age over 89 years as a number.
    """
    concepts = identifying_concepts()
    values: dict[KnownValue, None] = {}
    for code, item in _iterate_items(items):
        if code == _SUBJECT_AGE:
            _check_age(item)
        if code in concepts:
            entity, kind, _ = concepts[code]
            text = _value_text(item).strip()
            if text and (with_devices or kind != "device"):
                values[KnownValue(entity, text, kind)] = None
        elif item.get("ValueType") == "PNAME" and item.get("PersonName"):
            values[KnownValue("NAME", str(item.PersonName), "")] = None
    return tuple(values)
