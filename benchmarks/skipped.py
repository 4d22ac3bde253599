"""Measure a run over objects that earlier runs have finished, alone and with a few new ones.

    python -m benchmarks.skipped [--known 100000] [--new 1000] [--before CHECKOUT]

The known objects are empty files, and the rows of `instances` that call them finished, with their
outputs, are written without a run. Measured are: the new objects alone, into new tables; the known
objects alone; and both.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
from deltalake import DeltaTable, write_deltalake

from benchmarks.comparison import (
    USAGE_HEADER,
    add_before,
    checkouts,
    describe_machine,
    format_table,
    format_usage,
    write_report,
)
from benchmarks.headers import SLICES
from benchmarks.processes import KEY, Measurement, run_safelight
from benchmarks.small_objects import series_folder, write_small_objects
from jobs.common.sources.local_folders import list_files
from jobs.common.sources.source_ids import add_source_ids
from jobs.common.sources.source_table import SourceTableBuilder
from safelight.pseudonyms import Pseudonyms

_ROWS_PER_COMMIT = 100_000

#: Start of the UIDs of the fabricated rows, with the length of those of a run.
_FIRST_UID = 10**38


@dataclass(frozen=True)
class Places:
    """Folders of the benchmark.

    Attributes
    ----------
    root : Path
    """

    root: Path

    @property
    def known(self) -> Path:
        """Folder of the known objects."""
        return self.root / "known"

    @property
    def new(self) -> Path:
        """Folder of the new objects."""
        return self.root / "new"

    def run(self, name: str, inputs: list[Path], checkout: Path) -> Measurement:
        """Run a checkout on the output and the tables of a name."""
        words: list[object] = ["--input", *inputs]
        words += ["--output", self.output(name), "--tables", self.tables(name)]
        words += ["--pixels", "off", "--text", "off", "--master", "local[2]"]
        return run_safelight("deidentify", words, self.root, checkout)

    def output(self, name: str) -> Path:
        """Return the folder of the outputs of a name."""
        return self.root / name / "output"

    def tables(self, name: str) -> Path:
        """Return the folder of the tables of a name."""
        return self.root / name / "tables"


def touch_known(folder: Path, count: int) -> None:
    """Create empty files.

    Parameters
    ----------
    folder : Path
        Folder to create.
    count : int
        Number of files.
    """
    for start in range(0, count, SLICES):
        place = series_folder(folder, start // SLICES)
        place.mkdir(parents=True)
        for number in range(min(SLICES, count - start)):
            (place / f"{number:03}.dcm").touch()


def finish_known(places: Places, name: str) -> None:
    """Write rows and empty outputs as if a run had finished the known objects.

    Parameters
    ----------
    places : Places
        Its tables of this name hold the rows of one object.
    name : str
        Name of the output and the tables.
    """
    builder = SourceTableBuilder()
    list_files(str(places.known), builder)
    names = Pseudonyms(bytes.fromhex(KEY), "default")
    ids = add_source_ids(builder.finish(), names)["source_id"].combine_chunks()
    table = places.tables(name) / "instances"
    existing = DeltaTable(str(table)).to_pyarrow_table()
    sample = existing.slice(0, 1).to_pylist()[0]
    for start in range(0, len(ids), _ROWS_PER_COMMIT):
        chosen = ids.slice(start, _ROWS_PER_COMMIT)
        rows = _finished_rows(existing.schema, sample, start, chosen, places.output(name))
        write_deltalake(str(table), rows, mode="append")


def _finished_rows(
    schema: pa.Schema, sample: dict[str, object], first: int, ids: pa.Array, output: Path
) -> pa.Table:
    """Return rows of finished objects, and create their outputs."""
    uids = [f"2.25.{_FIRST_UID + first + number}" for number in range(len(ids))]
    study = f"2.25.{_FIRST_UID}"
    paths = []
    for number, uid in enumerate(uids):
        series = output / study / f"2.25.{_FIRST_UID + (first + number) // SLICES}"
        if (first + number) % SLICES == 0 or not number:
            series.mkdir(parents=True, exist_ok=True)
        path = series / f"{uid}.dcm"
        path.touch()
        paths.append(str(path))
    changed = {
        "source_id": ids,
        "source_bytes": pa.array([0] * len(ids)),
        "output_bytes": pa.array([0] * len(ids)),
        "output_uri": pa.array(paths),
        "output_root": pa.array([str(output)] * len(ids)),
        "sop_uid": pa.array(uids),
    }
    columns = [
        changed[field.name].cast(field.type)
        if field.name in changed
        else pa.array([sample[field.name]] * len(ids), field.type)
        for field in schema
    ]
    return pa.table(columns, schema=schema)


def measure_checkout(
    places: Places, label: str, checkout: Path
) -> Iterator[tuple[str, Measurement]]:
    """Yield the three cases in a checkout and their measurements.

    Parameters
    ----------
    places : Places
        Holds the known and the new objects.
    label : str
        Name of the checkout.
    checkout : Path
        Source tree to run.

    Yields
    ------
    tuple of (str, Measurement)
        Name of the case, and its measurement.
    """
    first = next(places.new.rglob("*.dcm"))
    places.run(label, [first], checkout)
    finish_known(places, label)
    yield "new", places.run(f"{label}-new", [places.new], checkout)
    yield "known", places.run(label, [places.known], checkout)
    yield "known and new", places.run(label, [places.known, places.new], checkout)


def main() -> None:
    """Measure all cases and write the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--known", type=int, default=100_000)
    parser.add_argument("--new", type=int, default=1000)
    parser.add_argument("--folder", type=Path, help="folder with room for the objects")
    parser.add_argument("--name", default="skipped", help="name of the report")
    add_before(parser)
    options = parser.parse_args()
    rows, figures = [], {}
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        places = Places(Path(name))
        write_small_objects(places.new, options.new)
        touch_known(places.known, options.known)
        for label, checkout in checkouts(options.before).items():
            for case, each in measure_checkout(places, label, checkout):
                figures[f"{label} {case}"] = each.cpu_seconds
                skipped = f"{each.summary['skipped']:,}"
                done = f"{each.summary['deidentified']:,}"
                rows.append([f"{label}: {case}", skipped, done, *format_usage(each)])
                print(*rows[-1], flush=True)
    lines = [
        "# Objects that earlier runs have finished",
        "",
        f"{options.known:,} known and {options.new:,} new small objects, header rules, 2 cores, "
        f"{describe_machine(options.before)} Written by `python -m benchmarks.skipped`.",
        "",
        *format_table(["case", "skipped", "done", *USAGE_HEADER], rows),
    ]
    write_report(options.name, lines, figures)


if __name__ == "__main__":
    main()
