"""Read the quasi-identifiers of patients from ``catalog``, in Spark SQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from safelight.risk.full_domain import PatientValues

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

#: Columns that identify a row of ``catalog``.
OBJECT_KEYS = ["run_id", "source_id"]

_DESCRIPTIONS = ("study_description", "series_description", "protocol_name")


def read_patient_values(
    catalog: DataFrame, objects: DataFrame, columns: Sequence[str]
) -> dict[str, PatientValues]:
    """Return the distinct values of each patient, over all of the objects.

    Parameters
    ----------
    catalog : DataFrame
        Rows of ``catalog``.
    objects : DataFrame
        Columns ``run_id`` and ``source_id`` of the objects that count.
    columns : sequence of str
        Columns of ``catalog``; a missing value is the empty string.

    Returns
    -------
    dict of str to tuple
        Sorted values by column, by pseudonym of the patient.
    """
    from pyspark.sql import functions as F

    values = [
        F.sort_array(F.collect_set(F.coalesce(F.col(name).cast("string"), F.lit("")))).alias(name)
        for name in columns
    ]
    rows = catalog.join(objects.select(OBJECT_KEYS), OBJECT_KEYS, "left_semi")
    grouped = rows.groupBy("patient_pseudonym").agg(*values)
    return {
        row["patient_pseudonym"]: tuple(tuple(row[name]) for name in columns)
        for row in grouped.toLocalIterator()
    }


def find_common_descriptions(
    catalog: DataFrame, objects: DataFrame, patients: int
) -> frozenset[str]:
    """Return the descriptions that enough patients share.

    Parameters
    ----------
    catalog : DataFrame
        Rows of ``catalog``.
    objects : DataFrame
        Columns ``run_id`` and ``source_id`` of the objects that count.
    patients : int
        Smallest number of patients.
    """
    from pyspark.sql import functions as F

    rows = catalog.join(objects.select(OBJECT_KEYS), OBJECT_KEYS, "left_semi")
    descriptions = F.explode(F.array(*(F.trim(F.col(name)) for name in _DESCRIPTIONS)))
    common = (
        rows.select("patient_pseudonym", descriptions.alias("description"))
        .where("description IS NOT NULL AND description <> ''")
        .groupBy("description")
        .agg(F.count_distinct("patient_pseudonym").alias("patients"))
        .where(F.col("patients") >= patients)
    )
    return frozenset(row["description"] for row in common.collect())
