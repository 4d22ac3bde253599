"""GDCM in a process of its own: on some broken codestreams it ends its process.

One child per process, started at first use, started again when it died. It ends when its
parent does, since it then reads the end of its input.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
from importlib.resources import files

import numpy as np

from safelight.pixels.dicom.image_module import PixelInfo
from safelight.pixels.dicom.native_frames import Array, planes_to_pixels

#: Seconds after which a frame is given up.
FRAME_TIMEOUT_SECONDS = 120.0


class GdcmError(Exception):
    """The frame cannot be decoded, the child ended over it, or did not answer in time."""


class GdcmProcess:
    """The process that decodes, and the way to it. Safe to use from threads and after a fork."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0
        self._lock = threading.Lock()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._owner != os.getpid():  # a fork would talk into its parent's conversation
            self._process = None
        if self._process is None or self._process.poll() is not None:
            # As text, since the library may come in a zip file.
            program = files("safelight.pixels.codecs").joinpath("gdcm_child.py").read_text("utf-8")
            self._process = subprocess.Popen(
                [sys.executable, "-c", program],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            )
            self._owner = os.getpid()
        return self._process

    def decode(self, frame: bytes, info: PixelInfo) -> Array:
        """Decode one frame to (rows, columns, samples).

        Raises
        ------
        Failed
        """
        raw = self._ask(
            {
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
        )
        size = info.rows * info.columns * info.samples * info.bits_allocated // 8
        if raw is None or len(raw) != size:
            raise GdcmError
        dtype = f"<{'i' if info.signed else 'u'}{info.bits_allocated // 8}"
        values: Array = np.frombuffer(raw, dtype)
        if info.samples > 1 and info.planar == 1:
            return planes_to_pixels(values.reshape(info.samples, info.rows, info.columns))
        return values.reshape(info.rows, info.columns, info.samples)

    def _ask(self, question: dict[str, object]) -> bytes | None:
        with self._lock:
            process = self._running()
            assert process.stdin is not None and process.stdout is not None
            timer = threading.Timer(FRAME_TIMEOUT_SECONDS, process.kill)
            timer.start()
            try:
                pickle.dump(question, process.stdin, pickle.HIGHEST_PROTOCOL)
                process.stdin.flush()
                answer: bytes | None = pickle.load(process.stdout)
            except (OSError, EOFError, pickle.UnpicklingError):
                process.kill()
                process.wait()
                raise GdcmError from None
            finally:
                timer.cancel()
            return answer
