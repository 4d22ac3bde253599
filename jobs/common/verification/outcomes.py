"""Record the outcome of a verification for each object in the table `verification`."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from jobs.common.delta.arrow_rows import spark_schema
from jobs.common.delta.schemas import table_schema
from jobs.common.delta.tables.table_set import Tables
from safelight.verify import Check
from safelight.version import VERSION

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

#: Outcomes of an object. Only a clean object was checked in full and has no finding.
CLEAN, FINDINGS, UNCHECKED = "clean", "findings", "unchecked"


@dataclass(frozen=True)
class VerificationRun:
    """Properties that all rows of one verification share.

    Attributes
    ----------
    rules : str
        Name of the rules; empty if they were not given.
    ocr : bool
        Whether pixels were read.
    text_model : bool
        Whether a text model has read the texts of elements.
    verification_id : str
        Generated.
    verified_at : datetime
    """

    rules: str
    ocr: bool
    text_model: bool = False
    verification_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    verified_at: datetime = field(default_factory=lambda: datetime.now(timezone.utc))

    def describe_omissions(self) -> str:
        """Return what the verification did not look at, with the options that do; empty if all."""
        omitted = []
        if not self.ocr:
            omitted.append("the pixels were not read for text (--ocr on reads them)")
        if not self.text_model:
            omitted.append("no text model has read the texts of elements (--text-model on does)")
        return "; ".join(omitted)


def record_outcomes(
    tables: Tables, run: VerificationRun, checked: DataFrame, findings: DataFrame
) -> None:
    """Append one row for each output that was checked or has a finding.

    Parameters
    ----------
    tables : Tables
        Tables with a lease.
    run : VerificationRun
    checked : DataFrame
        Outputs that were checked: ``output_uri``, ``compared``.
    findings : DataFrame
        Findings: ``output_uri``, ``check``.

    Raises
    ------
    JobError
        If the table cannot be changed.
    """
    from pyspark.sql import functions as F

    joined = checked.join(_count_findings(findings), "output_uri", "full_outer")
    count, unchecked = F.coalesce("findings", F.lit(0)), F.coalesce("unchecked", F.lit(0))
    outcome = F.when(count > 0, FINDINGS).when(unchecked > 0, UNCHECKED).otherwise(CLEAN)
    values = {
        "verification_id": F.lit(run.verification_id),
        "verified_at": F.lit(run.verified_at),
        "output_uri": F.col("output_uri"),
        "sop_uid": F.regexp_extract("output_uri", r"([0-9.]+)\.dcm$", 1),
        "outcome": outcome,
        "findings": count,
        "checks": F.coalesce("checks", F.array().cast("array<string>")),
        "compared": F.coalesce("compared", F.lit(False)),
        "ocr": F.lit(run.ocr),
        "text_model": F.lit(run.text_model),
        "rules": F.lit(run.rules),
        "software_version": F.lit(VERSION),
    }
    schema = spark_schema(table_schema("verification"))
    columns = [values[f.name].cast(f.dataType).alias(f.name) for f in schema.fields]
    tables.append_frame("verification", joined.select(columns))


def _count_findings(findings: DataFrame) -> DataFrame:
    """Return findings, unchecked content and the names of their checks by output."""
    from pyspark.sql import functions as F

    is_unchecked = F.col("check") == Check.UNCHECKED.value
    return findings.groupBy("output_uri").agg(
        F.sum((~is_unchecked).cast("int")).alias("findings"),
        F.sum(is_unchecked.cast("int")).alias("unchecked"),
        F.sort_array(F.collect_set("check")).alias("checks"),
    )
