"""Arguments and tables of benchmarks that compare checkouts of Safelight in one run."""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
from collections.abc import Sequence
from pathlib import Path

from benchmarks.processes import DRIVER, EXECUTORS, JAVA, ROOT, WORKERS, Measurement

_RESULTS = Path(__file__).parent / "results"

#: Header of the columns of :func:`format_usage`.
USAGE_HEADER = (
    "wall s",
    "CPU s",
    "driver CPU s",
    "Java CPU s",
    "workers CPU s",
    "driver peak MiB",
    "Java peak MiB",
)


def add_before(parser: argparse.ArgumentParser) -> None:
    """Add the argument that names the other checkout."""
    parser.add_argument(
        "--before",
        type=Path,
        metavar="CHECKOUT",
        help="root of another checkout with its jars in conf/jars/lib, measured in the same run",
    )


def checkouts(before: Path | None) -> dict[str, Path]:
    """Return the source trees to measure by their label, the other one first."""
    return ({"before": before.resolve()} if before else {}) | {"now": ROOT}


def commit_of(checkout: Path) -> str:
    """Return the short name of the commit of a source tree."""
    words = ["git", "-C", str(checkout), "rev-parse", "--short", "HEAD"]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()


def format_usage(measured: Measurement) -> list[str]:
    """Return the cells of a measurement; see ``USAGE_HEADER``."""
    cpu = [measured.cpu.get(task, 0.0) for task in (DRIVER, JAVA)]
    workers = sum(measured.cpu.get(task, 0.0) for task in (WORKERS, EXECUTORS))
    memory = [measured.memory.get(task, 0) / 2**20 for task in (DRIVER, JAVA)]
    seconds = (measured.seconds, measured.cpu_seconds, *cpu, workers)
    return [*(f"{value:.1f}" for value in seconds), *(f"{value:,.0f}" for value in memory)]


def format_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the lines of a Markdown table whose first column is text."""
    return [
        f"| {' | '.join(header)} |",
        f"|---|{'---:|' * (len(header) - 1)}",
        *(f"| {' | '.join(row)} |" for row in rows),
    ]


def describe_machine(before: Path | None) -> str:
    """Return a sentence about the machine and the commits."""
    commits = ", ".join(f"{name} {commit_of(path)}" for name, path in checkouts(before).items())
    return f"{platform.machine()}, Python {platform.python_version()}; commits: {commits}."


def write_report(name: str, lines: Sequence[str], figures: object) -> None:
    """Write a report and its figures into the folder of results.

    Parameters
    ----------
    name : str
        Name of the files, without an extension.
    lines : sequence of str
        Lines of the report.
    figures : object
        Figures for other reports, as JSON.
    """
    text = "\n".join([*lines, ""])
    (_RESULTS / f"{name}.md").write_text(text)
    (_RESULTS / f"{name}.json").write_text(json.dumps(figures, indent=1) + "\n")
    print(text)


def read_figures(name: str) -> dict[str, float]:
    """Return the figures of a report, empty if it was never written."""
    path = _RESULTS / f"{name}.json"
    figures: dict[str, float] = json.loads(path.read_text()) if path.exists() else {}
    return figures
