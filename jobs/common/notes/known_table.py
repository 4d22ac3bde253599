"""Read ``--known``: a table of values known of each patient, in any format that Spark reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import pyarrow as pa

from jobs.common.cli.errors import UsageError
from jobs.common.delta.arrow_rows import arrow_schema, encode_rows, spark_schema
from jobs.common.notes.delta_io import is_delta_table
from jobs.common.run.work_items import FactsRow
from jobs.common.storage.location import parse_uri
from safelight.notes.field_actions import FieldOp
from safelight.notes.models import EVERYONE
from safelight.notes.options import NotesOptions
from safelight.notes.tables.columns import load_column_rules
from safelight.notes.tables.known_rows import read_known_values

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

#: Column that Spark adds for the text of malformed rows. The mode FAILFAST would write that text,
#: which is PHI, to the event log.
_MALFORMED_ROW = "safelight_malformed_row"


def read_known_facts(spark: SparkSession, uri: str, options: NotesOptions) -> DataFrame:
    """Return the table as rows of :class:`jobs.common.run.work_items.FactsRow`.

    Parameters
    ----------
    spark : SparkSession
    uri : str
        The table: CSV, TSV, JSON lines, Parquet or Delta.
    options : NotesOptions
        Options of the run; ``patient_column`` names the column of the patient ID.

    Raises
    ------
    UsageError
        If the table cannot be read, has malformed rows, or has no column of the patient ID.
    """
    frame = _read(spark, uri)
    _check_rows(frame, uri)
    frame = frame.drop(_MALFORMED_ROW)
    columns = frame.columns
    is_named = options.patient_column in columns
    if not is_named and not load_column_rules().first(FieldOp.PATIENT_ID, columns):
        raise UsageError(f"--known {uri} has no column of the patient ID, such as patient_id")

    def to_facts(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            rows = []
            for record in batch.to_pylist():
                found = read_known_values(record, options)
                if found is not None:
                    key = found.identity or EVERYONE
                    rows.append(FactsRow(key, found.identity, list(found.known)))
            if rows:
                yield encode_rows(FactsRow, rows)

    return frame.mapInArrow(to_facts, spark_schema(arrow_schema(FactsRow)))


def _check_rows(frame: DataFrame, uri: str) -> None:
    """Check that no row is malformed: its values would not be found in notes.

    Raises
    ------
    UsageError
        The message has the number of malformed rows and none of their text.
    """
    if _MALFORMED_ROW not in frame.columns:
        return
    # Without the cache, Spark refuses a query of this column alone.
    rows = frame.where(f"{_MALFORMED_ROW} IS NOT NULL").persist()
    malformed = rows.count()
    rows.unpersist()
    if malformed:
        raise UsageError(
            f"--known {uri} has {malformed} malformed rows; give each row as many fields as the "
            "header, and quote fields that contain the separator"
        )


def _read(spark: SparkSession, uri: str) -> DataFrame:
    path = parse_uri(uri).uri
    suffix = path.rstrip("/").rpartition(".")[2].lower()
    reader = spark.read
    try:
        if is_delta_table(uri):
            return reader.format("delta").load(path)
        if suffix == "parquet":
            return reader.parquet(path)
        reader = reader.option("columnNameOfCorruptRecord", _MALFORMED_ROW)
        if suffix in ("json", "jsonl", "ndjson"):
            return reader.option("primitivesAsString", True).json(path)
        separator = "\t" if suffix == "tsv" else ","
        reader = reader.options(header=True, multiLine=True, escape='"', sep=separator)
        schema = reader.csv(path).schema.add(_MALFORMED_ROW, "string")
        return reader.option("columnPruning", False).schema(schema).csv(path)
    except Exception as error:  # classes of Spark: their messages hold only the path
        raise UsageError(f"--known {uri} cannot be read ({type(error).__name__})") from None
