"""Collect the findings of all checks in the cluster, count them and report them."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from jobs.common.cli.log import log_event
from jobs.common.verification.check_results import FINDING, LINK
from safelight.text.formulas import neutralize_row
from safelight.verify import CONTRADICTION_CHECKS, Check, Defect

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

#: Columns of a finding.
FINDING_COLUMNS = ("output_uri", "check", "location", "detail", "length", "value_hmac")

#: Kinds of findings printed on stderr; the report has all of them.
_MAX_PRINTED_KINDS = 40


class FindingCounts(NamedTuple):
    """Numbers of findings.

    Attributes
    ----------
    by_check : dict of str to int
        Findings by check, without unchecked content.
    outputs : int
        Outputs with findings.
    unchecked : int
        Outputs with content that could not be checked.
    """

    by_check: dict[str, int]
    outputs: int
    unchecked: int


def make_findings(uris: DataFrame, defect: Defect) -> DataFrame:
    """Return the same finding for each of some outputs.

    Parameters
    ----------
    uris : DataFrame
        Column ``output_uri``.
    defect : Defect
    """
    from pyspark.sql import functions as F

    return uris.select(
        "output_uri",
        F.lit(defect.check.value).alias("check"),
        F.lit(defect.location).alias("location"),
        F.lit(defect.detail).alias("detail"),
        F.lit(defect.length).cast("int").alias("length"),
        F.lit(defect.value_hmac).alias("value_hmac"),
    )


def collect_findings(results: DataFrame, others: Sequence[DataFrame]) -> DataFrame:
    """Return the findings of all outputs, and of the links between them.

    Parameters
    ----------
    results : DataFrame
        Rows of :class:`jobs.common.verification.check_results.CheckResult`.
    others : sequence of DataFrame
        Findings about rows and files.
    """
    from pyspark.sql import functions as F

    found = results.where(F.col("kind") == FINDING).select(*FINDING_COLUMNS)
    for frame in (*others, _find_contradictions(results)):
        found = found.unionByName(frame)
    return found


def _find_contradictions(results: DataFrame) -> DataFrame:
    """Return a finding for each output of links that have several right sides for one left side."""
    from pyspark.sql import functions as F

    links = results.where(F.col("kind") == LINK)
    disagreeing = (
        links.groupBy("link_kind", "link_left")
        .agg(F.count_distinct("link_right").alias("n"), F.min("location").alias("location"))
        .where("n > 1").drop("n")
    )  # fmt: skip
    check, detail = F.lit(""), F.lit("")
    for kind, (found, text) in CONTRADICTION_CHECKS.items():
        check = F.when(F.col("link_kind") == kind, found.value).otherwise(check)
        detail = F.when(F.col("link_kind") == kind, text).otherwise(detail)
    outputs = links.select("link_kind", "link_left", "output_uri").distinct()
    return disagreeing.join(outputs, ["link_kind", "link_left"]).select(
        "output_uri",
        check.alias("check"),
        "location",
        detail.alias("detail"),
        F.lit(0).alias("length"),
        F.col("link_left").alias("value_hmac"),
    )


def count_findings(findings: DataFrame) -> FindingCounts:
    """Return the numbers of findings and of the outputs that have them."""
    from pyspark.sql import functions as F

    rows = findings.groupBy("check").count().collect()
    if not rows:
        return FindingCounts({}, 0, 0)
    by_check = {row["check"]: int(row["count"]) for row in rows}
    by_check.pop(Check.UNCHECKED.value, None)
    is_unchecked = F.col("check") == Check.UNCHECKED.value
    outputs = findings.where(~is_unchecked).select("output_uri").distinct().count()
    unchecked = findings.where(is_unchecked).select("output_uri").distinct().count()
    return FindingCounts(dict(sorted(by_check.items())), outputs, unchecked)


def write_report(file: str, findings: DataFrame) -> None:
    """Write all findings to a CSV file, ordered by output."""
    rows = findings.select(*FINDING_COLUMNS).orderBy("output_uri", "location", "check", "detail")
    with open(file, "w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(("object", *FINDING_COLUMNS[1:]))
        writer.writerows(map(neutralize_row, rows.toLocalIterator()))


def print_kinds(findings: DataFrame) -> None:
    """Print the most frequent kinds of findings."""
    kinds = findings.groupBy("check", "location", "detail").count()
    total = kinds.count()
    for row in kinds.orderBy("count", ascending=False).limit(_MAX_PRINTED_KINDS).collect():
        check, count = row["check"], int(row["count"])
        sentence = f"{check:14} {row['location']} {row['detail']} ({count})"
        log_event("finding", sentence, check=check, count=count)
    if total > _MAX_PRINTED_KINDS:
        log_event(
            "finding_more",
            f"and {total - _MAX_PRINTED_KINDS} more kinds of findings; see --report",
            count=total - _MAX_PRINTED_KINDS,
        )
