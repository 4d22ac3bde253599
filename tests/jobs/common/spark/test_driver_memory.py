from __future__ import annotations

import subprocess
import sys

#: Frees a buffer of 16 MB, then 200 buffers of 200 KB below one that is kept.
_PROGRAM = """
import sys
from pathlib import Path
import pyarrow as pa
from jobs.common.spark.driver_memory import return_freed_memory

if sys.argv[1] == "set":
    return_freed_memory()
else:
    pa.set_memory_pool(pa.system_memory_pool())

def anonymous_bytes():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("RssAnon"))

large = pa.allocate_buffer(16 << 20)
del large
before = anonymous_bytes()
buffers = []
for _ in range(201):
    buffers.append(pa.py_buffer(bytearray(200 << 10)))
kept = buffers.pop()
buffers.clear()
print(anonymous_bytes() - before)
"""


def _growth(setting: str) -> int:
    words = [sys.executable, "-c", _PROGRAM, setting]
    return int(subprocess.run(words, check=True, capture_output=True, text=True).stdout)


def test_freed_buffers_are_returned_below_a_used_one() -> None:
    assert _growth("set") < 5 << 20 < 30 << 20 < _growth("default")


def test_delta_rs_reads_the_settings_of_its_allocator() -> None:
    program = (
        "import os, jobs.common.delta\n"
        "os.environ['_RJEM_MALLOC_CONF'] += ',stats_print:true'\n"
        "import deltalake\n"
    )
    words = [sys.executable, "-c", program]
    printed = subprocess.run(words, check=True, capture_output=True, text=True).stderr
    assert "opt.narenas: 1" in printed and "opt.dirty_decay_ms: 0" in printed
