"""Make a release: select objects, copy them, write the manifest and record the release once."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timezone
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from jobs.common.cli.errors import JobError, UsageError
from jobs.common.cli.exit_codes import ExitCode
from jobs.common.delta.arrow_rows import arrow_schema, spark_schema
from jobs.common.delta.lease import Lease, hold_lease
from jobs.common.delta.rows import ReleaseRow
from jobs.common.delta.tables.table_set import Tables
from jobs.common.delta.withdrawn_patients import drop_withdrawn
from jobs.common.export.copying import COPIED_OUTCOMES, COPY, CopyOutcome, ObjectCopier
from jobs.common.export.plan import ReleasePlan
from jobs.common.export.release.manifest import (
    INSTANCE_COLUMNS,
    ManifestWriter,
    hash_manifest,
)
from jobs.common.export.verified_objects import (
    CLEAN,
    NOT_VERIFIED,
    add_verification,
    count_unverified,
    describe_unverified,
    report_unverified,
)
from jobs.common.observe.observer import Observer
from jobs.common.run.failures import describe_failure
from jobs.common.run.preflight import is_inside
from jobs.common.sources.location_listing import list_location
from jobs.common.spark.cluster_check import ClusterNeeds
from jobs.common.spark.local_frames import iterate_tables
from jobs.common.spark.session import lazy_session
from jobs.common.storage.backend import WriteOutcome
from jobs.common.storage.location import parse_uri
from jobs.common.storage.objects import remove_partial_files, write_file
from safelight.records import Status
from safelight.releases.file_names import MANIFEST_NAME
from safelight.version import VERSION

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_OBJECTS_PER_TASK = 64


#: Further columns of ``instances``, and the outcome of the verification.
_SELECTED_COLUMNS = (
    "output_uri", "output_root", "namespace", "stages", "rules_name", "rules_hash", "verification",
    "verification_scope",
)  # fmt: skip


@dataclass(frozen=True)
class _SelectedObjects:
    """Objects of a release, in the cluster.

    Attributes
    ----------
    frame : DataFrame
        One row per object, persisted: columns of ``instances``, and ``path`` below the folder.
    count, size : int
        Number of objects, and of their bytes.
    """

    frame: DataFrame
    count: int
    size: int


class ExportJob:
    """One export.

    Parameters
    ----------
    plan : ReleasePlan
        Checked arguments.
    """

    def __init__(self, plan: ReleasePlan):
        self._plan = plan
        self._started = time.time()
        self._observer = Observer("export")
        self._unverified: Counter[str] = Counter()

    def run(self) -> int:
        """Make the release, or find it made, and print the last line.

        Raises
        ------
        UsageError, JobError
            If the release cannot be made.
        """
        plan = self._plan
        needs = ClusterNeeds((("--tables", plan.tables),))
        with self._observer, hold_lease(plan.tables, plan.lease_table) as lease:
            with lazy_session("export", plan.master, plan.settings, needs) as spark:
                tables = self._open_tables(spark, lease)
                tables.evolve(["releases"])
                if not self._is_made(tables):
                    try:
                        self._make(tables)
                    except (UsageError, JobError):
                        raise
                    except Exception as error:
                        cause = describe_failure(error, "the release was not made")
                        raise JobError(cause) from None
        return ExitCode.DONE

    def _open_tables(self, spark: Callable[[], SparkSession], lease: Lease) -> Tables:
        """Return the tables of the export."""
        return Tables(spark, self._plan.tables, lease=lease)

    def _is_made(self, tables: Tables) -> bool:
        """Return whether the release has a row and the manifest of that row."""
        plan = self._plan
        columns = ["parameters", "objects", "bytes", "manifest_sha256"]
        rows = list(tables.rows("releases", columns, self._row_condition))
        if not rows:
            return False
        if dict(rows[0]["parameters"]) != plan.parameters:
            raise UsageError(
                f"release {plan.name} was made with other arguments; give another name"
            )
        if hash_manifest(plan.folder) != rows[0]["manifest_sha256"]:
            raise JobError(
                f"release {plan.name} was made, but its manifest is missing or differs; restore "
                "it, or give another name"
            )
        self._observer.finish()
        self._print_summary(0, rows[0]["objects"], rows[0]["bytes"])
        return True

    @property
    def _row_condition(self) -> ds.Expression:
        """Condition of the row of this release in ``releases``."""
        return (ds.field("release") == self._plan.name) & ds.field("recipient").is_null()

    def _make(self, tables: Tables) -> None:
        """Copy the selected objects, write the manifest and add the row."""
        plan = self._plan
        with self._observer.stage("SELECT"):
            self._observer.attach(tables.spark.sparkContext)
            objects = self._select_objects(tables)
        try:
            outcomes = self._copy(objects)
            self._check_folder(objects.count, [MANIFEST_NAME])
            manifest_sha256 = self._write_manifest(objects)
        finally:  # a later frame of the same session would take the persisted rows
            objects.frame.unpersist()
        row = ReleaseRow(
            release=plan.name,
            released_at=datetime.now(timezone.utc),
            parameters=plan.parameters,
            objects=objects.count,
            bytes=objects.size,
            manifest_sha256=manifest_sha256,
            software_version=VERSION,
        )
        tables.append_rows([row])
        self._observer.finish()
        self._print_summary(
            outcomes[WriteOutcome.NEW.value], outcomes[WriteOutcome.SAME.value], objects.size,
            unverified=self._unverified.total(),
        )  # fmt: skip

    def _write_manifest(self, objects: _SelectedObjects) -> str:
        """Write the manifest and return its SHA-256; the driver holds a part of it."""
        rows = objects.frame.orderBy("path").select("path", *INSTANCE_COLUMNS)
        with NamedTemporaryFile(prefix="safelight-manifest-") as file:
            manifest = ManifestWriter(file)
            for table in iterate_tables(rows):
                manifest.add_table(table)
            file.flush()
            write_file(self._plan.folder.child(MANIFEST_NAME), file.name)
        return manifest.sha256

    def _select_objects(self, tables: Tables) -> _SelectedObjects:
        """Return the objects of the release, each once.

        Raises
        ------
        UsageError
            If there are none, or an object exists in several versions.
        """
        from pyspark import StorageLevel
        from pyspark.sql import functions as F

        rows = self._select_rows(tables).withColumn(
            "path", F.concat(F.concat_ws("/", "study_uid", "series_uid", "sop_uid"), F.lit(".dcm"))
        )
        rows = rows.persist(StorageLevel.DISK_ONLY)
        try:
            if rows.isEmpty():
                raise UsageError("no de-identified object meets these conditions")
            kept = self._keep_verified(rows)
            self._check_rows(kept, ["path"])
            objects = kept.dropDuplicates(["path"]).persist(StorageLevel.DISK_ONLY)
            totals = objects.agg(
                F.count(F.lit(1)).alias("count"), F.coalesce(F.sum("output_bytes"), F.lit(0))
            ).first()
        finally:
            rows.unpersist()
        assert totals is not None
        if not totals[0]:
            raise UsageError(
                f"no selected object is clean ({describe_unverified(self._unverified)}); see the "
                "report of `safelight verify`, or give --include-unverified"
            )
        return _SelectedObjects(objects, int(totals[0]), int(totals[1]))

    def _keep_verified(self, rows: DataFrame) -> DataFrame:
        """Return the rows that may be released, and report the objects that are left out.

        Raises
        ------
        UsageError
            If objects were not verified, and no other object is left.
        """
        from pyspark.sql import functions as F

        counted = rows.groupBy("verification").count().collect()
        self._refuse_unverified(
            Counter({row["verification"]: int(row["count"]) for row in counted})
        )
        if self._plan.include_unverified:
            return rows
        return rows.where(F.col("verification") == CLEAN)

    def _check_rows(self, rows: DataFrame, keys: list[str]) -> None:
        """Raise if rows disagree about an object, or the release is inside an output.

        Parameters
        ----------
        rows : DataFrame
            Rows of ``instances``.
        keys : list of str
            Columns that identify an object.

        Raises
        ------
        UsageError
        """
        from pyspark.sql import functions as F

        for row in rows.select("output_root").distinct().collect():
            if is_inside(self._plan.folder, parse_uri(row["output_root"])):
                raise UsageError("--output is inside the output of a run; give another folder")
        versions = rows.groupBy(*keys).agg(
            F.min("output_sha256").alias("first"), F.max("output_sha256").alias("last")
        )
        if versions.where("first <> last").head(1):
            raise UsageError(
                "an object exists in several versions; select one by --rules, --namespace or "
                "--where"
            )

    def _select_rows(self, tables: Tables) -> DataFrame:
        """Return the rows of ``instances`` that meet all conditions."""
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
                    f"--where is not a condition over the columns of `catalog`: {names}"
                ) from None
        rows = tables.read("instances").where(F.col("status") == Status.DEIDENTIFIED.value)
        if plan.rules_hash:
            rows = rows.where(F.col("rules_hash") == plan.rules_hash)
        if plan.namespace:
            rows = rows.where(F.col("namespace") == plan.namespace)
        if plan.modalities:
            rows = rows.where(F.col("modality").isin(*plan.modalities))
        keys = ["run_id", "source_id"]
        rows = rows.join(catalog.select(keys).distinct(), keys, "left_semi")
        rows = add_verification(tables, drop_withdrawn(tables, rows))
        return rows.select(*keys, *_SELECTED_COLUMNS, *INSTANCE_COLUMNS)

    def _refuse_unverified(self, outcomes: Counter[str]) -> None:
        """Report the objects that a release leaves out, because they were not found clean.

        Parameters
        ----------
        outcomes : Counter of str
            Number of the selected objects by the outcome of their verification.

        Raises
        ------
        UsageError
            If objects were not verified, and no other object is left.
        """
        self._unverified = count_unverified(outcomes)
        if self._plan.include_unverified:
            return
        if not outcomes[CLEAN] and self._unverified[NOT_VERIFIED]:
            raise UsageError(
                "no selected object was found clean by `safelight verify` since it was made "
                f"({describe_unverified(self._unverified)}); verify the output first, or give "
                "--include-unverified"
            )
        report_unverified(self._unverified)

    def _copy(self, objects: _SelectedObjects) -> Counter[str]:
        """Copy all objects and count the outcomes.

        Raises
        ------
        JobError
            If an object could not be copied as it is recorded.
        """
        slices = max(1, -(-objects.count // _OBJECTS_PER_TASK))
        copier = ObjectCopier(self._plan.folder.uri, self._observer.address)
        items = objects.frame.selectExpr(
            "output_uri AS source", "path", "output_sha256 AS sha256", "output_bytes AS size"
        )
        copied = items.repartition(slices).mapInArrow(
            copier, spark_schema(arrow_schema(CopyOutcome))
        )
        self._observer.expect(objects.count, objects.size)
        with self._observer.stage(COPY, tasks=slices, objects=objects.count, size=objects.size):
            counted = copied.groupBy("outcome").count().collect()
        outcomes = Counter({row["outcome"]: int(row["count"]) for row in counted})
        remove_partial_files(self._plan.folder)
        failed = {outcome: n for outcome, n in outcomes.items() if outcome not in COPIED_OUTCOMES}
        if failed:
            reasons = "; ".join(f"{n} {outcome}" for outcome, n in sorted(failed.items()))
            raise JobError(f"the release was not made: {reasons}; run `safelight verify`")
        return outcomes

    def _check_folder(self, objects: int, names: Iterable[str]) -> None:
        """Raise if the folder holds other files than the written objects and named files.

        Parameters
        ----------
        objects : int
            Number of objects that were written.
        names : iterable of str
            Names of the files of the release besides its objects.

        Raises
        ------
        JobError
        """
        folder = parse_uri(self._plan.folder.uri)
        found = list_location(folder).table["uri"]
        named = pa.array([folder.child(name).uri for name in names])
        others = len(found) - (pc.sum(pc.is_in(found, named)).as_py() or 0) - objects
        if others:
            raise JobError(
                f"the release was not made: its folder holds {others} other files; remove "
                "them, or give another name"
            )

    def _print_summary(self, copied: int, skipped: int, size: int, **more: int) -> None:
        """Print the last line of the command."""
        summary: dict[str, object] = {
            "release": self._plan.name,
            "objects": copied + skipped,
            "copied": copied,
            "skipped": skipped,
            "bytes": size,
            **more,
            "seconds": round(time.time() - self._started, 3),
        }
        print(json.dumps(summary))
