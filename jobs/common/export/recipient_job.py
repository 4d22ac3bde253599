"""Make a release that has pseudonyms of its own for one recipient, and append the next ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Optional

import pyarrow.dataset as ds

from jobs.common.cli.errors import JobError, UsageError
from jobs.common.cli.log import log_event
from jobs.common.delta.lease import Lease
from jobs.common.delta.table_set import Tables
from jobs.common.export.job import ExportJob
from jobs.common.export.patient_values import (
    OBJECT_KEYS,
    PatientProfile,
    count_population,
    find_common_descriptions,
    read_profiles,
)
from jobs.common.export.plan import ReleasePlan
from jobs.common.export.recipient_copying import (
    REWRITE,
    RecipientCopier,
    RewriteOutcome,
    SelectedObject,
    is_new,
)
from jobs.common.export.recipient_options import RecipientOptions
from jobs.common.export.recipient_publication import RecipientPublication
from jobs.common.export.release_risk import RiskAssessment, assess_population, assess_risk
from jobs.common.export.release_statement import ReleaseFacts
from jobs.common.export.verified_objects import CLEAN, describe_unverified
from jobs.common.export.withdrawn_patients import drop_withdrawn
from jobs.common.export.written_dates import read_written_dates
from jobs.common.run.preflight import is_inside
from jobs.common.storage.location import parse_uri
from jobs.common.storage.objects import delete_object, remove_partial_files
from safelight.releases.treatment import ReleaseTreatment
from safelight.rules.written_dates import WrittenDates

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, Row, SparkSession

_OBJECTS_PER_TASK = 64

#: Columns that identify a de-identified object.
_VERSION_KEYS = ["namespace", "sop_uid"]

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
        # A call that was killed may not have done so.
        RecipientPublication(self._plan, self._options, tables).write_current()
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
            released = self._read_released(tables)
            new = self._select_rows(tables)
            new = new.join(released.select(_VERSION_KEYS), _VERSION_KEYS, "left_anti").cache()
        try:
            self._release(tables, released, new)
        finally:  # a later frame of the same session would take the cached rows
            new.unpersist()

    def _release(self, tables: Tables, released: DataFrame, new: DataFrame) -> None:
        """Release the new objects of the patients that reach k.

        If the second pass refuses an object, the risk is assessed again without it.
        """
        rows = new.collect()
        objects = self._choose(rows)
        refused: Counter[str] = Counter()
        while objects:
            with self._observer.stage("ASSESS"):
                left_out = _list_keys(rows) - _list_keys(objects)
                profiles = self._read_profiles(tables, released, new, left_out)
                assessment = self._assess(tables, profiles, objects)
                chosen = [one for one in objects if one.patient_pseudonym in assessment.patients]
                if not chosen:
                    self._finish_without_release(
                        "all new patients are in classes below --k", assessment.held
                    )
                    return
                written = read_written_dates(tables, {one.run_id for one in chosen})
                treatment = self._decide_treatment(profiles, assessment, written)
            outcomes = self._rewrite(tables, chosen, treatment)
            rejected = {one.refused for one in outcomes if one.refused is not None}
            if not rejected:
                self._report_refused(refused)
                self._publish(tables, outcomes, assessment, refused, written)
                return
            refused.update(one.outcome for one in outcomes if one.refused is not None)
            self._remove_written(outcomes)
            objects = [one for one in objects if one not in rejected]
        self._report_refused(refused)
        clean = " that can be released" if self._unverified or refused else ""
        self._finish_without_release(f"the recipient has all selected objects{clean}", 0)

    def _choose(self, found: Sequence[Row]) -> list[SelectedObject]:
        """Return the new objects that may be released, each once, ordered.

        Raises
        ------
        UsageError
            If an object exists in several versions, or objects were not verified and no other
            object is left.
        """
        self._refuse_unverified(Counter(row.verification for row in found))
        rows = [row for row in found if self._plan.include_unverified or row.verification == CLEAN]
        for root in {row.output_root for row in rows}:
            if is_inside(self._plan.folder, parse_uri(root)):
                raise UsageError("--output is inside the output of a run; give another folder")
        objects: dict[tuple[str, str], SelectedObject] = {}
        for row in rows:
            one = SelectedObject(*(row[name] for name in SelectedObject._fields))
            if objects.setdefault((one.namespace, one.sop_uid), one).output_sha256 != (
                one.output_sha256
            ):
                raise UsageError(
                    "an object exists in several versions; select one by --rules, --namespace or "
                    "--where"
                )
        return sorted(objects.values())

    def _read_profiles(
        self,
        tables: Tables,
        released: DataFrame,
        new: DataFrame,
        left_out: set[tuple[str, str]],
    ) -> dict[str, PatientProfile]:
        """Return the values of the patients of earlier releases and of the new objects."""
        if left_out:
            rejected = tables.spark.createDataFrame(
                sorted(left_out), "run_id STRING, source_id STRING"
            )
            new = new.join(rejected, OBJECT_KEYS, "left_anti")
        columns = (*self._options.quasi_identifiers, self._options.sensitive)
        return read_profiles(tables.read("catalog"), released, new, columns)

    def _remove_written(self, outcomes: Sequence[RewriteOutcome]) -> None:
        """Remove what was written with objects that are left out now."""
        for one in outcomes:
            if one.released is not None:
                delete_object(self._plan.folder.child(one.released.path).uri)

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

    def _assess(
        self,
        tables: Tables,
        profiles: dict[str, PatientProfile],
        objects: Sequence[SelectedObject],
    ) -> RiskAssessment:
        """Return the patients whose new objects the recipient may get."""
        earlier = {
            patient: profile.earlier
            for patient, profile in profiles.items()
            if profile.earlier is not None
        }
        patients = {one.patient_pseudonym for one in objects}
        candidates = {patient: profiles[patient].union for patient in patients & profiles.keys()}
        return assess_risk(self._options, earlier, candidates, self._read_levels(tables))

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

    def _decide_treatment(
        self,
        profiles: dict[str, PatientProfile],
        assessment: RiskAssessment,
        written: WrittenDates,
    ) -> ReleaseTreatment:
        """Return the decisions that hold for all objects of the release."""
        options = self._options
        common = find_common_descriptions(
            profiles, assessment.patients, max(options.k, _MIN_DESCRIPTION_PATIENTS)
        )
        return ReleaseTreatment(
            assessment.levels, common, options.keep_private, options.dicomdir, written
        )

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
        written: WrittenDates,
    ) -> None:
        """Write the files of the release; its row in ``releases`` makes it exist."""
        options = self._options
        with self._observer.stage("STATE"):
            counts = count_population(tables.read("catalog"), options.quasi_identifiers)
            population = assess_population(options, assessment, counts)
        objects = [one.released for one in outcomes if one.released is not None]
        facts = ReleaseFacts(
            self._plan.name, options, assessment, population, refused,
            Counter() if self._plan.include_unverified else self._unverified, written,
        )  # fmt: skip
        publication = RecipientPublication(self._plan, options, tables)
        publication.publish(facts, objects, self._check_folder)
        self._observer.finish()
        copied = sum(map(is_new, outcomes))
        self._print_summary(
            copied, len(objects) - copied, sum(item.size for item in objects),
            unverified=self._unverified.total(), held=assessment.held, refused=refused.total(),
            k=assessment.after.k,
        )  # fmt: skip

    def _finish_without_release(self, cause: str, held: int) -> None:
        """End a call that has nothing to release."""
        more = f"; not clean: {describe_unverified(self._unverified)}" if self._unverified else ""
        log_event("no_release", f"{cause}{more}; no release was made", count=held)
        self._observer.finish()
        self._print_summary(0, 0, 0, unverified=self._unverified.total(), held=held)


def _list_keys(rows: Iterable[Row] | Iterable[SelectedObject]) -> set[tuple[str, str]]:
    """Return the columns that identify objects in ``catalog``."""
    return {(row.run_id, row.source_id) for row in rows}
