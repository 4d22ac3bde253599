"""Pair the rows of ``note_files`` with the files of an output."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from jobs.common.delta.table_set import Tables
from jobs.common.storage.backend import Source
from jobs.common.verification.note_checks import NoteCheck, NoteOutput
from safelight.pseudonyms import Pseudonyms

if TYPE_CHECKING:
    from pyspark import RDD

#: Size of the largest original that is read again. Outputs of larger ones are verified alone.
MAX_ORIGINAL_BYTES = 256 * 1024 * 1024


@dataclass(frozen=True)
class NoteOutputs:
    """Outputs of notes among all listed files.

    Attributes
    ----------
    checks : RDD of NoteCheck, or None
        Files to verify, by source.
    tables : tuple of str
        URIs of Delta tables.
    files : frozenset of str
        URIs that belong to notes.
    count, compared : int
        Number of sources, and of those whose original is compared.
    missing : tuple of str
        URIs of rows whose file is missing.
    """

    checks: RDD[NoteCheck] | None = None
    tables: tuple[str, ...] = ()
    files: frozenset[str] = frozenset()
    count: int = 0
    compared: int = 0
    missing: tuple[str, ...] = ()


@dataclass
class _FileMatches:
    """Rows of ``note_files``, paired with the listed files."""

    by_source: dict[str, list[NoteOutput]] = field(default_factory=dict)
    tables: dict[str, None] = field(default_factory=dict)
    files: set[str] = field(default_factory=set)
    missing: list[str] = field(default_factory=list)


def match_notes(
    tables: Tables, listed: Iterable[Source], root: str, names: Pseudonyms | None
) -> NoteOutputs:
    """Pair the rows of ``note_files`` with the files below a folder.

    Parameters
    ----------
    tables : Tables
        Tables of the runs.
    listed : iterable of Source
        Listed files.
    root : str
        URI of the folder.
    names : Pseudonyms or None
        Pseudonyms of the key, with which the originals are looked up in ``sources``.
    """
    if not tables.exists("note_files"):
        return NoteOutputs()
    versions = {source.uri: source.version for source in listed}
    matches = _match_files(_read_file_rows(tables), versions, root)
    found = NoteOutputs(
        tables=tuple(matches.tables),
        files=frozenset(matches.files),
        missing=tuple(matches.missing),
    )
    if not matches.by_source:
        return found
    originals = _find_originals(tables, names)
    outputs = {
        source_id: (
            tuple(sorted(files, key=lambda output: output.piece)),
            *originals.get(source_id, ("", "")),
        )
        for source_id, files in matches.by_source.items()
    }
    return replace(
        found,
        checks=_make_checks(tables, outputs),
        count=len(outputs),
        compared=sum(bool(original) for _, original, _ in outputs.values()),
    )


def _read_file_rows(tables: Tables) -> list[Any]:
    """Return the rows of ``note_files`` that have an output."""
    from pyspark.sql import functions as F

    files = tables.read("note_files").where(F.col("output_uri").isNotNull())
    return files.select(
        "source_id", "piece", "format", "output_uri", "output_root", "output_sha256",
        (F.col("notes") - F.col("notes_quarantined")).alias("written"),
    ).collect()  # fmt: skip


def _match_files(rows: list[Any], versions: dict[str, str], root: str) -> _FileMatches:
    """Pair rows with listed files, which may have been moved to another folder as a whole."""
    matches = _FileMatches()
    below = f"{root.rstrip('/')}/"
    in_place = any(row.output_uri.startswith(below) for row in rows)
    for row in rows:
        if in_place and not row.output_uri.startswith(below):
            continue  # a row of another output folder
        moved = below + row.output_uri.removeprefix(row.output_root).lstrip("/")
        uri = row.output_uri if in_place else moved
        if row.format == "delta":
            parts = {listed for listed in versions if listed.startswith(f"{uri}/")}
            matches.files |= parts
            if parts:
                matches.tables[uri] = None
        elif uri in versions:
            matches.files.add(uri)
            output = NoteOutput(uri, versions[uri], row.piece, row.output_sha256, row.written)
            matches.by_source.setdefault(row.source_id, []).append(output)
        else:
            matches.missing.append(uri)
    return matches


def _make_checks(
    tables: Tables, outputs: dict[str, tuple[tuple[NoteOutput, ...], str, str]]
) -> RDD[NoteCheck]:
    """Return one check per source, with the numbers of the records that were written."""
    from pyspark.sql import functions as F

    numbers = (
        tables.read("notes").where(F.col("status") == "deidentified")
        .groupBy("source_id").agg(F.array_sort(F.collect_list("row")).alias("rows"))
    )  # fmt: skip

    def make_check(row: Any) -> Iterator[NoteCheck]:
        if row.source_id in outputs and row.rows:
            files, original, version = outputs[row.source_id]
            yield NoteCheck(files, tuple(row.rows), original, version)

    without_notes = [
        NoteCheck(files, (), original, version)
        for files, original, version in outputs.values()
        if not any(output.notes for output in files)
    ]
    context = tables.spark.sparkContext
    return numbers.rdd.flatMap(make_check).union(context.parallelize(without_notes, 1))


def _find_originals(tables: Tables, names: Pseudonyms | None) -> dict[str, tuple[str, str]]:
    """Return URI and version of each source that is small enough to be read again."""
    from pyspark.sql import functions as F

    if names is None:
        return {}
    sources = tables.read("sources").where(
        (F.col("namespace") == names.namespace)
        & (F.col("key_id") == names.key_id)
        & (F.col("source_bytes") <= MAX_ORIGINAL_BYTES)
    )
    found = sources.select("source_id", "source_uri", "source_version").collect()
    return {row.source_id: (row.source_uri, row.source_version) for row in found}
