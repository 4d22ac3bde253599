"""``--known``: a table of the values known of each patient, in any format that Spark reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from jobs.common.cli.errors import UsageError
from jobs.common.notes.delta_io import is_delta_table
from jobs.common.notes.worker import FACTS
from jobs.common.storage.location import parse_uri
from safelight.notes.field_actions import FieldOp
from safelight.notes.options import NotesOptions
from safelight.notes.tables.columns import load_column_rules
from safelight.notes.tables.known_rows import read_known_values

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


def read_known_facts(spark: SparkSession, uri: str, options: NotesOptions) -> DataFrame:
    """The table as facts: ``key, identity, known``, a row for each of its rows.

    Raises
    ------
    UsageError
        If it cannot be read, or no column names the patient.
    """
    frame = _read(spark, uri)
    names = frame.columns
    if options.patient_column not in names and not load_column_rules().first(
        FieldOp.PATIENT_ID, names
    ):
        raise UsageError(f"--known {uri} has no column such as patient_id")

    def facts(rows: Iterable[Any]) -> Iterator[tuple[Any, ...]]:
        for row in rows:
            found = read_known_values(row.asDict(recursive=True), options)
            if found is not None:
                known = [(value.entity, value.text, value.kind) for value in found.known]
                yield found.identity, found.identity, known

    return spark.createDataFrame(frame.rdd.mapPartitions(facts), FACTS)


def _read(spark: SparkSession, uri: str) -> DataFrame:
    place = parse_uri(uri).uri
    end = place.rstrip("/").rpartition(".")[2].lower()
    reader = spark.read
    try:
        if is_delta_table(uri):
            return reader.format("delta").load(place)
        if end == "parquet":
            return reader.parquet(place)
        if end in ("json", "jsonl", "ndjson"):
            return reader.option("primitivesAsString", True).json(place)
        separator = "\t" if end == "tsv" else ","
        return reader.csv(
            place, header=True, multiLine=True, escape='"', sep=separator, mode="FAILFAST"
        )
    except Exception as error:  # Spark's own: they name the path only
        raise UsageError(f"--known {uri} cannot be read ({type(error).__name__})") from None
