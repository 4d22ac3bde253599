"""Compare the outputs that the tables record with those that exist, and forget those that do not.

A run processes the sources of forgotten outputs again, as if they were new.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import chain
from typing import IO, Any, Optional

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.dataset as ds

from jobs.common.aws.client_errors import error_code
from jobs.common.cli.log import log_event
from jobs.common.delta.tables.table_set import Tables
from jobs.common.run.run_config import RunConfig
from jobs.common.storage import s3_client
from jobs.common.storage.location import Location, parse_uri
from jobs.common.storage.objects import backend_of, delete_object
from jobs.common.storage.output_listing import NameRange, list_output, split_names
from safelight.records import Status

#: Listed objects whose hashes are sorted at once, in 64 MB. More than these are kept in a file.
_INDEX_ROWS = 8_000_000

_LISTING_THREADS = 8
_DELETING_THREADS = 8

#: Ranges of names that are listed on their own, for each thread.
_RANGES_PER_THREAD = 4

#: Tables with rows about the outputs of a source, by the table that is committed last. That one
#: is also the last to lose its rows: until then, another run finds the missing outputs again.
_OUTPUT_TABLES = {
    "instances": ("audit", "findings", "catalog", "instances"),
    "note_files": ("notes_findings", "notes", "note_files"),
}

Hashes = npt.NDArray[np.uint64]


def find_missing_outputs(tables: Tables, config: RunConfig, last_table: str) -> set[str]:
    """Return the sources whose recorded output is missing or damaged.

    The outputs of the same output folder, key, namespace, rules and stages are checked, as
    ``--check-output`` demands. Delta tables of notes are not checked. Spark is used for checksums
    only.

    Parameters
    ----------
    tables : Tables
        Tables of the run.
    config : RunConfig
        Checked arguments of the run.
    last_table : str
        Table of the run that is committed last in a batch.

    Returns
    -------
    set of str
        Source IDs.

    Raises
    ------
    JobError
        If a table cannot be read, or the output cannot be listed.
    """
    if config.check_output == "off" or not tables.exists(last_table):
        return set()
    if config.check_output == "sha256":
        return _find_other_contents(tables, config, last_table)
    rows = _read_outputs(tables, config, last_table, ("source_id", "output_uri", "output_bytes"))
    first = next(rows, None)
    if first is None:
        return set()
    begin = len(config.output.child("").uri)
    existing = _list_existing(config.output, _relative_names(first, begin))
    missing: set[str] = set()
    for batch in chain([first], rows):
        hashes = hash_outputs(_relative_names(batch, begin), batch["output_bytes"].to_numpy())
        is_missing = pa.array(~existing.contains(hashes))
        missing.update(batch["source_id"].filter(is_missing).to_pylist())
    return missing


def forget_outputs(
    tables: Tables, config: RunConfig, last_table: str, source_ids: Set[str]
) -> None:
    """Delete damaged outputs of sources and the rows about them.

    A run that is killed in between leaves outputs that :func:`find_missing_outputs` finds again.

    Parameters
    ----------
    tables : Tables
        Tables of the run, which holds their lease.
    config : RunConfig
        Checked arguments of the run.
    last_table : str
        Table of the run that is committed last in a batch.
    source_ids : set of str
        Sources of :func:`find_missing_outputs` that this run can process again.

    Raises
    ------
    JobError
        If the lease was lost, or a table cannot be changed.
    """
    if not source_ids:
        return
    by_run: dict[str, set[str]] = defaultdict(set)
    with ThreadPoolExecutor(_DELETING_THREADS) as pool:
        columns = ("source_id", "output_uri", "run_id")
        for batch in _read_outputs(tables, config, last_table, columns):
            values = zip(*(batch[column].to_pylist() for column in columns))
            found = [row for row in values if row[0] in source_ids]
            for source_id, _, run_id in found:
                by_run[run_id].add(source_id)
            list(pool.map(delete_object, (uri for _, uri, _ in found)))
    for table in _OUTPUT_TABLES[last_table]:
        for run_id, ids in by_run.items():
            tables.delete_sources(table, run_id, ids)


def remake_missing_outputs(
    tables: Tables, config: RunConfig, last_table: str, list_ids: Callable[[], Iterable[str]]
) -> None:
    """Forget the missing outputs of listed sources, so that the run makes them again.

    The numbers of missing outputs are printed on stderr.

    Parameters
    ----------
    tables, config, last_table
        See :func:`forget_outputs`.
    list_ids : callable
        Returns the IDs of the listed sources. It is called only if an output is missing.

    Raises
    ------
    JobError
        If a table cannot be read or changed, or the output cannot be listed.
    """
    missing = find_missing_outputs(tables, config, last_table)
    if not missing:
        return
    listed = missing.intersection(list_ids())
    if listed:
        log_event(
            "outputs_missing",
            f"outputs of {len(listed)} sources are missing or damaged in --output and are made "
            "again; if they were moved on purpose, interrupt the run and give --check-output off",
        )
    if len(listed) < len(missing):
        log_event(
            "outputs_missing",
            f"outputs of {len(missing) - len(listed)} sources that are not in this input are "
            "missing or damaged in --output; to make them again, name their sources as input",
        )
    forget_outputs(tables, config, last_table, listed)


def _condition(config: RunConfig) -> ds.Expression:
    """Return the condition for rows with an output under the settings of a run."""
    deidentifier = config.deidentifier
    return (
        (ds.field("status") == Status.DEIDENTIFIED.value)
        & (ds.field("key_id") == deidentifier.pseudonyms().key_id)
        & (ds.field("namespace") == deidentifier.namespace)
        & (ds.field("output_root") == config.output.uri)
        & (ds.field("rules_hash") == deidentifier.rules_hash)
        & (ds.field("stages") == deidentifier.stages)
        & ds.field("output_uri").is_valid()
    )


def _read_outputs(
    tables: Tables, config: RunConfig, last_table: str, columns: Sequence[str]
) -> Iterator[pa.RecordBatch]:
    """Yield columns of the rows of outputs, in batches of at least one row."""
    condition = _condition(config)
    if last_table == "note_files":
        condition &= ds.field("format") != "delta"
    return (batch for batch in tables.batches(last_table, columns, condition) if len(batch))


def _relative_names(batch: pa.RecordBatch, begin: int) -> list[str]:
    """Return the names of outputs without the folder, which has this many characters."""
    return [uri[begin:] for uri in batch["output_uri"].to_pylist()]


def hash_outputs(names: Sequence[str], sizes: npt.ArrayLike) -> Hashes:
    """Return a 64-bit hash of the name and the size of each output.

    Parameters
    ----------
    names : sequence of str
        Names relative to the output folder.
    sizes : array_like of int
        Bytes of each output.
    """
    from pandas.util import hash_array

    hashes: Hashes = hash_array(np.array(names, object), categorize=False)
    hashes ^= np.asarray(sizes, np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    return hashes


class OutputIndex:
    """Hashes of the listed outputs, eight bytes each; all but the first in a temporary file."""

    def __init__(self) -> None:
        self._waiting: list[Hashes] = []
        self._waiting_rows = 0
        self._sorted: list[Hashes] = []
        self._file: Optional[IO[bytes]] = None

    def add(self, hashes: Hashes) -> None:
        """Add hashes."""
        self._waiting.append(hashes)
        self._waiting_rows += len(hashes)
        if self._waiting_rows >= _INDEX_ROWS:
            self._sort()

    def contains(self, hashes: Hashes) -> npt.NDArray[np.bool_]:
        """Return whether each of the hashes was added."""
        self._sort()
        found = np.zeros(len(hashes), np.bool_)
        for known in self._sorted:
            places = np.minimum(np.searchsorted(known, hashes), len(known) - 1)
            found |= known[places] == hashes
        return found

    def _sort(self) -> None:
        if not self._waiting_rows:
            return
        together = np.sort(np.concatenate(self._waiting))
        self._waiting, self._waiting_rows = [], 0
        if self._sorted:
            together = self._move_to_file(together)
        self._sorted.append(together)

    def _move_to_file(self, hashes: Hashes) -> Hashes:
        self._file = self._file or tempfile.TemporaryFile()
        begin = self._file.seek(0, 2)
        self._file.write(hashes.tobytes())
        self._file.flush()
        return np.memmap(self._file, np.uint64, "r", begin, hashes.shape)


def _list_existing(output: Location, sample: Sequence[str]) -> OutputIndex:
    """Return the names and sizes of the objects below the output folder.

    Parameters
    ----------
    output : Location
        Folder of the output.
    sample : sequence of str
        Names of some outputs, by which the listing is split between threads.
    """
    index = OutputIndex()
    ranges = [NameRange("", None)]
    if output.on_s3:
        ranges = split_names(sample, _LISTING_THREADS * _RANGES_PER_THREAD)

    def hash_range(names: NameRange) -> list[Hashes]:
        return [hash_outputs(*page) for page in list_output(output, names) if page.names]

    with ThreadPoolExecutor(_LISTING_THREADS) as pool:
        for pages in pool.map(hash_range, ranges):
            for hashes in pages:
                index.add(hashes)
    return index


def _find_other_contents(tables: Tables, config: RunConfig, last_table: str) -> set[str]:
    """Return the sources whose output is missing or has another SHA-256, by Spark."""
    rows = _read_outputs(tables, config, last_table, ("source_id",))
    if next(rows, None) is None:
        return set()
    frame = tables.read(last_table).where(_sql_condition(config))
    if last_table == "note_files":
        frame = frame.where("format <> 'delta'")
    columns = frame.select("source_id", "output_uri", "output_sha256")
    return {row.source_id for row in columns.mapInArrow(_compare, "source_id STRING").collect()}


def _sql_condition(config: RunConfig) -> Any:
    from pyspark.sql import functions as F

    deidentifier = config.deidentifier
    return (
        (F.col("status") == Status.DEIDENTIFIED.value)
        & (F.col("key_id") == deidentifier.pseudonyms().key_id)
        & (F.col("namespace") == deidentifier.namespace)
        & (F.col("output_root") == config.output.uri)
        & (F.col("rules_hash") == deidentifier.rules_hash)
        & (F.col("stages") == deidentifier.stages)
        & F.col("output_uri").isNotNull()
    )


def _compare(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Yield the IDs of outputs that differ from their rows, in a worker."""
    for batch in batches:
        other = [
            source_id
            for source_id, uri, sha256 in zip(*(column.to_pylist() for column in batch.columns))
            if _read_sha256(uri) != sha256
        ]
        yield pa.RecordBatch.from_pydict({"source_id": pa.array(other, pa.string())})


def _read_sha256(uri: str) -> str:
    """Return the SHA-256 of an object; empty if it is missing."""
    location = parse_uri(uri)
    with suppress(FileNotFoundError):
        try:
            return hashlib.sha256(backend_of(location).read(location, None)).hexdigest()
        except Exception as error:
            if error_code(error) not in s3_client.NOT_FOUND_CODES:
                raise
    return ""
