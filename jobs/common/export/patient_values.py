"""Read the quasi-identifiers of patients from ``catalog``, in Spark SQL."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple, Optional

from safelight.risk.full_domain import PatientValues

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, Row

#: Columns that identify a row of ``catalog``.
OBJECT_KEYS = ["run_id", "source_id"]

#: Modalities of one patient up to which all subsets are considered.
_MAX_MODALITIES = 6

_DESCRIPTIONS = ("study_description", "series_description", "protocol_name")


class PatientPart(NamedTuple):
    """Values of some objects of one patient.

    Attributes
    ----------
    values : tuple
        Values by column.
    descriptions : frozenset of str
        Descriptions of the objects.
    """

    values: PatientValues
    descriptions: frozenset[str] = frozenset()


class PatientProfile(NamedTuple):
    """Values of one patient in the objects that a recipient has, or would have.

    Attributes
    ----------
    earlier : PatientPart, optional
        Objects of earlier releases; None without such an object.
    parts : mapping of str to PatientPart
        New objects by modality.
    """

    earlier: Optional[PatientPart]
    parts: Mapping[str, PatientPart]

    def join(self, modalities: Collection[str]) -> PatientPart:
        """Return the values over the objects of earlier releases and new ones of modalities.

        Parameters
        ----------
        modalities : collection of str
            Keys of ``parts``.
        """
        joined = [self.parts[modality] for modality in sorted(modalities)]
        joined += [self.earlier] if self.earlier is not None else []
        columns = zip(*(part.values for part in joined))
        return PatientPart(
            tuple(tuple(sorted(set().union(*column))) for column in columns),
            frozenset().union(*(part.descriptions for part in joined)),
        )

    def list_subsets(self) -> Iterator[frozenset[str]]:
        """Yield the modalities of some but not all new objects, the largest sets first."""
        sizes = range(len(self.parts) - 1, 0, -1)
        if len(self.parts) > _MAX_MODALITIES:
            sizes = range(1, 0, -1)
        for size in sizes:
            yield from map(frozenset, combinations(sorted(self.parts), size))


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
    gathered = {
        **{f"value_{index}": _read_value(name) for index, name in enumerate(columns)},
        "descriptions": F.array(*(F.trim(F.col(name)) for name in _DESCRIPTIONS)),
    }
    part = F.when(~F.col("is_released"), read_modality()).alias("part")
    grouped = catalog.join(objects, OBJECT_KEYS).groupBy("patient_pseudonym", part)
    found: dict[str, PatientProfile] = {}
    rows = grouped.agg(*(F.collect_set(value).alias(name) for name, value in gathered.items()))
    for row in rows.toLocalIterator():
        patient = row["patient_pseudonym"]
        profile = found.get(patient, PatientProfile(None, {}))
        read = _make_part(row, len(columns))
        if row["part"] is None:
            found[patient] = PatientProfile(read, profile.parts)
        else:
            found[patient] = PatientProfile(profile.earlier, {**profile.parts, row["part"]: read})
    return found


def read_modality() -> Column:
    """Return the modality of a row of ``catalog``; the empty string if it has none."""
    return _read_value("modality")


def _read_value(column: str) -> Column:
    from pyspark.sql import functions as F

    return F.coalesce(F.col(column).cast("string"), F.lit(""))


def _make_part(row: Row, columns: int) -> PatientPart:
    found = {text for texts in row["descriptions"] for text in texts}
    return PatientPart(
        tuple(tuple(sorted(row[f"value_{index}"])) for index in range(columns)),
        frozenset(text for text in found if text),
    )


def find_common_descriptions(
    profiles: Mapping[str, PatientProfile],
    chosen: Mapping[str, Collection[str]],
    patients: int,
) -> frozenset[str]:
    """Return the descriptions that enough patients share.

    Parameters
    ----------
    profiles : mapping of str to PatientProfile
        Patients with released or new objects.
    chosen : mapping of str to collection of str
        Modalities of the new objects that are released, by patient.
    patients : int
        Smallest number of patients.
    """
    counts: Counter[str] = Counter()
    for patient, profile in profiles.items():
        counts.update(profile.join(chosen.get(patient, ())).descriptions)
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
