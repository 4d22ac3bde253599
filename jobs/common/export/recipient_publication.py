"""Write the files and rows of a release to a recipient; its row in ``releases`` comes last."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timezone

import pyarrow as pa
import pyarrow.dataset as ds

from jobs.common.delta.rows import ReleaseObjectRow, ReleaseRow
from jobs.common.delta.sql_literals import sql_literal
from jobs.common.delta.table import DeltaFolder
from jobs.common.delta.table_set import Tables
from jobs.common.export.plan import ReleasePlan
from jobs.common.export.recipient_catalog import (
    CATALOG_NAME,
    catalog_schema,
    encode_parquet,
    make_catalog,
)
from jobs.common.export.recipient_copying import ReleasedObject
from jobs.common.export.recipient_options import RecipientOptions
from jobs.common.export.release_manifest import MANIFEST_NAME, format_manifest
from jobs.common.export.release_statement import STATEMENT_NAME, ReleaseFacts, make_statement
from jobs.common.storage.objects import write_object, write_text
from safelight.releases.dicomdir import DICOMDIR_NAME, encode_dicomdir, make_directory_uid
from safelight.version import VERSION

#: Catalog of all releases to a recipient.
RECIPIENT_CATALOG = "catalog"

#: File that lists the releases that a recipient has. It is replaced as a whole.
CURRENT_NAME = "current.json"

#: Function that raises if the folder of the release holds files other than the given ones.
CheckFolder = Callable[[Iterable[str], Iterable[str]], None]


class RecipientPublication:
    """Files and rows of one release to a recipient.

    Parameters
    ----------
    plan : ReleasePlan
        Checked arguments.
    options : RecipientOptions
        Checked options of the recipient.
    tables : Tables
        Tables with a lease.
    """

    def __init__(self, plan: ReleasePlan, options: RecipientOptions, tables: Tables):
        self._plan = plan
        self._options = options
        self._tables = tables

    def publish(
        self,
        facts: ReleaseFacts,
        released: Sequence[ReleasedObject],
        check_folder: CheckFolder,
    ) -> None:
        """Write all files, then the rows, and the row in ``releases`` last.

        Parameters
        ----------
        facts : ReleaseFacts
            Decisions and counts of the release.
        released : sequence of ReleasedObject
            Objects that were written.
        check_folder : callable
            Raises if the folder of the release holds other files.
        """
        plan = self._plan
        objects = sorted(released, key=lambda item: item.path)
        manifest = format_manifest(map(_describe_object, objects))
        digest = hashlib.sha256(manifest.encode()).hexdigest()
        statement = make_statement(facts, objects, digest)
        catalog = make_catalog(plan.name, objects)
        files = {CATALOG_NAME: encode_parquet(catalog)}
        if self._options.dicomdir:
            entries = (item.entry for item in objects if item.entry is not None)
            files[DICOMDIR_NAME] = encode_dicomdir(entries, make_directory_uid(digest))
        names = (*files, STATEMENT_NAME, MANIFEST_NAME)
        check_folder([item.path for item in objects], names)
        for name, data in files.items():
            write_object(
                plan.folder.child(name).uri, data, hashlib.sha256(data).hexdigest(), replace=True
            )
        write_text(plan.folder.child(STATEMENT_NAME), statement)
        write_text(plan.folder.child(MANIFEST_NAME), manifest)
        self._record_objects(objects)
        self._append_catalog(catalog)
        self._tables.append_rows([self._make_row(facts, objects, digest, statement)])
        self.write_current()

    def _make_row(
        self,
        facts: ReleaseFacts,
        objects: Sequence[ReleasedObject],
        manifest_sha256: str,
        statement: str,
    ) -> ReleaseRow:
        return ReleaseRow(
            release=self._plan.name,
            released_at=datetime.now(timezone.utc),
            parameters=self._plan.parameters,
            objects=len(objects),
            bytes=sum(item.size for item in objects),
            manifest_sha256=manifest_sha256,
            software_version=VERSION,
            recipient=self._options.recipient,
            levels=dict(facts.assessment.levels),
            patients_held=facts.assessment.held,
            statement_sha256=hashlib.sha256(statement.encode()).hexdigest(),
        )

    def _record_objects(self, objects: Sequence[ReleasedObject]) -> None:
        """Record which object of the recipient was made from which; replace what a kill left."""
        tables = self._tables
        if tables.exists("release_objects"):
            tables.delete("release_objects", self._condition)
        tables.append_rows(
            [
                ReleaseObjectRow(
                    release=self._plan.name,
                    recipient=self._options.recipient,
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

    def _append_catalog(self, catalog: pa.Table) -> None:
        """Append to the catalog of all releases to the recipient; replace what a kill left."""
        self._tables.check_lease()
        folder = DeltaFolder(self._options.folder.child(RECIPIENT_CATALOG))
        if folder.exists:
            folder.delete_rows(f"release = {sql_literal(self._plan.name)}")
        folder.evolve(catalog_schema())
        folder.append(catalog)

    def write_current(self) -> None:
        """List the releases to the recipient in one file, which is replaced as a whole."""
        columns = ["release", "released_at", "objects", "manifest_sha256"]
        condition = ds.field("recipient") == self._options.recipient
        rows = sorted(
            self._tables.rows("releases", columns, condition), key=lambda row: row["released_at"]
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


def _describe_object(item: ReleasedObject) -> tuple[object, ...]:
    """Return the line of an object in the manifest."""
    return (
        item.path, item.sha256, item.size, item.attributes.get("sop_class_uid", ""),
        item.attributes.get("modality", ""), item.patient, item.study_uid, item.series_uid,
        item.sop_uid,
    )  # fmt: skip
