"""The check of the notes of a run: files against rows, files alone, rows against originals."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jobs.common.delta.table_set import Tables
from jobs.common.storage.backend import Source
from jobs.common.storage.objects import read_object
from safelight.pseudonyms import Pseudonyms
from safelight.records import Refusal
from safelight.verify import Check, ConsistencyLink, Defect
from safelight.verify.note_reader import NoteRecord, detect_format
from safelight.verify.notes import NotesVerifier
from safelight.verify.object_reader import UnreadableError

if TYPE_CHECKING:
    from pyspark import RDD

#: Larger originals are not read again; their outputs are checked alone.
LARGEST_ORIGINAL = 256 * 1024 * 1024


@dataclass(frozen=True)
class Output:
    """One file that was written, a piece of a source."""

    uri: str
    version: str
    piece: int
    sha256: str
    notes: int


@dataclass(frozen=True)
class NoteTask:
    """All that was made of one source. ``original`` MAY HOLD PHI: it never leaves the worker.

    Attributes
    ----------
    rows : tuple of int
        Numbers of the records of the source that were written.
    original, original_version : str
        Empty if originals are not compared.
    """

    outputs: tuple[Output, ...]
    rows: tuple[int, ...]
    original: str
    original_version: str


@dataclass(frozen=True)
class NoteOutputs:
    """The outputs of notes among all that were listed.

    Attributes
    ----------
    tasks : RDD of NoteTask, or None
    tables : tuple of str
        Delta tables.
    files : frozenset of str
        URIs that belong to notes.
    count, compared : int
    missing : tuple of str
        Of rows whose file is not there.
    """

    tasks: RDD[NoteTask] | None
    tables: tuple[str, ...]
    files: frozenset[str]
    count: int
    compared: int
    missing: tuple[str, ...]


def note_outputs(
    tables: Tables, listed: Iterable[Source], root: str, names: Pseudonyms | None
) -> NoteOutputs:
    """Pair the rows of ``note_files`` with the files below ``root``.

    Parameters
    ----------
    tables : Tables
    listed : iterable of Source
        What is there.
    root : str
    names : Pseudonyms or None
        With a key: originals are looked up in ``sources``.
    """
    from pyspark.sql import functions as F

    there = {source.uri: source.version for source in listed}
    if not tables.exists("note_files"):
        return NoteOutputs(None, (), frozenset(), 0, 0, ())
    files = tables.read("note_files").where(F.col("output_uri").isNotNull())
    rows = files.select(
        "source_id", "piece", "format", "output_uri", "output_root", "output_sha256",
        (F.col("notes") - F.col("notes_quarantined")).alias("written"),
    ).collect()  # fmt: skip
    by_source: dict[str, list[Output]] = {}
    found: set[str] = set()
    missing: list[str] = []
    delta: dict[str, None] = {}
    below = f"{root.rstrip('/')}/"
    in_place = any(row.output_uri.startswith(below) for row in rows)
    for row in rows:
        if in_place and not row.output_uri.startswith(below):
            continue  # a row of another output
        moved = below + row.output_uri.removeprefix(row.output_root).lstrip("/")
        place = row.output_uri if in_place else moved
        if row.format == "delta":
            parts = {uri for uri in there if uri.startswith(f"{place}/")}
            found |= parts
            if parts:
                delta[place] = None
        elif place in there:
            found.add(place)
            output = Output(place, there[place], row.piece, row.output_sha256, row.written)
            by_source.setdefault(row.source_id, []).append(output)
        else:
            missing.append(place)
    if not by_source:
        return NoteOutputs(None, tuple(delta), frozenset(found), 0, 0, tuple(missing))
    originals = _originals(tables, names)
    outputs = {
        key: (tuple(sorted(o, key=lambda one: one.piece)), *originals.get(key, ("", "")))
        for key, o in by_source.items()
    }
    numbers = (
        tables.read("notes").where(F.col("status") == "deidentified")
        .groupBy("source_id").agg(F.array_sort(F.collect_list("row")).alias("rows"))
    )  # fmt: skip

    def task(row: Any) -> Iterator[NoteTask]:
        if row.source_id in outputs and row.rows:
            files, original, version = outputs[row.source_id]
            yield NoteTask(files, tuple(row.rows), original, version)

    empty = [
        NoteTask(files, (), original, version)
        for files, original, version in outputs.values()
        if not any(output.notes for output in files)
    ]
    tasks = numbers.rdd.flatMap(task).union(tables.spark.sparkContext.parallelize(empty, 1))
    return NoteOutputs(
        tasks, tuple(delta), frozenset(found), len(by_source),
        sum(bool(original) for _, original, _ in outputs.values()), tuple(missing),
    )  # fmt: skip


def _originals(tables: Tables, names: Pseudonyms | None) -> dict[str, tuple[str, str]]:
    from pyspark.sql import functions as F

    if names is None:
        return {}
    sources = tables.read("sources").where(
        (F.col("namespace") == names.namespace)
        & (F.col("key_id") == names.key_id)
        & (F.col("source_bytes") <= LARGEST_ORIGINAL)
    )
    found = sources.select("source_id", "source_uri", "source_version").collect()
    return {row.source_id: (row.source_uri, row.source_version) for row in found}


class NotesWorker:
    """Checks the tasks of one partition; yields findings and links."""

    def __init__(self, key: bytes, namespace: str, standing: frozenset[str]):
        self._key = key
        self._namespace = namespace
        self._standing = standing

    def _verifier(self) -> NotesVerifier:
        names = Pseudonyms(self._key, self._namespace) if self._key else None
        return NotesVerifier(names.subkey("verify") if names else b"", self._standing)

    def __call__(self, tasks: Iterable[NoteTask]) -> Iterator[tuple[str, Defect] | ConsistencyLink]:
        verifier = self._verifier()
        for task in tasks:
            yield from self._source(verifier, task)

    def table_rows(self, uri: str, rows: Iterable[str]) -> Iterator[tuple[str, Defect]]:
        """Findings in rows of a table, given as JSON."""
        verifier = self._verifier()
        for text in rows:
            for row in verifier.read(text.encode(), "jsonl"):
                for defect in verifier.check_row(row):
                    yield uri, defect

    def _source(
        self, verifier: NotesVerifier, task: NoteTask
    ) -> Iterator[tuple[str, Defect] | ConsistencyLink]:
        written: list[NoteRecord] = []
        for output in task.outputs:
            try:
                data = read_object(output.uri, output.version)
                rows = verifier.read(data, detect_format(output.uri))
            except Refusal as refusal:
                yield output.uri, table_defect(refusal.sentence)
                return
            except UnreadableError as problem:
                detail = f"cannot be parsed ({problem})"
                yield output.uri, Defect(Check.UNREADABLE, "file", detail)
                return
            if hashlib.sha256(data).hexdigest() != output.sha256:
                yield output.uri, table_defect("is not the file that its row speaks of (SHA-256)")
            if len(rows) != output.notes:
                detail = f"has {len(rows)} records; its row says {output.notes}"
                yield output.uri, table_defect(detail)
            for defect in dict.fromkeys(d for row in rows for d in verifier.check_row(row)):
                yield output.uri, defect
            written += rows
        if task.original:
            yield from self._compared(verifier, task, written)

    def _compared(
        self, verifier: NotesVerifier, task: NoteTask, written: list[NoteRecord]
    ) -> Iterator[tuple[str, Defect] | ConsistencyLink]:
        uri = task.outputs[0].uri
        try:
            data = read_object(task.original, task.original_version)
            by_number = {
                row.number: row for row in verifier.read(data, detect_format(task.original))
            }
        except (Refusal, UnreadableError):
            yield uri, table_defect("its original cannot be read, or has changed")
            return
        original = [by_number[number] for number in task.rows if number in by_number]
        if len(original) != len(written):
            yield uri, table_defect("has other records than its original and its rows say")
            return
        for found in verifier.compare(written, original):
            yield found if isinstance(found, ConsistencyLink) else (uri, found)


def table_defect(detail: str) -> Defect:
    """A file that does not agree with the tables."""
    return Defect(Check.TABLES, "file", detail)
