"""A codestream that ends the decoder's process ends nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from safelight.pixels.codecs import gdcm_process
from safelight.pixels.codecs.gdcm_process import GdcmError, GdcmProcess
from safelight.pixels.frames.frame_source import FrameSource
from safelight.records import Reason, Refusal
from tests.pixels.frames.test_frame_source import path_of


@pytest.fixture
def source() -> FrameSource:
    return FrameSource.from_bytes(path_of("SC_rgb_jpeg_gdcm.dcm").read_bytes())


def test_the_child_is_started_once_and_again_when_it_died(source: FrameSource) -> None:
    child = GdcmProcess()
    frame = source.read_raw_frame(0)
    first = child.decode(frame, source.info)
    process = child._start()
    assert np.array_equal(child.decode(frame, source.info), first)
    assert child._start() is process
    process.kill()
    process.wait()
    assert np.array_equal(child.decode(frame, source.info), first)
    assert child._start() is not process
    child._start().kill()


def test_a_frame_that_kills_the_child_fails_alone(source: FrameSource) -> None:
    child = GdcmProcess()
    child._process = subprocess.Popen(
        [sys.executable, "-c", "import os, sys; sys.stdin.buffer.read(9); os.abort()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    child._owner = os.getpid()
    with pytest.raises(GdcmError):
        child.decode(source.read_raw_frame(0), source.info)
    assert child.decode(source.read_raw_frame(0), source.info).shape == (100, 100, 3)
    child._start().kill()


def test_a_frame_that_cannot_be_decoded_leaves_the_child_alive(source: FrameSource) -> None:
    child = GdcmProcess()
    process = child._start()
    with pytest.raises(GdcmError):
        child.decode(source.read_raw_frame(0)[:200], source.info)
    assert child._start() is process
    process.kill()


def test_a_response_that_was_not_read_is_not_that_of_the_next_frame(
    source: FrameSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(_stream: object, _size: int) -> None:
        raise KeyboardInterrupt

    child = GdcmProcess()
    frame = source.read_raw_frame(0)
    expected = child.decode(frame, source.info)
    with monkeypatch.context() as patch:
        patch.setattr(gdcm_process, "_read_exactly", interrupt)
        with pytest.raises(KeyboardInterrupt):
            child.decode(frame[:200], source.info)
    assert np.array_equal(child.decode(frame, source.info), expected)
    child._start().kill()


@pytest.mark.parametrize("answer", ["os.urandom(4096)", "pickle.dumps(Evil())", "bytes(8)"])
def test_no_answer_of_a_child_is_executed(answer: str, source: FrameSource, tmp_path: Path) -> None:
    program = (
        "import os, pickle, sys\n"
        "class Evil:\n"
        f"    def __reduce__(self): return (os.mkdir, ({str(tmp_path / 'owned')!r},))\n"
        "sys.stdin.buffer.read(9)\n"
        f"os.write(1, {answer})\n"
    )
    child = GdcmProcess()
    child._process = subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    child._owner = os.getpid()
    with pytest.raises(GdcmError):
        child.decode(source.read_raw_frame(0), source.info)
    assert not (tmp_path / "owned").exists()


def test_the_refusal_has_the_reason_undecodable(source: FrameSource) -> None:
    broken = source.data.replace(b"\xff\xc4", b"\xff\xfe")  # tables that are comments now
    with pytest.raises(Refusal) as refused:
        FrameSource.from_bytes(broken).read_frame(0)
    assert refused.value.reason is Reason.UNDECODABLE_PIXELS
