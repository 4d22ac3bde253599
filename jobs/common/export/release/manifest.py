"""Write and read the manifest of a release."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import IO, Any, Optional

import pyarrow as pa
import pyarrow.dataset as ds

from jobs.common.cli.errors import JobError, UsageError
from jobs.common.delta.tables.table_set import Tables
from jobs.common.storage.location import Location, parse_uri
from jobs.common.storage.objects import read_object, read_parts
from safelight.records import Refusal
from safelight.releases.file_names import MANIFEST_NAME, WITHDRAWN_NAME
from safelight.text.formulas import neutralize_formula, neutralize_row, restore_formula

#: Columns of ``instances`` that go to the manifest.
INSTANCE_COLUMNS = (
    "output_sha256", "output_bytes", "sop_class_uid", "modality", "patient_pseudonym",
    "study_uid", "series_uid", "sop_uid",
)  # fmt: skip
_MANIFEST_COLUMNS = ("path", "sha256", "bytes", *INSTANCE_COLUMNS[2:])

#: Columns of ``releases`` by which a manifest is found and checked.
_COLUMNS = ("release", "parameters", "manifest_sha256", "recipient")


@dataclass(frozen=True)
class ManifestLine:
    """One object of a release.

    Attributes
    ----------
    uri : str
        URI of the released object.
    path : str
        Path below the folder of the release.
    sha256, size : str, int
        Checksum and size of the released object.
    patient, study_uid, series_uid, sop_uid : str
        Identifiers of the released object.
    is_withdrawn : bool
        Whether the object was deleted, because its patient was withdrawn.
    """

    uri: str
    path: str
    sha256: str
    size: int
    patient: str
    study_uid: str
    series_uid: str
    sop_uid: str
    is_withdrawn: bool = False


def read_release(
    tables: Tables, release: str, recipient: Optional[str] = None
) -> Iterator[ManifestLine]:
    """Return the objects of a release, by its manifest, in a stream.

    The manifest is checked before the function returns.

    Parameters
    ----------
    tables : Tables
        Tables with ``releases``.
    release : str
        Name of the release.
    recipient : str, optional
        Recipient; None for a release without one.

    Raises
    ------
    UsageError
        If the release was not made.
    JobError
        If the manifest is missing, or differs from the one that ``releases`` records.
    """
    rows = list(tables.rows("releases", _COLUMNS, ds.field("release") == release))
    recipients = sorted({row["recipient"] for row in rows} - {None})
    rows = [row for row in rows if row["recipient"] == recipient]
    if not rows:
        hint = "make it by `safelight export`"
        if recipients and recipient is None:
            hint = f"it was made for {', '.join(recipients)}; give --recipient"
        raise UsageError(f"release {release} was not made{_of(recipient)}; {hint}")
    return _read_lines(rows[0])


def read_releases(tables: Tables, recipient: str) -> Iterator[ManifestLine]:
    """Yield the objects of all releases to a recipient, by their manifests.

    Parameters
    ----------
    tables : Tables
        Tables with ``releases``.
    recipient : str
        Recipient.

    Raises
    ------
    JobError
        If a manifest is missing, or differs from the one that ``releases`` records.
    """
    for row in tables.rows("releases", _COLUMNS, ds.field("recipient") == recipient):
        yield from _read_lines(row)


def hash_manifest(folder: Location, copy: Optional[IO[bytes]] = None) -> str:
    """Return the SHA-256 of the manifest in the folder of a release; empty without a manifest.

    Parameters
    ----------
    folder : Location
        Folder of the release.
    copy : binary file, optional
        Receives the manifest.
    """
    digest = hashlib.sha256()
    try:
        for part in read_parts(folder.child(MANIFEST_NAME).uri):
            digest.update(part)
            if copy is not None:
                copy.write(part)
    except Refusal:
        return ""
    return digest.hexdigest()


def _read_lines(row: dict[str, Any]) -> Iterator[ManifestLine]:
    """Return the objects of the release of a row of ``releases``."""
    release = row["release"]
    folder = parse_uri(dict(row["parameters"])["output"])
    manifest = TemporaryFile(prefix="safelight-manifest-")
    if hash_manifest(folder, manifest) != row["manifest_sha256"]:
        manifest.close()
        raise JobError(
            f"the manifest of release {release} is missing or differs from its row; restore it"
        )
    return _parse_manifest(manifest, folder, _read_withdrawn(folder, release))


def _parse_manifest(
    manifest: IO[bytes], folder: Location, withdrawn: frozenset[str]
) -> Iterator[ManifestLine]:
    """Yield the lines of a manifest, then close it."""
    manifest.seek(0)
    with io.TextIOWrapper(manifest, "utf-8", newline="") as text:
        for line in csv.DictReader(text):
            yield _parse_line(folder, line, withdrawn)


def _of(recipient: Optional[str]) -> str:
    return f" for {recipient}" if recipient is not None else ""


def _read_bytes(file: Location) -> bytes:
    """Return the content of a file; empty if it cannot be read."""
    try:
        return read_object(file.uri, None)
    except Refusal:
        return b""


def _read_withdrawn(folder: Location, release: str) -> frozenset[str]:
    """Return the paths of the objects that were deleted from a release."""
    parent = parse_uri(folder.uri.rstrip("/").rpartition("/")[0])
    text = _read_bytes(parent.child(WITHDRAWN_NAME)).decode("utf-8")
    lines = csv.DictReader(io.StringIO(text))
    name = neutralize_formula(release)
    return frozenset(line["path"] for line in lines if line["release"] == name)


def _parse_line(folder: Location, line: dict[str, str], withdrawn: frozenset[str]) -> ManifestLine:
    return ManifestLine(
        uri=folder.child(line["path"]).uri,
        path=line["path"],
        sha256=line["sha256"],
        size=int(line["bytes"]),
        patient=restore_formula(line["patient_pseudonym"]),
        study_uid=line["study_uid"],
        series_uid=line["series_uid"],
        sop_uid=line["sop_uid"],
        is_withdrawn=line["path"] in withdrawn,
    )


class ManifestWriter:
    """Write the manifest of a release as CSV to a file, and compute its SHA-256.

    Parameters
    ----------
    file : binary file
        Receives the manifest; it is not closed.
    """

    def __init__(self, file: IO[bytes]):
        self._file = file
        self._digest = hashlib.sha256()
        self.add([_MANIFEST_COLUMNS])

    def add(self, rows: Iterable[Sequence[object]]) -> None:
        """Write the lines of objects.

        Parameters
        ----------
        rows : iterable of sequence
            Path, SHA-256, size and the other columns of each object.
        """
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(map(neutralize_row, rows))
        data = text.getvalue().encode("utf-8")
        self._digest.update(data)
        self._file.write(data)

    def add_table(self, table: pa.Table) -> None:
        """Write the lines of the rows of a table, whose columns are those of the manifest."""
        self.add(zip(*(column.to_pylist() for column in table.columns)))

    @property
    def sha256(self) -> str:
        """SHA-256 of what was written, in hexadecimal digits."""
        return self._digest.hexdigest()
