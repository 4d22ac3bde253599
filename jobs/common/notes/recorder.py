"""Write pieces of notes, and make the rows about them and their notes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from typing import Any, Optional

import pyarrow as pa

from jobs.common.run.mapping_rows import MappingRowWriter
from jobs.common.run.outputs import StoredOutput, store_output
from jobs.common.spark.deidentifier_factory import DeidentifierConfig
from jobs.common.spark.row_buffer import RowBuffer
from jobs.common.storage.location import parse_uri
from safelight.notes.deidentifier import NotesDeidentifier
from safelight.notes.formats import FORMATS
from safelight.notes.gzip_files import GZIP_SUFFIX, compress, is_gzipped
from safelight.notes.models import FilePartResult
from safelight.notes.options import NotesOptions
from safelight.pseudonyms import Pseudonyms
from safelight.records import Status
from safelight.rules import RuleSet
from safelight.version import VERSION


@dataclass(frozen=True)
class NotesBuilder:
    """Makes the engine of a worker; two that are equal make the same one.

    ``year`` is the run's, so that all workers agree on it.
    """

    options: NotesOptions
    year: int

    def __call__(
        self, rules: RuleSet, key: bytes, namespace: str, pixels: bool, text: bool
    ) -> NotesDeidentifier:
        return NotesDeidentifier(
            rules, key=key, namespace=namespace, text=text, options=self.options, year=self.year
        )


@dataclass(frozen=True)
class NotesBatchContext:
    """One batch of one run, as workers see it.

    Attributes
    ----------
    isolated : bool
        Whether each piece has a process of its own: a worker has died of one of them.
    """

    deidentifier: DeidentifierConfig
    output: str
    run_id: str
    batch: int
    rules_name: str
    fields_hash: str
    isolated: bool
    structs: dict[str, pa.StructType] = field(compare=False, repr=False)


def table_name(uri: str, context: NotesBatchContext, names: Pseudonyms) -> str:
    """What a Delta table is called in the output: the same in all its versions."""
    way = f"{context.deidentifier.rules_hash}{context.deidentifier.stages}{context.fields_hash}"
    return names.token("file", f"{uri}\n{way}", 24)


def table_parts(source_id: str, context: NotesBatchContext, names: Pseudonyms) -> str:
    """The folder of its rows until they are a table."""
    return f".parts/{names.token('file', source_id, 24)}-{context.run_id}"


class NotesRecorder:
    """Writes pieces and makes the rows about them and their notes."""

    def __init__(self, context: NotesBatchContext):
        self.context = context
        self.names = context.deidentifier.pseudonyms()
        self.sink = RowBuffer(context.structs)
        self._originals = MappingRowWriter(self.sink, self.names, (context.run_id, context.batch))
        self._output = parse_uri(context.output)

    def name(self, row: dict[str, Any], result: FilePartResult) -> str:
        """Return the path of an output file; it has a pseudonym, since source names hold PHI."""
        if row["format"] == "delta":
            # A Parquet file of rows; they become a table when all of them are written.
            parts = table_parts(row["source_id"], self.context, self.names)
            return f"{parts}/{row['piece']}.parquet"
        token = self.names.token("file", row["source_id"], 24)
        patient = result.notes[0].patient_pseudonym if result.notes else ""
        name = FORMATS[row["format"]].output_name(token, row["piece"], row["pieces"], patient)
        return name + (GZIP_SUFFIX if is_gzipped(row["uri"]) else "")

    def write(self, row: dict[str, Any], result: FilePartResult) -> Optional[StoredOutput]:
        """Write the new piece, if there is one.

        Nothing that is committed stands at its name, or the piece would be done or refused;
        so what does stand there is of a run that was killed.

        Raises
        ------
        OutputError
            If the output takes no files: then the run must fail, not the piece.
        """
        if result.data is None:
            return None
        data = compress(result.data) if is_gzipped(row["uri"]) else result.data
        stored = store_output(
            self._output.child(self.name(row, result)), data,
            replace=True, content_type="application/octet-stream",
        )  # fmt: skip
        if row["format"] == "delta":
            table = table_name(row["uri"], self.context, self.names)
            return replace(stored, uri=self._output.child(table).uri)
        return stored

    def record(
        self,
        row: dict[str, Any],
        result: FilePartResult,
        stored: Optional[StoredOutput],
        seconds: float,
    ) -> None:
        """Rows of every table about one piece."""
        context, sink = self.context, self.sink
        where = (context.run_id, context.batch, row["source_id"])
        now = datetime.now(timezone.utc)
        self._originals.add_source(row)
        self._originals.add_pairs(result.mappings)
        for note in result.notes:
            place = (*where, row["piece"], note.row, note.note_id)
            written = note.status is Status.DEIDENTIFIED and stored is not None
            sink.add(
                "notes",
                (
                    *place,
                    note.patient_pseudonym,
                    note.status.value,
                    note.reason_code,
                    note.reason,
                    note.chars_in,
                    note.chars_out,
                    stored.uri if written and stored else None,
                    note.sha256 or None,
                    context.deidentifier.rules_hash,
                    now,
                ),
            )
            for f in note.findings:
                sink.add(
                    "notes_findings",
                    (*place, f.field, f.entity, f.engine, f.confidence, f.action, f.begin, f.end)
                    + (f.text_hmac,),
                )
        sink.add(
            "note_files",
            (
                *where,
                row["piece"],
                row["pieces"],
                row["format"],
                row["size"],
                result.status.value,
                result.reason_code,
                result.reason,
                len(result.notes),
                sum(note.status is Status.QUARANTINED for note in result.notes),
                stored.uri if stored else None,
                stored.size if stored else None,
                stored.sha256 if stored else None,
                context.deidentifier.rules_hash,
                context.rules_name,
                context.fields_hash,
                context.deidentifier.namespace,
                self.names.key_id,
                context.deidentifier.stages,
                self._output.uri,
                VERSION,
                now,
                seconds,
            ),
        )
