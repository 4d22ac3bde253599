"""Read the rows of the lookup tables of a rule set."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

from safelight.rules import RulesError, RuleSet
from safelight.rules.lookups import LookupRows, LookupTable, digest_rows, normalize_key

#: Reads a table by its URI: names of columns and the rows, with values as text. PHI.
TableReader: TypeAlias = Callable[[str], tuple[Sequence[str], Iterable[Sequence[str]]]]


def read_csv(data: bytes) -> tuple[Sequence[str], Iterable[Sequence[str]]]:
    """Return the columns and rows of a CSV file in UTF-8.

    Parameters
    ----------
    data : bytes

    Raises
    ------
    ValueError
        If the bytes are not UTF-8, or a row has another number of values than the first row.
    """
    rows = [row for row in csv.reader(io.StringIO(data.decode("utf-8-sig"))) if row]
    if not rows:
        raise ValueError("the file has no row with the names of the columns")
    if any(len(row) != len(rows[0]) for row in rows):
        raise ValueError("a row has another number of values than the first row")
    return rows[0], rows[1:]


def read_arrow(table: Any) -> tuple[Sequence[str], Iterable[Sequence[str]]]:  # noqa: ANN401
    """Return the columns and rows of a table of Arrow.

    Parameters
    ----------
    table : pyarrow.Table
    """
    columns = [column.to_pylist() for column in table.columns]
    rows = zip(*columns, strict=True) if columns else ()
    return table.column_names, [["" if one is None else str(one) for one in row] for row in rows]


def read_local_table(uri: str) -> tuple[Sequence[str], Iterable[Sequence[str]]]:
    """Return the columns and rows of a local CSV or Parquet file. Runs read Delta tables too.

    Parameters
    ----------
    uri : str
        Path, or a URI that starts with ``file://``.
    """
    path = Path(uri.removeprefix("file://"))
    if (path / "_delta_log").is_dir():
        raise ValueError("a Delta table")
    if path.suffix.lower() == ".parquet" or path.is_dir():
        from pyarrow import parquet

        return read_arrow(parquet.read_table(path))
    return read_csv(path.read_bytes())


def index_rows(
    table: LookupTable, columns: Sequence[str], rows: Iterable[Sequence[str]], used: Iterable[str]
) -> LookupRows:
    """Return the rows of a table by the value of its key column, with the columns that are used.

    Parameters
    ----------
    table : LookupTable
    columns : sequence of str
        Names of the columns.
    rows : iterable of sequence of str
    used : iterable of str
        Columns that the rules use.

    Raises
    ------
    RulesError
        If a column is missing, or a key occurs twice with different values.
    """
    wanted = sorted(set(used))
    for name in (table.key, *wanted):
        if name not in columns:
            listed = ", ".join(columns)
            raise RulesError(
                f"lookup table {table.name}", 1, f"the column {name} among the columns {listed}"
            )
    key_index = columns.index(table.key)
    indices = {name: columns.index(name) for name in wanted}
    indexed: dict[str, dict[str, str]] = {}
    for row in rows:
        key = normalize_key(row[key_index])
        values = {name: row[index].strip() for name, index in indices.items()}
        if key and indexed.setdefault(key, values) != values:
            raise RulesError(
                f"lookup table {table.name}", 1, f"one row for each value of {table.key}"
            )
    return indexed


def list_used_columns(rules: RuleSet, table: str) -> frozenset[str]:
    """Return the columns of a lookup table that a rule set uses.

    Parameters
    ----------
    rules : RuleSet
    table : str
        Name of the table.
    """
    entries = [entry.parameters for entry in rules.elements]
    additions = [addition.parameters for addition in rules.additions]
    parameters = (*entries, *additions, rules.date_lookup)
    return frozenset(one.column for one in parameters if one is not None and one.table == table)


def read_lookups(
    rules: RuleSet, read_table: TableReader = read_local_table
) -> Mapping[str, LookupRows]:
    """Return the rows of the lookup tables of a rule set, by table.

    Parameters
    ----------
    rules : RuleSet
    read_table : callable
        Reads a table by its URI.

    Raises
    ------
    RulesError
        If a table cannot be read, or has other rows than those of the digest in ``rules``.
    """
    found: dict[str, LookupRows] = {}
    for table in rules.lookups:
        try:
            columns, rows = read_table(table.uri)
        except Exception as error:  # the message of a parser may quote the table
            raise RulesError(
                f"lookup table {table.name}", 1,
                f"a readable CSV file, Parquet file or Delta table ({type(error).__name__})",
            ) from None  # fmt: skip
        indexed = index_rows(table, columns, rows, list_used_columns(rules, table.name))
        if table.digest and digest_rows(indexed) != table.digest:
            raise RulesError(
                f"lookup table {table.name}", 1,
                "the rows that the table had when the run began; start the run again",
            )  # fmt: skip
        found[table.name] = indexed
    return found


def record_digests(rules: RuleSet, rows: Mapping[str, LookupRows]) -> RuleSet:
    """Return rules whose hash covers the rows of their lookup tables.

    Parameters
    ----------
    rules : RuleSet
    rows : mapping of str to LookupRows
        Rows of each table, as `read_lookups` returns them.
    """
    tables = (replace(table, digest=digest_rows(rows[table.name])) for table in rules.lookups)
    return replace(rules, lookups=tuple(tables))
