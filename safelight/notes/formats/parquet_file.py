"""Parquet files and rows of Delta tables: one note a row."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Sequence
from datetime import datetime, timezone
from typing import Any, ClassVar, Optional

from safelight.notes.field_actions import FieldRule
from safelight.notes.field_visitor import FieldVisitor
from safelight.notes.formats.base import (
    FilePart,
    InputRecord,
    NoteFormat,
    SplitUnit,
    malformed_record,
)
from safelight.notes.formats.csv_header import check_column_names
from safelight.notes.options import NotesOptions
from safelight.notes.record_subject import RecordSubject
from safelight.notes.tables.columns import load_column_rules
from safelight.notes.tables.new_names import rename
from safelight.notes.tables.rows import STRING_OPS, TableRowHandler
from safelight.records import Reason, Refusal

#: Rows that are Python values in memory at a time.
_BATCH_ROWS = 1000


def _new_type(arrow_type: Any, rule: Optional[FieldRule]) -> Any:
    """Return the Arrow type of a column, and of the values nested in it, after its rule."""
    import pyarrow as pa

    if pa.types.is_struct(arrow_type):
        rules = load_column_rules()
        names = rename([f.name for f in arrow_type], (), "member")
        return pa.struct(
            [(names[f.name], _new_type(f.type, rules.rule(f.name) or rule)) for f in arrow_type]
        )
    if pa.types.is_map(arrow_type):
        return pa.map_(arrow_type.key_type, _new_type(arrow_type.item_type, rule))
    if pa.types.is_fixed_size_list(arrow_type):
        return pa.list_(_new_type(arrow_type.value_type, rule), arrow_type.list_size)
    if pa.types.is_large_list(arrow_type):
        return pa.large_list(_new_type(arrow_type.value_type, rule))
    if pa.types.is_list(arrow_type):
        return pa.list_(_new_type(arrow_type.value_type, rule))
    becomes_string = (
        rule is not None and rule.op in STRING_OPS and not pa.types.is_nested(arrow_type)
    )
    return pa.string() if becomes_string else arrow_type


class ParquetFormat(NoteFormat[dict[str, Any]]):
    """Parquet: records are dictionaries by column; types are kept if the new values fit."""

    name = "parquet"
    label = "Parquet tables"
    suffixes: ClassVar[tuple[str, ...]] = ("parquet",)
    split_unit: ClassVar[SplitUnit] = "row_groups"

    def __init__(self, part: FilePart, options: NotesOptions):
        super().__init__(part, options)
        self._rows = TableRowHandler(options)
        self._schema: Any = None
        self._output_schema: Any = None

    def read_records(self) -> Iterator[InputRecord[dict[str, Any]]]:
        """Read the rows."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            file = pq.ParquetFile(io.BytesIO(self.part.data))
            self._schema = file.schema_arrow
            check_column_names(self._schema.names)
            self._rows.column_rules(tuple(self._schema.names))
            row = self.part.first_row
            for batch in file.iter_batches(_BATCH_ROWS):
                yield from _batch_records(batch, row)
                row += batch.num_rows
        except MemoryError:  # one class of Arrow derives from it
            raise
        except (pa.ArrowException, OSError, ValueError, OverflowError):
            # Arrow raises UnicodeDecodeError for broken names and for some broken statistics.
            raise Refusal(
                Reason.MALFORMED, "the file is not Parquet, or it is damaged; write it again"
            ) from None

    def find_subject(self, value: dict[str, Any]) -> RecordSubject:
        """Return the subject of a row."""
        return self._rows.find_subject(value)

    def visit_record(self, value: dict[str, Any], visitor: FieldVisitor) -> dict[str, Any]:
        """Pass each value of a row to the visitor.

        Parameters
        ----------
        value : dict
            Values of the row by column, as Python objects of their Arrow types.
        visitor : FieldVisitor
            Collects the texts, or returns the new value of each field.

        Returns
        -------
        dict
            New values by column; ``None`` for a removed value.

        Raises
        ------
        Refusal
            If a value cannot be cleaned.
        """
        return self._rows.visit_row(value, visitor)

    def encode_record(self, new: dict[str, Any]) -> bytes:
        """Return the row as JSON, for its checksum.

        Raises
        ------
        Refusal
            If a new value does not fit into the type of its column.
        """
        import pyarrow as pa

        try:
            for field in self._new_schema():
                pa.array([new[field.name]], field.type)
        except MemoryError:  # one class of Arrow derives from it
            raise
        except (pa.ArrowException, ValueError, TypeError, OverflowError):
            raise malformed_record(
                "a new value does not fit into the type of its column; correct the original"
            ) from None
        return encode_row(new)

    def join_records(self, records: Sequence[tuple[dict[str, Any], bytes]]) -> bytes:
        """Return a Parquet file of the rows, without the metadata of the original schema."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        table = pa.Table.from_pylist([new for new, _ in records], self._new_schema())
        sink = io.BytesIO()
        pq.write_table(table, sink, compression="snappy", write_statistics=True)
        return sink.getvalue()

    def _new_schema(self) -> Any:
        """Return the schema of the output, without metadata, which may hold PHI."""
        import pyarrow as pa

        if self._output_schema is None:
            columns = self._rows.column_rules(tuple(self._schema.names))
            names, rules = columns.new_names, columns.rules
            self._output_schema = pa.schema(
                [pa.field(names[f.name], _new_type(f.type, rules[f.name])) for f in self._schema]
            )
        return self._output_schema


def encode_row(row: dict[str, Any]) -> bytes:
    """Return a row as JSON, for its checksum.

    Parameters
    ----------
    row : dict
        Values by column. Instants are encoded in UTC, since clients read them in other time zones.
    """
    return json.dumps(row, ensure_ascii=False, default=_format).encode("utf-8", "replace")


def _format(value: Any) -> str:
    """Return a value that JSON has no type for as text."""
    if isinstance(value, datetime) and value.tzinfo is not None:
        value = value.astimezone(timezone.utc)
    return str(value)


def _batch_records(batch: Any, row: int) -> Iterator[InputRecord[dict[str, Any]]]:
    """Return the rows of a batch; one whose values Python cannot hold is refused."""
    try:
        values = batch.to_pylist()
    except (ValueError, OverflowError):  # broken UTF-8, or a date after the year 9999
        for index in range(batch.num_rows):
            try:
                yield InputRecord(row + index, batch.slice(index, 1).to_pylist()[0])
            except (ValueError, OverflowError):
                refusal = malformed_record("a value is not valid for its type; correct it")
                yield InputRecord(row + index, refusal=refusal)
    else:
        yield from (InputRecord(row + index, value) for index, value in enumerate(values))


class DeltaFormat(ParquetFormat):
    """Rows of a Delta table, as a Parquet file in memory."""

    name = "delta"
    label = "Delta tables"
    suffixes = ()
    split_unit = None
