"""Run GDCM in a process of its own, because some broken codestreams make it crash.

There is one child per process. It starts at first use, and again after a crash. It ends with its
parent, since it then reads the end of its input.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from importlib.resources import files
from typing import IO

import numpy as np

from safelight.pixels.dicom.image_module import PixelInfo
from safelight.pixels.dicom.native_frames import Array, planes_to_pixels

#: Bytes of the size before each part of a request and a response.
SIZE_BYTES = 8

#: Time after which a frame counts as undecodable.
FRAME_TIMEOUT_SECONDS = 120.0


class GdcmError(Exception):
    """Raised if a frame cannot be decoded, crashes the child, or exceeds the time limit."""


class GdcmProcess:
    """A process that decodes frames. It can be used from several threads and after a fork."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0
        self._lock = threading.Lock()

    def _start(self) -> subprocess.Popen[bytes]:
        """Return the running child; start it if there is none."""
        if self._owner != os.getpid():  # a forked process must not use the pipes of its parent
            self._process = None
        if self._process is None or self._process.poll() is not None:
            # The program is passed as text, since the library may be in a zip file.
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
        """Decode one frame.

        Parameters
        ----------
        frame : bytes
            The codestream.
        info : PixelInfo

        Returns
        -------
        ndarray
            Stored values, (rows, columns, samples).

        Raises
        ------
        GdcmError
        """
        raw = self._request(
            {
                "syntax": info.transfer_syntax,
                "rows": info.rows,
                "columns": info.columns,
                "samples": info.samples,
                "photometric": info.photometric,
                "planar": info.planar,
                "allocated": info.bits_allocated,
                "stored": info.bits_stored,
                "signed": info.signed,
            },
            frame,
            info.rows * info.columns * info.samples * info.bits_allocated // 8,
        )
        if raw is None:
            raise GdcmError
        dtype = f"<{'i' if info.signed else 'u'}{info.bits_allocated // 8}"
        values: Array = np.frombuffer(raw, dtype)
        if info.samples > 1 and info.planar == 1:
            return planes_to_pixels(values.reshape(info.samples, info.rows, info.columns))
        return values.reshape(info.rows, info.columns, info.samples)

    def _request(self, arguments: dict[str, object], frame: bytes, size: int) -> bytes | None:
        """Return the response of the child to a request: ``size`` bytes, or ``None``.

        The response is never unpickled, because a codestream may have taken over the child.
        """
        head = json.dumps(arguments).encode("ascii")
        with self._lock:
            process = self._start()
            assert process.stdin is not None and process.stdout is not None
            timer = threading.Timer(FRAME_TIMEOUT_SECONDS, process.kill)
            timer.start()
            try:
                for part in (head, frame):
                    process.stdin.write(len(part).to_bytes(SIZE_BYTES, "big"))
                    process.stdin.write(part)
                process.stdin.flush()
                stated = int.from_bytes(_read_exactly(process.stdout, SIZE_BYTES), "big")
                if stated not in (0, size):
                    raise EOFError
                response = _read_exactly(process.stdout, stated)
            except (OSError, EOFError):
                _end(process)
                raise GdcmError from None
            except BaseException:
                # A response that was not read, as after a time limit of the caller, must not be
                # taken for the response to the next request.
                _end(process)
                raise
            finally:
                timer.cancel()
            return response or None


def _read_exactly(stream: IO[bytes], size: int) -> bytes:
    """Return the next bytes of a response.

    Raises
    ------
    EOFError
        If the child ended before.
    """
    data = stream.read(size)
    if len(data) != size:
        raise EOFError
    return data


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
