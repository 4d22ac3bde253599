"""Label an object as de-identified (PS3.15, section E.1.1; PS3.16, CID 7050)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from safelight.dicom.encoding import Encoding
from safelight.dicom.tags import (
    DEIDENTIFICATION_METHOD,
    DEIDENTIFICATION_METHOD_CODES,
    LONGITUDINAL_TEMPORAL_INFORMATION,
    PATIENT_IDENTITY_REMOVED,
)
from safelight.headers.retained_information import Retained
from safelight.standard.options import BASIC_PROFILE_CODE, METHOD_MEANINGS, Option

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


@dataclass(frozen=True)
class ObjectLabels:
    """Labels of one object, as they follow from what was done to it.

    Attributes
    ----------
    identity_removed : bool
        Value of Patient Identity Removed (0012,0062).
    codes : tuple of str
        CID 7050 codes of the methods that were carried out.
    dates : str
        Value of (0028,0303): ``REMOVED``, ``MODIFIED`` or ``UNMODIFIED``.
    """

    identity_removed: bool
    codes: tuple[str, ...]
    dates: str


def derive_labels(
    retained: Retained,
    options: frozenset[Option],
    *,
    pixels_cleaned: bool = False,
    face_excluded: bool = False,
    content_cleaned: bool = False,
    text_read: bool = False,
) -> ObjectLabels:
    """Derive the labels of one object from what was done to it.

    An object whose dates are partly shifted and partly original follows neither option for
    dates, so that it gets the code of neither, and not that of the Basic Profile.

    Parameters
    ----------
    retained : Retained
        What the elements of the new object still say.
    options : frozenset of Option
        Selected options. They count only where nothing in the object could contradict them:
        descriptions are clean if there are none.
    pixels_cleaned : bool
        Whether the pixels were read, and text in them was masked.
    face_excluded : bool
        Whether the images were found to show no recognizable face.
    content_cleaned : bool
        Whether the content tree of a structured report was cleaned.
    text_read : bool
        Whether a text model has read the texts.

    Returns
    -------
    ObjectLabels
    """
    has_shifted, has_original = _find_dates(retained)
    cleans_text = Option.CLEAN_DESCRIPTORS in options or bool(retained & Retained.CLEANED_TEXT)
    has_reduced = Retained.REDUCED_DATE in retained
    carried_out = {
        Option.CLEAN_PIXEL_DATA: pixels_cleaned,
        Option.CLEAN_RECOGNIZABLE_VISUAL_FEATURES: face_excluded,
        Option.CLEAN_GRAPHICS: Retained.GRAPHICS in retained,
        Option.CLEAN_STRUCTURED_CONTENT: content_cleaned,
        Option.CLEAN_DESCRIPTORS: (
            text_read and cleans_text and Retained.UNREAD_TEXT not in retained
        ),
        Option.RETAIN_LONG_FULL_DATES: has_original and not has_shifted and not has_reduced,
        Option.RETAIN_LONG_MODIFIED_DATES: has_shifted and not has_original and not has_reduced,
        Option.RETAIN_PATIENT_CHARACTERISTICS: Retained.PATIENT in retained,
        Option.RETAIN_DEVICE_IDENTITY: Retained.DEVICE in retained,
        Option.RETAIN_UIDS: Retained.UIDS in retained,
        Option.RETAIN_SAFE_PRIVATE: Retained.SAFE_PRIVATE in retained,
        Option.RETAIN_INSTITUTION_IDENTITY: Retained.INSTITUTION in retained,
    }
    codes = [option.code for option in Option if carried_out[option]]
    if Retained.BEYOND_PROFILE not in retained and not (has_shifted and has_original):
        codes.insert(0, BASIC_PROFILE_CODE)
    if has_shifted or has_reduced:
        dates = "MODIFIED"
    else:
        dates = "UNMODIFIED" if has_original else "REMOVED"
    return ObjectLabels(
        identity_removed=Retained.DIRECT_IDENTIFIER not in retained,
        codes=tuple(codes),
        dates=dates,
    )


def _find_dates(retained: Retained) -> tuple[bool, bool]:
    """Return whether an object has shifted and original dates. Times count only without dates."""
    has_shifted = Retained.SHIFTED_DATE in retained
    has_original = Retained.ORIGINAL_DATE in retained
    if not has_shifted and not has_original:
        has_shifted = Retained.CONSISTENT_TIME in retained
        has_original = not has_shifted and Retained.ORIGINAL_TIME in retained
    return has_shifted, has_original


def encode_labels(
    encoding: Encoding, methods: Iterable[str], labels: ObjectLabels
) -> dict[int, bytes]:
    """Encode the elements that label an object.

    Parameters
    ----------
    encoding : Encoding
        Encoding of the data set.
    methods : iterable of str
        Values of De-identification Method (0012,0063); each is cut after 64 characters.
    labels : ObjectLabels

    Returns
    -------
    dict of int to bytes
        Encoded elements by tag; empty bytes if the object does not get the element.
    """
    items = b"".join(_encode_code_item(code, encoding) for code in labels.codes)
    text = "\\".join(method[:_MAX_METHOD_CHARACTERS] for method in methods).encode("ascii")
    element = encoding.element
    removed = b"YES" if labels.identity_removed else b"NO"
    codes = encoding.sequence(DEIDENTIFICATION_METHOD_CODES, "SQ", items, undefined=False)
    return {
        PATIENT_IDENTITY_REMOVED: element(PATIENT_IDENTITY_REMOVED, "CS", removed),
        DEIDENTIFICATION_METHOD: element(DEIDENTIFICATION_METHOD, "LO", text),
        DEIDENTIFICATION_METHOD_CODES: codes if items else b"",
        LONGITUDINAL_TEMPORAL_INFORMATION: element(
            LONGITUDINAL_TEMPORAL_INFORMATION, "CS", labels.dates.encode("ascii")
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
