"""A run that does not read pixels removes what no reader displays."""

from __future__ import annotations

from safelight import Deidentifier
from safelight.pixels.frames.frame_source import FrameSource
from tests.pixels.codecs.test_codestream_metadata import photograph
from tests.pixels.objects import encapsulated_object, native_object

DEIDENTIFIER = Deidentifier(key=bytes(range(32)), pixels=False)


def test_comments_are_removed_and_recorded_although_pixels_are_not_read() -> None:
    data = encapsulated_object([photograph()], Rows=32, Columns=32)
    result = DEIDENTIFIER.deidentify(data)
    assert result.data is not None
    assert b"said of" not in result.data and b"Exif" not in result.data
    source, new = FrameSource.from_bytes(data), FrameSource.from_bytes(result.data)
    assert (source.read_frame(0) == new.read_frame(0)).all()
    assert "codestream metadata" in {action.rule for action in result.actions}
    assert b"113101" not in result.data


def test_bytes_after_the_last_frame_are_cleared_although_pixels_are_not_read() -> None:
    data = native_object(bytes(range(24)) + b"Tomas Hargreave ", Rows=4, Columns=6)
    result = DEIDENTIFIER.deidentify(data)
    assert result.data is not None and b"Hargreave" not in result.data
    assert bytes(range(24)) in result.data
    assert "bytes of no frame" in {action.rule for action in result.actions}


def test_pixels_without_unread_bytes_keep_their_bytes() -> None:
    data = native_object(bytes(range(24)), Rows=4, Columns=6)
    result = DEIDENTIFIER.deidentify(data)
    assert not [action for action in result.actions if action.keyword == "PixelData"]
