"""Say in the object what was done to it (PS3.15, section E.1.1; PS3.16, CID 7050)."""

from __future__ import annotations

from collections.abc import Iterable

from safelight.dicom.encoding import Encoding
from safelight.standard.options import METHOD_MEANINGS

PATIENT_IDENTITY_REMOVED = 0x00120062
DEIDENTIFICATION_METHOD = 0x00120063
DEIDENTIFICATION_METHOD_CODES = 0x00120064
BURNED_IN_ANNOTATION = 0x00280301
RECOGNIZABLE_VISUAL_FEATURES = 0x00280302
LONGITUDINAL_TEMPORAL_INFORMATION = 0x00280303

#: The method stated of an object whose PDF or CDA was cleaned.
DOCUMENT_CLEANED = "Encapsulated document cleaned"

#: What :func:`mark` writes.
MARK_TAGS = (
    PATIENT_IDENTITY_REMOVED,
    DEIDENTIFICATION_METHOD,
    DEIDENTIFICATION_METHOD_CODES,
    LONGITUDINAL_TEMPORAL_INFORMATION,
)


def _code_item(code: str, encoding: Encoding) -> bytes:
    element = encoding.element
    content = (
        element(0x00080100, "SH", code.encode("ascii"))
        + element(0x00080102, "SH", b"DCM")
        + element(0x00080104, "LO", METHOD_MEANINGS[code].encode("ascii"))
    )
    return encoding.item(content, undefined=False)


def mark(
    encoding: Encoding, methods: Iterable[str], codes: Iterable[str], dates: str
) -> dict[int, bytes]:
    """The encoded elements that mark an object as de-identified, by tag.

    Parameters
    ----------
    encoding : Encoding
    methods : iterable of str
        Values of De-identification Method (0012,0063), at most 64 characters each.
    codes : iterable of str
        CID 7050 codes of what was really done to this object.
    dates : str
        ``REMOVED``, ``MODIFIED`` or ``UNMODIFIED``, for (0028,0303).
    """
    items = b"".join(_code_item(code, encoding) for code in codes)
    text = "\\".join(method[:64] for method in methods).encode("ascii")
    element = encoding.element
    return {
        PATIENT_IDENTITY_REMOVED: element(PATIENT_IDENTITY_REMOVED, "CS", b"YES"),
        DEIDENTIFICATION_METHOD: element(DEIDENTIFICATION_METHOD, "LO", text),
        DEIDENTIFICATION_METHOD_CODES: encoding.sequence(
            DEIDENTIFICATION_METHOD_CODES, "SQ", items, undefined=False
        ),
        LONGITUDINAL_TEMPORAL_INFORMATION: element(
            LONGITUDINAL_TEMPORAL_INFORMATION, "CS", dates.encode("ascii")
        ),
    }
