"""Write the files and rows of a release to a recipient; its row in ``releases`` comes last."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from datetime import datetime, timezone
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile

import pyarrow as pa
import pyarrow.dataset as ds

from jobs.common.cli.errors import JobError
from jobs.common.delta.row_file import RowFileWriter
from jobs.common.delta.rows import ReleaseRow
from jobs.common.delta.schemas import table_schema
from jobs.common.delta.sql_literals import sql_literal
from jobs.common.delta.tables.delta_folder import DeltaFolder
from jobs.common.delta.tables.table_set import Tables
from jobs.common.export.plan import ReleasePlan
from jobs.common.export.recipient.catalog import catalog_schema
from jobs.common.export.recipient.options import RecipientOptions
from jobs.common.export.recipient.rows import decode_entries, record_objects
from jobs.common.export.release.manifest import ManifestWriter
from jobs.common.export.release.statement import ReleaseFacts, make_statement
from jobs.common.export.release.totals import ReleaseTotals
from jobs.common.storage.objects import write_file, write_text
from safelight.releases.dicomdir import make_directory_uid
from safelight.releases.directory_writer import DirectoryTooLargeError, DirectoryWriter
from safelight.releases.file_names import (
    CATALOG_NAME,
    CURRENT_NAME,
    DICOMDIR_NAME,
    MANIFEST_NAME,
    STATEMENT_NAME,
)
from safelight.version import VERSION

#: Catalog of all releases to a recipient.
RECIPIENT_CATALOG = "catalog"

#: Columns of the rows of objects that go to the manifest, in the order of its columns.
_MANIFEST_SOURCES = [
    "path", "sha256", "bytes", "sop_class_uid", "modality", "patient_id", "study_uid",
    "series_uid", "sop_uid",
]  # fmt: skip

#: Function that raises if the folder of the release holds files other than a number of objects and
#: files with some names.
CheckFolder = Callable[[int, Iterable[str]], None]


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
        released: Iterable[pa.Table],
        check_folder: CheckFolder,
    ) -> ReleaseTotals:
        """Write all files, then the rows, and the row in ``releases`` last.

        Parameters
        ----------
        facts : ReleaseFacts
            Decisions and counts of the release.
        released : iterable of pyarrow.Table
            Rows of the objects that were written, in the order of their paths; see
            :mod:`jobs.common.export.recipient.rows`. They are read once.
        check_folder : callable
            Raises if the folder of the release holds other files.

        Returns
        -------
        ReleaseTotals
            Totals over the objects.
        """
        plan = self._plan
        with TemporaryDirectory(prefix="safelight-release-") as name:
            files = _ReleaseFiles(Path(name), plan.name, self._options)
            with files:
                for rows in released:
                    files.add(rows)
                files.finish()
            totals, digest = files.totals, files.manifest_sha256
            statement = make_statement(facts, totals, digest)
            written = files.further_files()
            check_folder(totals.objects, (*written, STATEMENT_NAME, MANIFEST_NAME))
            for file, path in written.items():
                write_file(plan.folder.child(file), path)
            write_text(plan.folder.child(STATEMENT_NAME), statement)
            write_file(plan.folder.child(MANIFEST_NAME), files.manifest)
            self._record_objects(files.recorded)
            self._append_catalog(files.catalog)
        self._tables.append_rows([self._make_row(facts, totals, digest, statement)])
        self.write_current()
        return totals

    def _make_row(
        self,
        facts: ReleaseFacts,
        totals: ReleaseTotals,
        manifest_sha256: str,
        statement: str,
    ) -> ReleaseRow:
        return ReleaseRow(
            release=self._plan.name,
            released_at=datetime.now(timezone.utc),
            parameters=self._plan.parameters,
            objects=totals.objects,
            bytes=totals.size,
            manifest_sha256=manifest_sha256,
            software_version=VERSION,
            recipient=self._options.recipient,
            levels=dict(facts.assessment.levels),
            patients_held=facts.assessment.held,
            statement_sha256=hashlib.sha256(statement.encode()).hexdigest(),
        )

    def _record_objects(self, rows: str) -> None:
        """Record which object of the recipient was made from which; replace what a kill left."""
        tables = self._tables
        if tables.exists("release_objects"):
            tables.delete("release_objects", self._condition)
        tables.append_file("release_objects", rows)

    def _append_catalog(self, catalog: str) -> None:
        """Append to the catalog of all releases to the recipient; replace what a kill left."""
        self._tables.check_lease()
        folder = DeltaFolder(self._options.folder.child(RECIPIENT_CATALOG))
        if folder.exists:
            folder.delete_rows(f"release = {sql_literal(self._plan.name)}")
        folder.evolve(catalog_schema())
        folder.append_file(catalog)

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


class _ReleaseFiles(ExitStack):
    """Local files of a release, written from the rows of its objects in a stream.

    Parameters
    ----------
    folder : Path
        Temporary folder.
    release : str
        Name of the release.
    options : RecipientOptions
        Options of the release.

    Attributes
    ----------
    totals : ReleaseTotals
        Totals over the rows that were added.
    manifest, catalog, recorded : str
        Paths of the manifest, of the catalog, and of the rows of ``release_objects``.
    """

    def __init__(self, folder: Path, release: str, options: RecipientOptions):
        super().__init__()
        self.totals = ReleaseTotals()
        self._folder, self._release, self._options = folder, release, options
        self.manifest, self.catalog, self.recorded = (
            str(folder / name) for name in ("manifest", "catalog", "recorded")
        )
        self._manifest = ManifestWriter(self.enter_context(open(self.manifest, "wb")))
        self._catalog = self._open(self.catalog, catalog_schema())
        self._recorded = self._open(self.recorded, table_schema("release_objects"))
        self._directory = DirectoryWriter(self.enter_context(TemporaryFile(dir=folder)))

    def _open(self, path: str, schema: pa.Schema) -> RowFileWriter:
        return self.enter_context(RowFileWriter(path, schema))

    @property
    def manifest_sha256(self) -> str:
        """SHA-256 of the manifest."""
        return self._manifest.sha256

    def add(self, rows: pa.Table) -> None:
        """Write rows of released objects."""
        self.totals.add(rows)
        self._manifest.add_table(rows.select(_MANIFEST_SOURCES))
        self._catalog.add(rows.select(catalog_schema().names).cast(catalog_schema()))
        self._recorded.add(record_objects(rows, self._release, self._options.recipient))
        if self._options.dicomdir:
            self._add_to_directory(rows)

    def _add_to_directory(self, rows: pa.Table) -> None:
        try:
            for entry in decode_entries(rows):
                self._directory.add(entry)
        except DirectoryTooLargeError:
            raise JobError(
                "the release was not made: its DICOMDIR would exceed 4 GiB; leave --dicomdir out, "
                "or make several releases by --where or --modality"
            ) from None

    def finish(self) -> None:
        """Write the DICOMDIR, if it is asked for."""
        if self._options.dicomdir:
            with open(self._folder / DICOMDIR_NAME, "wb") as directory:
                self._directory.finish(make_directory_uid(self.manifest_sha256), directory)

    def further_files(self) -> dict[str, str]:
        """Return the paths of the further files of the release by their names there."""
        files = {CATALOG_NAME: self.catalog}
        if self._options.dicomdir:
            files[DICOMDIR_NAME] = str(self._folder / DICOMDIR_NAME)
        return files
