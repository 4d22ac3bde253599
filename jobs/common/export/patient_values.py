"""Read the quasi-identifiers of patients from ``catalog``, in Spark SQL."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, Optional

from safelight.risk.full_domain import PatientValues

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, Row

#: Columns that identify a row of ``catalog``.
OBJECT_KEYS = ["run_id", "source_id"]

_DESCRIPTIONS = ("study_description", "series_description", "protocol_name")


class PatientProfile(NamedTuple):
    """Values of one patient in the objects that a recipient has, or would have.

    Attributes
    ----------
    earlier : tuple, optional
        Values by column over the objects of earlier releases; None without such an object.
    union : tuple
        Values by column over those and the new objects.
    earlier_descriptions, union_descriptions : frozenset of str
        Descriptions of the same objects.
    """

    earlier: Optional[PatientValues]
    union: PatientValues
    earlier_descriptions: frozenset[str]
    union_descriptions: frozenset[str]


def read_profiles(
    catalog: DataFrame, released: DataFrame, new: DataFrame, columns: Sequence[str]
) -> dict[str, PatientProfile]:
    """Return the values of each patient with a released or a new object, by one query.

    Parameters
    ----------
    catalog : DataFrame
        Rows of ``catalog``.
    released, new : DataFrame
        Columns ``run_id`` and ``source_id`` of the objects of earlier releases, and of the new
        ones.
    columns : sequence of str
        Columns of ``catalog``; a missing value is the empty string.
    """
    from pyspark.sql import functions as F

    objects = released.select(*OBJECT_KEYS, F.lit(True).alias("is_released")).unionByName(
        new.select(*OBJECT_KEYS, F.lit(False).alias("is_released"))
    )
    descriptions = F.array(*(F.trim(F.col(name)) for name in _DESCRIPTIONS))
    gathered = {
        **{f"value_{index}": _read_value(name) for index, name in enumerate(columns)},
        "descriptions": descriptions,
    }
    sets = [F.max("is_released").alias("has_earlier")]
    for name, value in gathered.items():
        sets.append(F.collect_set(value).alias(f"union_{name}"))
        sets.append(F.collect_set(F.when(F.col("is_released"), value)).alias(f"earlier_{name}"))
    grouped = catalog.join(objects, OBJECT_KEYS).groupBy("patient_pseudonym").agg(*sets)
    return {
        row["patient_pseudonym"]: _make_profile(row, len(columns))
        for row in grouped.toLocalIterator()
    }


def _read_value(column: str) -> Column:
    from pyspark.sql import functions as F

    return F.coalesce(F.col(column).cast("string"), F.lit(""))


def _make_profile(row: Row, columns: int) -> PatientProfile:
    def values(prefix: str) -> PatientValues:
        return tuple(tuple(sorted(row[f"{prefix}_value_{i}"])) for i in range(columns))

    def descriptions(prefix: str) -> frozenset[str]:
        found = {text for texts in row[f"{prefix}_descriptions"] for text in texts}
        return frozenset(text for text in found if text)

    return PatientProfile(
        values("earlier") if row["has_earlier"] else None,
        values("union"),
        descriptions("earlier"),
        descriptions("union"),
    )


def find_common_descriptions(
    profiles: Mapping[str, PatientProfile], chosen: Collection[str], patients: int
) -> frozenset[str]:
    """Return the descriptions that enough patients share.

    Parameters
    ----------
    profiles : mapping of str to PatientProfile
        Patients with released or new objects.
    chosen : collection of str
        Patients whose new objects are released.
    patients : int
        Smallest number of patients.
    """
    counts: Counter[str] = Counter()
    for patient, profile in profiles.items():
        is_chosen = patient in chosen
        counts.update(profile.union_descriptions if is_chosen else profile.earlier_descriptions)
    return frozenset(text for text, count in counts.items() if count >= patients)


def count_population(catalog: DataFrame, columns: Sequence[str]) -> Counter[PatientValues]:
    """Return the number of patients of ``catalog`` by their values.

    Parameters
    ----------
    catalog : DataFrame
        Rows of ``catalog``.
    columns : sequence of str
        Quasi-identifiers; a missing value is the empty string.
    """
    from pyspark.sql import functions as F

    names = [f"value_{index}" for index in range(len(columns))]
    values = [
        F.sort_array(F.collect_set(_read_value(column))).alias(name)
        for name, column in zip(names, columns)
    ]
    rows = catalog.groupBy("patient_pseudonym").agg(*values).groupBy(names).count()
    counts: Counter[PatientValues] = Counter()
    for row in rows.toLocalIterator():
        counts[tuple(tuple(row[name]) for name in names)] += row["count"]
    return counts
