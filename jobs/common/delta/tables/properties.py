"""Set the properties of Delta tables, and check that a table has a protocol that is supported."""

from __future__ import annotations

from collections.abc import Sequence

from deltalake import DeltaTable

from jobs.common.cli.errors import JobError
from jobs.common.delta.statistics import STATISTICS_COLUMNS, statistics_columns

#: Newest version of the protocol of Delta that a writer here supports without table features.
_MAX_READER_VERSION, _MAX_WRITER_VERSION = 1, 2

#: Table features that mean the same as these versions.
_SUPPORTED_FEATURES = frozenset({"appendOnly", "invariants"})

#: Features of readers that change nothing for the columns of the tables.
_READABLE_FEATURES = frozenset({"timestampNtz", "vacuumProtocolCheck", "v2Checkpoint"})

_MAPPING_PROPERTY = "delta.columnMapping.mode"
_STATISTICS_PROPERTY = "delta.dataSkippingStatsColumns"

_PROPERTIES = {
    # A reader reads at most so many commits one by one.
    "delta.checkpointInterval": "30",
    # Each checkpoint deletes the commits before it that are older.
    "delta.logRetentionDuration": "interval 7 days",
    # `vacuum` deletes files that were replaced longer ago.
    "delta.deletedFileRetentionDuration": "interval 7 days",
    # Each run leaves an entry, by which a repeated commit is recognized.
    "delta.setTransactionRetentionDuration": "interval 30 days",
}


def table_properties(columns: Sequence[str]) -> dict[str, str]:
    """Return the properties of a new table.

    Parameters
    ----------
    columns : sequence of str
        Names of the columns of the table that are not partition columns.

    Returns
    -------
    dict of str
        Values by property.
    """
    return _PROPERTIES | {_STATISTICS_PROPERTY: ",".join(statistics_columns(columns))}


def missing_properties(table: DeltaTable) -> dict[str, str]:
    """Return the properties that an existing table lacks.

    A value that the operator of the table has set is left as it is, except for statistics on
    columns that could hold PHI.
    """
    metadata = table.metadata()
    present = metadata.configuration
    columns = [field.name for field in table.schema().fields]
    wanted = table_properties([name for name in columns if name not in metadata.partition_columns])
    statistics = present.get(_STATISTICS_PROPERTY)
    if statistics is not None and set(statistics.split(",")) <= STATISTICS_COLUMNS:
        del wanted[_STATISTICS_PROPERTY]
    return {
        name: value
        for name, value in wanted.items()
        if name == _STATISTICS_PROPERTY or name not in present
    }


def check_protocol(table: DeltaTable, name: str) -> None:
    """Raise if this version of the software must not write to a table.

    Parameters
    ----------
    table : DeltaTable
        Table to write to.
    name : str
        Name of the table, for the message.

    Raises
    ------
    JobError
        If the protocol of the table is newer, or it has features that are not supported.
    """
    protocol = table.protocol()
    features = {*(protocol.reader_features or ()), *(protocol.writer_features or ())}
    is_old = (
        protocol.min_reader_version <= _MAX_READER_VERSION
        and protocol.min_writer_version <= _MAX_WRITER_VERSION
    )
    has_features = protocol.min_reader_version in (1, 3) and protocol.min_writer_version == 7
    if is_old or (has_features and features <= _SUPPORTED_FEATURES):
        return
    versions = f"reader {protocol.min_reader_version}, writer {protocol.min_writer_version}"
    others = ", ".join(sorted(features - _SUPPORTED_FEATURES)[:5])
    raise unsupported_table(name, f"{versions}{': ' if others else ''}{others}")


def check_reader(table: DeltaTable, name: str) -> None:
    """Raise if this version of the software cannot read a table without Spark.

    Parameters
    ----------
    table : DeltaTable
        Table to read.
    name : str
        Name of the table, for the message.

    Raises
    ------
    JobError
        If the files of the table have other names of columns, or rows that do not count.
    """
    protocol = table.protocol()
    features = set(protocol.reader_features or ()) - _READABLE_FEATURES
    if _MAPPING_PROPERTY in table.metadata().configuration and protocol.min_reader_version > 1:
        features.add("columnMapping")
    if features:
        detail = f"reader {protocol.min_reader_version}: {', '.join(sorted(features)[:5])}"
        raise unsupported_table(name, detail)


def unsupported_table(name: str, detail: str = "") -> JobError:
    """Return the error for a table with an unsupported protocol.

    Parameters
    ----------
    name : str
        Name of the table.
    detail : str
        Versions and features of the protocol, if they are known.

    Returns
    -------
    JobError
        Error that says what to do.
    """
    return JobError(
        f"the Delta table {name} has a protocol that this version of the software does not "
        f"support{f' ({detail})' if detail else ''}; install a newer version, or drop the table "
        "features with the client that added them (ALTER TABLE ... DROP FEATURE), or give "
        "--tables a new folder"
    )
