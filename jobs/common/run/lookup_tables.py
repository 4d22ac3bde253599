"""Read the lookup tables of rules from local folders and from S3."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from jobs.common.cli.errors import UsageError
from jobs.common.storage.location import parse_uri
from jobs.common.storage.objects import read_object
from safelight.lookups import (
    read_arrow,
    read_csv,
    read_local_table,
    read_lookups,
    record_digests,
)
from safelight.rules import RulesError, RuleSet
from safelight.rules.lookups import LookupRows


def read_lookup_rows(rules: RuleSet) -> Mapping[str, LookupRows]:
    """Return the rows of the lookup tables of rules. PHI: keep them in memory only.

    Each process reads them itself, so that no row is part of a task or a plan of Spark.

    Parameters
    ----------
    rules : RuleSet

    Raises
    ------
    RulesError
        If a table cannot be read, or has other rows than when the run began.
    """
    return read_lookups(rules, _read_table)


def cover_lookups(rules: RuleSet) -> RuleSet:
    """Return rules whose hash covers the rows of their lookup tables.

    Parameters
    ----------
    rules : RuleSet

    Raises
    ------
    UsageError
        If a table cannot be read.
    """
    if not rules.lookups:
        return rules
    try:
        return record_digests(rules, read_lookup_rows(rules))
    except RulesError as error:
        raise UsageError(f"--rules: {error}") from None


def _read_table(uri: str) -> tuple[Sequence[str], Iterable[Sequence[str]]]:
    """Return the columns and rows of a table, by its location and suffix."""
    location = parse_uri(uri)
    if not location.on_s3 and not Path(location.path, "_delta_log").is_dir():
        return read_local_table(location.path)
    suffix = uri.lower().rpartition(".")[2]
    if suffix == "csv":
        return read_csv(read_object(uri, None))
    if suffix == "parquet":
        from pyarrow import parquet

        return read_arrow(parquet.read_table(io.BytesIO(read_object(uri, None))))
    from deltalake import DeltaTable

    from jobs.common.delta.storage_options import make_storage_options

    table = DeltaTable(location.uri, storage_options=make_storage_options(location))
    return read_arrow(table.to_pyarrow_table())
