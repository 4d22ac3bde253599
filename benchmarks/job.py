"""The whole job with header rules only: objects per second beside the header stage alone.

    python -m benchmarks.job [--objects 2000] [--cores 2]

Sources are CT slices of 527 KB on a local disk, outputs and Delta tables go to the same disk.
The job runs twice in processes of its own, over one object and over all; the difference is
what the objects take once Spark is up. In the same run: the header stage in memory, and
copying the same files, both times the number of cores. Memory is the proportional set size
of all processes of the job, at its highest.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.headers import SLICES, copy_work, ct_series, rate, safelight_work

RESULTS = Path(__file__).parent / "results" / "job.md"
_ROOT = b"3680043."


def write_sources(folder: Path, count: int) -> int:
    """Series of slices with UIDs of their own; the bytes written."""
    series, size = ct_series(512, 512), 0
    for number in range(count):
        group, member = divmod(number, SLICES)
        data = series[member].replace(_ROOT, b"36800%02d." % group)
        path = folder / f"series-{group:02}" / f"{member:03}.dcm"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        size += len(data)
    return size


def run_job(source: Path, place: Path, cores: int) -> tuple[dict[str, float], int]:
    """The last line of the job, and the peak memory of all its processes in bytes."""
    key = place / "key.hex"
    place.mkdir()
    key.write_text("5a" * 32)
    arguments = ["--input", source, "--output", place / "out", "--tables", place / "tables"]
    arguments += ["--key", f"file:{key}", "--pixels", "off", "--text", "off"]
    command = [sys.executable, "-m", "jobs.cli", "deidentify", *map(str, arguments)]
    job = subprocess.Popen(
        [*command, "--master", f"local[{cores}]"], stdout=subprocess.PIPE, text=True
    )
    peak = 0
    while job.poll() is None:
        peak = max(peak, memory_of(job.pid))
        time.sleep(0.25)
    assert job.stdout is not None and job.returncode == 0
    return json.loads(job.stdout.read().splitlines()[-1]), peak


def memory_of(root: int) -> int:
    """Proportional set size of a process and all below it."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError, IndexError):
            continue
        children.setdefault(parent, []).append(int(entry.name))
    total, todo = 0, [root]
    while todo:
        process = todo.pop()
        todo += children.get(process, [])
        try:
            text = Path(f"/proc/{process}/smaps_rollup").read_text()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in text.splitlines() if line[:4] == "Pss:")
    return total * 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--objects", type=int, default=2000)
    parser.add_argument("--cores", type=int, default=min(2, os.cpu_count() or 1))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_sources(folder / "one", 1)
        size = write_sources(folder / "all", options.objects)
        series = ct_series(512, 512)
        header = rate(safelight_work("research"), series, 3.0) * options.cores
        copied = rate(copy_work(folder), series, 3.0) * options.cores
        started, _ = run_job(folder / "one", folder / "first", options.cores)
        whole, peak = run_job(folder / "all", folder / "second", options.cores)
        assert whole["deidentified"] == options.objects
        shutil.rmtree(folder / "second")
    seconds = whole["seconds"] - started["seconds"]
    job = options.objects / seconds
    lines = [
        "# The whole job, header rules only",
        "",
        f"{options.objects:,} objects, {size / 1e6:,.0f} MB, {options.cores} cores, "
        f"{platform.machine()}, Python {platform.python_version()}. "
        "Made by `python -m benchmarks.job`. Compare within the run: the machine is shared.",
        "",
        "| | objects/s | against the header stage |",
        "|---|---:|---:|",
        f"| header stage in memory × {options.cores} | {header:,.0f} | 1.00 |",
        f"| copying the files × {options.cores} | {copied:,.0f} | {copied / header:.2f} |",
        f"| the job, once Spark is up | {job:,.0f} | {job / header:.2f} |",
        f"| the job, from start to end | {options.objects / whole['seconds']:,.0f} | "
        f"{options.objects / whole['seconds'] / header:.2f} |",
        "",
        f"Start and commits over one object: {started['seconds']:.1f} s. All objects: "
        f"{whole['seconds']:.1f} s. Peak memory of all processes: {peak / 2**30:.2f} GiB.",
        "",
    ]
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text("\n".join(lines))
    print("\n".join(lines))


if __name__ == "__main__":
    main()
