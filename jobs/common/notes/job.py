"""De-identify clinical notes: the job of ``safelight notes``."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Optional

import pyarrow as pa
import pyarrow.compute as pc

from jobs.common.cli.errors import UsageError
from jobs.common.delta.tables.table_set import Tables
from jobs.common.notes import pieces
from jobs.common.notes.column_check import check_named_columns
from jobs.common.notes.delta_io import (
    earlier_versions,
    is_delta_table,
    list_appended_files,
    pack_rows,
    parts_folder,
    read_table,
    read_table_source,
    rewrite_table,
    table_name,
    table_version,
)
from jobs.common.notes.facts import facts_task, merge_facts
from jobs.common.notes.known_table import read_known_facts
from jobs.common.notes.piece_outcomes import PieceOutcomes, PieceSelection
from jobs.common.notes.plugin import NotesBuilder, NotesPlugin
from jobs.common.run.background_commits import BackgroundCommits
from jobs.common.run.batch_processing import BatchProcessor
from jobs.common.run.done_sources import has_final_outcome
from jobs.common.run.job import Job, PendingWork
from jobs.common.run.run_config import RunConfig, prepare
from jobs.common.run.work_items import FactsRow
from jobs.common.sources.done_sources import exclude_done
from jobs.common.sources.listing import Listing
from jobs.common.sources.packing import Expand, PackingLimits
from jobs.common.sources.source_ids import source_id
from jobs.common.spark.local_frames import BLOB_SCHEMA
from jobs.common.storage.backend import Source
from safelight.notes.field_actions import parse_rule
from safelight.notes.file_encodings import AUTO
from safelight.notes.formats import FORMATS, detect_format
from safelight.notes.options import NotesOptions
from safelight.notes.tables.columns import rule_files_hash

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


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


def prepare_notes_run(
    given: argparse.Namespace, session: Callable[[], SparkSession]
) -> NotesRunConfig:
    """Check the arguments and list the sources.

    Parameters
    ----------
    given : argparse.Namespace
        Parsed arguments of the command.
    session : callable
        Returns the Spark session; it is called only if the driver cannot hold the listing.

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
        csv_formulas=given.csv_formulas,
    )
    tables = tuple(uri for uri in given.input if is_delta_table(uri))
    run = prepare(given, session, [uri for uri in given.input if uri not in tables])
    if run.listing.filter(_is_in_delta_log).count:
        raise UsageError("there is a Delta table below an --input; name the table itself")
    check_named_columns(run.listing.sources(), options)
    rules = run.deidentifier.rules
    options = replace(
        options,
        issuer=options.issuer or rules.default_issuer,
        issuer_in_identity=rules.issuer_in_identity,
    )
    return NotesRunConfig(run, options, given.known, tables)


def _is_in_delta_log(sources: pa.Table) -> pa.Array:
    return pc.match_substring(sources["uri"], "/_delta_log/")


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


class NotesJob(Job):
    """One run over notes.

    Parameters
    ----------
    config : NotesRunConfig
    spark : callable
        Returns the Spark session.
    """

    def __init__(self, config: NotesRunConfig, spark: Callable[[], SparkSession]):
        names = config.run.deidentifier.pseudonyms()
        fields = f"{rule_files_hash()}\n{config.options!r}"
        plugin = NotesPlugin(
            NotesBuilder(config.options, date.today().year),
            # All that determines the output besides the rules and the stages.
            fields_hash=names.hexdigest("notes/fields", fields),
            limits=config.run.limits,
            piece_bytes=pieces.PIECE_BYTES,
        )
        super().__init__(config.run, plugin, spark)
        self._notes_plugin = plugin
        self._options = config.options
        self._known = config.known
        self._delta_inputs = config.tables
        self._delta_pending: list[Source] = []
        self._done_versions: dict[str, int] = {}
        self._pieces = PieceSelection(plugin)

    def _find_pending(self, tables: Tables) -> PendingWork:
        """Return the sources of which a piece is not done under the same settings.

        Pieces that are done, those that the output has under other settings, and the newest
        version of each Delta table that is done are remembered.

        Raises
        ------
        UsageError
            If the output has pending files under other settings, whose names are the same.
        """
        names, listing = self._config.deidentifier.pseudonyms(), self._listing
        self._delta_pending = [read_table_source(tables.spark, uri) for uri in self._delta_inputs]
        is_final = has_final_outcome(tables, self._config.limits, self._settings_of_output())
        outcomes = PieceOutcomes.read(
            tables, is_final, self._config.deidentifier, self._notes_plugin
        )
        if outcomes is None:
            return PendingWork(listing, 0)
        skipped = outcomes.count_done_notes(listing, self._delta_pending, names)
        self._pieces = outcomes.select_pieces(self._notes_plugin)
        pending, _ = exclude_done(listing, outcomes.finished)
        if outcomes.has_conflict(pending):
            raise UsageError(
                "--output holds files of this input that other options of columns or fields made; "
                "give another --output"
            )
        self._skip_done_tables(outcomes)
        return PendingWork(pending, skipped)

    def _skip_done_tables(self, outcomes: PieceOutcomes) -> None:
        """Keep the tables that are not done, and remember their newest version that is."""
        names = self._config.deidentifier.pseudonyms()
        finished = set(outcomes.finished["source_id"].to_pylist())
        pending = []
        for source in self._delta_pending:
            if source_id(names, source.uri, source.version) in finished:
                continue
            pending.append(source)
            for earlier in earlier_versions(source):
                if source_id(names, earlier.uri, earlier.version) in finished:
                    self._done_versions[source.uri] = table_version(earlier)
                    break
        self._delta_pending = pending

    def _has_work(self, pending: PendingWork) -> bool:
        """Return whether there is a file or a table to process."""
        return super()._has_work(pending) or bool(self._delta_pending)

    def _choose_limits(self, listing: Listing, cores: int) -> PackingLimits:
        """Return the limits of tasks and batches."""
        return pieces.choose_notes_limits(listing, cores)

    def _list_items(self) -> Expand:
        """Return the function that lists the pieces of files that are not done."""
        return self._pieces

    def _process_batches(
        self,
        tables: Tables,
        pending: PendingWork,
        processor: BatchProcessor,
        commits: BackgroundCommits,
        first_batch: int,
    ) -> int:
        """Process all files, then each table as one batch; return the next batch.

        Parameters
        ----------
        tables : Tables
        pending : PendingWork
        processor : BatchProcessor
        commits : BackgroundCommits
        first_batch : int
        """
        processor.facts = self._gather_facts(tables, pending, processor)
        number = super()._process_batches(tables, pending, processor, commits, first_batch)
        for source in self._delta_pending:
            self._process_table(tables, source, processor, commits, number)
            number += 1
        return number

    def _process_table(
        self,
        tables: Tables,
        source: Source,
        processor: BatchProcessor,
        commits: BackgroundCommits,
        batch: int,
    ) -> None:
        """Process a Delta table as one batch.

        Only rows that were added since the last version that is done are processed, if rows were
        only added.
        """
        from pyspark import StorageLevel

        spark, config = tables.spark, self._config
        key = source_id(config.deidentifier.pseudonyms(), source.uri, source.version)
        name = table_name(source.uri, config.deidentifier, self._notes_plugin.fields_hash)
        target = config.output.child(name)
        since = self._done_versions.get(source.uri)
        files = None
        if since is not None and is_delta_table(target.uri):
            files = list_appended_files(spark, source, since)
        rows = read_table(spark, source, files)
        packed = rows.mapInArrow(pack_rows(source, key), BLOB_SCHEMA)
        packed = packed.persist(StorageLevel.MEMORY_AND_DISK)
        try:
            processed = processor.process_frame(packed, batch)
        finally:
            packed.unpersist()
        tables.check_lease()
        parts = parts_folder(config.run_id, key, config.deidentifier.pseudonyms())
        rewrite_table(
            spark, config.output.child(parts), target, table_version(source), files is not None
        )
        commits.submit(processed)

    def _gather_facts(
        self, tables: Tables, pending: PendingWork, processor: BatchProcessor
    ) -> Optional[DataFrame]:
        """Return the facts of ``--known`` and of FHIR resources."""
        frames = []
        if self._known:
            frames.append(read_known_facts(tables.spark, self._known, self._options))
        if pending.listing.filter(may_hold_fhir).count:
            # Resources may refer to patients whose own resource an earlier run has processed.
            fhir = self._listing.filter(may_hold_fhir)
            tasks = list(self._pack(tables, fhir, self._notes_plugin.list_items))
            task = facts_task(self._notes_plugin, processor.context(-1))
            frames.append(processor.map_tasks(tasks, task, FactsRow))
        return merge_facts(frames) if frames else None


def may_hold_fhir(sources: pa.Table) -> pa.Array:
    """Return which files may hold FHIR resources, which refer to other files.

    Parameters
    ----------
    sources : pyarrow.Table
        Column ``uri``.
    """
    formats = (FORMATS.get(detect_format(uri)) for uri in sources["uri"].to_pylist())
    return pa.array([bool(found and found.may_hold_fhir) for found in formats], pa.bool_())
