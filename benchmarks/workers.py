"""Measure how the job scales from one executor to two on a Spark standalone cluster.

    python -m benchmarks.workers [--cases headers small pixels notes]

The cluster runs on this machine from the pyspark package, with executors of one core, and the job
runs by the command line of the distribution (``make dist``). The rate of a case is that of the
additional objects of a large folder compared with a small one, so that the start of Spark is not
counted. Linear scaling is a share of 1. The driver and the cluster share the cores of this machine:
on two cores, the share is a lower bound.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.burned_in.generator import GIVEN, PLACES, PLAIN, SURNAMES, make
from benchmarks.comparison import (
    USAGE_HEADER,
    describe_machine,
    format_table,
    format_usage,
    write_report,
)
from benchmarks.job import write_sources
from benchmarks.processes import DRIVER, JAVA, KEY, Measurement, measure
from benchmarks.small_objects import write_small_objects
from tests.cluster.distribution import (
    DELTA_JARS,
    install_distribution,
    link_distribution,
    read_command,
)
from tests.cluster.standalone import StandaloneCluster, standalone_cluster

_SENTENCES = (
    "{given} {surname} was seen at {place} on {day} {month} 2021.",
    "The patient reports pain in the left knee for {day} days.",
    "Blood pressure was {day}0 over 80, and the lungs were clear.",
    "Dr. {surname} has seen the images of {day} {month}.",
)
_MONTHS = ("January", "March", "May", "August", "October")


def write_pixels(folder: Path, count: int) -> None:
    """Write objects with burned-in text.

    Parameters
    ----------
    folder : Path
        Folder to create.
    count : int
        Number of objects.
    """
    folder.mkdir(parents=True)
    condition = replace(PLAIN, rows=256, size=10)
    for number in range(count):
        (folder / f"{number:05}.dcm").write_bytes(make(condition, number).data)


def write_notes(folder: Path, count: int) -> None:
    """Write notes whose sentences differ from note to note.

    Parameters
    ----------
    folder : Path
        Folder to create.
    count : int
        Number of notes.
    """
    folder.mkdir(parents=True)
    draw = random.Random(1)
    for number in range(count):
        sentences = [
            sentence.format(
                given=draw.choice(GIVEN).title(),
                surname=draw.choice(SURNAMES).title(),
                place=draw.choice(PLACES),
                day=draw.randrange(1, 28),
                month=draw.choice(_MONTHS),
            )
            for sentence in _SENTENCES * 3
        ]
        (folder / f"{number:05}.txt").write_text("\n".join(sentences) + f"\nNo. {number}\n")


@dataclass(frozen=True)
class Case:
    """A kind of work.

    Attributes
    ----------
    command : str
        Sub-command.
    options : tuple of str
        Its options.
    sizes : tuple of int
        Objects in the small and in the large folder.
    write : callable
        Writes objects to a folder.
    jars : tuple of str
        Patterns of the jars that are shipped.
    """

    command: str
    options: tuple[str, ...]
    sizes: tuple[int, int]
    write: Callable[[Path, int], object]
    jars: tuple[str, ...] = DELTA_JARS


CASES = {
    "headers": Case("deidentify", ("--pixels", "off", "--text", "off"), (200, 3000), write_sources),
    "small": Case(
        "deidentify", ("--pixels", "off", "--text", "off"), (1000, 30_000), write_small_objects
    ),
    "pixels": Case("deidentify", ("--pixels", "on", "--text", "off"), (16, 240), write_pixels),
    "notes": Case("notes", (), (50, 2000), write_notes, ("*.jar",)),
}


def run_case(
    case: Case, source: Path, cluster: StandaloneCluster, distribution: Path
) -> Measurement:
    """Run a case on a cluster and measure it.

    Parameters
    ----------
    case : Case
    source : Path
        Folder of the objects.
    cluster : StandaloneCluster
    distribution : Path
        Folder that was installed for this cluster.
    """
    with tempfile.TemporaryDirectory(dir=source.parent) as name:
        place = Path(name)
        (place / "key.hex").write_text(KEY)
        command = read_command(
            distribution, cluster, input=str(source), output=str(place / "out"),
            tables=str(place / "tables"), key=f"file:{place}/key.hex",
        )  # fmt: skip
        command[command.index("deidentify")] = case.command
        started = time.monotonic()
        process = subprocess.Popen(
            [*command, *case.options],
            cwd=distribution,
            env=cluster.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        return measure(process, started, [worker.process.pid for worker in cluster.workers])


@contextmanager
def _cluster(workers: int, jars: tuple[str, ...]) -> Iterator[tuple[StandaloneCluster, Path]]:
    """Provide a cluster of workers with one core each, and a distribution for it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made = link_distribution(folder / "made", jars)
        with standalone_cluster(folder / "cluster", workers) as cluster:
            yield cluster, install_distribution(made, folder / "dist", cluster)


def _measure_case(case: Case, folder: Path, workers: int) -> list[Measurement]:
    """Return the measurements of the small and the large folder on a number of workers."""
    with _cluster(workers, case.jars) as (cluster, distribution):
        return [run_case(case, folder / str(size), cluster, distribution) for size in case.sizes]


def _rate(case: Case, measured: list[Measurement]) -> float:
    """Return the additional objects per second."""
    return (case.sizes[1] - case.sizes[0]) / (measured[1].seconds - measured[0].seconds)


def _driver_seconds(case: Case, measured: list[Measurement]) -> float:
    """Return the CPU seconds of the driver, Python and Java, for an additional object."""
    totals = [sum(each.cpu.get(task, 0.0) for task in (DRIVER, JAVA)) for each in measured]
    return (totals[1] - totals[0]) / (case.sizes[1] - case.sizes[0])


def main() -> None:
    """Measure the cases and write the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", nargs="+", choices=CASES, default=list(CASES))
    parser.add_argument("--scale", type=float, default=1.0, help="factor of the numbers of objects")
    options = parser.parse_args()
    rows, shares, figures = [], [], {}
    for name in options.cases:
        case = CASES[name]
        sizes = tuple(max(1, round(size * options.scale)) for size in case.sizes)
        case = replace(case, sizes=(sizes[0], sizes[1]))
        with tempfile.TemporaryDirectory() as text:
            folder = Path(text)
            for size in case.sizes:
                case.write(folder / str(size), size)
            measured = {workers: _measure_case(case, folder, workers) for workers in (1, 2)}
        for workers, both in measured.items():
            for size, each in zip(case.sizes, both):
                rows.append([f"{name}, {size:,} objects, {workers}", *format_usage(each)])
                print(*rows[-1], flush=True)
        one, two = _rate(case, measured[1]), _rate(case, measured[2])
        driver = _driver_seconds(case, measured[2])
        shares.append(
            [name, f"{one:.1f}", f"{two:.1f}", f"{two / one / 2:.2f}", f"{driver * 1e5:.1f}"]
        )
        figures[f"{name} objects/s, 1 executor"] = one
        figures[f"{name} objects/s, 2 executors"] = two
        figures[f"{name} driver CPU seconds"] = driver
    header = (
        "case",
        "objects/s, 1 executor",
        "objects/s, 2 executors",
        "share of linear scaling",
        "driver CPU s per 100,000",
    )
    lines = [
        "# Executors of a standalone cluster",
        "",
        f"Executors of one core; {describe_machine(None)} Written by "
        "`python -m benchmarks.workers`.",
        "",
        *format_table(header, shares),
        "",
        "The driver's CPU time is that of its Python process and of its Java process.",
        "",
        *format_table(["case, objects, executors", *USAGE_HEADER], rows),
    ]
    write_report("workers", lines, figures)


if __name__ == "__main__":
    main()
