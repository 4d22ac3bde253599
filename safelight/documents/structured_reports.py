"""What the content tree of a structured report says of people, by its own concept names.

The tree's elements are cleaned like all others, by their tags and by the text model. What only
the tree knows is which of its values identify: ``Person Observer Name`` may hold any string, as
TEXT, PNAME or CODE. Those values are read here, so that they are cut wherever they stand: in
their own item, in the narrative beside it, and in the rest of the object.
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

_SUBJECT_AGE = "121033"
_YEARS = frozenset({"a", "yr", "year", "years"})


@cache
def identifying_concepts() -> dict[str, tuple[str, str, str]]:
    """Code of scheme DCM → (entity, kind, meaning)."""
    text = (resources.files("safelight.documents") / "structured_reports.yaml").read_text("utf-8")
    data: dict[str, list[str]] = yaml.load(text, Loader=yaml.BaseLoader)
    return {code: (entry[0], entry[1], entry[2]) for code, entry in data.items()}


def _first(item: Dataset, keyword: str) -> Dataset | None:
    sequence = item.get(keyword)
    return sequence[0] if sequence else None


def _value(item: Dataset) -> str:
    """The value of a content item as text (PS3.3, section C.18)."""
    for keyword in ("TextValue", "PersonName", "Date", "DateTime"):
        value = item.get(keyword)
        if value:
            return str(value)
    code = _first(item, "ConceptCodeSequence")
    return str(code.get("CodeMeaning", "")) if code is not None else ""


def _check_age(item: Dataset) -> None:
    """Refuse a subject's age over 89 years: as a number it passes every text model."""
    measured = _first(item, "MeasuredValueSequence")
    if measured is None:
        return
    unit = _first(measured, "MeasurementUnitsCodeSequence")
    in_years = unit is None or str(unit.get("CodeValue", "")).lower() in _YEARS
    try:
        age = float(measured.get("NumericValue", 0) or 0)
    except (TypeError, ValueError):
        age = float("inf")
    if in_years and age > OLDEST_AGE:
        raise Refusal(
            Reason.STRUCTURED_CONTENT,
            "the content tree states an age over 89 years as a number; review the report by hand",
        )


def _walk(items: Sequence[Dataset]) -> Iterator[tuple[str, Dataset]]:
    """All content items with the code of their concept name, if it is of scheme DCM."""
    waiting = list(reversed(items))
    while waiting:
        item = waiting.pop()
        name = _first(item, "ConceptNameCodeSequence")
        code = ""
        if name is not None and name.get("CodingSchemeDesignator") == "DCM":
            code = str(name.get("CodeValue", ""))
        yield code, item
        waiting.extend(reversed(item.get("ContentSequence") or []))


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
    for code, item in _walk(items):
        if code == _SUBJECT_AGE:
            _check_age(item)
        if code in concepts:
            entity, kind, _ = concepts[code]
            text = _value(item).strip()
            if text and (with_devices or kind != "device"):
                values[KnownValue(entity, text, kind)] = None
        elif item.get("ValueType") == "PNAME" and item.get("PersonName"):
            values[KnownValue("NAME", str(item.PersonName), "")] = None
    return tuple(values)
