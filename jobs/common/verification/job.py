"""Verify the outputs of runs: against their rows, alone, and against their originals.

Outputs, rows and findings are frames of the cluster. The driver holds numbers, the sample and the
most frequent kinds of findings.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, Optional

from jobs.common.cli.errors import UsageError
from jobs.common.cli.log import log_event
from jobs.common.delta.arrow_rows import arrow_schema, spark_schema
from jobs.common.delta.lease import hold_lease
from jobs.common.delta.tables.table_set import Tables
from jobs.common.observe.observer import Observer
from jobs.common.sources.cluster_listing import make_frame
from jobs.common.sources.discovery import SourceRequest, list_sources
from jobs.common.sources.listing import Listing
from jobs.common.spark.cluster_check import ClusterNeeds
from jobs.common.spark.session import lazy_session
from jobs.common.storage.location import parse_uri
from jobs.common.verification.check_results import CHECKED, CheckResult
from jobs.common.verification.comparison_keys import ComparisonKeys
from jobs.common.verification.findings import (
    collect_findings,
    count_findings,
    make_findings,
    print_kinds,
    write_report,
)
from jobs.common.verification.note_checks import NoteChecker, TableRowText, table_defect
from jobs.common.verification.note_matching import NoteOutputs, match_notes
from jobs.common.verification.object_checks import ObjectCheck, ObjectChecker, object_defect
from jobs.common.verification.object_matching import match_objects
from jobs.common.verification.originals import OriginalFolder, find_originals
from jobs.common.verification.outcomes import VerificationRun, record_outcomes
from jobs.common.verification.plan import VerificationPlan
from jobs.common.verification.stages import CHECK, LIST, MATCH
from jobs.common.verification.text_reading import TextReading
from jobs.common.verification.worklist import compute_risk_bound, draw_sample, write_worklist

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

#: Objects of one task, at least, and tasks per core.
_OBJECTS_PER_TASK = 200
_TASKS_PER_CORE = 4


class MatchedOutputs(NamedTuple):
    """Outputs, paired with rows and originals.

    Attributes
    ----------
    objects : DataFrame
        See :func:`jobs.common.verification.object_matching.match_objects`; persisted.
    notes : NoteOutputs or None
    object_count, object_bytes, compared_objects : int
    note_count, compared_notes : int
    """

    objects: DataFrame
    notes: Optional[NoteOutputs]
    object_count: int
    object_bytes: int
    compared_objects: int
    note_count: int
    compared_notes: int


class VerificationJob:
    """One verification.

    Parameters
    ----------
    plan : VerificationPlan
        Checked arguments.
    """

    def __init__(self, plan: VerificationPlan):
        self._plan = plan
        self._observer = Observer("verify")
        self._persisted: list[DataFrame] = []

    def run(self) -> int:
        """Verify all outputs; return 0 if they are clean, else 1.

        Raises
        ------
        UsageError, JobError
            If the verification could not run.
        """
        plan = self._plan
        needs = ClusterNeeds((("--tables", plan.tables),), plan.annotate is not None)
        with (
            self._observer as observer,
            lazy_session("verify", plan.master, plan.settings, needs) as session,
        ):
            with observer.stage(LIST):
                listing = self._list(plan.input, session)
                originals = self._list(plan.originals, session) if plan.originals else None
            spark = session()
            observer.attach(spark.sparkContext)
            try:
                return self._verify(spark, listing, originals)
            finally:  # a later frame of the same session would take the persisted rows
                for frame in self._persisted:
                    frame.unpersist()

    def _list(self, uri: str, session: Callable[[], SparkSession]) -> Listing:
        """Return the files of a folder, which may be empty."""
        return list_sources(SourceRequest(inputs=(uri,), allow_empty=True), session)

    def _verify(self, spark: SparkSession, listing: Listing, originals: Optional[Listing]) -> int:
        """Verify listed outputs and print the summary."""
        started, plan = time.time(), self._plan
        tables = Tables(spark, plan.tables, plan.mapping)
        with self._observer.stage(MATCH):
            listed = make_frame(spark, listing).select("uri", "size", "version")
            matched = self._match(tables, listed, originals)
        self._report_comparison(matched)
        results = self._check(spark, matched)
        findings = self._persist(collect_findings(results, self._find_unpaired(matched)))
        counts = count_findings(findings)
        if plan.report:
            write_report(plan.report, findings)
        if counts.by_check or counts.unchecked:
            print_kinds(findings)
        run = VerificationRun(plan.rules, plan.ocr, plan.annotate is not None)
        checked = results.where(f"kind = '{CHECKED}'").select("output_uri", "compared")
        checked = checked.union(self._list_tables(spark, matched))
        with hold_lease(plan.tables, plan.lease_table) as lease:
            record_outcomes(Tables(spark, plan.tables, lease=lease), run, checked, findings)
        self._write_sample(matched.objects, run)
        if counts.unchecked:
            log_event(
                "unchecked",
                f"{counts.unchecked} objects could not be checked in full; they are listed as "
                "`unchecked` and are no findings; --key or --originals compares them with their "
                "originals",
                count=counts.unchecked,
            )
        if omissions := run.describe_omissions():
            log_event("not_examined", omissions)
        note_tables = len(matched.notes.tables) if matched.notes else 0
        summary = {
            "checked": matched.object_count,
            "compared": matched.compared_objects,
            "not_compared": matched.object_count - matched.compared_objects,
            "note_files_checked": matched.note_count + note_tables,
            "note_files_compared": matched.compared_notes,
            "unchecked": counts.unchecked,
            "objects_with_findings": counts.outputs,
            "findings": sum(counts.by_check.values()),
            "by_check": counts.by_check,
            "seconds": round(time.time() - started, 1),
        }
        print(json.dumps(summary))
        return int(bool(counts.by_check))

    def _persist(self, frame: DataFrame) -> DataFrame:
        """Return a frame that is computed once and kept on the disks of the executors."""
        from pyspark import StorageLevel

        self._persisted.append(frame.persist(StorageLevel.DISK_ONLY))
        return frame

    def _match(
        self, tables: Tables, listed: DataFrame, originals: Optional[Listing]
    ) -> MatchedOutputs:
        """Pair all outputs with rows and originals."""
        from pyspark.sql import functions as F

        plan = self._plan
        folder = None
        if plan.originals and originals is not None:
            folder = OriginalFolder(parse_uri(plan.originals), originals)
        found = find_originals(tables, plan.names, folder)
        if found is not None:
            found = self._persist(found)
        notes = match_notes(tables, listed, plan.root.uri, found)
        objects = listed
        note_count = compared_notes = 0
        if notes is not None:
            objects = listed.join(notes.files, "uri", "left_anti")
            checks = self._persist(notes.checks)
            notes = NoteOutputs(checks, notes.tables, notes.files, notes.missing)
            note_count = checks.count()
            compared_notes = checks.where("original <> ''").count()
        pairs = self._persist(match_objects(tables, objects, plan.root.uri, found))
        is_listed = F.col("uri").isNotNull()
        totals = pairs.where(is_listed).agg(
            F.count(F.lit(1)).alias("objects"),
            F.coalesce(F.sum("size"), F.lit(0)).alias("bytes"),
            F.coalesce(F.sum((F.col("original") != "").cast("int")), F.lit(0)).alias("compared"),
        ).first()  # fmt: skip
        assert totals is not None
        return MatchedOutputs(
            pairs, notes, int(totals["objects"]), int(totals["bytes"]), int(totals["compared"]),
            note_count, compared_notes,
        )  # fmt: skip

    def _report_comparison(self, matched: MatchedOutputs) -> None:
        """Report outputs that are not compared with their originals.

        Raises
        ------
        UsageError
            If none of them can be compared although a key or the originals are given.
        """
        checked = matched.object_count + matched.note_count
        compared = matched.compared_objects + matched.compared_notes
        if not self._plan.compares:
            log_event(
                "not_compared",
                f"{checked} objects and files are not compared with their originals; give --key "
                "or --originals to compare them",
                count=checked,
            )
            return
        if compared == checked:
            return
        if not compared:
            raise UsageError(self._explain_missing_originals())
        log_event(
            "not_compared",
            f"{checked - compared} of {checked} objects and files are not compared with their "
            "originals, which `sources` does not have"
            + (" below --originals" if self._plan.originals else " under this key and namespace"),
            count=checked - compared,
        )

    def _explain_missing_originals(self) -> str:
        """Return the error message if no output can be compared."""
        if self._plan.originals:
            return (
                "no file below --originals is the original of one of these outputs in `sources`; "
                "give the folder that was the --input of their run or a copy of it, --mapping if "
                "`sources` is elsewhere, and --key and --namespace of the run without `sources`"
            )
        return (
            "`sources` has no original of these outputs under this key and namespace; give "
            "--key and --namespace of their run, and --mapping if `sources` is elsewhere"
        )

    def _find_unpaired(self, matched: MatchedOutputs) -> list[DataFrame]:
        """Return the findings about outputs without a row and rows without an output."""
        from pyspark.sql import functions as F

        objects = matched.objects
        unknown = objects.where("uri IS NOT NULL AND output_uri IS NULL")
        missing = objects.where("uri IS NULL")
        found = [
            make_findings(
                unknown.select(F.col("uri").alias("output_uri")),
                object_defect("has no row in `instances` or `note_files`"),
            ),
            make_findings(missing.select("output_uri"), object_defect("has a row, but is missing")),
        ]
        if matched.notes is not None:
            files = matched.notes.missing.select(F.col("uri").alias("output_uri"))
            found.append(make_findings(files, table_defect("has a row, but is missing")))
        return found

    def _check(self, spark: SparkSession, matched: MatchedOutputs) -> DataFrame:
        """Check all objects and notes; return rows of `CheckResult`, which are computed."""
        count = matched.object_count + matched.note_count
        self._observer.expect(count, matched.object_bytes)
        with self._observer.stage(CHECK, objects=count, size=matched.object_bytes):
            results = self._persist(self._check_all(spark, matched))
            results.count()
        return results

    def _check_all(self, spark: SparkSession, matched: MatchedOutputs) -> DataFrame:
        plan, progress = self._plan, self._observer.address
        keys = ComparisonKeys.derive(plan.names)
        columns = spark_schema(arrow_schema(CheckResult))
        checker = ObjectChecker(plan.expectation, plan.ocr, keys, plan.limits, progress)
        objects = matched.objects.where("uri IS NOT NULL").select(arrow_schema(ObjectCheck).names)
        slices = self._count_slices(spark, matched.object_count)
        results = objects.repartition(slices).mapInArrow(checker, columns)
        if plan.annotate is not None:
            reading = TextReading(plan.annotate, plan.expectation, keys, plan.limits, self._persist)
            results = results.union(reading.read(spark, objects.repartition(slices)))
        notes = matched.notes
        if notes is None:
            return results
        note_checker = NoteChecker(keys, plan.visible_entities, plan.limits, progress)
        slices = self._count_slices(spark, matched.note_count)
        checked = notes.checks.repartition(slices).mapInArrow(note_checker, columns)
        results = results.union(checked)
        for uri in notes.tables:
            rows = _read_rows_as_json(spark, uri)
            check = partial(note_checker.check_table_rows, uri)
            results = results.union(rows.mapInArrow(check, columns))
        return results

    def _count_slices(self, spark: SparkSession, count: int) -> int:
        """Return the number of tasks for a number of objects."""
        cores = spark.sparkContext.defaultParallelism
        return max(1, min(count, max(cores * _TASKS_PER_CORE, count // _OBJECTS_PER_TASK)))

    def _list_tables(self, spark: SparkSession, matched: MatchedOutputs) -> DataFrame:
        """Return the checked Delta tables of notes as rows of checked outputs."""
        uris = matched.notes.tables if matched.notes else ()
        return spark.createDataFrame(
            [(uri, False) for uri in uris], "output_uri STRING, compared BOOLEAN"
        )

    def _write_sample(self, objects: DataFrame, run: VerificationRun) -> None:
        """Write the worklist of random objects, and state what it proves."""
        request = self._plan.sample
        if request is None:
            return
        recorded = objects.where("uri IS NOT NULL AND output_uri IS NOT NULL").select("uri")
        sample = draw_sample(recorded, request.count, run.verification_id)
        write_worklist(request.worklist, sample)
        bound = compute_risk_bound(len(sample), request.confidence)
        log_event(
            "worklist",
            f"if a person finds no identifying content in the {len(sample)} objects of the "
            f"worklist, fewer than {bound:.2%} of all objects have some "
            f"({request.confidence * 100:.6g}% confidence)",
            count=len(sample),
        )


def _read_rows_as_json(spark: SparkSession, uri: str) -> DataFrame:
    """Return the rows of a Delta table as rows of `TableRowText`."""
    from pyspark.sql import functions as F

    rows = spark.read.format("delta").load(uri)
    columns = [F.col(f"`{name}`") for name in rows.columns]
    (name,) = arrow_schema(TableRowText).names
    return rows.select(F.to_json(F.struct(*columns)).alias(name))
