"""The child answers each request, also one that it cannot decode, until its input ends."""

from __future__ import annotations

import pickle
from io import BytesIO

from safelight.pixels.codecs import gdcm_child
from safelight.pixels.frames.frame_source import FrameSource
from tests.pixels.frames.test_frame_source import path_of


def request_of(frame: bytes) -> dict[str, object]:
    info = FrameSource.from_bytes(path_of("SC_rgb_jpeg_gdcm.dcm").read_bytes()).info
    return {
        "frame": frame,
        "syntax": info.transfer_syntax,
        "rows": info.rows,
        "columns": info.columns,
        "samples": info.samples,
        "photometric": info.photometric,
        "planar": info.planar,
        "allocated": info.bits_allocated,
        "stored": info.bits_stored,
        "signed": info.signed,
    }


def test_an_undecodable_frame_is_answered_by_none() -> None:
    requests, responses = BytesIO(pickle.dumps(request_of(b"no frame"))), BytesIO()
    gdcm_child.serve(requests, responses)
    assert pickle.loads(responses.getvalue()) is None


def test_a_frame_is_decoded_to_its_bytes() -> None:
    source = FrameSource.from_bytes(path_of("SC_rgb_jpeg_gdcm.dcm").read_bytes())
    requests = BytesIO(pickle.dumps(request_of(source.read_raw_frame(0))))
    responses = BytesIO()
    gdcm_child.serve(requests, responses)
    raw = pickle.loads(responses.getvalue())
    assert len(raw) == source.info.rows * source.info.columns * source.info.samples
