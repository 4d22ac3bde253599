"""Read which dates and texts the rules of runs have written themselves."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from jobs.common.delta.tables.table_set import Tables
from jobs.common.run.rule_sets import WRITTEN_DATES, WRITTEN_TEXTS
from safelight.rules.written_dates import WrittenDates, decode_written_dates
from safelight.rules.written_texts import WrittenTexts, decode_written_texts


@dataclass(frozen=True)
class WrittenValues:
    """Values that the rules of runs have written themselves.

    Attributes
    ----------
    dates : WrittenDates
        Dates and times, of all runs together.
    texts : WrittenTexts
        Texts by the rules that wrote them.
    """

    dates: WrittenDates = field(default_factory=WrittenDates)
    texts: WrittenTexts = field(default_factory=WrittenTexts)


def read_written_values(tables: Tables, run_ids: Collection[str]) -> WrittenValues:
    """Return the values that the rules of runs have written themselves.

    Runs of older versions have not recorded them.

    Parameters
    ----------
    tables : Tables
        Tables with ``runs``.
    run_ids : collection of str
        Runs that made the objects of a release.
    """
    rows = tables.rows("runs", ["run_id", "rules_hash", "parameters"])
    recorded = [
        (row["rules_hash"] or "", dict(row["parameters"] or ()))
        for row in rows
        if row["run_id"] in run_ids
    ]
    return WrittenValues(
        decode_written_dates(found.get(WRITTEN_DATES, "") for _, found in recorded),
        decode_written_texts((rules, found.get(WRITTEN_TEXTS, "")) for rules, found in recorded),
    )
