"""Masking of JPEG blocks: a codestream that is not supported is refused, and no other error."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from functools import cache

from safelight.dicom.parser import parse
from safelight.pixels.codecs.codestream_headers import read_codestream_shape
from safelight.pixels.codecs.decoders import is_color_transformed
from safelight.pixels.codecs.jpeg.huffman import UnsupportedJpegError
from safelight.pixels.dicom.image_module import PixelInfo
from safelight.pixels.frames.frame_source import FrameSource
from safelight.pixels.geometry import Box
from safelight.pixels.redact.jpeg_blocks import mask_jpeg_blocks
from safelight.pixels.redact.painting import Fill
from tests.fuzz.dicom_seeds import make_jpeg_object
from tests.fuzz.dicom_seeds import make_jpeg_seeds as seeds

__all__ = ["run", "seeds"]

#: A larger image takes long and shows nothing else.
_MAX_PIXELS = 1 << 16


def run(data: bytes) -> None:
    """Mask a box in a codestream."""
    shape = read_codestream_shape(data)
    if shape is None or shape[0] * shape[1] > _MAX_PIXELS or shape[2] not in (1, 3):
        return
    info = replace(
        _info(), rows=shape[0], columns=shape[1], samples=shape[2],
        photometric="MONOCHROME2" if shape[2] == 1 else "YBR_FULL",
    )  # fmt: skip
    with suppress(UnsupportedJpegError):
        mask_jpeg_blocks(data, [Fill(Box(2, 2, 9, 5))], info, is_color_transformed(data, info))


@cache
def _info() -> PixelInfo:
    return FrameSource(parse(make_jpeg_object())).info
