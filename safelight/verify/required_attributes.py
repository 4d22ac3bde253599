"""Check that an output can be stored and read, and that new values fit their VR.

The attributes are those of PS3.3, sections C.12.1 (SOP Common), C.7.2.1 (General Study), C.7.3.1
(General Series) and C.7.6.3 (Image Pixel). The forms of values are those of PS3.5, Table 6.2-1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from safelight.verify.defects import Check, Defect, ValueHasher
from safelight.verify.dicom_object import DicomObject

#: Required in every object.
_INSTANCE_LOCATIONS = ("(0008,0016)", "(0008,0018)")
#: Required in every object that belongs to a patient.
_PATIENT_LOCATIONS = ("(0020,000D)", "(0020,000E)", "(0008,0060)")
#: Required by readers of pixels.
_PIXEL_LOCATIONS = (
    "(0028,0002)", "(0028,0004)", "(0028,0010)", "(0028,0011)", "(0028,0100)", "(0028,0101)",
    "(0028,0102)", "(0028,0103)",
)  # fmt: skip
#: May be removed only together with the attributes that describe it.
_PIXEL_DATA_LOCATIONS = ("(7FE0,0008)", "(7FE0,0009)", "(7FE0,0010)")

_FORMATS = {
    "UI": re.compile(r"(?=.{1,64}$)(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*))*"),
    # Dots and colons are the separators of ACR-NEMA 300, which originals may have.
    "DA": re.compile(r"\d{4}\.?\d{2}\.?\d{2}"),
    "TM": re.compile(r"\d{2}(?::?\d{2}(?::?\d{2}(?:\.\d{1,6})?)?)?"),
    "DT": re.compile(r"\d{4}(?:\d{2}){0,5}(?:\.\d{1,6})?(?:[+-]\d{4})?"),
    "AS": re.compile(r"\d{3}[DWMY]"),
    "DS": re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"),
    "IS": re.compile(r"[+-]?\d{1,12}"),
    "CS": re.compile(r"[A-Z0-9 _]{1,16}"),
}


def check_required(output: DicomObject) -> Iterator[Defect]:
    """Yield the identifiers that an output lacks and without which it is not a DICOM instance."""
    for location in _INSTANCE_LOCATIONS:
        if not output.get_text(location):
            yield Defect(Check.REQUIRED, location, "is missing or empty")


def compare_required(original: DicomObject, output: DicomObject) -> Iterator[Defect]:
    """Yield required attributes that the original has and the output lacks.

    Parameters
    ----------
    original, output : DicomObject
    """
    kept, present = _list_values(output), _list_values(original)
    for location in (*_PATIENT_LOCATIONS, *_PIXEL_LOCATIONS, *_PIXEL_DATA_LOCATIONS):
        if location in present and location not in kept:
            yield Defect(Check.REQUIRED, location, "is missing or empty, unlike in the original")
        elif location in _PIXEL_LOCATIONS and _is_layout_changed(original, output, location):
            yield Defect(Check.REQUIRED, location, "describes other pixels than in the original")


def _list_values(dicom_object: DicomObject) -> frozenset[str]:
    """Return the locations of top-level elements that have a value."""
    return frozenset(
        element.location
        for element in dicom_object.elements
        if "." not in element.location and (any(element.texts) or element.value_bytes)
    )


def _is_layout_changed(original: DicomObject, output: DicomObject, location: str) -> bool:
    """Return whether pixel data are unchanged, but described in another way."""
    is_unchanged = bool(output.pixel_bytes) and original.pixel_bytes == output.pixel_bytes
    return is_unchanged and original.get_text(location) != output.get_text(location)


def compare_formats(
    original: DicomObject, output: DicomObject, hasher: ValueHasher
) -> Iterator[Defect]:
    """Yield new values that their VR cannot hold. Values of the original may be invalid.

    Parameters
    ----------
    original, output : DicomObject
    hasher : ValueHasher
    """
    originals = original.group_by_pairing_path()
    for element in output.elements:
        pattern = _FORMATS.get(element.vr)
        if pattern is None or element.is_private:
            continue
        known = {text for other in originals.get(element.pairing_path, ()) for text in other.texts}
        for text in element.texts:
            if text not in known and _is_invalid(pattern, text):
                yield Defect(
                    Check.REQUIRED, element.location, f"is not a value of VR {element.vr}",
                    len(text), hasher(text),
                )  # fmt: skip


def _is_invalid(pattern: re.Pattern[str], text: str) -> bool:
    """Return whether a value has another form than its VR."""
    stripped = text.strip("\0 ")
    return bool(stripped) and not pattern.fullmatch(stripped)
