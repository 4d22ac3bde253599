"""Convert rows, which are dataclasses, to and from Arrow and Spark.

The fields of a dataclass are the columns: their names, their order and their types. ``int`` is a
64-bit integer, :data:`Int32` a 32-bit one, ``datetime`` a timestamp in UTC,
``date`` a date, ``list`` a list,
``dict`` a map, and a dataclass a struct. Every column is nullable.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, fields, is_dataclass
from datetime import date, datetime
from functools import cache
from operator import attrgetter
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)  # fmt: skip

import pyarrow as pa

if TYPE_CHECKING:
    from pyspark.sql import DataFrame
    from pyspark.sql.types import StructType

#: A 32-bit integer column.
Int32 = Annotated[int, pa.int32()]

R = TypeVar("R")

_SCALARS: dict[object, pa.DataType] = {
    str: pa.string(),
    int: pa.int64(),
    float: pa.float64(),
    bool: pa.bool_(),
    bytes: pa.binary(),
    datetime: pa.timestamp("us", "UTC"),
    date: pa.date32(),
}


def arrow_schema(row_type: type) -> pa.Schema:
    """Return the Arrow schema of a row class."""
    return _make_schema(row_type)


@cache
def _make_schema(row_type: type) -> pa.Schema:
    hints = _hints(row_type)
    return pa.schema([(name, _arrow_type(hint)) for name, hint in hints.items()])


def arrow_struct(row_type: type) -> pa.StructType:
    """Return the columns of a row class as one struct type."""
    return pa.struct(list(arrow_schema(row_type)))


def spark_schema(schema: pa.Schema) -> StructType:
    """Return an Arrow schema as a Spark schema."""
    from pyspark.sql.pandas.types import from_arrow_schema

    return from_arrow_schema(schema)


def to_tuple(row: object) -> tuple[object, ...]:
    """Return the values of a row in the order of its columns."""
    return cast("tuple[object, ...]", _values_of(type(row))(row))


def to_record(row: object) -> dict[str, Any]:
    """Return the values of a row by column."""
    return dict(zip(_hints(type(row)), to_tuple(row)))


def columns_of(row_type: type, rows: Sequence[object]) -> list[pa.Array]:
    """Return one Arrow array per column of one or more rows without nested dataclasses.

    Parameters
    ----------
    row_type : type
        Row class, a dataclass without nested dataclasses.
    rows : sequence of object
        One or more instances of ``row_type``.

    Returns
    -------
    list of pyarrow.Array
        Arrays of ``len(rows)`` values, in the order of the columns.
    """
    columns = zip(*map(_values_of(row_type), rows))
    return [pa.array(values, field.type) for field, values in zip(arrow_schema(row_type), columns)]


def encode_rows(row_type: type, rows: Iterable[Any]) -> pa.RecordBatch:
    """Return rows, which may have nested dataclasses, as an Arrow batch.

    Parameters
    ----------
    row_type : type
        Row class, a dataclass.
    rows : iterable of object
        Instances of ``row_type``.

    Returns
    -------
    pyarrow.RecordBatch
        One batch of all rows, with the schema of :func:`arrow_schema`.
    """
    return pa.RecordBatch.from_pylist([asdict(row) for row in rows], arrow_schema(row_type))


def decode_rows(row_type: type[R], batches: Iterable[pa.RecordBatch]) -> Iterator[R]:
    """Yield the rows of Arrow batches. The columns may have any order.

    Parameters
    ----------
    row_type : type
        Row class, a dataclass.
    batches : iterable of pyarrow.RecordBatch
        Batches whose columns are the fields of ``row_type``.

    Yields
    ------
    R
        One instance of ``row_type`` per row, in the order of the batches.
    """
    decode = _struct_decoder(row_type)
    for batch in batches:
        for record in batch.to_pylist():
            yield decode(record)


def collect_rows(row_type: type[R], frame: DataFrame) -> list[R]:
    """Return the rows of a Spark frame, which the driver collects.

    Parameters
    ----------
    row_type : type
        Row class, a dataclass.
    frame : DataFrame
        Frame whose columns are the fields of ``row_type``.

    Returns
    -------
    list of R
        One instance of ``row_type`` per row.
    """
    decode = _struct_decoder(row_type)
    return [decode(row.asDict(recursive=True)) for row in frame.collect()]


def _hints(row_type: type) -> dict[str, object]:
    hints = get_type_hints(row_type, include_extras=True)
    return {field.name: hints[field.name] for field in fields(row_type)}


def _values_of(row_type: type) -> attrgetter[Any]:
    return _make_getter(row_type)


@cache
def _make_getter(row_type: type) -> attrgetter[Any]:
    return attrgetter(*_hints(row_type))


def _without_none(hint: object) -> object:
    """Return ``X`` for ``Optional[X]``."""
    if get_origin(hint) not in (Union, types.UnionType):
        return hint
    (inner,) = (argument for argument in get_args(hint) if argument is not types.NoneType)
    return inner


def _arrow_type(hint: object) -> pa.DataType:
    hint = _without_none(hint)
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return arguments[1]
    if origin is list:
        return pa.list_(_arrow_type(arguments[0]))
    if origin is dict:
        return pa.map_(*map(_arrow_type, arguments))
    if isinstance(hint, type) and is_dataclass(hint):
        return arrow_struct(hint)
    return _SCALARS[hint]


def _struct_decoder(row_type: type[R]) -> Callable[[dict[str, Any]], R]:
    return cast("Callable[[dict[str, Any]], R]", _make_decoder(cast(type, row_type)))


@cache
def _make_decoder(row_type: type) -> Callable[[dict[str, Any]], object]:
    decoders = {name: _list_decoder(hint) for name, hint in _hints(row_type).items()}
    nested = {name: decode for name, decode in decoders.items() if decode is not None}

    def decode(record: dict[str, Any]) -> object:
        for name, decode_value in nested.items():
            record[name] = decode_value(record[name])
        return row_type(**record)

    return decode


def _list_decoder(hint: object) -> Callable[[Any], Any] | None:
    """Return a function that decodes dataclasses in a list; ``None`` if there are none."""
    hint = _without_none(hint)
    if get_origin(hint) is not list:
        return None
    (item,) = get_args(hint)
    if not (isinstance(item, type) and is_dataclass(item)):
        return None
    decode = _struct_decoder(item)
    return lambda values: None if values is None else [decode(value) for value in values]
