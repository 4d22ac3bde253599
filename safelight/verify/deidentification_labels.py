"""Does an object say of itself what was done, and can that be true? (PS3.15, E.1.1; CID 7050)"""

from __future__ import annotations

from collections.abc import Iterator

from safelight.verify.defects import Check, Defect
from safelight.verify.dicom_object import DicomObject

#: Context group 7050 of PS3.16.
CID_7050 = frozenset(str(code) for code in range(113100, 113113))

BASIC_PROFILE = "113100"
CLEAN_PIXELS = "113101"
CLEAN_VISUAL_FEATURES = "113102"
FULL_DATES = "113106"
MODIFIED_DATES = "113107"


def check_labels(
    dicom_object: DicomObject, granted_codes: frozenset[str] | None
) -> Iterator[Defect]:
    """Check the marks of one object.

    Parameters
    ----------
    dicom_object : DicomObject
    granted_codes : frozenset of str or None
        Codes that the organisation's rules provide for; a claim beyond them is a defect.
        ``None`` if they are not known.
    """
    codes = dicom_object.codes

    def defect(location: str, detail: str) -> Defect:
        return Defect(Check.LABELS, location, detail)

    if dicom_object.text("(0012,0062)") != "YES":
        yield defect("(0012,0062)", "is not YES")
    if not codes and not dicom_object.text("(0012,0063)"):
        yield defect("(0012,0064)", "neither a method nor a method code is stated")
    if codes and BASIC_PROFILE not in codes:
        yield defect("(0012,0064)", "the Basic Profile (113100) is not claimed")
    for code in sorted(codes - CID_7050):
        if code.isascii() and code.isdigit():
            yield defect("(0012,0064)", f"{code} is no code of CID 7050")
        else:
            yield defect("(0012,0064)", "a code is none of CID 7050")
    for code in sorted(codes & CID_7050 - (granted_codes if granted_codes is not None else codes)):
        yield defect("(0012,0064)", f"{code} is claimed, but the rules do not provide for it")
    if {FULL_DATES, MODIFIED_DATES} <= codes:
        yield defect("(0012,0064)", "full and modified dates (113106, 113107) exclude each other")
    stated = dicom_object.text("(0028,0303)")
    expected = "REMOVED"
    if FULL_DATES in codes:
        expected = "UNMODIFIED"
    elif MODIFIED_DATES in codes:
        expected = "MODIFIED"
    if stated != expected:
        yield defect("(0028,0303)", f"is not {expected}, as the codes imply")
    if dicom_object.text("(0028,0301)") == "YES" and CLEAN_PIXELS in codes:
        yield defect("(0028,0301)", "is YES, although pixels are said to be clean (113101)")
    if (
        CLEAN_PIXELS in codes
        and dicom_object.pixel_bytes
        and dicom_object.text("(0028,0301)") != "NO"
    ):
        yield defect("(0028,0301)", "is not NO, although pixels are said to be clean (113101)")
    if CLEAN_VISUAL_FEATURES in codes and dicom_object.text("(0028,0302)") != "NO":
        yield defect("(0028,0302)", "is not NO, although 113102 is claimed")
