"""Frames: only refusals for broken pixel data, and codestreams without metadata stay so."""

from __future__ import annotations

from contextlib import suppress

from safelight.dicom.encapsulation import index_frames
from safelight.dicom.parser import parse
from safelight.pixels.codecs.codestream_headers import read_codestream_shape
from safelight.pixels.codecs.codestream_metadata import find_metadata, remove_metadata
from safelight.pixels.codecs.decoders import decoded_photometric
from safelight.pixels.frames.frame_source import FrameSource
from safelight.records import Refusal
from tests.fuzz.dicom_seeds import make_image_seeds as seeds

__all__ = ["run", "seeds"]


def run(data: bytes) -> None:
    """Find the frames of an object, and the metadata in its bytes as a codestream."""
    with suppress(Refusal):
        source = FrameSource(parse(data))
        for number in range(min(source.frame_count, 4)):
            frame = source.read_raw_frame(number)
            decoded_photometric(frame, source.info)
            read_codestream_shape(frame)
            assert not find_metadata(remove_metadata(frame))
    with suppress(Refusal):
        index_frames(data, 0, 3, [])
    read_codestream_shape(data)
    with suppress(Refusal):
        assert not find_metadata(remove_metadata(data))
