"""Read the recorded objects of releases to a recipient, which a verification can be given too."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Optional

from jobs.common.cli.errors import UsageError
from jobs.common.delta.tables.table_set import Tables
from jobs.common.delta.withdrawn_patients import drop_withdrawn
from safelight.releases.file_names import RELEASE_FILE_NAMES

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

#: Folder of the Delta table in the folder of a recipient.
_CATALOG_FOLDER = "/catalog/"


class ReleasedOutputs(NamedTuple):
    """Releases in a folder.

    Attributes
    ----------
    rows : DataFrame
        Objects of the releases below the folder: ``path`` (the URI), ``run_id``, ``source_id``,
        ``sop_uid`` of the first pass, ``output_uri``, ``output_sha256``.
    listed : DataFrame
        Listed files without those of the releases that are not objects.
    """

    rows: DataFrame
    listed: DataFrame


def find_released_outputs(
    tables: Tables, listed: DataFrame, root: str
) -> Optional[ReleasedOutputs]:
    """Return the objects of the releases to one recipient in a folder; None without a release.

    Parameters
    ----------
    tables : Tables
        Tables with ``releases`` and ``release_objects``, which may not exist.
    listed : DataFrame
        Files of the folder: ``uri`` and other columns.
    root : str
        URI of the folder, which is that of a release, or above or below one.

    Raises
    ------
    UsageError
        If the folder has releases to several recipients, whose objects contradict each other.
    """
    from pyspark.sql import functions as F

    folder = f"{root.rstrip('/')}/"
    if not tables.exists("release_objects"):
        return None
    found = [
        (row["release"], row["recipient"], f"{dict(row['parameters'])['output'].rstrip('/')}/")
        for row in tables.rows("releases", ["release", "recipient", "parameters"])
        if row["recipient"] is not None
    ]
    found = [one for one in found if one[2].startswith(folder) or folder.startswith(one[2])]
    if not found:
        return None
    if len({recipient for _, recipient, _ in found}) > 1:
        raise UsageError(
            "--input has releases to several recipients, which have other pseudonyms; verify the "
            "folder of each recipient by a call of its own"
        )
    releases = tables.spark.createDataFrame(
        found, "release STRING, recipient STRING, folder STRING"
    )
    objects = drop_withdrawn(tables, tables.read("release_objects"))
    objects = objects.join(releases, ["release", "recipient"])
    uri = F.concat("folder", "released_path")
    rows = objects.where(uri.startswith(folder)).select(
        uri.alias("path"), "run_id", "source_id", "sop_uid", uri.alias("output_uri"),
        F.col("released_sha256").alias("output_sha256"),
    )  # fmt: skip
    is_object = ~F.substring_index("uri", "/", -1).isin(*RELEASE_FILE_NAMES)
    is_object &= ~F.substring("uri", len(folder), 1_000_000).contains(_CATALOG_FOLDER)
    return ReleasedOutputs(rows, listed.where(is_object))
