"""A release: a selection of what is de-identified, copied, listed and recorded once."""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
import json
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, NamedTuple, Optional

import pyarrow.dataset as ds

from jobs.common.cli.errors import JobError, UsageError, describe_cause
from jobs.common.delta.lease import hold_lease
from jobs.common.delta.table_set import Tables
from jobs.common.run.preflight import ensure_writable, is_inside, require_tables
from jobs.common.run.rule_sets import load_rule_set
from jobs.common.spark.session import lazy_session, parse_settings
from jobs.common.storage.backend import WriteOutcome
from jobs.common.storage.listing import list_sources
from jobs.common.storage.location import Location, parse_uri
from jobs.common.storage.objects import read_object, remove_partial_files, write_object, write_text
from safelight.records import Refusal, Status
from safelight.version import VERSION

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

MANIFEST = "manifest.csv"
_OBJECTS_PER_TASK = 64
#: Columns of the manifest beside the path, and where they stand.
_OF_INSTANCES = (
    "output_sha256", "output_bytes", "sop_class_uid", "modality", "patient_pseudonym",
    "study_uid", "series_uid", "sop_uid",
)  # fmt: skip
_MANIFEST_COLUMNS = ("path", "sha256", "bytes", *_OF_INSTANCES[2:])


@dataclass(frozen=True)
class ReleasePlan:
    """Arguments that were checked."""

    name: str
    tables: Location
    folder: Location
    rules_hash: str
    namespace: str
    modalities: tuple[str, ...]
    where: str
    lease_table: Optional[str]
    master: Optional[str]
    settings: dict[str, str]

    @property
    def parameters(self) -> dict[str, str]:
        """What makes two calls the same release."""
        return {
            "output": self.folder.uri,
            "rules_hash": self.rules_hash,
            "namespace": self.namespace,
            "modality": " ".join(self.modalities),
            "where": self.where,
        }


class Copied(NamedTuple):
    """One object of a release: where it stands, where it goes, and what it must be."""

    source: str
    path: str
    row: tuple[Any, ...]

    @property
    def sha256(self) -> str:
        """As the table has it."""
        return str(self.row[0])


def prepare(given: argparse.Namespace) -> ReleasePlan:
    """Check the arguments; Spark has not started yet.

    Raises
    ------
    UsageError, JobError
    """
    settings = parse_settings(given.spark_conf)
    tables = require_tables(given.tables, "catalog")
    output = parse_uri(given.output)
    if is_inside(output, tables) or is_inside(tables, output):
        raise UsageError("--tables and --output need folders beside one another")
    return ReleasePlan(
        name=given.release,
        tables=tables,
        folder=ensure_writable("--output", given.output).child(given.release),
        rules_hash=load_rule_set(given.rules).hash if given.rules else "",
        namespace=given.namespace or "",
        modalities=tuple(sorted(set(given.modality))),
        where=given.where or "",
        lease_table=given.lease,
        master=given.master,
        settings=settings,
    )


class Releasing:
    """One call of the command."""

    def __init__(self, plan: ReleasePlan):
        self._plan = plan
        self._started = time.time()

    def run(self) -> int:
        """Make the release, or find it made; print the last line.

        Raises
        ------
        UsageError, JobError
        """
        plan = self._plan
        with hold_lease(plan.tables, plan.lease_table) as lease:
            with lazy_session("export", plan.master, plan.settings) as spark:
                tables = Tables(spark, plan.tables, lease=lease)
                tables.check(["releases"])
                if not self._is_made(tables):
                    try:
                        self._make(tables)
                    except (UsageError, JobError):
                        raise
                    except Exception as error:
                        told = f"the release was not made ({describe_cause(error)}); try again"
                        raise JobError(told) from None
        return 0

    def _is_made(self, tables: Tables) -> bool:
        """Whether the release has its row, and its manifest is the one of then."""
        plan = self._plan
        columns = ["parameters", "objects", "bytes", "manifest_sha256"]
        made = list(tables.rows("releases", columns, ds.field("release") == plan.name))
        if not made:
            return False
        if dict(made[0]["parameters"]) != plan.parameters:
            raise UsageError(
                f"release {plan.name} was made with other arguments; give another name"
            )
        manifest = plan.folder.child(MANIFEST)
        try:
            there = hashlib.sha256(read_object(manifest.uri, None)).hexdigest()
        except Refusal:
            there = ""
        if there != made[0]["manifest_sha256"]:
            raise JobError(
                f"release {plan.name} was made, but its manifest is gone or another one; restore "
                "it, or give another name"
            )
        self._tell(0, made[0]["objects"], made[0]["bytes"])
        return True

    def _make(self, tables: Tables) -> None:
        plan = self._plan
        objects = self._selected(tables)
        written = self._copy(tables, objects)
        self._check_folder(objects)
        manifest = _manifest(objects)
        write_text(plan.folder.child(MANIFEST), manifest)
        size = sum(one.row[1] for one in objects)
        row = {
            "release": plan.name,
            "released_at": datetime.now(timezone.utc),
            "parameters": plan.parameters,
            "objects": len(objects),
            "bytes": size,
            "manifest_sha256": hashlib.sha256(manifest.encode()).hexdigest(),
            "software_version": VERSION,
        }
        tables.append_rows("releases", [row])
        self._tell(written[WriteOutcome.NEW.value], written[WriteOutcome.SAME.value], size)

    def _selected(self, tables: Tables) -> list[Copied]:
        """The objects of the release, by path."""
        rows = self._rows(tables).collect()
        if not rows:
            raise UsageError("nothing that is de-identified meets these conditions")
        objects: dict[str, Copied] = {}
        for row in rows:
            if is_inside(self._plan.folder, parse_uri(row.output_root)):
                raise UsageError("--output stands among the objects of a run; give another")
            path = f"{row.study_uid}/{row.series_uid}/{row.sop_uid}.dcm"
            one = Copied(row.output_uri, path, tuple(row[name] for name in _OF_INSTANCES))
            if objects.setdefault(path, one).sha256 != one.sha256:
                raise UsageError(
                    "an object stands in the tables in more than one form; choose by --rules, "
                    "--namespace or --where"
                )
        return [objects[path] for path in sorted(objects)]

    def _rows(self, tables: Tables) -> DataFrame:
        from pyspark.errors import AnalysisException, ParseException
        from pyspark.sql import functions as F

        plan = self._plan
        catalog = tables.read("catalog")
        if plan.where:
            try:
                catalog = catalog.where(plan.where)
            except (AnalysisException, ParseException):
                names = ", ".join(catalog.columns)
                raise UsageError(
                    f"--where is no condition over the columns of `catalog`: {names}"
                ) from None
        done = tables.read("instances").where(F.col("status") == Status.DEIDENTIFIED.value)
        if plan.rules_hash:
            done = done.where(F.col("rules_hash") == plan.rules_hash)
        if plan.namespace:
            done = done.where(F.col("namespace") == plan.namespace)
        if plan.modalities:
            done = done.where(F.col("modality").isin(*plan.modalities))
        keys = ["run_id", "source_id"]
        return done.join(catalog.select(keys).distinct(), keys, "left_semi").select(
            "output_uri", "output_root", *_OF_INSTANCES
        )

    def _copy(self, tables: Tables, objects: list[Copied]) -> Counter[str]:
        """Copy all; what was written and what stood there.

        Raises
        ------
        JobError
            If one could not be copied as it is recorded.
        """
        context = tables.spark.sparkContext
        slices = max(1, -(-len(objects) // _OBJECTS_PER_TASK))
        copier = _Copier(self._plan.folder.uri)
        outcomes = Counter(context.parallelize(objects, slices).mapPartitions(copier).collect())
        remove_partial_files(self._plan.folder)
        bad = {what: n for what, n in outcomes.items() if what not in _WELL}
        if bad:
            told = "; ".join(f"{n} {what}" for what, n in sorted(bad.items()))
            raise JobError(f"the release was not made: {told}; run `safelight verify`")
        return outcomes

    def _check_folder(self, objects: list[Copied]) -> None:
        """Fail if the folder holds what the manifest will not name."""
        folder = self._plan.folder.uri.rstrip("/")
        named = {f"{folder}/{name}" for name in (*(one.path for one in objects), MANIFEST)}
        strangers = [one for one in list_sources([folder]) if one.uri not in named]
        if strangers:
            raise JobError(
                f"the release was not made: its folder holds {len(strangers)} files that are not "
                "of it; remove them, or give another name"
            )

    def _tell(self, copied: int, there: int, size: int) -> None:
        print(
            json.dumps(
                {
                    "release": self._plan.name,
                    "objects": copied + there,
                    "copied": copied,
                    "skipped": there,
                    "bytes": size,
                    "seconds": round(time.time() - self._started, 3),
                }
            )
        )


_WELL = frozenset({WriteOutcome.NEW.value, WriteOutcome.SAME.value})


class _Copier:
    """Copies the objects of one partition; yields what came of each."""

    def __init__(self, folder: str):
        self._folder = folder

    def __call__(self, objects: Iterable[Copied]) -> Iterator[str]:
        folder = parse_uri(self._folder)
        for one in objects:
            try:
                data = read_object(one.source, None)
            except Refusal:
                yield "objects cannot be read"
                continue
            if hashlib.sha256(data).hexdigest() != one.sha256:
                yield "objects are not those that their rows speak of (SHA-256)"
                continue
            written = write_object(folder.child(one.path).uri, data, one.sha256)
            conflict = written is WriteOutcome.CONFLICT
            yield "objects stand there with another content" if conflict else written.value


def _manifest(objects: list[Copied]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_MANIFEST_COLUMNS)
    writer.writerows((one.path, *one.row) for one in objects)
    return text.getvalue()
