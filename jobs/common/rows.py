"""Rows of all tables in one stream of Arrow batches: a struct column for each table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa

from safelight.records import Action

#: Rows that are held back before a batch is handed to Spark.
FLUSH_ROWS = 4000


class RowSink:
    """Gathers rows column by column.

    Parameters
    ----------
    structs : dict
        Arrow struct type by table; the stream has these columns, and each of its rows
        belongs to the one table whose struct is not null.
    """

    def __init__(self, structs: dict[str, pa.StructType]):
        self.structs = structs
        self._rows: dict[str, list[Sequence[Any]]] = {table: [] for table in structs}
        self._actions: dict[Action, int] = {}
        self._action_of: list[int] = []
        self._object_of: list[int] = []
        self._objects: list[tuple[Any, ...]] = []

    def add(self, table: str, row: Sequence[Any]) -> None:
        """One row, its values in the order of the table's columns."""
        self._rows[table].append(row)

    def add_actions(self, where: tuple[Any, ...], actions: Sequence[Action]) -> None:
        """Rows of ``audit``: what is the same from slice to slice is converted once."""
        position = len(self._objects)
        self._objects.append(where)
        numbers = self._actions
        for action in actions:
            self._action_of.append(numbers.setdefault(action, len(numbers)))
        self._object_of.extend([position] * len(actions))

    @property
    def full(self) -> bool:
        """Whether it is time to flush."""
        return sum(map(len, self._rows.values())) + len(self._action_of) >= FLUSH_ROWS

    def flush(self) -> Iterator[pa.RecordBatch]:
        """Hand over all rows, one batch for each table that has any."""
        for table, rows in self._rows.items():
            if rows:
                yield self._batch(table, self._struct(table, zip(*rows)))
                rows.clear()
        if self._action_of:
            yield self._batch("audit", self._audit())
        self._objects.clear()
        self._action_of.clear()
        self._object_of.clear()

    def _struct(self, table: str, columns: Any) -> pa.StructArray:
        fields = list(self.structs[table])
        arrays = [pa.array(values, field.type) for field, values in zip(fields, columns)]
        return pa.StructArray.from_arrays(arrays, fields=fields)

    def _audit(self) -> pa.StructArray:
        fields = list(self.structs["audit"])
        actions = [
            (a.location, a.keyword, a.vr, a.action, a.rule, a.detail) for a in self._actions
        ]
        spread = (
            (self._objects, pa.array(self._object_of, pa.int32())),
            (actions, pa.array(self._action_of, pa.int32())),
        )
        columns = [(values, take) for rows, take in spread for values in zip(*rows)]
        arrays = [
            pa.array(values, field.type).take(take)
            for field, (values, take) in zip(fields, columns)
        ]
        return pa.StructArray.from_arrays(arrays, fields=fields)

    def _batch(self, table: str, array: pa.StructArray) -> pa.RecordBatch:
        columns = [
            array if name == table else pa.nulls(len(array), struct)
            for name, struct in self.structs.items()
        ]
        return pa.RecordBatch.from_arrays(columns, names=list(self.structs))
