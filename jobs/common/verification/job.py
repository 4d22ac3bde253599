"""Verify the outputs of runs: against their rows, alone, and against their originals."""

from __future__ import annotations

import argparse
import csv
import json
import time
from collections import Counter
from dataclasses import astuple, dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from jobs.common.cli.errors import UsageError
from jobs.common.cli.log import log_event
from jobs.common.delta.lease import hold_lease
from jobs.common.delta.table_set import Tables
from jobs.common.observe.observer import Observer
from jobs.common.run.key_selection import select_key
from jobs.common.run.preflight import require_tables
from jobs.common.run.rule_sets import load_rule_set
from jobs.common.secrets.key_provider import read_key_material
from jobs.common.sources.discovery import list_input
from jobs.common.spark.cluster_check import ClusterNeeds
from jobs.common.spark.object_limits import ObjectLimits
from jobs.common.spark.session import parse_settings, session
from jobs.common.storage.backend import Source
from jobs.common.storage.location import Location, parse_uri
from jobs.common.verification.expectation import make_expectation
from jobs.common.verification.note_checks import NoteChecker, table_defect
from jobs.common.verification.note_matching import NoteOutputs, match_notes
from jobs.common.verification.object_checks import (
    CheckedObject,
    ObjectCheck,
    ObjectChecker,
    object_defect,
)
from jobs.common.verification.outcomes import VerificationRun, record_outcomes
from jobs.common.verification.stages import CHECK, LIST, MATCH
from jobs.common.verification.worklist import (
    CONFIDENCE,
    compute_risk_bound,
    draw_sample,
    write_worklist,
)
from safelight.pseudonyms import Pseudonyms
from safelight.verify import CONTRADICTION_CHECKS, Check, ConsistencyLink, Defect, Expectation

if TYPE_CHECKING:
    from pyspark import RDD
    from pyspark.sql import DataFrame, SparkSession

#: Kinds of findings printed on stderr; the report has all of them.
MAX_PRINTED_KINDS = 40
#: Actions of rules after which text in notes still looks like the entity.
_VISIBLE_ACTIONS = frozenset({"keep", "surrogate", "shift", "generalise"})


@dataclass(frozen=True)
class VerificationPlan:
    """Checked arguments of a verification, and the listed outputs.

    Attributes
    ----------
    outputs : list of Source
        Listed outputs.
    root, tables, mapping : Location
        Folders of the outputs, of the tables, and of the restricted tables.
    expectation : Expectation
        What the rules retain.
    visible_entities : frozenset of str
        Entities that may be seen in notes, because the rules keep or imitate them.
    ocr : bool
        Whether pixels are read.
    key : bytes
        Master key; empty if originals are not compared.
    namespace : str
        Namespace of the run.
    report : str or None
        CSV file of the findings.
    master : str or None
        Spark master.
    settings : dict of str
        Spark settings.
    limits : ObjectLimits
        Time and memory of the check of one object or of the notes of one source.
    rules : str
        Name of the rules; empty if they were not given.
    lease_table : str or None
        DynamoDB table of the lease.
    sample : int
        Number of objects for a person to look at.
    worklist : str or None
        CSV file of these objects.
    """

    outputs: list[Source]
    root: Location
    tables: Location
    mapping: Location
    expectation: Expectation
    visible_entities: frozenset[str]
    ocr: bool
    key: bytes
    namespace: str
    report: str | None
    master: str | None
    settings: dict[str, str]
    limits: ObjectLimits
    rules: str
    lease_table: str | None
    sample: int
    worklist: str | None


def plan_verification(given: argparse.Namespace) -> VerificationPlan:
    """Check the arguments and list the outputs before Spark starts.

    Raises
    ------
    UsageError, JobError
        If an argument is wrong, or a folder cannot be read.
    """
    settings = parse_settings(given.spark_conf)
    material = read_key_material(given.key) if given.key else None
    expectation, visible_entities = Expectation(), frozenset[str]()
    rules_name = ""
    if given.rules:
        rules = load_rule_set(given.rules)
        rules_name = rules.name
        expectation = make_expectation(rules)
        visible_entities = frozenset(
            entity for entity, action in rules.text.entities.items() if action in _VISIBLE_ACTIONS
        )
    if given.ocr == "on":
        from safelight.verify.pixel_ocr import is_tesseract_installed

        if not is_tesseract_installed():
            raise UsageError("--ocr needs Tesseract (Debian: tesseract-ocr)")
    if bool(given.sample) != bool(given.worklist):
        raise UsageError("--sample and --worklist need each other; give both or none")
    _require_writable(given.report, "--report")
    _require_writable(given.worklist, "--worklist")
    with Observer("verify") as observer, observer.stage(LIST):
        outputs = list(list_input(given.input).sources())
    root = require_tables(given.tables, "instances", "note_files")
    key = select_key(material, Tables(_start_no_session, root), root) if material else b""
    return VerificationPlan(
        outputs=outputs,
        root=parse_uri(given.input),
        tables=root,
        mapping=parse_uri(given.mapping or given.tables),
        expectation=expectation,
        visible_entities=visible_entities,
        ocr=given.ocr == "on",
        key=key,
        namespace=given.namespace,
        report=given.report,
        master=given.master,
        settings=settings,
        limits=ObjectLimits(given.object_seconds, given.object_memory),
        rules=rules_name,
        lease_table=given.lease,
        sample=given.sample,
        worklist=given.worklist,
    )


def _require_writable(file: str | None, argument: str) -> None:
    """Create a file that the verification writes.

    Raises
    ------
    UsageError
        If it cannot be written.
    """
    if file:
        try:
            open(file, "w", encoding="utf-8").close()
        except OSError as error:
            raise UsageError(f"{argument} cannot be written: {error.strerror}") from None


def _start_no_session() -> SparkSession:
    raise AssertionError("the keys of runs are read without Spark")


def instance_path(uri: str) -> str:
    """Return the path of study, series and instance, which is the same after a move."""
    return "/".join(uri.rsplit("/", 3)[-3:])


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

    def run(self) -> int:
        """Verify all outputs; return 0 if they are clean, else 1."""
        started, plan = time.time(), self._plan
        needs = ClusterNeeds((("--tables", plan.tables),))
        with (
            self._observer as observer,
            session("verify", plan.master, plan.settings, needs) as spark,
        ):
            observer.attach(spark.sparkContext)
            tables = Tables(spark, plan.tables, plan.mapping)
            names = Pseudonyms(plan.key, plan.namespace) if plan.key else None
            with observer.stage(MATCH):
                notes = match_notes(tables, plan.outputs, plan.root.uri, names)
                tasks, findings = self._match(tables, notes.files)
            compared = sum(bool(task.original) for task in tasks)
            self._report_comparison(len(tasks) + notes.count, compared + notes.compared)
            missing = table_defect("has a row, but is missing")
            findings += [(uri, missing) for uri in notes.missing]
            checked = self._check(spark, tasks, notes)
            findings += self._collect_findings(spark, checked)
            verification = VerificationRun(plan.rules, plan.ocr)
            self._record(spark, verification, checked, findings)
        self._report(findings)
        unchecked = {uri for uri, defect in findings if defect.check is Check.UNCHECKED}
        findings = [found for found in findings if found[1].check is not Check.UNCHECKED]
        counts: Counter[str] = Counter(finding[1].check.value for finding in findings)
        if unchecked:
            log_event(
                "unchecked",
                f"{len(unchecked)} objects could not be checked in full; they are listed as "
                "`unchecked` and are no findings; --key compares them with their originals",
                count=len(unchecked),
            )
        summary = {
            "checked": len(tasks),
            "compared": compared,
            "not_compared": len(tasks) - compared,
            "note_files_checked": notes.count + len(notes.tables),
            "note_files_compared": notes.compared,
            "unchecked": len(unchecked),
            "objects_with_findings": len({uri for uri, _ in findings}),
            "findings": sum(counts.values()),
            "by_check": dict(sorted(counts.items())),
            "seconds": round(time.time() - started, 1),
        }
        print(json.dumps(summary))
        return int(bool(findings))

    def _report_comparison(self, checked: int, compared: int) -> None:
        """Report outputs that are not compared with their originals although there is a key.

        Raises
        ------
        UsageError
            If none of them can be compared.
        """
        if not self._plan.key:
            log_event(
                "not_compared",
                f"{checked} objects and files are not compared with their originals; give --key "
                "to compare them",
                count=checked,
            )
            return
        if compared == checked:
            return
        if not compared:
            raise UsageError(
                "`sources` has no original of these outputs under this key and namespace; give "
                "--key and --namespace of their run, and --mapping if `sources` is elsewhere"
            )
        log_event(
            "not_compared",
            f"{checked - compared} of {checked} objects and files are not compared with their "
            "originals, which `sources` does not have under this key and namespace",
            count=checked - compared,
        )

    def _match(
        self, tables: Tables, notes: frozenset[str]
    ) -> tuple[list[ObjectCheck], list[tuple[str, Defect]]]:
        """Pair objects with rows; an object or a row without a counterpart is a finding."""
        rows = self._rows(tables) if tables.exists("instances") else {}
        below = f"{self._plan.root.uri.rstrip('/')}/"
        if any(uri.startswith(below) for uri in rows):
            rows = {uri: row for uri, row in rows.items() if uri.startswith(below)}
        by_path = {instance_path(uri): row for uri, row in rows.items()}
        tasks, findings = [], []
        for output in self._plan.outputs:
            if output.uri in notes:
                continue
            row = by_path.pop(instance_path(output.uri), None)
            if row is None:
                unknown = object_defect("has no row in `instances` or `note_files`")
                findings.append((output.uri, unknown))
                row = {"sha256": "", "uri": "", "version": "", "masked": False, "regions": ()}
            tasks.append(
                ObjectCheck(
                    output, row["sha256"], row["uri"], row["version"], row["masked"],
                    row["regions"],
                )
            )  # fmt: skip
        for row in by_path.values():
            findings.append((row["output_uri"], object_defect("has a row, but is missing")))
        return tasks, findings

    def _rows(self, tables: Tables) -> dict[str, dict[str, Any]]:
        """Return the rows of de-identified objects by the URI of their output."""
        from pyspark.sql import functions as F

        plan = self._plan
        masked = (
            tables.read("audit").where(F.col("location").startswith("pixels"))
            .select("sop_uid").distinct().withColumn("masked", F.lit(True))
        )  # fmt: skip
        regions = (
            tables.read("findings")
            .where((F.col("location") == "pixels") & F.col("box").isNotNull())
            .groupBy("run_id", "source_id")
            .agg(F.collect_set(F.struct("frame", "box")).alias("regions"))
        )
        found = (
            tables.read("instances").where(F.col("status") == "deidentified")
            .join(masked, "sop_uid", "left")
            .join(regions, ["run_id", "source_id"], "left")
        )  # fmt: skip
        if plan.key:
            names = Pseudonyms(plan.key, plan.namespace)
            sources = tables.read("sources").where(
                (F.col("namespace") == plan.namespace) & (F.col("key_id") == names.key_id)
            )
            found = found.join(
                sources.select("source_id", "source_uri", "source_version"), "source_id", "left"
            )
        rows: dict[str, dict[str, Any]] = {}
        for row in found.toLocalIterator():
            values = row.asDict()
            rows[row.output_uri] = {
                "output_uri": row.output_uri,
                "sha256": row.output_sha256,
                "uri": values.get("source_uri") or "",
                "version": values.get("source_version") or "",
                "masked": bool(row.masked),
                "regions": tuple((r.frame, tuple(r.box)) for r in row.regions or ()),
            }
        return rows

    def _check(self, spark: SparkSession, tasks: list[ObjectCheck], notes: NoteOutputs) -> RDD[Any]:
        """Check all objects and notes; return findings, links and checked objects."""
        objects = len(tasks) + notes.count
        size = sum(task.output.size for task in tasks)
        self._observer.expect(objects, size)
        with self._observer.stage(CHECK, objects=objects, size=size):
            checked = self._check_all(spark, tasks, notes)
            checked.count()
            return checked

    def _check_all(
        self, spark: SparkSession, tasks: list[ObjectCheck], notes: NoteOutputs
    ) -> RDD[Any]:
        plan, context = self._plan, spark.sparkContext
        progress = self._observer.address
        checker = ObjectChecker(
            plan.expectation, plan.ocr, plan.key, plan.namespace, plan.limits, progress
        )
        slices = max(1, min(len(tasks), max(context.defaultParallelism * 4, len(tasks) // 200)))
        checked: Any = context.parallelize(tasks, slices).mapPartitions(checker)
        note_checker = NoteChecker(
            plan.key, plan.namespace, plan.visible_entities, plan.limits, progress
        )
        if notes.checks is not None:
            checked = checked.union(notes.checks.mapPartitions(note_checker))
        for uri in notes.tables:
            rows = spark.read.format("delta").load(uri).toJSON()
            checked = checked.union(rows.mapPartitions(partial(note_checker.check_table_rows, uri)))
        cached: RDD[Any] = checked.cache()
        return cached

    def _collect_findings(self, spark: SparkSession, checked: RDD[Any]) -> list[tuple[str, Defect]]:
        """Return the findings of all objects and notes, and of the links between them."""
        from pyspark.sql import functions as F

        schema = "kind STRING, left STRING, right STRING, location STRING, output_uri STRING"
        links: DataFrame = spark.createDataFrame(
            checked.filter(lambda row: isinstance(row, ConsistencyLink)).map(astuple), schema
        )
        disagreeing = (
            links.groupBy("kind", "left")
            .agg(
                F.count_distinct("right").alias("n"),
                F.min("location").alias("location"),
                F.collect_set("output_uri").alias("uris"),
            )
            .where("n > 1")
            .select("kind", "left", "location", F.explode("uris").alias("output_uri"))
        )
        findings: list[tuple[str, Defect]] = list(
            checked.filter(lambda row: isinstance(row, tuple)).collect()
        )
        for row in disagreeing.collect():
            check, detail = CONTRADICTION_CHECKS[row.kind]
            defect = Defect(check, row.location, detail, 0, row.left)
            findings.append((row.output_uri, defect))
        return findings

    def _record(
        self,
        spark: SparkSession,
        verification: VerificationRun,
        checked: RDD[Any],
        findings: list[tuple[str, Defect]],
    ) -> None:
        """Append the outcomes to `verification`, and write the worklist."""
        plan = self._plan
        objects: DataFrame = spark.createDataFrame(
            checked.filter(lambda row: isinstance(row, CheckedObject)).map(astuple),
            "output_uri STRING, compared BOOLEAN",
        )
        with hold_lease(plan.tables, plan.lease_table) as lease:
            tables = Tables(spark, plan.tables, lease=lease)
            record_outcomes(tables, verification, objects, findings)
        if plan.worklist:
            uris = [output.uri for output in plan.outputs if output.uri.endswith(".dcm")]
            sample = draw_sample(uris, plan.sample, verification.verification_id)
            write_worklist(plan.worklist, sample)
            bound = compute_risk_bound(len(sample))
            log_event(
                "worklist",
                f"if a person finds no identifying content in the {len(sample)} objects of the "
                f"worklist, fewer than {bound:.2%} of all objects have some "
                f"({CONFIDENCE:.0%} confidence)",
                count=len(sample),
            )

    def _report(self, findings: list[tuple[str, Defect]]) -> None:
        """Write the CSV report and print the most frequent kinds of findings."""
        if self._plan.report:
            with open(self._plan.report, "w", newline="", encoding="utf-8") as file:
                writer = csv.writer(file)
                writer.writerow(("object", "check", "location", "detail", "length", "value_hmac"))
                for uri, defect in findings:
                    writer.writerow((uri, defect.check.value, *astuple(defect)[1:]))
        kinds = Counter((d.check.value, d.location, d.detail) for _, d in findings)
        for (check, location, detail), count in kinds.most_common(MAX_PRINTED_KINDS):
            log_event(
                "finding", f"{check:14} {location} {detail} ({count})", check=check, count=count
            )
        if len(kinds) > MAX_PRINTED_KINDS:
            log_event(
                "finding_more",
                f"and {len(kinds) - MAX_PRINTED_KINDS} more kinds of findings; see --report",
                count=len(kinds) - MAX_PRINTED_KINDS,
            )
