"""Name the elements of a data set by path, as the answer key of the MIDI-B challenge does.

A path is ``<(0008,1140)>[<0000>]<(0008,1155)>`` for an element of the first item of a sequence.
A private element has its creator in upper case instead of the block:
``<(0019,"SIEMENS MR HEADER",0c)>``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset

#: Elements whose values are not compared as text.
_NOT_TEXT = frozenset({"PixelData", "FloatPixelData", "DoubleFloatPixelData", "OverlayData"})


def format_path(element: DataElement, parent: str = "", item: int = 0) -> str:
    """Return the path of an element.

    Parameters
    ----------
    element : pydicom.dataelem.DataElement
    parent : str
        Path of the sequence that holds the element; empty at the top level.
    item : int
        Number of the item of the sequence, from 0.
    """
    tag = element.tag
    label = f"({tag.group:04x},{tag.element:04x})"
    if tag.is_private and element.private_creator:
        creator = str(element.private_creator).upper()
        label = f'({tag.group:04x},"{creator}",{tag.element & 0xFF:02x})'
    return f"{parent}[<{item:04d}>]<{label}>" if parent else f"<{label}>"


def list_values(dataset: Dataset) -> dict[str, str]:
    """Return the value of each element of all levels as text, by path."""
    return dict(_walk(dataset, "", 0))


def _walk(dataset: Dataset, parent: str, item: int) -> Iterator[tuple[str, str]]:
    for element in dataset:
        path = format_path(element, parent, item)
        is_text = element.keyword not in _NOT_TEXT and element.VR != "SQ"
        yield path, _format_value(element) if is_text else ""
        if element.VR == "SQ":
            for number, nested in enumerate(element.value):
                yield from _walk(nested, path, number)


def _format_value(element: DataElement) -> str:
    value = element.value
    if value is None:
        return ""
    if isinstance(value, bytes):
        return value.decode("latin-1").strip("\0 ")
    return str(value).strip()


def digest_pixels(dataset: Dataset) -> str:
    """Return the MD5 of the pixel data as stored; empty if there is none."""
    pixels = dataset.get("PixelData")
    return hashlib.md5(pixels, usedforsecurity=False).hexdigest() if pixels is not None else ""
