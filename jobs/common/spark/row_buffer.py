"""Rows of all tables of a task, concat_payloads column by column and handed over in Arrow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from safelight.records import Action

#: Rows that are held back before they are handed over, when they go as a stream.
FLUSH_ROWS = 4000

_ACTION = ("location", "keyword", "vr", "action", "rule", "detail")

#: Rows by table, each as an Arrow stream.
Payload = dict[str, bytes]


class RowBuffer:
    """Gathers rows.

    Parameters
    ----------
    structs : dict
        Arrow struct type by table: its columns.
    """

    def __init__(self, structs: dict[str, pa.StructType]):
        self.structs = structs
        self._rows: dict[str, list[Sequence[Any]]] = {table: [] for table in structs}
        self._actions: dict[Action, int] = {}
        self._action_of: list[int] = []
        self._actions_of: list[int] = []
        self._objects: list[tuple[Any, ...]] = []

    def add(self, table: str, row: Sequence[Any]) -> None:
        """One row, its values in the order of the table's columns."""
        self._rows[table].append(row)

    def add_actions(self, where: tuple[Any, ...], actions: Sequence[Action]) -> None:
        """Rows of ``audit``: what is the same from slice to slice is converted once."""
        numbers = self._actions
        self._objects.append(where)
        self._actions_of.append(len(actions))
        self._action_of += [numbers.setdefault(action, len(numbers)) for action in actions]

    def __len__(self) -> int:
        return sum(map(len, self._rows.values())) + len(self._action_of)

    def payload(self) -> Payload:
        """Hand over all rows."""
        filled = {table: self._struct(table) for table, rows in self._rows.items() if rows}
        if self._action_of:
            filled["audit"] = self._audit()
        self._clear()
        return {table: _serialised(array) for table, array in filled.items()}

    @property
    def full(self) -> bool:
        """Whether it is time to flush."""
        return len(self) >= FLUSH_ROWS

    def flush(self) -> Iterator[pa.RecordBatch]:
        """Hand over all rows as a stream, a struct column for each table."""
        for table, rows in self._rows.items():
            if rows:
                yield self._batch(table, self._struct(table))
        self._clear()

    def _clear(self) -> None:
        for rows in self._rows.values():
            rows.clear()
        for held in (self._objects, self._action_of, self._actions_of):
            held.clear()
        self._actions.clear()

    def _struct(self, table: str) -> pa.StructArray:
        fields = list(self.structs[table])
        columns = zip(*self._rows[table])
        arrays = [pa.array(values, field.type) for field, values in zip(fields, columns)]
        return pa.StructArray.from_arrays(arrays, fields=fields)

    def _audit(self) -> pa.StructArray:
        object_of = np.repeat(np.arange(len(self._objects)), self._actions_of)
        action_of = np.array(self._action_of)
        actions = [tuple(getattr(action, name) for name in _ACTION) for action in self._actions]
        spread = ((self._objects, object_of), (actions, action_of))
        columns = [(values, of) for rows, of in spread for values in zip(*rows)]
        fields = list(self.structs["audit"])
        arrays = [_spread(*column, field.type) for field, column in zip(fields, columns)]
        return pa.StructArray.from_arrays(arrays, names=[field.name for field in fields])

    def _batch(self, table: str, array: pa.StructArray) -> pa.RecordBatch:
        columns = [
            array if name == table else pa.nulls(len(array), struct)
            for name, struct in self.structs.items()
        ]
        return pa.RecordBatch.from_arrays(columns, names=list(self.structs))


def _spread(values: Iterable[Any], of: Any, kind: pa.DataType) -> pa.Array:
    """A column of ``values[of]``; strings as a dictionary, since few differ."""
    if not pa.types.is_string(kind):
        return pa.array(values, kind).take(pa.array(of))
    numbers: dict[Any, int] = {}
    number_of = np.array([numbers.setdefault(value, len(numbers)) for value in values], np.int32)
    return pa.DictionaryArray.from_arrays(number_of[of], pa.array(list(numbers), kind))


def _serialised(array: pa.StructArray) -> bytes:
    batch = pa.RecordBatch.from_struct_array(array)
    sink = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression="lz4")
    with pa.ipc.new_stream(sink, batch.schema, options=options) as stream:
        stream.write_batch(batch)
    return bytes(sink.getvalue())


def concat_payloads(payloads: Iterable[Payload], table: str) -> pa.Table | None:
    """The rows that many tasks have of one table, in their order; None if there are none."""
    found = [
        pa.ipc.open_stream(payload[table]).read_all() for payload in payloads if table in payload
    ]
    return pa.concat_tables(found).unify_dictionaries() if found else None
