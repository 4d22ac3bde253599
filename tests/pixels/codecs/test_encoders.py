"""Each encoder keeps the values of a frame without loss in its transfer syntax."""

from __future__ import annotations

import numpy as np
import pytest

from safelight.pixels.codecs.decoders import DECODERS, decode_frame
from safelight.pixels.codecs.encoders import ENCODERS, LOSSY
from safelight.pixels.frames.frame_source import FrameSource
from tests.pixels.frames.test_frame_source import path_of


@pytest.mark.parametrize(
    "name",
    [
        "MR_small_jp2klossless.dcm",
        "MR_small_jpeg_ls_lossless.dcm",
        "MR_small_RLE.dcm",
        "JPEG2000.dcm",
        "JPEGLSNearLossless_16.dcm",
    ],
)
def test_an_encoded_frame_is_decoded_to_the_same_values(name: str) -> None:
    source = FrameSource.from_bytes(path_of(name).read_bytes())
    values = source.read_frame(0).copy()
    values[:8, :8] = values.min()
    encoder = ENCODERS[source.transfer_syntax]
    encoded = encoder(source.read_raw_frame(0), values, source.info, False)
    assert np.array_equal(decode_frame(encoded, source.info), values)


def test_every_syntax_with_an_encoder_has_a_decoder() -> None:
    assert set(ENCODERS) <= set(DECODERS)


def test_lossy_syntaxes_have_an_encoder() -> None:
    assert set(ENCODERS) >= LOSSY
