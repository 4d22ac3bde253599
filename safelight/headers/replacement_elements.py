"""Elements of the pixel and document stages that replace elements of the source object."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from safelight.dicom.encoding import NATIVE_UIDS, UNDEFINED, Encoding
from safelight.dicom.tags import (
    BURNED_IN_ANNOTATION,
    PIXEL_DATA,
    RECOGNIZABLE_VISUAL_FEATURES,
)


@dataclass(frozen=True)
class ReplacementElements:
    """New elements and statements of the pixel stage or the document stage.

    Attributes
    ----------
    elements : mapping of int to tuple or None
        (VR, value) by tag at the top level; None removes the element.
    transfer_syntax : str or None
        New Transfer Syntax UID, or None if it did not change.
    pixels_cleaned : bool
        True if Clean Pixel Data was done and its result was checked.
    recognizable_face : bool or None
        Value of (0028,0302); None if it is not known.
    """

    elements: Mapping[int, tuple[str, bytes] | None] = field(default_factory=dict)
    transfer_syntax: str | None = None
    pixels_cleaned: bool = False
    recognizable_face: bool | None = None


NO_REPLACEMENT = ReplacementElements()


def encode_replacement(
    encoding: Encoding, replacement: ReplacementElements, transfer_syntax: str
) -> dict[int, bytes]:
    """Encode the elements of other stages.

    Parameters
    ----------
    encoding : Encoding
        Encoding of the data set.
    replacement : ReplacementElements
        Elements to encode.
    transfer_syntax : str
        Transfer Syntax UID of the new object.

    Returns
    -------
    dict of int to bytes
        Encoded elements by tag; empty bytes remove the element.
    """
    element = encoding.element
    encoded = {tag: element(tag, *new) if new else b"" for tag, new in replacement.elements.items()}
    pixels = replacement.elements.get(PIXEL_DATA)
    if pixels is not None and transfer_syntax not in NATIVE_UIDS:
        vr, fragments = pixels  # ends with its own sequence delimiter
        encoded[PIXEL_DATA] = encoding.header(PIXEL_DATA, vr, UNDEFINED) + fragments
    if replacement.pixels_cleaned:
        encoded[BURNED_IN_ANNOTATION] = element(BURNED_IN_ANNOTATION, "CS", b"NO")
    if replacement.recognizable_face is not None:
        answer = b"YES" if replacement.recognizable_face else b"NO"
        encoded[RECOGNIZABLE_VISUAL_FEATURES] = element(RECOGNIZABLE_VISUAL_FEATURES, "CS", answer)
    return encoded
