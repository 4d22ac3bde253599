"""The de-identified attributes that researchers query, read from what was written."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from safelight.dicom import character_sets
from safelight.dicom.elements import Walker
from safelight.dicom.encoding import Encoding
from safelight.dicom.parser import ParsedObject
from safelight.headers.new_values import number_text

#: Column of the ``catalog`` table by tag.
CATALOG_COLUMNS: dict[int, str] = {
    0x00080008: "image_type",
    0x00080020: "study_date",
    0x00080021: "series_date",
    0x00080022: "acquisition_date",
    0x00080060: "modality",
    0x00080070: "manufacturer",
    0x00081030: "study_description",
    0x0008103E: "series_description",
    0x00081090: "manufacturer_model_name",
    0x00100040: "patient_sex",
    0x00101010: "patient_age",
    0x00180015: "body_part_examined",
    0x00180050: "slice_thickness",
    0x00181030: "protocol_name",
    0x00185101: "view_position",
    0x00200011: "series_number",
    0x00200013: "instance_number",
    0x00280004: "photometric_interpretation",
    0x00280008: "number_of_frames",
    0x00280010: "rows",
    0x00280011: "columns",
    0x00280030: "pixel_spacing",
    0x00280301: "burned_in_annotation",
}
_NUMBERS = {"number_of_frames", "rows", "columns", "series_number", "instance_number"}


def catalog_value(
    column: str, raw: bytes, vr: str, encoding: Encoding, encodings: tuple[str, ...]
) -> Any:
    """One value of the catalog: an ``int`` for counts, else the text, ``None`` if empty."""
    text = number_text(raw, vr, encoding) or character_sets.decode(raw, vr, encodings).strip()
    if column not in _NUMBERS:
        return text or None
    try:
        return int(text)
    except ValueError:
        return None


@lru_cache(maxsize=4096)
def _value(column: str, element: bytes, encoding: Encoding, encodings: tuple[str, ...]) -> Any:
    found, _ = Walker(element).elements(0, len(element), encoding)
    if not found:
        return None
    raw = element[found[0].value : found[0].stop]
    return catalog_value(column, raw, found[0].vr, encoding, encodings)


def catalog_of(
    parsed: ParsedObject, rewritten: dict[int, bytes], encodings: tuple[str, ...]
) -> dict[str, Any]:
    """All columns of one object.

    Parameters
    ----------
    parsed : ParsedObject
        The original, for the elements that were written as they stood.
    rewritten : dict
        New encoded elements by tag; empty bytes for those that were removed.
    encodings : tuple of str
        Python codecs of the Specific Character Set.
    """
    row: dict[str, Any] = dict.fromkeys(CATALOG_COLUMNS.values())
    for tag, column in CATALOG_COLUMNS.items():
        written = rewritten.get(tag)
        if written is None:
            element = parsed.find(tag)
            if element is None:
                continue
            written = parsed.data[element[2] : element[4]]
        if written:
            row[column] = _value(column, written, parsed.encoding, encodings)
    return row
