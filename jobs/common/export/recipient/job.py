"""Make a release that has pseudonyms of its own for one recipient, and append the next ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import ExitStack
from typing import TYPE_CHECKING, NamedTuple, Optional

import pyarrow.dataset as ds

from jobs.common.cli.errors import JobError, UsageError
from jobs.common.cli.log import log_event
from jobs.common.delta.arrow_rows import arrow_schema, spark_schema
from jobs.common.delta.lease import Lease
from jobs.common.delta.tables.table_set import Tables
from jobs.common.delta.withdrawn_patients import drop_withdrawn
from jobs.common.export.copying import COPIED_OUTCOMES
from jobs.common.export.job import ExportJob
from jobs.common.export.patient_values import (
    OBJECT_KEYS,
    PatientProfile,
    count_population,
    find_common_descriptions,
    read_modality,
    read_profiles,
)
from jobs.common.export.plan import ReleasePlan
from jobs.common.export.recipient.catalog import catalog_schema
from jobs.common.export.recipient.copying import REWRITE, RecipientCopier
from jobs.common.export.recipient.options import RecipientOptions
from jobs.common.export.recipient.publication import RecipientPublication
from jobs.common.export.recipient.rows import SelectedObject, outcome_schema
from jobs.common.export.release.risk import (
    ReleasablePart,
    RiskAssessment,
    assess_population,
    assess_risk,
)
from jobs.common.export.release.statement import ReleaseFacts
from jobs.common.export.verified_objects import describe_unverified
from jobs.common.export.written_values import WrittenValues, read_written_values
from jobs.common.spark.local_frames import iterate_tables
from jobs.common.storage.backend import WriteOutcome
from jobs.common.storage.objects import delete_object, remove_partial_files
from safelight.releases.treatment import ReleaseTreatment

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

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
        with ExitStack() as frames:
            with self._observer.stage("SELECT"):
                self._observer.attach(tables.spark.sparkContext)
                released = self._read_released(tables)
                new = self._select_rows(tables)
                new = new.join(released.select(_VERSION_KEYS), _VERSION_KEYS, "left_anti")
                objects = _persist(self._choose(_persist(new, frames)), frames)
            self._release(tables, released, objects, frames)

    def _release(
        self, tables: Tables, released: DataFrame, objects: DataFrame, frames: ExitStack
    ) -> None:
        """Release the new objects of the patients that reach k.

        If the second pass refuses an object, the risk is assessed again without it.
        """
        refused: Counter[str] = Counter()
        while patients := _list_patients(objects):
            with self._observer.stage("ASSESS"):
                profiles = self._read_profiles(tables, released, objects)
                assessment = self._assess(tables, profiles, patients)
                if not assessment.patients:
                    self._finish_without_release(
                        "all new patients are in classes below --k", assessment.held
                    )
                    return
                chosen = _select_patients(objects, assessment.patients)
                chosen = _drop_withheld_parts(
                    chosen, tables.read("catalog"), profiles, assessment.parts
                )
                run_ids = {row["run_id"] for row in chosen.select("run_id").distinct().collect()}
                written = read_written_values(tables, run_ids)
                treatment = self._decide_treatment(profiles, assessment, written)
            outcomes, counts = self._rewrite(chosen, treatment, frames)
            if not counts.refused:
                self._report_refused(refused)
                self._publish(tables, outcomes, counts, assessment, refused, written)
                return
            refused += counts.refused
            self._remove_written(outcomes)
            rejected = outcomes.where("is_refused").select("selected.*").select(*OBJECT_KEYS)
            objects = _persist(objects.join(rejected, OBJECT_KEYS, "left_anti"), frames)
        self._report_refused(refused)
        clean = " that can be released" if self._unverified or refused else ""
        self._finish_without_release(f"the recipient has all selected objects{clean}", 0)

    def _choose(self, new: DataFrame) -> DataFrame:
        """Return the new objects that may be released, each once.

        Raises
        ------
        UsageError
            If an object exists in several versions, or objects were not verified and no other
            object is left.
        """
        from pyspark.sql import functions as F

        kept = self._keep_verified(new)
        self._check_rows(kept, _VERSION_KEYS)
        fields = arrow_schema(SelectedObject).names
        first = kept.groupBy(*_VERSION_KEYS).agg(F.min(F.struct(*fields)).alias("first"))
        return first.select("first.*")

    def _read_profiles(
        self, tables: Tables, released: DataFrame, new: DataFrame
    ) -> dict[str, PatientProfile]:
        """Return the values of the patients of earlier releases and of the new objects."""
        columns = (*self._options.quasi_identifiers, self._options.sensitive)
        return read_profiles(tables.read("catalog"), released, new, columns)

    def _remove_written(self, outcomes: DataFrame) -> None:
        """Remove what was written with objects that are left out now."""
        for row in outcomes.where("path IS NOT NULL").select("path").toLocalIterator():
            delete_object(self._plan.folder.child(row["path"]).uri)

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
        patients: AbstractSet[str],
    ) -> RiskAssessment:
        """Return the patients whose new objects the recipient may get."""
        earlier = {
            patient: profile.earlier.values
            for patient, profile in profiles.items()
            if profile.earlier is not None
        }
        candidates = {
            patient: profiles[patient].join(profiles[patient].parts).values
            for patient in patients & profiles.keys()
        }

        def list_parts(patient: str) -> Iterator[ReleasablePart]:
            for modalities in profiles[patient].list_subsets():
                yield ReleasablePart(modalities, profiles[patient].join(modalities).values)

        return assess_risk(
            self._options, earlier, candidates, self._read_levels(tables), list_parts
        )

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
        written: WrittenValues,
    ) -> ReleaseTreatment:
        """Return the decisions that hold for all objects of the release."""
        options = self._options
        chosen = {
            patient: assessment.parts.get(patient, frozenset(profiles[patient].parts))
            for patient in assessment.patients
        }
        common = find_common_descriptions(
            profiles, chosen, max(options.k, _MIN_DESCRIPTION_PATIENTS)
        )
        return ReleaseTreatment(
            assessment.levels, common, options.keep_private, options.dicomdir, written.dates,
            written.texts,
        )  # fmt: skip

    def _rewrite(
        self, chosen: DataFrame, treatment: ReleaseTreatment, frames: ExitStack
    ) -> tuple[DataFrame, _OutcomeCounts]:
        """Rewrite all objects; return the rows of the outcomes and their numbers.

        Raises
        ------
        JobError
            If an object is missing or differs from its row.
        """
        from pyspark.sql import functions as F

        options, plan = self._options, self._plan
        totals = chosen.agg(F.count(F.lit(1)), F.coalesce(F.sum("output_bytes"), F.lit(0))).first()
        assert totals is not None
        count, size = int(totals[0]), int(totals[1])
        copier = RecipientCopier(
            plan.name, plan.folder.uri, options.key, options.recipient, treatment,
            self._observer.address,
        )  # fmt: skip
        slices = max(1, -(-count // _OBJECTS_PER_TASK))
        columns = spark_schema(outcome_schema(catalog_schema()))
        outcomes = _persist(chosen.repartition(slices).mapInArrow(copier, columns), frames)
        self._observer.expect(count, size)
        with self._observer.stage(REWRITE, tasks=slices, objects=count, size=size):
            counted = outcomes.groupBy("outcome", "is_refused").count().collect()
        remove_partial_files(plan.folder)
        counts = _OutcomeCounts(Counter(), Counter(), Counter())
        for row in counted:
            counts.of(row["outcome"], row["is_refused"])[row["outcome"]] += int(row["count"])
        if counts.failed:
            reasons = "; ".join(f"{n} {outcome}" for outcome, n in sorted(counts.failed.items()))
            raise JobError(f"the release was not made: {reasons}; run `safelight verify`")
        return outcomes, counts

    def _publish(
        self,
        tables: Tables,
        outcomes: DataFrame,
        counts: _OutcomeCounts,
        assessment: RiskAssessment,
        refused: Counter[str],
        written: WrittenValues,
    ) -> None:
        """Write the files of the release; its row in ``releases`` makes it exist."""
        options = self._options
        with self._observer.stage("STATE"):
            catalog = count_population(tables.read("catalog"), options.quasi_identifiers)
            population = assess_population(options, assessment, catalog)
        facts = ReleaseFacts(
            self._plan.name, options, assessment, population, refused,
            Counter() if self._plan.include_unverified else self._unverified, written,
        )  # fmt: skip
        publication = RecipientPublication(self._plan, options, tables)
        rows = iterate_tables(outcomes.orderBy("path"))
        totals = publication.publish(facts, rows, self._check_folder)
        self._observer.finish()
        copied = counts.written[WriteOutcome.NEW.value]
        self._print_summary(
            copied, totals.objects - copied, totals.size,
            unverified=self._unverified.total(), held=assessment.held, refused=refused.total(),
            k=assessment.after.k,
        )  # fmt: skip

    def _finish_without_release(self, cause: str, held: int) -> None:
        """End a call that has nothing to release."""
        more = f"; not clean: {describe_unverified(self._unverified)}" if self._unverified else ""
        log_event("no_release", f"{cause}{more}; no release was made", count=held)
        self._observer.finish()
        self._print_summary(0, 0, 0, unverified=self._unverified.total(), held=held)


class _OutcomeCounts(NamedTuple):
    """Number of objects by outcome.

    Attributes
    ----------
    written, refused, failed : Counter of str
        Objects that were written, objects that the second pass refused, and others.
    """

    written: Counter[str]
    refused: Counter[str]
    failed: Counter[str]

    def of(self, outcome: str, is_refused: bool) -> Counter[str]:
        """Return the counter of an outcome."""
        if is_refused:
            return self.refused
        return self.written if outcome in COPIED_OUTCOMES else self.failed


def _persist(frame: DataFrame, frames: ExitStack) -> DataFrame:
    """Return a frame that is computed once, and kept on disk until the stack is closed.

    A later frame of the same session would take the persisted rows.
    """
    from pyspark import StorageLevel

    frame = frame.persist(StorageLevel.DISK_ONLY)
    frames.callback(frame.unpersist)
    return frame


def _list_patients(objects: DataFrame) -> set[str]:
    """Return the pseudonyms of the patients of objects."""
    rows = objects.select("patient_pseudonym").distinct().toLocalIterator()
    return {row["patient_pseudonym"] for row in rows}


def _select_patients(objects: DataFrame, patients: Iterable[str]) -> DataFrame:
    """Return the objects of patients."""
    rows = [(patient,) for patient in sorted(patients)]
    chosen = objects.sparkSession.createDataFrame(rows, "patient_pseudonym STRING")
    return objects.join(chosen, "patient_pseudonym", "left_semi")


def _drop_withheld_parts(
    objects: DataFrame,
    catalog: DataFrame,
    profiles: Mapping[str, PatientProfile],
    parts: Mapping[str, AbstractSet[str]],
) -> DataFrame:
    """Return the objects without those of modalities that are held back.

    Parameters
    ----------
    objects, catalog : DataFrame
        Objects, and rows of ``catalog``.
    profiles : mapping of str to PatientProfile
        Patients of the objects.
    parts : mapping of str to set of str
        Modalities that are released, of the patients of whom not all are.
    """
    if not parts:
        return objects
    withheld = [
        (patient, modality)
        for patient in sorted(parts)
        for modality in sorted(profiles[patient].parts.keys() - parts[patient])
    ]
    columns = ["patient_pseudonym", "part"]
    rows = objects.sparkSession.createDataFrame(withheld, "patient_pseudonym STRING, part STRING")
    described = catalog.withColumn("part", read_modality())
    return objects.join(
        described.join(rows, columns).select(*OBJECT_KEYS), OBJECT_KEYS, "left_anti"
    )
