"""Label an object as de-identified (PS3.15, section E.1.1; PS3.16, CID 7050)."""

from __future__ import annotations

from collections.abc import Iterable

from safelight.dicom.encoding import Encoding
from safelight.dicom.tags import (
    DEIDENTIFICATION_METHOD,
    DEIDENTIFICATION_METHOD_CODES,
    LONGITUDINAL_TEMPORAL_INFORMATION,
    PATIENT_IDENTITY_REMOVED,
)
from safelight.standard.options import METHOD_MEANINGS

#: Method that is stated if an encapsulated PDF or CDA was cleaned. CID 7050 has no code for it.
DOCUMENT_CLEANED = "Encapsulated document cleaned"

#: Tags of the elements that :func:`encode_labels` returns.
LABEL_TAGS = (
    PATIENT_IDENTITY_REMOVED,
    DEIDENTIFICATION_METHOD,
    DEIDENTIFICATION_METHOD_CODES,
    LONGITUDINAL_TEMPORAL_INFORMATION,
)

_MAX_METHOD_CHARACTERS = 64


def encode_labels(
    encoding: Encoding, methods: Iterable[str], codes: Iterable[str], dates: str
) -> dict[int, bytes]:
    """Encode the elements that label an object as de-identified.

    Parameters
    ----------
    encoding : Encoding
        Encoding of the data set.
    methods : iterable of str
        Values of De-identification Method (0012,0063); each is cut after 64 characters.
    codes : iterable of str
        CID 7050 codes of the methods that were applied to this object.
    dates : str
        Value of (0028,0303): ``REMOVED``, ``MODIFIED`` or ``UNMODIFIED``.

    Returns
    -------
    dict of int to bytes
        Encoded elements by tag.
    """
    items = b"".join(_encode_code_item(code, encoding) for code in codes)
    text = "\\".join(method[:_MAX_METHOD_CHARACTERS] for method in methods).encode("ascii")
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


def _encode_code_item(code: str, encoding: Encoding) -> bytes:
    element = encoding.element
    content = (
        element(0x00080100, "SH", code.encode("ascii"))
        + element(0x00080102, "SH", b"DCM")
        + element(0x00080104, "LO", METHOD_MEANINGS[code].encode("ascii"))
    )
    return encoding.item(content, undefined=False)
