"""Delete the objects of withdrawn patients from releases, and list them for the recipients."""

from __future__ import annotations

import csv
import hashlib
import io
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from jobs.common.cli.errors import JobError
from jobs.common.cli.log import log_event
from jobs.common.delta.sql_literals import list_conditions
from jobs.common.delta.tables.delta_folder import DeltaFolder
from jobs.common.delta.tables.table_set import Tables
from jobs.common.export.release.manifest import read_release
from jobs.common.storage.location import Location, parse_uri
from jobs.common.storage.objects import delete_object, read_object, write_object, write_text
from safelight.records import Refusal
from safelight.releases.directory_removal import remove_files
from safelight.releases.file_names import CATALOG_NAME, DICOMDIR_NAME, WITHDRAWN_NAME
from safelight.text.formulas import neutralize_row

_WITHDRAWN_COLUMNS = ("release", "patient_pseudonym", "sop_uid", "path", "withdrawn_at")

#: Namespace and pseudonym of a patient.
PatientKey = tuple[str, str]


class ReleasedObject(NamedTuple):
    """One object of a withdrawn patient in a release.

    Attributes
    ----------
    label : str
        Name of the release, after that of its recipient if it has one.
    folder : Location
        Folder of the release.
    release, path, patient, sop_uid : str
        Name of the release, path below its folder, and identifiers of the released object.
    original : str
        Pseudonym of the patient in the first pass.
    recipient : str
        Recipient; empty for a release without one.
    """

    label: str
    folder: Location
    release: str
    path: str
    patient: str
    sop_uid: str
    original: str
    recipient: str = ""

    @property
    def parent(self) -> Location:
        """Folder of the releases to the recipient, or of all releases without one."""
        return parse_uri(self.folder.uri.rstrip("/").rpartition("/")[0])


def find_released(tables: Tables, patients: Collection[PatientKey]) -> list[ReleasedObject]:
    """Return the objects of patients in all complete releases.

    Parameters
    ----------
    tables : Tables
        Tables with ``releases`` and ``release_objects``.
    patients : collection of tuple
        Namespaces and pseudonyms of the first pass.
    """
    columns = ["release", "recipient", "parameters"]
    rows = list(tables.rows("releases", columns))
    folders = {
        (row["recipient"], row["release"]): parse_uri(dict(row["parameters"])["output"])
        for row in rows
    }
    found = list(_find_for_recipients(tables, patients, folders))
    pseudonyms = {pseudonym for _, pseudonym in patients}
    for (recipient, release), folder in folders.items():
        if recipient is None:
            found += _find_without_recipient(tables, release, folder, pseudonyms)
    return found


def _find_for_recipients(
    tables: Tables,
    patients: Collection[PatientKey],
    folders: Mapping[tuple[str, str], Location],
) -> Iterator[ReleasedObject]:
    condition = ds.field("patient_pseudonym").isin(sorted({patient for _, patient in patients}))
    columns = [
        "release", "recipient", "namespace", "patient_pseudonym", "released_patient",
        "released_sop_uid", "released_path",
    ]  # fmt: skip
    for row in tables.rows("release_objects", columns, condition):
        folder = folders.get((row["recipient"], row["release"]))
        if folder is None or (row["namespace"], row["patient_pseudonym"]) not in patients:
            continue  # the release was not completed
        yield ReleasedObject(
            f"{row['recipient']}/{row['release']}", folder, row["release"], row["released_path"],
            row["released_patient"], row["released_sop_uid"], row["patient_pseudonym"],
            row["recipient"],
        )  # fmt: skip


def _find_without_recipient(
    tables: Tables, release: str, folder: Location, pseudonyms: Collection[str]
) -> Iterator[ReleasedObject]:
    """Yield the objects of a release of de-identified objects as they are, by its manifest."""
    try:
        lines = read_release(tables, release)
    except JobError:
        log_event(
            "manifest_unreadable",
            f"the manifest of release {release} is missing or differs from its row; remove the "
            "patients from this release by hand",
        )
        return
    for line in lines:
        if line.patient in pseudonyms:
            yield ReleasedObject(
                release, folder, release, line.path, line.patient, line.sop_uid, line.patient
            )


def remove_released(
    tables: Tables, requested: Collection[PatientKey], withdrawn: Mapping[PatientKey, str]
) -> int:
    """Delete the objects of requested patients, and list all that were ever withdrawn.

    Parameters
    ----------
    tables : Tables
        Tables with a lease.
    requested : collection of tuple
        Patients whose objects are deleted.
    withdrawn : mapping of tuple to str
        Day of the withdrawal by patient, of all patients who were ever withdrawn.

    Returns
    -------
    int
        Number of the objects.
    """
    days = {pseudonym: day for (_, pseudonym), day in withdrawn.items()}
    all_found = find_released(tables, withdrawn.keys() | set(requested))
    originals = {pseudonym for _, pseudonym in requested}
    found = [one for one in all_found if one.original in originals]
    for one in found:
        delete_object(one.folder.child(one.path).uri)
    by_parent: dict[str, list[ReleasedObject]] = defaultdict(list)
    for one in all_found:
        by_parent[one.parent.uri].append(one)
    for uri in {one.parent.uri for one in found}:
        _write_withdrawn(parse_uri(uri), by_parent[uri], days)
    for uri in {one.parent.uri for one in found if one.recipient}:
        _remove_from_catalog(parse_uri(uri), [one for one in found if one.parent.uri == uri])
    for uri in {one.folder.uri for one in found if one.recipient}:
        here = [one for one in found if one.folder.uri == uri]
        _remove_from_parquet(parse_uri(uri).child(CATALOG_NAME), {one.sop_uid for one in here})
        _remove_from_directory(parse_uri(uri).child(DICOMDIR_NAME), {one.path for one in here})
    return len(found)


def _write_withdrawn(
    folder: Location, objects: Iterable[ReleasedObject], days: Mapping[str, str]
) -> None:
    """List the objects that holders of a copy of the releases of a folder must delete."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_WITHDRAWN_COLUMNS)
    rows = sorted(
        (one.release, one.patient, one.sop_uid, one.path, days[one.original]) for one in objects
    )
    writer.writerows(map(neutralize_row, rows))
    write_text(folder.child(WITHDRAWN_NAME), text.getvalue())


def _remove_from_parquet(file: Location, uids: Collection[str]) -> None:
    """Remove objects from the catalog of one release, which is a Parquet file."""

    def remove(data: bytes) -> bytes:
        table = pq.read_table(io.BytesIO(data))
        kept = table.filter(pc.invert(pc.is_in(table["sop_uid"], pa.array(sorted(uids)))))
        if kept.num_rows == table.num_rows:
            return data
        buffer = io.BytesIO()
        pq.write_table(kept, buffer, compression="zstd")
        return buffer.getvalue()

    _change_file(file, remove, "application/vnd.apache.parquet")


def _remove_from_directory(file: Location, paths: Collection[str]) -> None:
    """Remove objects from the DICOMDIR of one release, if it has one."""
    _change_file(file, lambda data: remove_files(data, paths), "application/dicom")


def _change_file(file: Location, change: Callable[[bytes], bytes], content_type: str) -> None:
    """Replace the content of a file of a release, if there is such a file."""
    try:
        data = read_object(file.uri, None)
    except Refusal:
        return
    new = change(data)
    if new != data:
        digest = hashlib.sha256(new).hexdigest()
        write_object(file.uri, new, digest, replace=True, content_type=content_type)


def _remove_from_catalog(folder: Location, objects: Sequence[ReleasedObject]) -> None:
    """Remove objects from the catalog of a recipient."""
    catalog = DeltaFolder(folder.child("catalog"))
    if catalog.exists:
        for condition in list_conditions("sop_uid", [one.sop_uid for one in objects]):
            catalog.delete_rows(condition)
