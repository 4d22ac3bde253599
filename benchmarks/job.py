"""Measure the whole job with header rules only: objects per second, compared with its limits.

    python -m benchmarks.job [--objects 2000] [--cores 2]

Sources are CT slices of 527 KB on a local disk; outputs and Delta tables are on the same disk. In
the same run, these loops are measured for comparison, each in one process per core over a share of
the same files:

- the header stage in memory;
- a copy of each file to a new file;
- the minimum work of any such job: read a file, run the header stage, compute the SHA-256 of the
  output, write it to a new file. It is measured before and after the job, and once without a pause.

Each loop starts after a pause that is as long as the start of Spark. A virtual machine returns
freed memory to its host within seconds, and writing files into memory that must be allocated again
takes nearly twice as long.

The job is timed in three ways: from the first object in a worker to the last commit (from its
tables); by the additional time for all objects compared with one; and from start to end of the
command. Memory is the peak of the proportional set size of all processes of the job.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from benchmarks.headers import SLICES, ct_series, make_safelight

RESULTS = Path(__file__).parent / "results" / "job.md"
_ROOT = b"3680043."

#: A little more than the time between the start of the job and its first object.
PAUSE_SECONDS = 7.0

#: Function that processes files and writes outputs to a folder.
#: The third argument waits until all processes are ready.
Loop = Callable[[list[Path], Path, Callable[[], object]], None]


def header_loop(paths: list[Path], _: Path, wait_for_start: Callable[[], object]) -> None:
    """Run the header stage in memory, repeatedly over one series."""
    work = make_safelight("research")
    held = [path.read_bytes() for path in paths[:SLICES]]
    wait_for_start()
    for number in range(len(paths)):
        work(held[number % len(held)])


def copy_loop(paths: list[Path], folder: Path, wait_for_start: Callable[[], object]) -> None:
    """Copy each file."""
    wait_for_start()
    for number, path in enumerate(paths):
        (folder / str(number)).write_bytes(path.read_bytes())


def minimum_loop(paths: list[Path], folder: Path, wait_for_start: Callable[[], object]) -> None:
    """Do the minimum work of any job."""
    work = make_safelight("research")
    work(paths[0].read_bytes())
    wait_for_start()
    for number, path in enumerate(paths):
        data = work(path.read_bytes())
        hashlib.sha256(data).hexdigest()
        (folder / str(number)).write_bytes(data)


def _process(loop: Loop, paths: list[Path], folder: Path, start: Any, times: Any) -> None:
    folder.mkdir(parents=True)
    loop(paths, folder, start.wait)
    times.put(time.monotonic())


def run_in_parallel(
    loop: Loop, paths: list[Path], folder: Path, cores: int, pause: float = PAUSE_SECONDS
) -> float:
    """Return the objects per second of a loop in ``cores`` processes."""
    time.sleep(pause)
    context = get_context("fork")
    start, times = context.Barrier(cores + 1), context.Queue()
    shares = [paths[n::cores] for n in range(cores)]
    processes = [
        context.Process(target=_process, args=(loop, share, folder / str(n), start, times))
        for n, share in enumerate(shares)
    ]
    for process in processes:
        process.start()
    start.wait()
    begun = time.monotonic()
    ended: float = max(times.get() for _ in processes)
    for process in processes:
        process.join()
    shutil.rmtree(folder)
    return len(paths) / (ended - begun)


def write_sources(folder: Path, count: int) -> int:
    """Write series of slices with distinct UIDs, and return the number of bytes."""
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
    """Return the last line of the job, and the peak memory of all its processes in bytes."""
    key = place / "key.hex"
    place.mkdir()
    key.write_text(bytes(range(32)).hex())
    arguments = ["--input", source, "--output", place / "out", "--tables", place / "tables"]
    arguments += ["--key", f"file:{key}", "--pixels", "off", "--text", "off"]
    command = [sys.executable, "-m", "jobs.cli", "deidentify", *map(str, arguments)]
    job = subprocess.Popen(
        [*command, "--master", f"local[{cores}]"], stdout=subprocess.PIPE, text=True
    )
    peak = 0
    while job.poll() is None:
        peak = max(peak, memory_bytes(job.pid))
        time.sleep(0.25)
    assert job.stdout is not None and job.returncode == 0
    return json.loads(job.stdout.read().splitlines()[-1]), peak


def memory_bytes(root: int) -> int:
    """Return the proportional set size of a process and its descendants, in bytes."""
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


def processing_seconds(tables: Path) -> float:
    """Return the seconds between the first object and the last commit, from the tables of a run."""
    (data,) = (tables / "instances").glob("*.parquet")
    rows = pq.read_table(data, columns=["processed_at", "seconds"]).to_pylist()
    begun = min(row["processed_at"].timestamp() - row["seconds"] for row in rows)
    commit = max((tables / "instances" / "_delta_log").glob("*.json"))
    info = json.loads(commit.read_text().splitlines()[0])["commitInfo"]
    return float(info["timestamp"] / 1000 - begun)


def main() -> None:
    """Measure the job and its limits, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--objects", type=int, default=2000)
    parser.add_argument("--cores", type=int, default=min(2, os.cpu_count() or 1))
    options = parser.parse_args()
    objects, cores = options.objects, options.cores
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_sources(folder / "one", 1)
        size = write_sources(folder / "all", objects)
        paths = sorted((folder / "all").rglob("*.dcm"))
        run = partial(run_in_parallel, paths=paths, folder=folder / "loop", cores=cores)
        rates = {
            "header stage in memory": run(header_loop),
            "copy each file to a new one": run(copy_loop),
        }
        floors = [run(minimum_loop)]
        at_once = run(minimum_loop, pause=0)
        started, _ = run_job(folder / "one", folder / "first", cores)
        whole, peak = run_job(folder / "all", folder / "second", cores)
        assert whole["deidentified"] == objects
        steady = processing_seconds(folder / "second" / "tables")
        shutil.rmtree(folder / "second")
        floors.append(run(minimum_loop))
    rates["minimum: read, header stage, SHA-256, write"] = sum(floors) / len(floors)
    rates["minimum without a pause"] = at_once
    rates["the job, first object to last commit"] = objects / steady
    rates["the job, additional time compared with one object"] = objects / (
        whole["seconds"] - started["seconds"]
    )
    rates["the job, from start to end"] = objects / whole["seconds"]
    header, _, floor = list(rates.values())[:3]
    lines = [
        "# The whole job, header rules only",
        "",
        f"{objects:,} objects, {size / 1e6:,.0f} MB, {cores} cores, {platform.machine()}, "
        f"Python {platform.python_version()}. Written by `python -m benchmarks.job`. "
        f"Each figure is of {cores} processes at the same time. Compare figures of one run only, "
        "because the machine is shared.",
        "",
        "| | objects/s | relative to the header stage | relative to the minimum |",
        "|---|---:|---:|---:|",
        *(
            f"| {label} | {rate:,.0f} | {rate / header:.2f} | {rate / floor:.2f} |"
            for label, rate in rates.items()
        ),
        "",
        f"One object, from start to end: {started['seconds']:.1f} s. All objects: "
        f"{whole['seconds']:.1f} s. Peak memory of all processes: {peak / 2**30:.2f} GiB.",
        "",
        "The minimum is the work that any job must do for an object: the SHA-256 of the output "
        "takes as long as the header stage, and reading and writing are added to it. Measured "
        f"{PAUSE_SECONDS:.0f} seconds after the last file was written, as the job is, it was "
        f"{floors[0]:,.0f} before the job and {floors[1]:,.0f} after it; immediately after another "
        f"loop, in memory that was just freed, it was {at_once:,.0f}. No job can reach more than "
        f"{max(*floors, at_once) / header:.2f} of the header stage's rate on this machine.",
        "",
    ]
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text("\n".join(lines))
    print("\n".join(lines))


if __name__ == "__main__":
    main()
