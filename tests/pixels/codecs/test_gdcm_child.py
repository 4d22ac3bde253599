"""The child answers each request, also one that it cannot decode, until its input ends."""

from __future__ import annotations

import json
from io import BytesIO

from safelight.pixels.codecs import gdcm_child
from safelight.pixels.frames.frame_source import FrameSource
from tests.pixels.frames.test_frame_source import path_of


def request_of(frame: bytes) -> bytes:
    info = FrameSource.from_bytes(path_of("SC_rgb_jpeg_gdcm.dcm").read_bytes()).info
    arguments = {
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
    parts = (json.dumps(arguments).encode(), frame)
    return b"".join(len(part).to_bytes(8, "big") + part for part in parts)


def test_an_undecodable_frame_is_answered_by_no_bytes() -> None:
    requests, responses = BytesIO(request_of(b"no frame")), BytesIO()
    gdcm_child.serve(requests, responses)
    assert responses.getvalue() == bytes(8)


def test_a_frame_is_decoded_to_its_bytes() -> None:
    source = FrameSource.from_bytes(path_of("SC_rgb_jpeg_gdcm.dcm").read_bytes())
    requests = BytesIO(request_of(source.read_raw_frame(0)))
    responses = BytesIO()
    gdcm_child.serve(requests, responses)
    answer = responses.getvalue()
    assert len(answer) == 8 + int.from_bytes(answer[:8], "big")
    assert len(answer) - 8 == source.info.rows * source.info.columns * source.info.samples
