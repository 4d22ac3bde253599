"""Measure how time and memory grow with the number of objects, in one process per core.

    python -m benchmarks.growth [--sizes 1000 10000 100000] [--before CHECKOUT]

Small objects with header rules only: what an object costs beyond its bytes. Compared are the CPU
time of an additional object and the memory of the driver. The CPU time of the driver's Python
process is serial work, so it limits the objects per second of one driver, whatever the cluster. In
local mode, Java's time is that of the driver and of the executors.
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


def run_size(source: Path, objects: int, cores: int, checkout: Path) -> Measurement:
    """De-identify a folder of small objects with header rules and measure it.

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
    """
    with tempfile.TemporaryDirectory(dir=source.parent) as name:
        place = Path(name)
        arguments = ["--input", source, "--output", place / "out", "--tables", place / "tables"]
        arguments += ["--pixels", "off", "--text", "off", "--master", f"local[{cores}]"]
        measured = run_safelight("deidentify", arguments, place, checkout)
        files = [path for path in (place / "tables").rglob("*") if path.is_file()]
        measured.summary["table_bytes"] = sum(path.stat().st_size for path in files)
    if measured.summary["deidentified"] != objects:
        raise RuntimeError(f"{measured.summary['deidentified']} of {objects} objects were done")
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
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 10_000, 100_000])
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--folder", type=Path, help="folder with room for the objects")
    add_before(parser)
    options = parser.parse_args()
    sizes = sorted(options.sizes)
    trees = checkouts(options.before)
    results: dict[str, list[tuple[int, Measurement]]] = {label: [] for label in trees}
    for size in sizes:
        with tempfile.TemporaryDirectory(dir=options.folder) as name:
            source = Path(name) / "source"
            write_small_objects(source, size)
            for label, checkout in trees.items():
                measured = run_size(source, size, options.cores, checkout)
                results[label].append((size, measured))
                print(label, size, *format_usage(measured), flush=True)
    write_report("growth", _report(results, options.before, options.cores), _figures(results))


def _figures(results: dict[str, list[tuple[int, Measurement]]]) -> dict[str, float]:
    """Return CPU seconds and bytes per object of each checkout."""
    figures = {}
    for label, measured in results.items():
        if len(measured) < 2:
            continue
        driver = [(size, each.cpu[DRIVER]) for size, each in measured]
        total = [(size, each.cpu_seconds) for size, each in measured]
        memory = [(size, float(each.memory[DRIVER])) for size, each in measured]
        figures[f"{label}_driver_cpu_seconds"] = slope(driver)
        figures[f"{label}_cpu_seconds"] = slope(total)
        figures[f"{label}_driver_bytes"] = slope(memory)
        tables = [(size, float(each.summary["table_bytes"])) for size, each in measured]
        figures[f"{label}_table_bytes"] = slope(tables)
    return figures


def _report(
    results: dict[str, list[tuple[int, Measurement]]], before: Path | None, cores: int
) -> list[str]:
    """Return the lines of the report."""
    rows, figures = [], _figures(results)
    for label, measured in results.items():
        for size, each in measured:
            rate = f"{each.cpu_seconds / size * 1000:.2f}"
            rows.append([f"{label}, {size:,}", *format_usage(each), rate])
    lines = [
        "# Growth with the number of objects",
        "",
        f"Small CT objects, header rules, {cores} cores, {describe_machine(before)} "
        "Written by `python -m benchmarks.growth`.",
        "",
        *format_table(["objects", *USAGE_HEADER, "CPU ms per object"], rows),
        "",
        "Increase per object between the smallest and the largest size:",
        "",
    ]
    slopes = []
    for label in results:
        if f"{label}_cpu_seconds" not in figures:
            continue
        driver = figures[f"{label}_driver_cpu_seconds"]
        slopes.append([
            label,
            f"{figures[f'{label}_cpu_seconds'] * 1000:.2f}",
            f"{driver * 1e5:.2f}",
            f"{1 / driver:,.0f}" if driver > 0 else "no increase",
            f"{figures[f'{label}_driver_bytes'] * 1e5 / 2**20:.1f}",
            f"{figures[f'{label}_table_bytes']:,.0f}",
        ])  # fmt: skip
    header = (
        "checkout",
        "CPU ms per object",
        "driver CPU s per 100,000",
        "ceiling of one driver, objects/s",
        "driver MiB per 100,000",
        "bytes in tables per object",
    )
    return [*lines, *format_table(header, slopes)]


if __name__ == "__main__":
    main()
