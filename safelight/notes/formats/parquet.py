"""Parquet: one note a row, types kept where the new values allow it."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Sequence
from typing import Any, Optional

from safelight.notes.field_actions import FieldRule
from safelight.notes.field_cleaner import FieldVisitor
from safelight.notes.formats.base import Format, Piece, Record
from safelight.notes.formats.csv_header import check_names
from safelight.notes.record_subject import NotesOptions, Subject
from safelight.notes.tables.columns import column_table
from safelight.notes.tables.rows import AS_STRING, RowNote
from safelight.records import Reason, Refusal

#: Rows that are held as Python values at a time.
_ROWS = 1000


def _new_type(kind: Any, rule: Optional[FieldRule]) -> Any:
    """The type of a column, or of what is nested in it, after its rule."""
    import pyarrow as pa

    if pa.types.is_struct(kind):
        return pa.struct(
            [(f.name, _new_type(f.type, column_table().rule(f.name) or rule)) for f in kind]
        )
    if pa.types.is_map(kind):
        return pa.map_(kind.key_type, _new_type(kind.item_type, rule))
    if pa.types.is_fixed_size_list(kind):
        return pa.list_(_new_type(kind.value_type, rule), kind.list_size)
    if pa.types.is_large_list(kind):
        return pa.large_list(_new_type(kind.value_type, rule))
    if pa.types.is_list(kind):
        return pa.list_(_new_type(kind.value_type, rule))
    as_string = rule is not None and rule.op in AS_STRING and not pa.types.is_nested(kind)
    return pa.string() if as_string else kind


class ParquetFormat(Format[dict[str, Any]]):
    """Rows are dictionaries by the schema."""

    def __init__(self, piece: Piece, options: NotesOptions):
        super().__init__(piece, options)
        self._rows = RowNote(options)
        self._schema: Any = None

    def records(self) -> Iterator[Record[dict[str, Any]]]:
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            file = pq.ParquetFile(io.BytesIO(self.piece.data))
            self._schema = file.schema_arrow
            check_names(self._schema.names)
            self._rows.plan(tuple(self._schema.names))
            row = self.piece.first_row
            for batch in file.iter_batches(_ROWS):
                for value in batch.to_pylist():
                    yield Record(row, value)
                    row += 1
        except (pa.ArrowException, OSError):
            raise Refusal(
                Reason.MALFORMED, "this is no Parquet file, or it is damaged; write it again"
            ) from None

    def subject(self, value: dict[str, Any]) -> Subject:
        return self._rows.subject(value)

    def walk(self, value: dict[str, Any], visitor: FieldVisitor) -> dict[str, Any]:
        return self._rows.walk(value, visitor)

    def encode(self, new: dict[str, Any]) -> bytes:
        return json.dumps(new, ensure_ascii=False, default=str).encode("utf-8", "replace")

    def join(self, records: Sequence[tuple[dict[str, Any], bytes]]) -> bytes:
        import pyarrow as pa
        import pyarrow.parquet as pq

        rules = self._rows.plan(tuple(self._schema.names)).rules
        # No metadata: it may hold anything.
        fields = [pa.field(f.name, _new_type(f.type, rules[f.name])) for f in self._schema]
        table = pa.Table.from_pylist([new for new, _ in records], pa.schema(fields))
        sink = io.BytesIO()
        pq.write_table(table, sink, compression="snappy", write_statistics=True)
        return sink.getvalue()
