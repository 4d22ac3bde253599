"""Other software can read masked compressed frames."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pydicom

from safelight import Deidentifier
from safelight.pixels.frames.frame_source import FrameSource
from safelight.records import Status
from tests.pixels.frames.test_frame_source import path_of


def test_a_masked_rle_object_is_still_rle() -> None:
    data = path_of("OBXXXX1A_rle.dcm").read_bytes()  # its device burns a banner in
    result = Deidentifier(rules="research", key=bytes(range(32, 64))).deidentify(data)
    assert result.status is Status.DEIDENTIFIED and result.data is not None
    dataset = pydicom.dcmread(BytesIO(result.data))
    assert dataset.file_meta.TransferSyntaxUID == "1.2.840.10008.1.2.5"
    assert dataset["PixelData"].is_undefined_length
    source, again = FrameSource.from_bytes(data), FrameSource.from_bytes(result.data)
    assert np.array_equal(dataset.pixel_array, again.read_frame(0))
    palette = again.info.palette
    assert palette is not None
    shown = palette[0].data[again.read_frame(0)[:56, :800]]
    assert not shown.any()
    assert np.array_equal(again.read_frame(0)[200:, 300:500], source.read_frame(0)[200:, 300:500])
