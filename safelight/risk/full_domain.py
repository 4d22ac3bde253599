"""Generalise quasi-identifiers until each class has k patients, and suppress the rest.

The algorithm is Datafly (Sweeney, 2002): the column with the most distinct values is generalised
by one level for all patients, until few enough patients are in classes below k. Then each column
is given back the levels that turned out not to be needed. Patients in the small classes that are
left are suppressed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Optional

from safelight.risk.hierarchies import HIERARCHIES, generalise

#: Values of one patient by column; a patient has several values of a column if objects differ.
PatientValues = tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Generalisation:
    """Levels at which the patients reach k, and the cost of it.

    Attributes
    ----------
    levels : mapping of str to int
        Level by column.
    suppressed : int
        Patients in classes that are smaller than k at these levels.
    precision_loss : float
        Information loss from 0 to 1: the mean of level divided by last level over the columns
        that can be generalised (1 - Prec, Sweeney 2002).
    """

    levels: Mapping[str, int]
    suppressed: int
    precision_loss: float


def generalise_values(
    values: PatientValues, columns: Sequence[str], levels: Mapping[str, int]
) -> PatientValues:
    """Return the values of one patient at the levels of the columns."""
    return tuple(
        tuple(sorted({generalise(column, levels.get(column, 0), value) or "" for value in own}))
        for column, own in zip(columns, values)
    )


def find_generalisation(
    patients: Mapping[PatientValues, int], columns: Sequence[str], k: int, max_suppressed: float
) -> Generalisation:
    """Return levels at which at most a share of the patients is in classes smaller than k.

    Parameters
    ----------
    patients : mapping
        Number of patients by their values.
    columns : sequence of str
        Columns of the values, in their order.
    k : int
        Smallest size of an equivalence class.
    max_suppressed : float
        Share of the patients that may be suppressed, from 0 to 1, besides those whom no
        generalisation can help: these are suppressed in any case, and the others are not
        generalised for them.
    """
    last = {column: HIERARCHIES[column].last_level for column in columns if column in HIERARCHIES}
    unavoidable = _count_small(patients, columns, last, k)
    allowed = unavoidable + int(max_suppressed * (sum(patients.values()) - unavoidable))
    levels = dict.fromkeys(columns, 0)
    while _count_small(patients, columns, levels, k) > allowed:
        column = _widest_column(patients, columns, levels)
        if column is None:
            break
        levels[column] += 1
    _lower_levels(patients, columns, levels, k)
    return Generalisation(
        levels, _count_small(patients, columns, levels, k), precision_loss(levels)
    )


def _count_small(
    patients: Mapping[PatientValues, int], columns: Sequence[str], levels: Mapping[str, int], k: int
) -> int:
    """Return the number of patients in classes that are smaller than k."""
    sizes: Counter[PatientValues] = Counter()
    for values, count in patients.items():
        sizes[generalise_values(values, columns, levels)] += count
    return sum(size for size in sizes.values() if size < k)


def _widest_column(
    patients: Mapping[PatientValues, int], columns: Sequence[str], levels: Mapping[str, int]
) -> Optional[str]:
    """Return the column with the most distinct values that can be generalised, if any."""
    widest, most = None, 0
    for index, column in enumerate(columns):
        if column not in HIERARCHIES or levels[column] == HIERARCHIES[column].last_level:
            continue
        one = {column: levels[column]}
        distinct = {generalise_values((values[index],), (column,), one) for values in patients}
        if len(distinct) > most:
            widest, most = column, len(distinct)
    return widest


def _lower_levels(
    patients: Mapping[PatientValues, int], columns: Sequence[str], levels: dict[str, int], k: int
) -> None:
    """Lower each level as far as no more patients are suppressed than now."""
    suppressed = _count_small(patients, columns, levels, k)
    for column in columns:
        while levels[column]:
            lower = {**levels, column: levels[column] - 1}
            if _count_small(patients, columns, lower, k) > suppressed:
                break
            levels[column] -= 1


def precision_loss(levels: Mapping[str, int]) -> float:
    """Return the information loss of levels, from 0 to 1; see :class:`Generalisation`.

    Parameters
    ----------
    levels : mapping of str to int
        Level by column.
    """
    shares = [
        level / HIERARCHIES[column].last_level
        for column, level in levels.items()
        if column in HIERARCHIES
    ]
    return sum(shares) / len(shares) if shares else 0.0
