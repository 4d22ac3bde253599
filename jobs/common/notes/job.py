"""The notes job, from its arguments to its last line."""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace
from datetime import date
from typing import Optional

from jobs.common.cli.errors import UsageError
from jobs.common.cli.progress_bar import progress_bar
from jobs.common.delta.schemas import TABLES
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
from jobs.common.notes.recorder import NotesBuilder
from jobs.common.run.batch_runner import Totals, source_id
from jobs.common.run.job import Job
from jobs.common.run.run_config import RunConfig, prepare
from jobs.common.spark.packing import pack_batches
from jobs.common.storage.backend import Source
from jobs.common.storage.listing import list_sources
from safelight.notes.field_actions import parse_rule
from safelight.notes.file_encodings import AUTO
from safelight.notes.formats import FORMATS, detect_format
from safelight.notes.options import NotesOptions
from safelight.notes.tables.columns import rule_files_hash

#: What `note_files` is asked of each piece.
_DONE_COLUMNS = (
    "source_id", "piece", "pieces", "notes", "output_uri", "rules_hash", "fields_hash", "stages",
)  # fmt: skip


@dataclass(frozen=True)
class NotesRunConfig:
    """What the notes job has beside the main job's plan.

    Attributes
    ----------
    known : str or None
        URI of the table of known values.
    tables : tuple of str
        Delta tables among the inputs.
    """

    plan: RunConfig
    options: NotesOptions
    known: Optional[str]
    tables: tuple[str, ...]


def prepare_notes_run(given: argparse.Namespace) -> NotesRunConfig:
    """Check the arguments and list the sources; Spark has not started yet.

    Raises
    ------
    UsageError, JobError
    """
    options = NotesOptions(
        text_columns=tuple(given.text_column),
        patient_column=given.patient_column or "",
        note_column=given.note_column or "",
        columns=tuple(_column(pair) for pair in given.column),
        issuer=given.issuer or "",
        patient_from=given.patient_from,
        delimiter=_delimiter(given.delimiter),
        encoding=_encoding(given.encoding),
    )
    plan = prepare(given, [])
    tables = tuple(uri for uri in given.input if is_delta_table(uri))
    sources = list_sources([uri for uri in given.input if uri not in tables], given.manifest)
    if any("/_delta_log/" in source.uri for source in sources):
        raise UsageError("there is a Delta table below an --input; name the table itself")
    options = replace(options, issuer_in_identity=plan.deidentifier.rules.issuer_in_identity)
    config = replace(plan.deidentifier, build=NotesBuilder(options, date.today().year))
    return NotesRunConfig(
        replace(plan, deidentifier=config, sources=sources), options, given.known, tables
    )


def _column(pair: str) -> tuple[str, str]:
    name, separator, action = pair.rpartition("=")
    try:
        if not separator or not name:
            raise ValueError("--column takes NAME=ACTION")
        parse_rule(action)
    except ValueError as error:
        raise UsageError(f"--column {pair}: {error}") from None
    return name, action


def _delimiter(text: Optional[str]) -> str:
    delimiter = {"\\t": "\t", "tab": "\t", None: ""}.get(text, text) or ""
    if len(delimiter) > 1 or delimiter in ('"', "\n", "\r"):
        raise UsageError("--delimiter takes one character, or tab")
    return delimiter


def _encoding(name: str) -> str:
    try:
        if name != AUTO:
            "".encode(name)
    except LookupError:
        raise UsageError(f"--encoding {name} is not known to Python") from None
    return name


def _may_hold_fhir(source: Source) -> bool:
    """Return whether a source may hold FHIR resources, which refer to other files."""
    format_class = FORMATS.get(detect_format(source.uri))
    return format_class is not None and format_class.may_hold_fhir


class NotesJob(Job):
    """One run over notes."""

    command = "notes"
    last_table = "note_files"
    tables = (*TABLES, "runs")

    def __init__(self, notes: NotesRunConfig):
        super().__init__(notes.plan)
        self._options = notes.options
        self._known = notes.known
        self._delta_inputs = notes.tables
        self._done_notes = 0
        self._conflicts: frozenset[tuple[str, int]] = frozenset()
        self._done_pieces: frozenset[tuple[str, int]] = frozenset()
        self._done_versions: dict[str, int] = {}

    @property
    def _way(self) -> str:
        """All that decides on the output beside the rules and the stages."""
        names = self._config.deidentifier.pseudonyms()
        return names.hexdigest("notes/fields", f"{rule_files_hash()}\n{self._options!r}")

    def _find_pending(self, tables: Tables) -> list[Source]:
        """The sources of which a piece is not done in the same way."""
        plan = self._config
        now = [read_table_source(tables.spark, uri) for uri in self._delta_inputs]
        sources = [*plan.sources, *now]
        if not tables.exists("note_files"):
            return sources
        names = plan.deidentifier.pseudonyms()
        by_id = {source_id(names, source): source for source in sources}
        before = {source_id(names, old): old for table in now for old in earlier_versions(table)}
        asked = by_id.keys() | before.keys()
        way = (plan.deidentifier.rules_hash, self._way, plan.deidentifier.stages)
        done: dict[tuple[str, int], tuple[int, int]] = {}
        others: set[tuple[str, int]] = set()
        for row in tables.rows("note_files", _DONE_COLUMNS, self._has_same_output()):
            piece = (row["source_id"], row["piece"])
            if row["source_id"] not in asked:
                continue
            if (row["rules_hash"], row["fields_hash"], row["stages"]) == way:
                done[piece] = (row["pieces"], row["notes"] or 1)
            elif row["output_uri"]:
                others.add(piece)
        self._done_pieces = frozenset(done)
        self._conflicts = frozenset(others - done.keys())
        finished = {
            key
            for (key, _), (pieces, _) in done.items()
            if all((key, n) in done for n in range(1, pieces + 1))
        }
        self._done_notes = sum(notes for (key, _), (_, notes) in done.items() if key in by_id)
        for old in (before[key] for key in finished if key in before):
            version = table_version(old)
            self._done_versions[old.uri] = max(version, self._done_versions.get(old.uri, version))
        return [source for key, source in by_id.items() if key not in finished]

    def _count_skipped(self, pending: list[Source]) -> int:
        return self._done_notes

    def _process(self, tables: Tables, pending: list[Source], first_batch: int) -> Totals:
        plan, spark = self._config, tables.spark
        names = plan.deidentifier.pseudonyms()
        runner = NotesBatchRunner(
            tables, plan.deidentifier, plan.output.uri, plan.run_id, plan.rules_name,
            plan.text_model, self._conflicts, self._way,
        )  # fmt: skip
        frames = []
        if self._known and pending:
            frames.append(read_known_facts(spark, self._known, self._options))
        if any(map(_may_hold_fhir, pending)):
            # Resources may refer to patients whose own resource an earlier run has processed.
            fhir = [source for source in plan.sources if _may_hold_fhir(source)]
            frames.append(runner.gather_facts(split_sources(spark, fhir, self._options)))
        if frames:
            runner.use_facts(frames)
        files = {source.uri for source in plan.sources}
        pieces = [
            piece
            for piece in split_sources(spark, (s for s in pending if s.uri in files), self._options)
            if (source_id(names, piece), piece.piece) not in self._done_pieces
        ]
        limits = choose_notes_limits(pieces, spark.sparkContext.defaultParallelism)
        with progress_bar(len(pieces)) as advance:
            for number, tasks in enumerate(pack_batches(pieces, limits), first_batch):
                batch = [[p for p in task if isinstance(p, NotePiece)] for task in tasks]
                runner.run(batch, number)
                advance(sum(map(len, tasks)))
                first_batch = number + 1
        for number, table in enumerate((s for s in pending if s.uri not in files), first_batch):
            runner.run_table(table, number, self._done_versions.get(table.uri))
        return runner.totals
