"""Find the outcome of the last verification of each object."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from jobs.common.cli.log import log_event
from jobs.common.delta.tables.table_set import Tables

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

#: Outcome in ``verification`` of an object without findings that was checked in full.
CLEAN = "clean"

#: Outcome of an object that was not verified since it was made.
NOT_VERIFIED = "not_verified"

#: Columns of ``verification`` that say what a verification did besides the checks of the elements:
#: it compared the object with its original, read its pixels, and read its texts with a model.
SCOPES = ("compared", "ocr", "text_model")
SCOPE_SEPARATOR = "+"


def add_verification(tables: Tables, rows: DataFrame) -> DataFrame:
    """Return the rows with the columns ``verification`` and ``verification_scope``.

    The first has the outcome of the last verification of the object, or :data:`NOT_VERIFIED` if
    there was none since the object was made. The second has what this verification did besides
    the checks of the elements; see :data:`SCOPES`.

    Parameters
    ----------
    tables : Tables
        Tables with ``verification``, which may not exist.
    rows : DataFrame
        Rows with the columns ``output_uri`` and ``processed_at``.
    """
    from pyspark.sql import functions as F

    if not tables.exists("verification"):
        rows = rows.withColumn("verification", F.lit(NOT_VERIFIED))
        return rows.withColumn("verification_scope", F.lit(""))
    scope = F.concat_ws(SCOPE_SEPARATOR, *(F.when(F.col(name), F.lit(name)) for name in SCOPES))
    made = tables.read("verification").select(
        "output_uri", "verified_at", F.struct("outcome", scope.alias("scope")).alias("result")
    )
    last = made.groupBy("output_uri").agg(
        F.max_by("result", "verified_at").alias("result"), F.max("verified_at").alias("at")
    )
    joined = rows.join(last, "output_uri", "left")
    is_current = F.col("at") >= F.col("processed_at")
    outcome, found = (F.when(is_current, F.col(f"result.{name}")) for name in ("outcome", "scope"))
    joined = joined.withColumn("verification", F.coalesce(outcome, F.lit(NOT_VERIFIED)))
    joined = joined.withColumn("verification_scope", F.coalesce(found, F.lit("")))
    return joined.drop("result", "at")


def count_unverified(outcomes: Counter[str]) -> Counter[str]:
    """Return the number of objects that are not clean, by outcome.

    Parameters
    ----------
    outcomes : Counter of str
        Number of objects by the outcome of their verification.
    """
    return Counter({outcome: n for outcome, n in outcomes.items() if outcome != CLEAN})


def describe_unverified(unverified: Counter[str]) -> str:
    """Return the numbers of objects by outcome as text."""
    return "; ".join(
        f"{count} {outcome.replace('_', ' ')}" for outcome, count in sorted(unverified.items())
    )


def report_unverified(unverified: Counter[str]) -> None:
    """Report the objects that a release leaves out because they were not found clean."""
    if unverified:
        log_event(
            "unverified_objects",
            f"{unverified.total()} objects were refused, because `safelight verify` has not found "
            f"them clean since they were made ({describe_unverified(unverified)}); verify the "
            "output, or release them by --include-unverified",
            count=unverified.total(),
        )
