"""Make a release that has pseudonyms of its own for one recipient, and append the next ones."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Optional

import pyarrow as pa
import pyarrow.dataset as ds

from jobs.common.cli.errors import JobError, UsageError
from jobs.common.cli.log import log_event
from jobs.common.delta.lease import Lease
from jobs.common.delta.rows import ReleaseObjectRow, ReleaseRow
from jobs.common.delta.sql_literals import sql_literal
from jobs.common.delta.table import DeltaFolder
from jobs.common.delta.table_set import Tables
from jobs.common.export.job import ExportJob, format_manifest
from jobs.common.export.patient_values import (
    OBJECT_KEYS,
    find_common_descriptions,
    read_patient_values,
)
from jobs.common.export.plan import ReleasePlan
from jobs.common.export.recipient_catalog import catalog_schema, encode_parquet, make_catalog
from jobs.common.export.recipient_copying import (
    REWRITE,
    RecipientCopier,
    ReleasedObject,
    RewriteOutcome,
    SelectedObject,
    is_new,
)
from jobs.common.export.recipient_options import RecipientOptions
from jobs.common.export.release_manifest import MANIFEST_NAME
from jobs.common.export.release_risk import RiskAssessment, assess_risk
from jobs.common.export.release_statement import STATEMENT_NAME, make_statement
from jobs.common.export.withdrawn_patients import drop_withdrawn
from jobs.common.run.preflight import is_inside
from jobs.common.storage.location import parse_uri
from jobs.common.storage.objects import (
    delete_object,
    remove_partial_files,
    write_object,
    write_text,
)
from safelight.releases.object_rewriter import ReleaseTreatment
from safelight.version import VERSION

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

#: Catalog of one release, in its folder, and of all releases to a recipient, beside them.
CATALOG_NAME = "catalog.parquet"
RECIPIENT_CATALOG = "catalog"

#: File that lists the releases that a recipient has. It is replaced as a whole.
CURRENT_NAME = "current.json"

_OBJECTS_PER_TASK = 64

#: Smallest number of patients that share a description which is not removed.
_MIN_DESCRIPTION_PATIENTS = 2


class RecipientExportJob(ExportJob):
    """One export to a recipient.

    Parameters
    ----------
    plan : ReleasePlan
        Checked arguments.
    options : RecipientOptions
        Checked options of the recipient.
    """

    def __init__(self, plan: ReleasePlan, options: RecipientOptions):
        super().__init__(plan)
        self._options = options

    def _open_tables(self, spark: Callable[[], SparkSession], lease: Lease) -> Tables:
        return Tables(spark, self._plan.tables, self._options.restricted, lease)

    def _is_made(self, tables: Tables) -> bool:
        if not super()._is_made(tables):
            return False
        self._write_current(tables)  # a call that was killed may not have done so
        return True

    @property
    def _row_condition(self) -> ds.Expression:
        return (ds.field("release") == self._plan.name) & (
            ds.field("recipient") == self._options.recipient
        )

    def _make(self, tables: Tables) -> None:
        """Select, assess, rewrite and publish the objects that the recipient does not have."""
        with self._observer.stage("SELECT"):
            self._observer.attach(tables.spark.sparkContext)
            released = self._read_released(tables).cache()
            new = self._select_new(tables, released).cache()
        try:
            self._release(tables, released, new)
        finally:  # a later frame of the same session would take the cached rows
            released.unpersist()
            new.unpersist()

    def _release(self, tables: Tables, released: DataFrame, new: DataFrame) -> None:
        """Release the new objects of the patients that reach k.

        If the second pass refuses an object, the risk is assessed again without it.
        """
        refused: Counter[str] = Counter()
        while True:
            if not new.head(1):
                self._finish_without_release("no_new_objects", 0)
                return
            with self._observer.stage("ASSESS"):
                assessment = self._assess(tables, released, new)
                chosen = self._collect(new, assessment)
                if not chosen:
                    self._finish_without_release("all_held_back", assessment.held)
                    return
                treatment = self._decide_treatment(tables, released, new, assessment)
            outcomes = self._rewrite(tables, chosen, treatment)
            rejected = [one for one in outcomes if one.refused is not None]
            if not rejected:
                break
            refused.update(one.outcome for one in rejected)
            new = self._leave_out(tables, new, outcomes)
        self._report_refused(refused)
        self._publish(tables, outcomes, assessment, refused)

    def _leave_out(
        self, tables: Tables, new: DataFrame, outcomes: Sequence[RewriteOutcome]
    ) -> DataFrame:
        """Return the new objects without the refused ones, and remove what was written."""
        for one in outcomes:
            if one.released is not None:
                delete_object(self._plan.folder.child(one.released.path).uri)
        keys = [
            (one.refused.namespace, one.refused.sop_uid)
            for one in outcomes
            if one.refused is not None
        ]
        columns = ["namespace", "sop_uid"]
        rejected = tables.spark.createDataFrame(keys, "namespace STRING, sop_uid STRING")
        return new.join(rejected, columns, "left_anti")

    def _report_refused(self, refused: Counter[str]) -> None:
        """Report the objects that the second pass refused."""
        if not refused:
            return
        reasons = "; ".join(f"{n} {reason}" for reason, n in sorted(refused.items()))
        log_event(
            "objects_refused",
            f"the release was made without these objects: {reasons}",
            count=refused.total(),
        )

    def _read_released(self, tables: Tables) -> DataFrame:
        """Return the objects of complete earlier releases to the recipient."""
        from pyspark.sql import functions as F

        made = tables.read("releases").where(F.col("recipient") == self._options.recipient)
        objects = tables.read("release_objects")
        objects = objects.where(F.col("recipient") == self._options.recipient)
        return drop_withdrawn(tables, objects.join(made.select("release"), "release", "left_semi"))

    def _select_new(self, tables: Tables, released: DataFrame) -> DataFrame:
        """Return the selected rows of ``instances`` that the recipient does not have.

        Raises
        ------
        UsageError
            If an object exists in several versions.
        """
        from pyspark.sql import functions as F

        keys = ["namespace", "sop_uid"]
        rows = self._select_rows(tables).join(released.select(keys), keys, "left_anti")
        versions = rows.groupBy(keys).agg(
            F.min("output_sha256").alias("first"), F.max("output_sha256").alias("last")
        )
        if versions.where("first <> last").head(1):
            raise UsageError(
                "an object exists in several versions; select one by --rules, --namespace or "
                "--where"
            )
        for row in rows.select("output_root").distinct().collect():
            if is_inside(self._plan.folder, parse_uri(row.output_root)):
                raise UsageError("--output is inside the output of a run; give another folder")
        return rows.dropDuplicates(keys)

    def _assess(self, tables: Tables, released: DataFrame, new: DataFrame) -> RiskAssessment:
        """Return the patients whose new objects the recipient may get."""
        options, catalog = self._options, tables.read("catalog")
        columns = (*options.quasi_identifiers, options.sensitive)
        earlier = read_patient_values(catalog, released, columns)
        both = released.select(OBJECT_KEYS).unionByName(new.select(OBJECT_KEYS))
        union = read_patient_values(catalog, both, columns)
        patients = {row[0] for row in new.select("patient_pseudonym").distinct().collect()}
        candidates = {patient: union[patient] for patient in patients if patient in union}
        return assess_risk(options, earlier, candidates, self._read_levels(tables))

    def _read_levels(self, tables: Tables) -> Optional[dict[str, int]]:
        """Return the levels of the first release to the recipient; None before it.

        Raises
        ------
        UsageError
            If the first release had other quasi-identifiers.
        """
        columns = ["released_at", "levels", "parameters"]
        condition = ds.field("recipient") == self._options.recipient
        rows = list(tables.rows("releases", columns, condition))
        if not rows:
            return None
        first = min(rows, key=lambda row: row["released_at"])
        if (
            dict(first["parameters"])["quasi_identifiers"]
            != self._options.parameters["quasi_identifiers"]
        ):
            raise UsageError(
                "the first release to this recipient had other quasi-identifiers; give the same "
                "--quasi-identifiers, or another --recipient"
            )
        return dict(first["levels"])

    def _collect(self, new: DataFrame, assessment: RiskAssessment) -> list[SelectedObject]:
        """Return the new objects of the chosen patients."""
        rows = new.select(*SelectedObject._fields).collect()
        objects = (SelectedObject(*row) for row in rows)
        return sorted(one for one in objects if one.patient_pseudonym in assessment.patients)

    def _decide_treatment(
        self, tables: Tables, released: DataFrame, new: DataFrame, assessment: RiskAssessment
    ) -> ReleaseTreatment:
        """Return the decisions that hold for all objects of the release."""
        spark = tables.spark
        chosen = spark.createDataFrame(
            [(patient,) for patient in sorted(assessment.patients)], "patient_pseudonym STRING"
        )
        objects = released.select(OBJECT_KEYS).unionByName(
            new.join(chosen, "patient_pseudonym", "left_semi").select(OBJECT_KEYS)
        )
        common = find_common_descriptions(
            tables.read("catalog"), objects, max(self._options.k, _MIN_DESCRIPTION_PATIENTS)
        )
        return ReleaseTreatment(assessment.levels, common, self._options.keep_private)

    def _rewrite(
        self, tables: Tables, chosen: Sequence[SelectedObject], treatment: ReleaseTreatment
    ) -> list[RewriteOutcome]:
        """Rewrite all objects and return their outcomes.

        Raises
        ------
        JobError
            If an object is missing or differs from its row.
        """
        options, context = self._options, tables.spark.sparkContext
        slices = max(1, -(-len(chosen) // _OBJECTS_PER_TASK))
        copier = RecipientCopier(
            self._plan.folder.uri, options.key, options.recipient, treatment,
            self._observer.address,
        )  # fmt: skip
        size = sum(item.output_bytes for item in chosen)
        self._observer.expect(len(chosen), size)
        with self._observer.stage(REWRITE, tasks=slices, objects=len(chosen), size=size):
            outcomes = context.parallelize(chosen, slices).mapPartitions(copier).collect()
        remove_partial_files(self._plan.folder)
        failed = Counter(
            one.outcome for one in outcomes if one.released is None and one.refused is None
        )
        if failed:
            reasons = "; ".join(f"{n} {outcome}" for outcome, n in sorted(failed.items()))
            raise JobError(f"the release was not made: {reasons}; run `safelight verify`")
        return outcomes

    def _publish(
        self,
        tables: Tables,
        outcomes: Sequence[RewriteOutcome],
        assessment: RiskAssessment,
        refused: Counter[str],
    ) -> None:
        """Write the files of the release; its row in ``releases`` makes it exist."""
        plan, options = self._plan, self._options
        released = (one.released for one in outcomes if one.released is not None)
        objects = sorted(released, key=lambda item: item.path)
        manifest = format_manifest(
            (
                item.path, item.sha256, item.size, item.attributes.get("sop_class_uid", ""),
                item.attributes.get("modality", ""), item.patient, item.study_uid, item.series_uid,
                item.sop_uid,
            )
            for item in objects
        )  # fmt: skip
        digest = hashlib.sha256(manifest.encode()).hexdigest()
        catalog = make_catalog(plan.name, objects)
        data = encode_parquet(catalog)
        statement = make_statement(
            plan.name, options, assessment, objects, self._read_rules(tables, objects), digest,
            refused,
        )  # fmt: skip
        names = (MANIFEST_NAME, STATEMENT_NAME, CATALOG_NAME)
        self._check_folder([item.path for item in objects], names)
        write_object(
            plan.folder.child(CATALOG_NAME).uri, data, hashlib.sha256(data).hexdigest(),
            replace=True, content_type="application/vnd.apache.parquet",
        )  # fmt: skip
        write_text(plan.folder.child(STATEMENT_NAME), statement)
        write_text(plan.folder.child(MANIFEST_NAME), manifest)
        self._record_objects(tables, objects)
        self._append_catalog(tables, catalog)
        size = sum(item.size for item in objects)
        tables.append_rows(
            [
                ReleaseRow(
                    release=plan.name,
                    released_at=datetime.now(timezone.utc),
                    parameters=plan.parameters,
                    objects=len(objects),
                    bytes=size,
                    manifest_sha256=digest,
                    software_version=VERSION,
                    recipient=options.recipient,
                    levels=dict(assessment.levels),
                    patients_held=assessment.held,
                    statement_sha256=hashlib.sha256(statement.encode()).hexdigest(),
                )
            ]
        )
        self._write_current(tables)
        self._observer.finish()
        copied = sum(map(is_new, outcomes))
        self._print_summary(
            copied, len(objects) - copied, size, held=assessment.held, refused=refused.total(),
            k=assessment.after.k,
        )  # fmt: skip

    def _read_rules(
        self, tables: Tables, objects: Sequence[ReleasedObject]
    ) -> list[tuple[str, str]]:
        """Return the names and hashes of the rules of the first pass."""
        runs = sorted({item.selected.run_id for item in objects})
        rows = tables.read("instances").where(f"run_id IN ({', '.join(map(sql_literal, runs))})")
        found = rows.select("rules_name", "rules_hash").distinct().collect()
        return sorted((row.rules_name, row.rules_hash) for row in found)

    def _record_objects(self, tables: Tables, objects: Sequence[ReleasedObject]) -> None:
        """Record which object of the recipient was made from which; replace what a kill left."""
        options, name = self._options, self._plan.name
        if tables.exists("release_objects"):
            tables.delete("release_objects", self._condition)
        tables.append_rows(
            [
                ReleaseObjectRow(
                    release=name,
                    recipient=options.recipient,
                    run_id=item.selected.run_id,
                    source_id=item.selected.source_id,
                    namespace=item.selected.namespace,
                    patient_pseudonym=item.selected.patient_pseudonym,
                    sop_uid=item.selected.sop_uid,
                    released_path=item.path,
                    released_sha256=item.sha256,
                    released_sop_uid=item.sop_uid,
                    released_patient=item.patient,
                )
                for item in objects
            ]
        )

    def _append_catalog(self, tables: Tables, catalog: pa.Table) -> None:
        """Append to the catalog of all releases to the recipient; replace what a kill left."""
        tables.check_lease()
        folder = DeltaFolder(self._options.folder.child(RECIPIENT_CATALOG))
        if folder.exists:
            folder.delete_rows(f"release = {sql_literal(self._plan.name)}")
        folder.evolve(catalog_schema())
        folder.append(catalog)

    def _write_current(self, tables: Tables) -> None:
        """List the releases to the recipient in one file, which is replaced as a whole."""
        columns = ["release", "released_at", "objects", "manifest_sha256"]
        condition = ds.field("recipient") == self._options.recipient
        rows = sorted(
            tables.rows("releases", columns, condition), key=lambda row: row["released_at"]
        )
        releases = [
            {
                "release": row["release"],
                "released_at": row["released_at"].isoformat(),
                "objects": row["objects"],
                "manifest": f"{row['release']}/{MANIFEST_NAME}",
                "manifest_sha256": row["manifest_sha256"],
            }
            for row in rows
        ]
        current = {"recipient": self._options.recipient, "releases": releases}
        text = json.dumps(current, indent=2) + "\n"
        write_text(self._options.folder.child(CURRENT_NAME), text)

    @property
    def _condition(self) -> str:
        """SQL condition of the rows of this release."""
        return (
            f"release = {sql_literal(self._plan.name)} AND "
            f"recipient = {sql_literal(self._options.recipient)}"
        )

    def _finish_without_release(self, event: str, held: int) -> None:
        """End a call that has nothing to release."""
        messages = {
            "no_new_objects": "the recipient has all selected objects; no release was made",
            "all_held_back": "all new patients are in classes below --k; no release was made",
        }
        log_event(event, messages[event], count=held)
        self._observer.finish()
        self._print_summary(0, 0, 0, held=held)
