"""The main job, from its arguments to its last line."""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import platform
import re
import sys
import time
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, Optional
from uuid import uuid4

from jobs.common.arguments import check_run_id
from jobs.common.batches import bounds_for, pack_batches
from jobs.common.engine import EngineSettings
from jobs.common.journal import Journal, has_run, recover
from jobs.common.keys import read_key
from jobs.common.lease import Lease, hold_lease
from jobs.common.pipeline import BatchRunner, TextModel, Totals, source_id
from jobs.common.places import keep_apart, writable
from jobs.common.problems import EXIT_DONE, EXIT_QUARANTINED, ArgumentProblem, JobFailure
from jobs.common.progress import progress_bar
from jobs.common.rules import rules_named
from jobs.common.session import parse_settings, session
from jobs.common.sources import Source, list_sources
from jobs.common.tables import Tables
from jobs.common.uris import Location
from safelight.records import Reason, Status
from safelight.version import VERSION

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

#: Objects that ended so are tried again by the next run: the cause may have gone.
TRANSIENT = (Reason.UNREADABLE_SOURCE.value,)


@dataclass(frozen=True)
class Plan:
    """Arguments that were checked, and the sources that they name."""

    sources: list[Source]
    output: Location
    tables: Location
    mapping: Location
    engine: EngineSettings
    rules_name: str
    text_model: Optional[TextModel]
    run_id: str
    named: bool
    lease_table: Optional[str]
    master: Optional[str]
    settings: dict[str, str]
    fail_on_quarantine: bool
    parameters: dict[str, str]


def prepare(given: argparse.Namespace, sources: Optional[list[Source]] = None) -> Plan:
    """Check the arguments and list the sources, if not given; Spark has not started yet.

    Raises
    ------
    ArgumentProblem, JobFailure
    """
    if not given.input and not given.manifest:
        raise ArgumentProblem("give --input or --manifest")
    run_id = check_run_id(given.run_id or _new_run_id())
    settings = parse_settings(given.spark_conf)
    key = read_key(given.key)
    rules = rules_named(given.rules)
    outputs = {
        "--output": writable("--output", given.output),
        "--tables": writable("--tables", given.tables),
        "--mapping": writable("--mapping", given.mapping or given.tables),
    }
    keep_apart(given.input, outputs)
    text_model = _text_model() if given.text == "on" else None
    return Plan(
        sources=list_sources(given.input, given.manifest) if sources is None else sources,
        output=outputs["--output"],
        tables=outputs["--tables"],
        mapping=outputs["--mapping"],
        engine=EngineSettings(
            rules=rules,
            rules_hash=rules.hash,
            key=key,
            namespace=given.namespace,
            pixels=getattr(given, "pixels", "off") == "on",
            text=given.text == "on",
        ),
        rules_name=rules.name,
        text_model=text_model,
        run_id=run_id,
        named=given.run_id is not None,
        lease_table=given.lease,
        master=given.master,
        settings=settings,
        fail_on_quarantine=given.fail_on_quarantine,
        parameters={
            "rules": rules.name,
            "namespace": given.namespace,
            "pixels": getattr(given, "pixels", "off"),
            "text": given.text,
            "inputs": str(len(given.input) + bool(given.manifest)),
        },
    )


def _new_run_id() -> str:
    return f"{datetime.now(timezone.utc):%Y%m%dT%H%M%SZ}-{uuid4().hex[:8]}"


def _text_model() -> TextModel:
    try:
        from nlp_pipelines.annotate import PIPELINE_VERSION, annotate_texts
    except ImportError:
        raise ArgumentProblem("there is no text model in this package; give --text off") from None
    return TextModel(annotate_texts, PIPELINE_VERSION)


class Deidentification:
    """One run.

    Attributes
    ----------
    command : str
        Whose run it is.
    table : str
        Where a batch stands once it is done.
    """

    command = "deidentify"
    table = "instances"

    def __init__(self, plan: Plan):
        self._plan = plan
        self._started = time.time()
        self._row = {
            "run_id": plan.run_id,
            "command": self.command,
            "started_at": datetime.now(timezone.utc),
            "parameters": plan.parameters,
            "rules_hash": plan.engine.rules_hash,
            "versions": versions(plan.text_model),
        }

    def run(self) -> int:
        """Do all that is not done yet; print the last line; the exit code."""
        plan = self._plan
        with hold_lease(plan.tables, plan.lease_table) as lease:
            with session(self.command, plan.master, plan.settings) as spark:
                try:
                    summary = self._run(spark, lease)
                except (ArgumentProblem, JobFailure):
                    raise
                except Exception as error:
                    raise JobFailure(f"the run failed ({cause_of(error)}); run it again") from None
        print(json.dumps(summary))
        failed = plan.fail_on_quarantine and summary["quarantined"]
        return EXIT_QUARANTINED if failed else EXIT_DONE

    def _run(self, spark: SparkSession, lease: Lease) -> dict[str, Any]:
        plan = self._plan
        tables = Tables(spark, plan.tables, plan.mapping, lease)
        journal = Journal(plan.tables)
        if recover(tables, journal, plan.run_id):
            print("an earlier run had not ended; its last batch is done again", file=sys.stderr)
        todo = self._not_done(tables)
        first = self._first_batch(tables) if plan.named else 0
        journal.begin(self._row)
        totals = self._process(tables, todo, first)
        counts = {status.value: totals.status[status.value] for status in Status}
        skipped = self._skipped(todo)
        summary: dict[str, Any] = {
            "run_id": plan.run_id,
            "seen": sum(counts.values()) + skipped,
            **counts,
            "skipped": skipped,
            "seconds": round(time.time() - self._started, 3),
            "bytes_in": totals.bytes_in,
            "bytes_out": totals.bytes_out,
        }
        self._close(tables, summary)
        journal.end(plan.run_id)
        for reason, count in sorted(totals.reasons.items()):
            print(f"{reason}: {count}", file=sys.stderr)
        return summary

    def _process(self, tables: Tables, todo: list[Source], first: int) -> Totals:
        """Do what is to be done, batch by batch."""
        plan, spark = self._plan, tables.spark
        runner = BatchRunner(
            tables, plan.engine, plan.output.uri, plan.run_id, plan.rules_name, plan.text_model
        )
        bounds = bounds_for(todo, spark.sparkContext.defaultParallelism, plan.engine.pixels)
        with progress_bar(spark, len(todo)) as advance:
            for number, tasks in enumerate(pack_batches(todo, bounds), first):
                runner.run(tasks, number)
                advance(sum(map(len, tasks)))
        return runner.totals

    def _skipped(self, todo: list[Source]) -> int:
        """How many were done before."""
        return len(self._plan.sources) - len(todo)

    def _not_done(self, tables: Tables) -> list[Source]:
        """The sources that ``instances`` does not show as done in the same way."""
        from pyspark.sql import functions as F

        plan = self._plan
        if not tables.exists("instances"):
            return plan.sources
        names = plan.engine.pseudonyms()
        by_id = {source_id(names, source): source for source in plan.sources}
        ids = tables.spark.createDataFrame([(key,) for key in by_id], "source_id STRING")
        done = tables.read("instances").where(
            (F.col("rules_hash") == plan.engine.rules_hash)
            & (F.col("key_id") == names.key_id)
            & (F.col("namespace") == plan.engine.namespace)
            & (F.col("stages") == plan.engine.stages)
            & (F.col("output_root") == plan.output.uri)
            & ~F.col("reason_code").isin(*TRANSIENT)
        )
        found = ids.join(done.select("source_id"), "source_id", "left_semi").collect()
        skip = {row.source_id for row in found}
        return [source for key, source in by_id.items() if key not in skip]

    def _first_batch(self, tables: Tables) -> int:
        """The number of the first batch, after those of a run that goes on under its name."""
        from pyspark.sql import functions as F

        this = tables.read(self.table).where(F.col("run_id") == self._plan.run_id)
        last = this.agg(F.max("batch")).collect()[0][0]
        return 0 if last is None else int(last) + 1

    def _close(self, tables: Tables, summary: dict[str, Any]) -> None:
        """Enter the run into ``runs``, or bring its row up to date."""
        from pyspark.sql import functions as F

        plan = self._plan
        outcome = {
            "outcome": "done",
            "ended_at": datetime.now(timezone.utc),
            "counts": {
                name: summary[name] for name in ("seen", "skipped", *(s.value for s in Status))
            },
            "bytes_in": summary["bytes_in"],
            "bytes_out": summary["bytes_out"],
        }
        if plan.named and has_run(tables, plan.run_id):
            tables.update("runs", F.col("run_id") == plan.run_id, outcome)
        else:
            tables.append_rows("runs", [self._row | outcome])


def versions(text_model: Optional[TextModel]) -> dict[str, str]:
    """Versions of what decides about the outcome."""
    found = {"safelight": VERSION, "python": platform.python_version()}
    for package in ("pyspark", "delta-spark", "pydicom", "rapidocr"):
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    if text_model is not None:
        found["text_model"] = text_model.version
    return found


def cause_of(error: Exception) -> str:
    """Name the cause of a failed Spark job without its message, which may hold paths."""
    output = re.search(r"OutputError: (\w+)", str(error))
    if output:
        return f"the output cannot be written, {output.group(1)}"
    java = getattr(error, "java_exception", None)
    return str(java.getClass().getSimpleName()) if java is not None else type(error).__name__
