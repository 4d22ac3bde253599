"""Buffer the rows of a task by table and convert them to Arrow column by column."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa

from jobs.common.delta.arrow_rows import arrow_struct, columns_of
from jobs.common.delta.rows import AuditRow, TableRow
from safelight.records import Action

if TYPE_CHECKING:
    import numpy.typing as npt

#: Columns of ``audit`` that an action has. The columns of :class:`InstanceKey` precede them.
ACTION_COLUMNS = ("location", "keyword", "vr", "action", "rule", "detail")

_values_of_action = attrgetter(*ACTION_COLUMNS)


class InstanceKey(NamedTuple):
    """Columns that identify the instance of an ``audit`` row."""

    run_id: str
    batch: int
    source_id: str
    sop_uid: str


class RowBuffer:
    """Buffer of the rows of a task.

    Parameters
    ----------
    row_types : sequence of type
        Row classes of the tables that the task writes.
    """

    def __init__(self, row_types: Sequence[type[TableRow]]):
        self._row_types = {row_type.table: row_type for row_type in row_types}
        self._rows: dict[str, list[TableRow]] = {table: [] for table in self._row_types}
        self._actions: dict[Action, int] = {}
        self._action_of: list[int] = []
        self._actions_of: list[int] = []
        self._instances: list[InstanceKey] = []

    def add(self, row: TableRow) -> None:
        """Add one row."""
        self._rows[row.table].append(row)

    def add_actions(self, instance: InstanceKey, actions: Sequence[Action]) -> None:
        """Add rows of ``audit``. Equal actions, as of the slices of a series, are stored once.

        Parameters
        ----------
        instance : InstanceKey
            Columns that identify the instance, equal in all these rows.
        actions : sequence of Action
            Actions on the attributes of the instance, one per row.
        """
        numbers = self._actions
        self._instances.append(instance)
        self._actions_of.append(len(actions))
        self._action_of += [numbers.setdefault(action, len(numbers)) for action in actions]

    def __len__(self) -> int:
        """Return the number of buffered rows."""
        return sum(map(len, self._rows.values())) + len(self._action_of)

    def take_tables(self) -> dict[str, pa.Table]:
        """Return all rows by table and empty the buffer; tables without rows are left out."""
        arrays = {table: self._struct_array(table) for table, rows in self._rows.items() if rows}
        if self._action_of:
            arrays[AuditRow.table] = self._audit_array()
        self._clear()
        return {
            table: pa.Table.from_batches([pa.RecordBatch.from_struct_array(array)])
            for table, array in arrays.items()
        }

    def _clear(self) -> None:
        for rows in self._rows.values():
            rows.clear()
        self._instances.clear()
        self._action_of.clear()
        self._actions_of.clear()
        self._actions.clear()

    def _struct_array(self, table: str) -> pa.StructArray:
        row_type = self._row_types[table]
        columns = columns_of(row_type, self._rows[table])
        return pa.StructArray.from_arrays(columns, fields=list(arrow_struct(row_type)))

    def _audit_array(self) -> pa.StructArray:
        instance_of = np.repeat(np.arange(len(self._instances)), self._actions_of)
        action_of = np.array(self._action_of)
        actions = map(_values_of_action, self._actions)
        columns = [(values, instance_of) for values in zip(*self._instances)]
        columns += [(values, action_of) for values in zip(*actions)]
        fields = list(arrow_struct(AuditRow))
        arrays = [
            _take(values, indices, field.type) for field, (values, indices) in zip(fields, columns)
        ]
        return pa.StructArray.from_arrays(arrays, names=[field.name for field in fields])


def _take(values: Iterable[Any], indices: npt.NDArray[np.int_], kind: pa.DataType) -> pa.Array:
    """Return the column ``values[indices]``; strings as a dictionary, since few differ."""
    if not pa.types.is_string(kind):
        return pa.array(values, kind).take(pa.array(indices))
    numbers: dict[Any, int] = {}
    number_of = np.array([numbers.setdefault(value, len(numbers)) for value in values], np.int32)
    return pa.DictionaryArray.from_arrays(number_of[indices], pa.array(list(numbers), kind))
