"""Read the attributes of the ``catalog`` table from the new elements of an object."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from safelight.dicom import character_sets
from safelight.dicom.elements import ElementReader
from safelight.dicom.encoding import Encoding
from safelight.dicom.parser import ParsedObject
from safelight.dicom.values import format_numbers
from safelight.headers.catalog_types import CatalogValue, parse_number, type_values

#: Columns of the ``catalog`` table by tag.
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
    0x00101020: "patient_size",
    0x00101030: "patient_weight",
    0x00180010: "contrast_bolus_agent",
    0x00180060: "kvp",
    0x00180087: "magnetic_field_strength",
    0x00200060: "laterality",
    0x00200062: "image_laterality",
    0x00102152: "region_of_residence",
    0x00102160: "ethnic_group",
}
_NUMBER_COLUMNS = {"patient_size", "patient_weight", "kvp", "magnetic_field_strength"}
_INTEGER_COLUMNS = {"number_of_frames", "rows", "columns", "series_number", "instance_number"}


def _read_value(
    column: str, raw: bytes, vr: str, encoding: Encoding, text_encodings: tuple[str, ...]
) -> CatalogValue:
    """Return a number for a column of numbers, else the text; None if it is empty."""
    text = format_numbers(raw, vr, encoding)
    if not text:
        text = character_sets.decode(raw, vr, text_encodings).strip()
    if column in _NUMBER_COLUMNS:
        return parse_number(text)
    if column not in _INTEGER_COLUMNS:
        return text or None
    try:
        return int(text)
    except ValueError:
        return None


@lru_cache(maxsize=16)
def _make_element_reader(
    encoding: Encoding, text_encodings: tuple[str, ...]
) -> Callable[[str, bytes], CatalogValue]:
    """Return a function that reads the catalog value of one encoded element, with a cache."""

    @lru_cache(maxsize=4096)
    def read(column: str, encoded: bytes) -> CatalogValue:
        found, _ = ElementReader(encoded).read_elements(0, len(encoded), encoding)
        if not found:
            return None
        raw = encoded[found[0].value : found[0].stop]
        return _read_value(column, raw, found[0].vr, encoding, text_encodings)

    return read


def read_catalog(
    parsed: ParsedObject, new_elements: dict[int, bytes], text_encodings: tuple[str, ...]
) -> dict[str, CatalogValue]:
    """Return the catalog row of one de-identified object.

    Parameters
    ----------
    parsed : ParsedObject
        The source object, for the elements that did not change.
    new_elements : dict of int to bytes
        New encoded elements by tag; empty bytes for removed elements.
    text_encodings : tuple of str
        Python codecs of the Specific Character Set.

    Returns
    -------
    dict of str to int, float, str, date or None
        Values by column, the typed columns included.
    """
    row: dict[str, CatalogValue] = dict.fromkeys(CATALOG_COLUMNS.values())
    read_element = _make_element_reader(parsed.encoding, text_encodings)
    for tag, column in CATALOG_COLUMNS.items():
        encoded = new_elements.get(tag)
        if encoded is None:
            element = parsed.find(tag)
            if element is None:
                continue
            encoded = parsed.data[element[2] : element[4]]
        if encoded:
            row[column] = read_element(column, encoded)
    return row | type_values(row)
