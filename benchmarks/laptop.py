"""Compare the whole job with that of another checkout on one machine, in turn.

    python -m benchmarks.laptop --before CHECKOUT [--rounds 3] [--objects 2000]

One CT slice of 527 KB, many of them, and one with text and pixels. Each round runs both checkouts
once, in an order that changes from round to round. The ratio is that of the medians, and below 1
if this checkout takes less.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterable
from pathlib import Path
from statistics import median

from benchmarks.comparison import (
    add_before,
    checkouts,
    describe_machine,
    format_table,
    write_report,
)
from benchmarks.job import write_sources
from benchmarks.processes import Measurement, run_safelight

HEADER_RULES = ("--pixels", "off", "--text", "off")


def run_once(source: Path, stages: Iterable[str], checkout: Path) -> Measurement:
    """De-identify a folder into new places and measure it.

    Parameters
    ----------
    source : Path
        Folder of the objects.
    stages : iterable of str
        Options of the stages.
    checkout : Path
        Source tree to run.
    """
    with tempfile.TemporaryDirectory(dir=source.parent) as name:
        place = Path(name)
        arguments = ["--input", source, "--output", place / "out", "--tables", place / "tables"]
        return run_safelight(
            "deidentify", [*arguments, *stages, "--master", "local[2]"], place, checkout
        )


def main() -> None:
    """Measure all cases and write the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--objects", type=int, default=2000)
    parser.add_argument("--folder", type=Path, help="folder with room for the objects")
    add_before(parser)
    options = parser.parse_args()
    trees = checkouts(options.before)
    measured: dict[tuple[str, str], list[Measurement]] = {}
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        one, many = Path(name) / "one", Path(name) / "many"
        write_sources(one, 1)
        write_sources(many, options.objects)
        cases: dict[str, tuple[Path, Iterable[str]]] = {
            "one object, header rules": (one, HEADER_RULES),
            f"{options.objects:,} objects, header rules": (many, HEADER_RULES),
            "one object, all stages": (one, ()),
        }
        for number in range(options.rounds):
            for case, (source, stages) in cases.items():
                for label in sorted(trees, reverse=bool(number % 2)):
                    each = run_once(source, stages, trees[label])
                    measured.setdefault((case, label), []).append(each)
                    print(case, label, f"{each.seconds:.1f} {each.cpu_seconds:.1f}", flush=True)
    rows, figures = [], {}
    for case in cases:
        seconds = [median(each.seconds for each in measured[case, label]) for label in trees]
        cpu = [median(each.cpu_seconds for each in measured[case, label]) for label in trees]
        rows.append([case, *_cells(seconds), *_cells(cpu)])
        figures[f"{case}, wall s"], figures[f"{case}, CPU s"] = seconds[-1], cpu[-1]
    single, multiple = (f"{case}, CPU s" for case in list(cases)[:2])
    figures["CPU seconds per object"] = (figures[multiple] - figures[single]) / options.objects
    header = ["case"]
    for unit in ("wall s", "CPU s"):
        header += [f"{label}, {unit}" for label in trees] + [f"ratio, {unit}"]
    lines = [
        "# The whole job on one machine",
        "",
        f"CT slices of 527 KB, 2 cores, medians of {options.rounds} rounds, "
        f"{describe_machine(options.before)} Written by `python -m benchmarks.laptop`.",
        "",
        *format_table(header, rows),
    ]
    write_report("laptop", lines, figures)


def _cells(values: list[float]) -> list[str]:
    """Return the values and the ratio of the last to the first."""
    return [*(f"{value:.1f}" for value in values), f"{values[-1] / values[0]:.2f}"]


if __name__ == "__main__":
    main()
