"""Input that a target processes at the moment, in a file that outlives the process.

The fuzzer does not save the input of every failure: a process that is ended from outside, and an
exception in some versions of atheris, leave none.
"""

from __future__ import annotations

import mmap
from pathlib import Path

_LENGTH_BYTES = 8


class CurrentInput:
    """Memory-mapped file of one input; to write it costs a copy and no system call.

    Parameters
    ----------
    path : Path
        File; it is made if it does not exist.
    max_bytes : int
        Size of the largest input.
    """

    def __init__(self, path: Path, max_bytes: int):
        path.parent.mkdir(parents=True, exist_ok=True)
        size = _LENGTH_BYTES + max_bytes
        with path.open("ab") as file:
            file.truncate(size)
        with path.open("r+b") as file:
            self._memory = mmap.mmap(file.fileno(), size)

    def write(self, data: bytes) -> None:
        """Replace the input."""
        data = data[: len(self._memory) - _LENGTH_BYTES]
        end = _LENGTH_BYTES + len(data)
        self._memory[_LENGTH_BYTES:end] = data
        self._memory[:_LENGTH_BYTES] = len(data).to_bytes(_LENGTH_BYTES, "little")

    def read(self) -> bytes:
        """Return the input that was written last; empty if there is none."""
        length = int.from_bytes(self._memory[:_LENGTH_BYTES], "little")
        return bytes(self._memory[_LENGTH_BYTES : _LENGTH_BYTES + length])
