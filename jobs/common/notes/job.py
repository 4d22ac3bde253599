"""De-identify clinical notes: the job of ``safelight notes``."""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple, Optional

from jobs.common.cli.errors import UsageError
from jobs.common.delta.schemas import NOTES_TABLES
from jobs.common.delta.table_set import Tables
from jobs.common.notes.batches import NotesBatchRunner
from jobs.common.notes.delta_io import (
    earlier_versions,
    is_delta_table,
    read_table_source,
    table_version,
)
from jobs.common.notes.known_table import read_known_facts
from jobs.common.notes.pieces import NotePiece, choose_notes_limits, split_sources
from jobs.common.notes.tasks import NotesBuilder
from jobs.common.run.batch_runner import source_id
from jobs.common.run.job import Job, PendingWork
from jobs.common.run.run_config import RunConfig, prepare
from jobs.common.spark.packing import pack_batches
from jobs.common.storage.backend import Source
from jobs.common.storage.listing import list_sources
from safelight.notes.field_actions import parse_rule
from safelight.notes.file_encodings import AUTO
from safelight.notes.formats import FORMATS, detect_format
from safelight.notes.options import NotesOptions
from safelight.notes.tables.columns import rule_files_hash

#: Columns of `note_files` that show whether a piece is done.
_DONE_COLUMNS = (
    "source_id", "piece", "pieces", "notes", "output_uri", "rules_hash", "fields_hash", "stages",
)  # fmt: skip


@dataclass(frozen=True)
class NotesRunConfig:
    """Checked arguments of a run over notes.

    Attributes
    ----------
    run : RunConfig
        Arguments that all jobs have, and the files.
    options : NotesOptions
        Options about the input.
    known : str or None
        URI of the table of known values.
    tables : tuple of str
        Delta tables among the inputs.
    """

    run: RunConfig
    options: NotesOptions
    known: Optional[str]
    tables: tuple[str, ...]


def prepare_notes_run(given: argparse.Namespace) -> NotesRunConfig:
    """Check the arguments and list the sources; Spark does not start.

    Parameters
    ----------
    given : argparse.Namespace
        Parsed arguments of the command.

    Raises
    ------
    UsageError
        If an argument is wrong.
    JobError
        If a location cannot be read or written.
    """
    options = NotesOptions(
        text_columns=tuple(given.text_column),
        patient_column=given.patient_column or "",
        note_column=given.note_column or "",
        columns=tuple(_parse_column(pair) for pair in given.column),
        issuer=given.issuer or "",
        patient_from=given.patient_from,
        delimiter=_parse_delimiter(given.delimiter),
        encoding=_check_encoding(given.encoding),
    )
    run = prepare(given, [])
    tables = tuple(uri for uri in given.input if is_delta_table(uri))
    sources = list_sources([uri for uri in given.input if uri not in tables], given.manifest)
    if any("/_delta_log/" in source.uri for source in sources):
        raise UsageError("there is a Delta table below an --input; name the table itself")
    issuer_in_identity = run.deidentifier.rules.issuer_in_identity
    options = replace(options, issuer_in_identity=issuer_in_identity)
    return NotesRunConfig(replace(run, sources=sources), options, given.known, tables)


def _parse_column(pair: str) -> tuple[str, str]:
    name, separator, action = pair.rpartition("=")
    try:
        if not separator or not name:
            raise ValueError("--column takes NAME=ACTION")
        parse_rule(action)
    except ValueError as error:
        raise UsageError(f"--column {pair}: {error}") from None
    return name, action


def _parse_delimiter(text: Optional[str]) -> str:
    delimiter = {"\\t": "\t", "tab": "\t", None: ""}.get(text, text) or ""
    if len(delimiter) > 1 or delimiter in ('"', "\n", "\r"):
        raise UsageError("--delimiter takes one character, or tab")
    return delimiter


def _check_encoding(name: str) -> str:
    try:
        if name != AUTO:
            "".encode(name)
    except LookupError:
        raise UsageError(f"--encoding {name} is unknown; give an encoding of Python") from None
    return name


def _may_hold_fhir(source: Source) -> bool:
    """Return whether a source may hold FHIR resources, which refer to other files."""
    format_class = FORMATS.get(detect_format(source.uri))
    return format_class is not None and format_class.may_hold_fhir


class _PieceKey(NamedTuple):
    """A piece of a source."""

    source_id: str
    piece: int


class _DonePiece(NamedTuple):
    """A piece that is done: the number of pieces of its source, and of its notes."""

    pieces: int
    notes: int


class NotesJob(Job):
    """One run over notes.

    Parameters
    ----------
    config : NotesRunConfig
    """

    command = "notes"
    last_table = "note_files"
    tables = (*NOTES_TABLES, "annotations", "runs")

    def __init__(self, config: NotesRunConfig):
        super().__init__(config.run)
        self._options = config.options
        self._known = config.known
        self._delta_inputs = config.tables
        self._build = NotesBuilder(config.options, date.today().year)
        names = config.run.deidentifier.pseudonyms()
        fields = f"{rule_files_hash()}\n{config.options!r}"
        #: Hash of all that determines the output besides the rules and the stages.
        self._fields_hash = names.hexdigest("notes/fields", fields)
        self._conflicts: frozenset[_PieceKey] = frozenset()
        self._done_pieces: frozenset[_PieceKey] = frozenset()
        self._done_versions: dict[str, int] = {}

    def _find_pending(self, tables: Tables) -> PendingWork:
        """Return the sources of which a piece is not done under the same settings.

        Pieces that are done, those that the output has under other settings, and the newest
        version of each Delta table that is done are remembered.
        """
        delta_sources = [read_table_source(tables.spark, uri) for uri in self._delta_inputs]
        sources = [*self._config.sources, *delta_sources]
        if not tables.exists("note_files"):
            return PendingWork(sources, 0)
        names = self._config.deidentifier.pseudonyms()
        by_id = {source_id(names, source): source for source in sources}
        earlier = {
            source_id(names, version): version
            for source in delta_sources
            for version in earlier_versions(source)
        }
        done, others = self._read_pieces(tables, by_id.keys() | earlier.keys())
        self._done_pieces = frozenset(done)
        self._conflicts = frozenset(others - done.keys())
        finished = {
            key
            for (key, _), piece in done.items()
            if all(_PieceKey(key, n) in done for n in range(1, piece.pieces + 1))
        }
        done_notes = sum(piece.notes for (key, _), piece in done.items() if key in by_id)
        for source in (earlier[key] for key in finished if key in earlier):
            version = table_version(source)
            newest = self._done_versions.get(source.uri, version)
            self._done_versions[source.uri] = max(version, newest)
        pending = [source for key, source in by_id.items() if key not in finished]
        return PendingWork(pending, done_notes)

    def _read_pieces(
        self, tables: Tables, source_ids: set[str]
    ) -> tuple[dict[_PieceKey, _DonePiece], set[_PieceKey]]:
        """Return the pieces of sources that are done, and those written under other settings."""
        config = self._config.deidentifier
        settings = (config.rules_hash, self._fields_hash, config.stages)
        done: dict[_PieceKey, _DonePiece] = {}
        others: set[_PieceKey] = set()
        for row in tables.rows("note_files", _DONE_COLUMNS, self._has_final_outcome(tables)):
            key = _PieceKey(row["source_id"], row["piece"])
            if key.source_id not in source_ids:
                continue
            if (row["rules_hash"], row["fields_hash"], row["stages"]) == settings:
                done[key] = _DonePiece(row["pieces"], row["notes"] or 1)
            elif row["output_uri"]:
                others.add(key)
        return done, others

    def _process(self, tables: Tables, sources: list[Source], first_batch: int) -> None:
        spark = tables.spark
        runner = NotesBatchRunner(
            tables, self._config, self._build, self._fields_hash, self._conflicts
        )
        self._totals = runner.totals
        self._use_facts(runner, tables, sources)
        files = {source.uri for source in self._config.sources}
        pieces = self._split_pending(tables, [source for source in sources if source.uri in files])
        limits = choose_notes_limits(pieces, spark.sparkContext.defaultParallelism)
        next_batch = first_batch
        delta_sources = [source for source in sources if source.uri not in files]
        self._observe_work(tables, [*pieces, *delta_sources])
        for number, tasks in enumerate(pack_batches(pieces, limits), first_batch):
            batch = [[p for p in task if isinstance(p, NotePiece)] for task in tasks]
            with self._observe_batch(number, batch):
                runner.run(batch, number)
            next_batch = number + 1
        for number, source in enumerate(delta_sources, next_batch):
            with self._observe_batch(number, [[source]]):
                runner.run_table(source, number, self._done_versions.get(source.uri))

    def _use_facts(self, runner: NotesBatchRunner, tables: Tables, pending: list[Source]) -> None:
        """Let the runner use the facts of ``--known`` and of FHIR resources."""
        spark, limits = tables.spark, self._config.limits
        frames = []
        if self._known and pending:
            frames.append(read_known_facts(spark, self._known, self._options))
        if any(map(_may_hold_fhir, pending)):
            # Resources may refer to patients whose own resource an earlier run has processed.
            fhir = [source for source in self._config.sources if _may_hold_fhir(source)]
            frames.append(runner.gather_facts(split_sources(spark, fhir, self._options, limits)))
        if frames:
            runner.use_facts(frames)

    def _split_pending(self, tables: Tables, sources: list[Source]) -> list[NotePiece]:
        """Return the pieces of sources that are not done."""
        names, limits = self._config.deidentifier.pseudonyms(), self._config.limits
        return [
            piece
            for piece in split_sources(tables.spark, sources, self._options, limits)
            if _PieceKey(source_id(names, piece), piece.piece) not in self._done_pieces
        ]
