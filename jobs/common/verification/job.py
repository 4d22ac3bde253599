"""The check of a run: objects against rows, objects alone, and objects against originals."""

from __future__ import annotations

import argparse
import csv
import json
import sys
import time
from collections import Counter
from dataclasses import astuple, dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from jobs.common.cli.errors import UsageError
from jobs.common.delta.table_set import Tables
from jobs.common.run.preflight import require_tables
from jobs.common.run.rule_sets import load_rule_set
from jobs.common.secrets.key_provider import read_key
from jobs.common.spark.session import parse_settings, session
from jobs.common.storage.backend import Source
from jobs.common.storage.listing import list_sources
from jobs.common.storage.location import Location, parse_uri
from jobs.common.verification.notes import (
    NoteOutputs,
    NotesWorker,
    note_outputs,
    table_defect,
)
from jobs.common.verification.worker import Task, Worker, object_defect
from safelight.pseudonyms import Pseudonyms
from safelight.verify import CONTRADICTION_CHECKS, ConsistencyLink, Defect, Expectation

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

#: Kinds of findings shown on stderr; all of them are in the report.
SHOWN = 40
#: What rules do with an entity of which something that looks like it is left in notes.
_STANDING = frozenset({"keep", "surrogate", "shift", "generalise"})


@dataclass(frozen=True)
class Plan:
    """Arguments that were checked, and the outputs that they name."""

    outputs: list[Source]
    root: Location
    tables: Location
    mapping: Location
    expectation: Expectation
    standing: frozenset[str]
    ocr: bool
    key: bytes
    namespace: str
    report: str | None
    master: str | None
    settings: dict[str, str]


def prepare(given: argparse.Namespace) -> Plan:
    """Check the arguments and list the outputs; Spark has not started yet.

    Raises
    ------
    UsageError, JobError
    """
    settings = parse_settings(given.spark_conf)
    key = read_key(given.key) if given.key else b""
    expectation, standing = Expectation(), frozenset[str]()
    if given.rules:
        rules = load_rule_set(given.rules)
        expectation = Expectation(
            frozenset(rules.get_method_codes()), rules.name_style == "surrogate"
        )
        standing = frozenset(
            entity for entity, action in rules.text.entities.items() if action in _STANDING
        )
    if given.ocr == "on":
        from safelight.verify.pixel_ocr import is_tesseract_installed

        if not is_tesseract_installed():
            raise UsageError("--ocr needs Tesseract (Debian: tesseract-ocr)")
    if given.report:
        try:
            open(given.report, "w", encoding="utf-8").close()
        except OSError as error:
            raise UsageError(f"--report cannot be written: {error.strerror}") from None
    return Plan(
        outputs=list_sources([given.input]),
        root=parse_uri(given.input),
        tables=require_tables(given.tables, "instances", "note_files"),
        mapping=parse_uri(given.mapping or given.tables),
        expectation=expectation,
        standing=standing,
        ocr=given.ocr == "on",
        key=key,
        namespace=given.namespace,
        report=given.report,
        master=given.master,
        settings=settings,
    )


def tail(uri: str) -> str:
    """Study, series and instance: the same wherever the outputs were moved."""
    return "/".join(uri.rsplit("/", 3)[-3:])


class Verification:
    """One check."""

    def __init__(self, plan: Plan):
        self._plan = plan

    def run(self) -> int:
        """Check everything; 0 if it is clean, else 1."""
        started, plan = time.time(), self._plan
        with session("verify", plan.master, plan.settings) as spark:
            tables = Tables(spark, plan.tables, plan.mapping)
            names = Pseudonyms(plan.key, plan.namespace) if plan.key else None
            notes = note_outputs(tables, plan.outputs, plan.root.uri, names)
            tasks, findings = self._match(tables, notes.files)
            gone = table_defect("has a row, but is not there")
            findings += [(uri, gone) for uri in notes.missing]
            findings += self._check(spark, tasks, notes)
        counts: Counter[str] = Counter(finding[1].check.value for finding in findings)
        self._show(findings)
        summary = {
            "checked": len(tasks),
            "compared": sum(bool(task.original) for task in tasks),
            "note_files_checked": notes.count + len(notes.tables),
            "note_files_compared": notes.compared,
            "objects_with_findings": len({uri for uri, _ in findings}),
            "findings": sum(counts.values()),
            "by_check": dict(sorted(counts.items())),
            "seconds": round(time.time() - started, 1),
        }
        print(json.dumps(summary))
        return int(bool(findings))

    def _match(
        self, tables: Tables, notes: frozenset[str]
    ) -> tuple[list[Task], list[tuple[str, Defect]]]:
        """Pair objects with rows; what has no counterpart is a finding."""
        rows = self._rows(tables) if tables.exists("instances") else {}
        below = f"{self._plan.root.uri.rstrip('/')}/"
        if any(uri.startswith(below) for uri in rows):
            rows = {uri: row for uri, row in rows.items() if uri.startswith(below)}
        by_tail = {tail(uri): row for uri, row in rows.items()}
        tasks, findings = [], []
        for output in self._plan.outputs:
            if output.uri in notes:
                continue
            row = by_tail.pop(tail(output.uri), None)
            if row is None:
                stray = object_defect("has no row in `instances` or `note_files`")
                findings.append((output.uri, stray))
                row = {"sha256": "", "uri": "", "version": "", "masked": False, "regions": ()}
            tasks.append(
                Task(
                    output, row["sha256"], row["uri"], row["version"], row["masked"],
                    row["regions"],
                )
            )  # fmt: skip
        for row in by_tail.values():
            findings.append((row["output_uri"], object_defect("has a row, but is not there")))
        return tasks, findings

    def _rows(self, tables: Tables) -> dict[str, dict[str, Any]]:
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

    def _check(
        self, spark: SparkSession, tasks: list[Task], notes: NoteOutputs
    ) -> list[tuple[str, Defect]]:
        from pyspark.sql import functions as F

        plan, context = self._plan, spark.sparkContext
        worker = Worker(plan.expectation, plan.ocr, plan.key, plan.namespace)
        slices = max(1, min(len(tasks), max(context.defaultParallelism * 4, len(tasks) // 200)))
        checked: Any = context.parallelize(tasks, slices).mapPartitions(worker)
        of_notes = NotesWorker(plan.key, plan.namespace, plan.standing)
        if notes.tasks is not None:
            checked = checked.union(notes.tasks.mapPartitions(of_notes))
        for uri in notes.tables:
            rows = spark.read.format("delta").load(uri).toJSON()
            checked = checked.union(rows.mapPartitions(partial(of_notes.table_rows, uri)))
        checked = checked.cache()
        schema = "kind STRING, left STRING, right STRING, location STRING"
        links: DataFrame = spark.createDataFrame(
            checked.filter(lambda row: isinstance(row, ConsistencyLink)).map(astuple), schema
        )
        apart = (
            links.groupBy("kind", "left")
            .agg(F.count_distinct("right").alias("n"), F.min("location").alias("location"))
            .where("n > 1")
        )
        findings: list[tuple[str, Defect]] = list(
            checked.filter(lambda row: isinstance(row, tuple)).collect()
        )
        for row in apart.collect():
            check, detail = CONTRADICTION_CHECKS[row.kind]
            findings.append(("", Defect(check, row.location, detail, 0, row.left)))
        return findings

    def _show(self, findings: list[tuple[str, Defect]]) -> None:
        if self._plan.report:
            with open(self._plan.report, "w", newline="", encoding="utf-8") as file:
                writer = csv.writer(file)
                writer.writerow(("object", "check", "location", "detail", "length", "value_hmac"))
                for uri, defect in findings:
                    writer.writerow((uri, defect.check.value, *astuple(defect)[1:]))
        kinds = Counter((d.check.value, d.location, d.detail) for _, d in findings)
        for (check, location, detail), count in kinds.most_common(SHOWN):
            print(f"{check:14} {location} {detail} ({count})", file=sys.stderr)
        if len(kinds) > SHOWN:
            print(f"and {len(kinds) - SHOWN} more kinds; see --report", file=sys.stderr)
