"""Read the manifest of a release."""

from __future__ import annotations

import csv
import hashlib
import io

import pyarrow.dataset as ds

from jobs.common.cli.errors import JobError, UsageError
from jobs.common.delta.table_set import Tables
from jobs.common.storage.location import parse_uri
from jobs.common.storage.objects import read_object
from safelight.records import Refusal

#: Name of the manifest in the folder of a release.
MANIFEST_NAME = "manifest.csv"

#: SOP Instance UID and SHA-256 of an object.
ReleasedObject = tuple[str, str]


def read_release(tables: Tables, release: str) -> frozenset[ReleasedObject]:
    """Return the objects of a release, by its manifest.

    Parameters
    ----------
    tables : Tables
        Tables with ``releases``.
    release : str
        Name of the release.

    Returns
    -------
    frozenset of (str, str)
        SOP Instance UID and SHA-256 of each object.

    Raises
    ------
    UsageError
        If the release was not made.
    JobError
        If the manifest is missing, or differs from the one that ``releases`` records.
    """
    columns = ["parameters", "manifest_sha256", "recipient"]
    rows = list(tables.rows("releases", columns, ds.field("release") == release))
    rows = [row for row in rows if row["recipient"] is None]
    if not rows:
        raise UsageError(f"release {release} was not made; make it by `safelight export`")
    folder = parse_uri(dict(rows[0]["parameters"])["output"])
    try:
        manifest = read_object(folder.child(MANIFEST_NAME).uri, None)
    except Refusal:
        manifest = b""
    if hashlib.sha256(manifest).hexdigest() != rows[0]["manifest_sha256"]:
        raise JobError(
            f"the manifest of release {release} is missing or differs from its row; restore it"
        )
    lines = csv.DictReader(io.StringIO(manifest.decode("utf-8")))
    return frozenset((line["sop_uid"], line["sha256"]) for line in lines)
