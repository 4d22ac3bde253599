"""Find the pieces of notes that earlier runs have finished, or written under other settings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Optional

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from jobs.common.delta.tables.table_set import Tables
from jobs.common.notes.plugin import NotesPlugin
from jobs.common.sources.done_sources import exclude_done
from jobs.common.sources.listing import Listing, LocalListing
from jobs.common.sources.source_ids import source_id
from jobs.common.spark.deidentifier_factory import DeidentifierConfig
from jobs.common.storage.backend import Source
from safelight.pseudonyms import Pseudonyms

_COLUMNS = (
    "source_id", "piece", "pieces", "notes", "output_uri", "rules_hash", "fields_hash", "stages",
)  # fmt: skip


@dataclass(frozen=True)
class PieceSelection:
    """Callable that lists the pieces of files that are not done. It can be sent to workers.

    Attributes
    ----------
    plugin : NotesPlugin
    done : pyarrow.Array, optional
        Keys of the pieces that are done, of files that are not finished.
    conflicts : pyarrow.Array, optional
        Keys of the pieces that the output has under other rules or options.
    """

    plugin: NotesPlugin
    done: Optional[pa.Array] = None
    conflicts: Optional[pa.Array] = None

    def __call__(self, sources: pa.Table) -> pa.Table:
        """Return the pieces of files; see :func:`jobs.common.notes.pieces.list_pieces`."""
        pieces = self.plugin.list_items(sources)
        if self.done is not None:
            pieces = pieces.filter(pc.invert(pc.is_in(_piece_keys(pieces), self.done)))
        if self.conflicts is not None:
            is_conflict = pc.is_in(_piece_keys(pieces), self.conflicts)
            number = pieces.column_names.index("conflict")
            pieces = pieces.set_column(number, "conflict", is_conflict)
        return pieces


class PieceOutcomes:
    """The final outcomes of pieces in ``note_files``.

    Parameters
    ----------
    done : pyarrow.Table
        Pieces that are done under the same settings.
    others : pyarrow.Table
        Pieces with an output under other settings.

    Attributes
    ----------
    finished : pyarrow.Table
        Column ``source_id``: the sources of which all pieces are done.
    """

    def __init__(self, done: pa.Table, others: pa.Table):
        self._done = done
        self._others = others
        grouped = done.group_by("source_id").aggregate(
            [("piece", "count_distinct"), ("pieces", "max")]
        )
        is_finished = pc.greater_equal(grouped["piece_count_distinct"], grouped["pieces_max"])
        self.finished = grouped.filter(is_finished).select(["source_id"])

    @classmethod
    def read(
        cls,
        tables: Tables,
        is_final: ds.Expression,
        config: DeidentifierConfig,
        plugin: NotesPlugin,
    ) -> Optional[PieceOutcomes]:
        """Return the outcomes in ``note_files``; ``None`` if there are none.

        Parameters
        ----------
        tables : Tables
        is_final : pyarrow.dataset.Expression
            Condition for rows with a final outcome.
        config : DeidentifierConfig
        plugin : NotesPlugin
        """
        batches = list(tables.batches(plugin.last_table, _COLUMNS, is_final))
        rows = pa.Table.from_batches(batches) if batches else None
        if rows is None or not len(rows):
            return None
        settings = {
            "rules_hash": config.rules_hash,
            "fields_hash": plugin.fields_hash,
            "stages": config.stages,
        }
        is_same = pa.array([True] * len(rows))
        for column, value in settings.items():
            is_same = pc.and_(is_same, pc.equal(rows[column], value))
        done = rows.filter(is_same)
        has_output = pc.and_(pc.invert(is_same), pc.is_valid(rows["output_uri"]))
        return cls(done, rows.filter(has_output))

    def count_done_notes(
        self, listing: Listing, tables: Iterable[Source], names: Pseudonyms
    ) -> int:
        """Return the number of notes that are done of the sources of a run.

        Parameters
        ----------
        listing : Listing
            Files with ``source_id``.
        tables : iterable of Source
            Delta tables.
        names : Pseudonyms
            Derives the IDs of the tables.
        """
        if not isinstance(listing, LocalListing):
            return exclude_done(listing, self.finished)[1]
        ids = [source_id(names, table.uri, table.version) for table in tables]
        listed = pa.concat_arrays(
            [*listing.table["source_id"].cast(pa.string()).chunks, pa.array(ids, pa.string())]
        )
        notes = self._done["notes"].filter(pc.is_in(self._done["source_id"], listed))
        counted = pc.if_else(pc.equal(notes, 0), 1, notes)  # a refused file is one note
        return int(pc.sum(counted).as_py() or 0)

    def select_pieces(self, plugin: NotesPlugin) -> PieceSelection:
        """Return the function that lists the pieces of files that are not done."""
        is_partial = pc.invert(pc.is_in(self._done["source_id"], self.finished["source_id"]))
        done = _piece_keys(self._done)
        conflicts = _piece_keys(self._conflicts())
        return PieceSelection(plugin, done.filter(is_partial), conflicts)

    def has_conflict(self, listing: Listing) -> bool:
        """Return whether the output has files of listed sources under other settings.

        Parameters
        ----------
        listing : Listing
            Files with ``source_id``.
        """
        conflicts = self._conflicts().select(["source_id"])
        return len(conflicts) > 0 and exclude_done(listing, conflicts)[1] > 0

    def _conflicts(self) -> pa.Table:
        """Return the pieces that the output has under other settings only."""
        is_done = pc.is_in(_piece_keys(self._others), _piece_keys(self._done))
        return self._others.filter(pc.invert(is_done))


def _piece_keys(pieces: pa.Table) -> pa.Array:
    """Return one string per piece: the ID of the source and the number of the piece."""
    numbers = pieces["piece"].cast(pa.string())
    keys = pc.binary_join_element_wise(pieces["source_id"].cast(pa.string()), numbers, "/")
    return keys.combine_chunks() if isinstance(keys, pa.ChunkedArray) else keys
