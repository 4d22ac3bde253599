"""Find the memory that a worker may use for the bytes of one source."""

from __future__ import annotations

import os
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

#: Limits of the memory of a container.
_CONTAINER_MEMORY_FILES = (
    "/sys/fs/cgroup/memory.max",
    "/sys/fs/cgroup/memory/memory.limit_in_bytes",
)


@lru_cache(maxsize=1)
def memory_for_one_source() -> int:
    """Return the largest number of bytes that a worker reads: half of its memory.

    That is the memory of the machine, or of the container (cgroup version 2 or 1).
    """
    sizes = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for path in _CONTAINER_MEMORY_FILES:
        with suppress(OSError, ValueError):  # not in a container, or without a limit
            sizes.append(int(Path(path).read_text(encoding="ascii")))
    return min(size for size in sizes if size > 0) // 2
