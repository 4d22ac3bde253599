"""Measure how rows get into a Delta table: by files of tasks and add actions, and by other writers.

    python -m benchmarks.table_commits

Each way appends the same batches of `audit` rows to a table. Tasks write Parquet files and the
driver commits them by delta-rs, or Spark's own writer does both, or the driver writes the rows by
delta-rs, as before. The growth of a table and the search of known keys are measured as well.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.comparison import describe_machine, format_table, write_report
from jobs.common.delta.data_files import DataFile, data_file_name, write_data_file
from jobs.common.delta.schemas import table_schema
from jobs.common.delta.tables.table_set import Tables
from jobs.common.spark.session import start_session
from jobs.common.storage.location import Location

#: `audit` rows of a batch of 5,000 small objects, by 4 tasks.
_ROWS, _TASKS, _BATCHES = 200_000, 4, 5

_GROWTH_FILES = (100, 1_000, 10_000)
_KNOWN_KEYS = 1_000_000
_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def _measure(function: Callable[[int], object], repetitions: int, java: int = 0) -> float:
    """Return the median CPU seconds of a function that takes the number of the repetition.

    Parameters
    ----------
    function : callable
    repetitions : int
        Repetitions after the first one, which is not measured.
    java : int
        Process ID of Java, whose CPU time counts as well.

    Returns
    -------
    float
        CPU seconds of this process and of Java.
    """
    function(0)
    costs = []
    for number in range(1, repetitions + 1):
        begin = _cpu_seconds(java)
        function(number)
        costs.append(_cpu_seconds(java) - begin)
    return median(costs)


def _cpu_seconds(java: int) -> float:
    if not java:
        return time.process_time()
    fields = Path(f"/proc/{java}/stat").read_text().rpartition(")")[2].split()
    return time.process_time() + sum(map(int, fields[11:13])) / _TICKS_PER_SECOND


def _make_rows(count: int) -> pa.Table:
    """Return rows of ``audit`` as a header stage makes them: 40 actions an object."""
    schema = table_schema("audit")
    objects = [f"{n:064x}" for n in range(count // 40)]
    constant = {"run_id": "r", "batch": 0, "keyword": "PatientName", "vr": "PN", "action": "X",
                "rule": "E.1-1 X/Z/D type 3", "detail": ""}  # fmt: skip
    columns: dict[str, pa.Array] = {
        name: pa.repeat(pa.scalar(value, schema.field(name).type), count)
        for name, value in constant.items()
    }
    columns["source_id"] = pa.array([o for o in objects for _ in range(40)])
    columns["sop_uid"] = pa.array([f"2.25.{int(o, 16):039d}" for o in objects for _ in range(40)])
    columns["location"] = pa.array([f"({n:04x},0010)" for n in range(40)] * len(objects))
    return pa.table([columns[name] for name in schema.names], schema=schema)


def _no_session() -> Any:
    raise AssertionError("Spark is not needed")


def _ways(root: Path) -> Iterator[tuple[str, float, float]]:
    """Yield for each way its name, its whole cost per batch, and that of the driver alone."""
    rows = _make_rows(_ROWS)
    tables = Tables(_no_session, Location("", str(root / "files")))
    folder = tables.location("audit")

    def write(batch: int) -> list[DataFile]:
        share = len(rows) // _TASKS
        return [
            write_data_file(
                folder, "audit", rows.slice(n * share, share), data_file_name("r", batch, n)
            )
            for n in range(_TASKS)
        ]

    files = {batch: write(batch) for batch in range(_BATCHES + 1)}
    commit = _measure(lambda b: tables.commit_files("audit", files[b], ("r", b)), _BATCHES)
    written = _measure(write, _BATCHES)
    yield (
        "files of tasks, add actions by delta-rs",
        written + commit,
        commit,
    )
    tables = Tables(_no_session, Location("", str(root / "driver")))
    whole = _measure(lambda _: tables.append_arrow("audit", rows), _BATCHES)
    yield "rows to the driver, written by delta-rs", whole, whole

    spark = start_session("benchmark", "local[1]", {"spark.sql.shuffle.partitions": "1"})
    java = int(subprocess.check_output(["pgrep", "-P", str(os.getpid()), "-f", "java"]).split()[0])
    tables = Tables(spark, Location("", str(root / "spark")))
    source = str(root / "source.parquet")
    pq.write_table(rows, source)
    frame = spark.read.parquet(source).repartition(_TASKS).cache()
    frame.count()
    whole = _measure(lambda _: tables.append_frame("audit", frame), _BATCHES, java)
    empty = frame.limit(1).cache()
    empty.count()
    fixed = _measure(lambda _: tables.append_frame("audit", empty), _BATCHES, java)
    yield "Spark's own writer, from cached rows", whole, fixed
    spark.stop()


def _growth(root: Path) -> Iterator[list[str]]:
    """Yield the cost of a commit, a row count and a search by the number of files of a table."""
    for count in _GROWTH_FILES:
        commit, counted = _grow(Tables(_no_session, Location("", str(root / str(count)))), count)
        yield [f"{count:,}", f"{commit * 1000:.1f}", f"{counted * 1000:.1f}"]


def _grow(tables: Tables, count: int) -> tuple[float, float]:
    """Return the cost of a commit and of a row count of a table with a number of files."""
    rows = table_schema("instances").empty_table()
    file = write_data_file(tables.location("instances"), "instances", rows, "r.parquet")

    def make_files(number: int) -> list[DataFile]:
        return [
            DataFile("instances", f"{uuid4().hex}.parquet", file.size, 1, file.stats, None)
            for _ in range(number)
        ]

    for batch in range(count // 100):
        tables.commit_files("instances", make_files(100), ("r", batch))
    commit = _measure(lambda b: tables.commit_files("instances", make_files(4), ("s", b)), 31)
    return commit, _measure(lambda _: tables.row_count("instances"), 9)


def _keys(root: Path) -> Iterator[list[str]]:
    """Yield the cost of the keys of a `mapping` of a million rows."""
    tables = Tables(_no_session, Location("", str(root)))
    schema = table_schema("mapping")
    values = {"namespace": "default", "kind": "uid", "key_id": "0123456789abcdef"}
    columns: dict[str, pa.Array] = {
        name: pa.repeat(pa.scalar(value), _KNOWN_KEYS) for name, value in values.items()
    }
    columns["original_hmac"] = pa.array([os.urandom(32).hex() for _ in range(_KNOWN_KEYS)])
    rows = pa.table(
        [columns.get(f.name, pa.nulls(_KNOWN_KEYS, f.type)) for f in schema], schema=schema
    )
    file = write_data_file(tables.location("mapping"), "mapping", rows, "r.parquet")
    tables.commit_files("mapping", [file], ("r", 0))
    assert file.keys is not None
    keys = file.keys[: 16 * 100_000]
    loaded = _measure(lambda _: tables.known_keys("mapping"), 3)
    known = tables.known_keys("mapping")
    searched = _measure(lambda _: known.contains(keys), 9)
    yield ["load the keys of 1,000,000 rows", f"{loaded:.2f}"]
    yield ["search 100,000 keys among them", f"{searched:.3f}"]


def main() -> None:
    """Measure, and write the table."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        keys = list(_keys(root / "keys"))
        growth = list(_growth(root / "growth"))
        ways = [
            [name, f"{whole * 1000:.0f}", f"{driver * 1000:.0f}"]
            for name, whole, driver in _ways(root / "ways")
        ]
    lines = [
        "# Commits of rows to Delta tables",
        "",
        f"`python -m benchmarks.table_commits`. {describe_machine(None)}",
        "",
        f"Each way appends {_ROWS:,} rows of `audit`, those of {_ROWS // 40:,} small objects, in "
        f"{_TASKS} files; median of {_BATCHES} batches after a first one. The part that is serial "
        "in the driver is the commit, or for Spark's own writer, in a session that has just "
        "started, an append of one row.",
        "",
        *format_table(["way", "CPU ms a batch", "of it serial in the driver"], ways),
        "",
        "A commit of 4 files and a count of rows, by the files that the table has. Every 30th "
        "commit writes a checkpoint.",
        "",
        *format_table(["files", "commit, CPU ms", "count of rows, CPU ms"], growth),
        "",
        *format_table(["keys of `mapping`", "CPU s"], keys),
    ]
    figures = {"ways": ways, "growth": growth, "keys": keys}
    write_report("table_commits", lines, figures)


if __name__ == "__main__":
    main()
