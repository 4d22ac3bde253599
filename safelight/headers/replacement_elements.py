"""What the pixel and document stages put in place of elements of the original."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from safelight.dicom.encoding import NATIVE_UIDS, UNDEFINED, Encoding
from safelight.headers.deidentification_labels import (
    BURNED_IN_ANNOTATION,
    RECOGNIZABLE_VISUAL_FEATURES,
)

PIXEL_DATA = 0x7FE00010


@dataclass(frozen=True)
class ReplacementElements:
    """What the pixel and document stages put in place of the original's elements.

    Attributes
    ----------
    elements : dict
        Tag → (VR, value) at the top level, ``None`` to remove.
    transfer_syntax : str or None
        The new one, if it changed.
    pixels_cleaned : bool
        Whether Clean Pixel Data was done and proved.
    recognizable_face : bool or None
        Value for (0028,0302); ``None`` where nothing is known of it.
    """

    elements: Mapping[int, tuple[str, bytes] | None] = field(default_factory=dict)
    transfer_syntax: str | None = None
    pixels_cleaned: bool = False
    recognizable_face: bool | None = None


UNCHANGED = ReplacementElements()


def inserted_by(
    encoding: Encoding, replacement: ReplacementElements, transfer_syntax: str
) -> dict[int, bytes]:
    """The elements that other stages give anew, encoded."""
    element = encoding.element
    inserted = {
        tag: element(tag, *new) if new else b"" for tag, new in replacement.elements.items()
    }
    pixels = replacement.elements.get(PIXEL_DATA)
    if pixels is not None and transfer_syntax not in NATIVE_UIDS:
        vr, fragments = pixels  # ends with its own sequence delimiter
        inserted[PIXEL_DATA] = encoding.header(PIXEL_DATA, vr, UNDEFINED) + fragments
    if replacement.pixels_cleaned:
        inserted[BURNED_IN_ANNOTATION] = element(BURNED_IN_ANNOTATION, "CS", b"NO")
    if replacement.recognizable_face is not None:
        answer = b"YES" if replacement.recognizable_face else b"NO"
        inserted[RECOGNIZABLE_VISUAL_FEATURES] = element(RECOGNIZABLE_VISUAL_FEATURES, "CS", answer)
    return inserted
