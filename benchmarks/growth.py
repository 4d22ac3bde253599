"""Measure how time and memory grow with the number of objects, in one process per core.

    python -m benchmarks.growth [--sizes 1000 10000] [--deidentify-sizes 100000]
        [--before CHECKOUT]

Small objects with header rules only: what an object costs beyond its bytes. They are de-identified,
verified and exported, without a recipient and for one. Further sizes are only de-identified, since
the other commands take some ten times as long. Compared are the CPU time of an additional
object and the memory of the driver. The CPU time of the driver's Python process is serial work, so
it limits the objects per second of one driver, whatever the cluster. In local mode, Java's time is
that of the driver and of the executors.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.comparison import (
    USAGE_HEADER,
    add_before,
    checkouts,
    describe_machine,
    format_table,
    format_usage,
    write_report,
)
from benchmarks.processes import DRIVER, Measurement, run_safelight
from benchmarks.small_objects import write_small_objects

_HEADER_RULES = ("--pixels", "off", "--text", "off")

#: Commands in their order: each reads what those before have written.
DEIDENTIFY, VERIFY, EXPORT, RECIPIENT = "deidentify", "verify", "export", "export --recipient"
COMMANDS = (DEIDENTIFY, VERIFY, EXPORT, RECIPIENT)

#: Number of objects in the last line of a command.
_COUNTS = {DEIDENTIFY: "deidentified", VERIFY: "checked", EXPORT: "copied", RECIPIENT: "copied"}

#: Measurements of the sizes by label of the checkout and command.
Results = dict[tuple[str, str], list[tuple[int, Measurement]]]


def run_size(
    source: Path, objects: int, cores: int, checkout: Path, commands: Sequence[str] = COMMANDS
) -> dict[str, Measurement]:
    """De-identify, verify and export a folder of small objects, and measure the commands.

    Parameters
    ----------
    source : Path
        Folder of the objects.
    objects : int
        Number of objects in the folder.
    cores : int
        Cores of the local session.
    checkout : Path
        Source tree to run.
    commands : sequence of str
        The first of :data:`COMMANDS`, or all.

    Returns
    -------
    dict of str to Measurement
        By command.
    """
    with tempfile.TemporaryDirectory(dir=source.parent) as name:
        place = Path(name)
        tables: list[object] = ["--tables", place / "tables", "--master", f"local[{cores}]"]
        output: list[object] = ["--output", place / "releases", "--release", "one"]
        arguments: dict[str, list[object]] = {
            DEIDENTIFY: ["--input", source, "--output", place / "out", *_HEADER_RULES],
            VERIFY: ["--input", place / "out"],
            EXPORT: output,
            RECIPIENT: [*output, "--recipient", "north"],
        }
        measured = {}
        for command in commands:
            words = [*arguments[command], *tables]
            has_key = command != EXPORT
            measured[command] = run_safelight(
                command.split()[0], words, place, checkout, (), has_key
            )
        files = [path for path in (place / "tables").rglob("*") if path.is_file()]
        measured[DEIDENTIFY].summary["table_bytes"] = sum(path.stat().st_size for path in files)
    counts = [each.summary[_COUNTS[command]] for command, each in measured.items()]
    if counts != [objects] * len(commands):
        raise RuntimeError(f"{counts} of {objects} objects were done")
    return measured


def slope(measured: Sequence[tuple[int, float]]) -> float:
    """Return the increase per object between the smallest and the largest size.

    Parameters
    ----------
    measured : sequence of (int, float)
        Sizes in objects, and a value of each, in the order of the sizes.
    """
    (fewest, least), (most, greatest) = measured[0], measured[-1]
    return (greatest - least) / (most - fewest)


def main() -> None:
    """Measure all sizes and write the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 10_000])
    parser.add_argument("--deidentify-sizes", type=int, nargs="*", default=[100_000])
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--folder", type=Path, help="folder with room for the objects")
    add_before(parser)
    options = parser.parse_args()
    sizes = dict.fromkeys(options.deidentify_sizes, (DEIDENTIFY,))
    sizes |= dict.fromkeys(options.sizes, COMMANDS)
    trees = checkouts(options.before)
    results: Results = {(label, command): [] for label in trees for command in COMMANDS}
    for size, commands in sorted(sizes.items()):
        with tempfile.TemporaryDirectory(dir=options.folder) as name:
            source = Path(name) / "source"
            write_small_objects(source, size)
            for label, checkout in trees.items():
                run = run_size(source, size, options.cores, checkout, commands)
                for command, measured in run.items():
                    results[label, command].append((size, measured))
                    print(label, command, size, *format_usage(measured), flush=True)
    write_report("growth", _report(results, options.before, options.cores), _figures(results))


def _figures(results: Results) -> dict[str, float]:
    """Return CPU seconds and bytes per object, by checkout and command."""
    figures: dict[str, float] = {}
    for (label, command), measured in results.items():
        if len(measured) < 2:
            continue
        name = label if command == DEIDENTIFY else f"{label}_{command.replace(' --', '_')}"
        values = {
            "driver_cpu_seconds": [(size, each.cpu[DRIVER]) for size, each in measured],
            "cpu_seconds": [(size, each.cpu_seconds) for size, each in measured],
            "driver_bytes": [(size, float(each.memory[DRIVER])) for size, each in measured],
        }
        if command == DEIDENTIFY:
            tables = [(size, float(each.summary["table_bytes"])) for size, each in measured]
            values["table_bytes"] = tables
        figures |= {f"{name}_{figure}": slope(points) for figure, points in values.items()}
    return figures


def _report(results: Results, before: Path | None, cores: int) -> list[str]:
    """Return the lines of the report."""
    rows = []
    for (label, command), measured in results.items():
        for size, each in measured:
            rate = f"{each.cpu_seconds / size * 1000:.2f}"
            rows.append([f"{label}, {command}, {size:,}", *format_usage(each), rate])
    lines = [
        "# Growth with the number of objects",
        "",
        f"Small CT objects, header rules, {cores} cores, {describe_machine(before)} "
        "Written by `python -m benchmarks.growth`.",
        "",
        "Memory depends little on other work of the machine. CPU seconds are up to twice as many "
        "beside it, and wall seconds say little then.",
        "",
        *format_table(["objects", *USAGE_HEADER, "CPU ms per object"], rows),
        "",
        "Increase per object between the smallest and the largest size:",
        "",
    ]
    slopes = [
        _describe_slopes(f"{label}, {command}", measured)
        for (label, command), measured in results.items()
        if len(measured) > 1
    ]
    header = (
        "checkout, command",
        "CPU ms per object",
        "driver CPU s per 100,000",
        "ceiling of one driver, objects/s",
        "driver MiB per 100,000",
        "driver peak, largest to smallest",
    )
    tables = [
        f"Tables, {name.removesuffix('_table_bytes')}: {value:,.0f} bytes per object."
        for name, value in _figures(results).items()
        if name.endswith("table_bytes")
    ]
    return [*lines, *format_table(header, slopes), "", *tables]


def _describe_slopes(name: str, measured: Sequence[tuple[int, Measurement]]) -> list[str]:
    """Return the cells of the increase of one command."""
    driver = slope([(size, each.cpu[DRIVER]) for size, each in measured])
    memory = [(size, float(each.memory[DRIVER])) for size, each in measured]
    return [
        name,
        f"{slope([(size, each.cpu_seconds) for size, each in measured]) * 1000:.2f}",
        f"{driver * 1e5:.2f}",
        f"{1 / driver:,.0f}" if driver > 0 else "no increase",
        f"{slope(memory) * 1e5 / 2**20:.1f}",
        f"{memory[-1][1] / memory[0][1]:.2f}",
    ]


if __name__ == "__main__":
    main()
