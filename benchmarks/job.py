"""The whole job with header rules only: objects per second beside what bounds it.

    python -m benchmarks.job [--objects 2000] [--cores 2]

Sources are CT slices of 527 KB on a local disk, outputs and Delta tables go to the same disk.
Beside the job stand, in the same run, in as many processes at a time as there are cores, each
over its share of the same files, and each after the pause that Spark's start gives the job (a
virtual machine hands memory that was freed back to its host within seconds, and writing files
into memory that must be fetched again takes nearly twice as long):

- the header stage in memory;
- copying each file to a new one;
- the floor of any job that does what this one must: read a file, header stage, SHA-256 of the
  output, write it to a new file; before the job and after it, and once more without a pause.

The job is timed three ways: from the first object that a worker takes to the last commit (from
its own tables); by what it takes longer for all objects than for one; and from the start of the
command to its end. Memory is the proportional set size of all processes of the job, at its
highest.
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

from benchmarks.headers import SLICES, ct_series, safelight_work

RESULTS = Path(__file__).parent / "results" / "job.md"
_ROOT = b"3680043."

#: Seconds between the start of the job and its first object, and a little.
PAUSE = 7.0

#: Files in, into a folder.
Loop = Callable[[list[Path], Path], None]


def header_loop(paths: list[Path], _: Path) -> None:
    """The header stage alone, in memory: one series, over and over."""
    work = safelight_work("research")
    held = [path.read_bytes() for path in paths[:SLICES]]
    yield_start()
    for number in range(len(paths)):
        work(held[number % len(held)])


def copy_loop(paths: list[Path], folder: Path) -> None:
    """Copying alone."""
    yield_start()
    for number, path in enumerate(paths):
        (folder / str(number)).write_bytes(path.read_bytes())


def floor_loop(paths: list[Path], folder: Path) -> None:
    """What no job can leave out."""
    work = safelight_work("research")
    work(paths[0].read_bytes())
    yield_start()
    for number, path in enumerate(paths):
        data = work(path.read_bytes())
        hashlib.sha256(data).hexdigest()
        (folder / str(number)).write_bytes(data)


_START: Any = None


def yield_start() -> None:
    """Wait until all processes are ready."""
    _START.wait()


def _process(loop: Loop, paths: list[Path], folder: Path, start: Any, times: Any) -> None:
    global _START
    _START = start
    folder.mkdir(parents=True)
    loop(paths, folder)
    times.put(time.monotonic())


def together(
    loop: Loop, paths: list[Path], folder: Path, cores: int, pause: float = PAUSE
) -> float:
    """Objects per second of a loop in ``cores`` processes at a time."""
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
    ended = max(times.get() for _ in processes)
    for process in processes:
        process.join()
    shutil.rmtree(folder)
    return len(paths) / (ended - begun)


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


def from_first_object_to_last_commit(tables: Path) -> float:
    """Seconds, as the tables of a run tell them."""
    (data,) = (tables / "instances").glob("*.parquet")
    rows = pq.read_table(data, columns=["processed_at", "seconds"]).to_pylist()
    begun = min(row["processed_at"].timestamp() - row["seconds"] for row in rows)
    commit = max((tables / "instances" / "_delta_log").glob("*.json"))
    info = json.loads(commit.read_text().splitlines()[0])["commitInfo"]
    return float(info["timestamp"] / 1000 - begun)


def main() -> None:
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
        run = partial(together, paths=paths, folder=folder / "loop", cores=cores)
        rates = {
            "header stage in memory": run(header_loop),
            "copy each file to a new one": run(copy_loop),
        }
        floors = [run(floor_loop)]
        at_once = run(floor_loop, pause=0)
        started, _ = run_job(folder / "one", folder / "first", cores)
        whole, peak = run_job(folder / "all", folder / "second", cores)
        assert whole["deidentified"] == objects
        steady = from_first_object_to_last_commit(folder / "second" / "tables")
        shutil.rmtree(folder / "second")
        floors.append(run(floor_loop))
    rates["floor: read, header stage, SHA-256, write"] = sum(floors) / len(floors)
    rates["the same without a pause"] = at_once
    rates["the job, first object to last commit"] = objects / steady
    rates["the job, beyond what one object takes"] = objects / (
        whole["seconds"] - started["seconds"]
    )
    rates["the job, from start to end"] = objects / whole["seconds"]
    header, _, floor = list(rates.values())[:3]
    lines = [
        "# The whole job, header rules only",
        "",
        f"{objects:,} objects, {size / 1e6:,.0f} MB, {cores} cores, {platform.machine()}, "
        f"Python {platform.python_version()}. Made by `python -m benchmarks.job`. "
        f"Each figure is of {cores} processes at a time; compare within the run: the machine "
        "is shared.",
        "",
        "| | objects/s | against the header stage | against the floor |",
        "|---|---:|---:|---:|",
        *(
            f"| {told} | {rate:,.0f} | {rate / header:.2f} | {rate / floor:.2f} |"
            for told, rate in rates.items()
        ),
        "",
        f"One object, from start to end: {started['seconds']:.1f} s. All objects: "
        f"{whole['seconds']:.1f} s. Peak memory of all processes: {peak / 2**30:.2f} GiB.",
        "",
        "The floor is what any job must do for an object: hashing its output alone takes as "
        f"long as the header stage, and reading and writing it come on top. Measured "
        f"{PAUSE:.0f} seconds after the last file was written, as the job is, it was "
        f"{floors[0]:,.0f} before the job and {floors[1]:,.0f} after it; at once after another "
        f"loop, in memory that was just freed, {at_once:,.0f}. No job can reach more than "
        f"{max(*floors, at_once) / header:.2f} of the header stage's rate on this machine.",
        "",
    ]
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text("\n".join(lines))
    print("\n".join(lines))


if __name__ == "__main__":
    main()
