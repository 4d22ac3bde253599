"""Find the original of each output: in the table `sources`, or below a folder of originals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from jobs.common.delta.tables.table_set import Tables
from jobs.common.sources.cluster_listing import make_frame
from jobs.common.sources.listing import Listing
from jobs.common.storage.location import Location
from safelight.pseudonyms import Pseudonyms

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

#: Segments of a path that are compared if originals were copied to another folder.
_MAX_PATH_SEGMENTS = 24


class OriginalFolder:
    """Files below the folder of ``--originals``. HOLDS PHI: the URIs.

    Parameters
    ----------
    root : Location
        The folder.
    listing : Listing
        Files below it.
    """

    def __init__(self, root: Location, listing: Listing):
        self._root = root
        self.listing = listing

    def __repr__(self) -> str:
        """Return a representation without URIs."""
        return "OriginalFolder()"

    def match(self, tables: Tables, sources: DataFrame, names: Optional[Pseudonyms]) -> DataFrame:
        """Return the sources that are below the folder, with the location of each original.

        A source is found under its own URI, under the end of its path if the originals were copied
        with their folders, or under its keyed ID if `sources` does not list it.

        Parameters
        ----------
        tables : Tables
        sources : DataFrame
            ``source_id``, ``source_uri``, ``source_bytes``, ``source_version``.
        names : Pseudonyms, optional
            Pseudonyms of the key of the run.

        Returns
        -------
        DataFrame
            ``source_id``, ``original``, ``original_version``, ``original_bytes``.
        """
        from pyspark.sql import functions as F

        session = tables.spark
        files = make_frame(session, self.listing).select("uri", "size", "version")
        columns = ("source_id", "original", "original_version", "original_bytes")
        in_place = sources.join(files, sources["source_uri"] == files["uri"]).select(
            "source_id",
            F.col("uri").alias("original"),
            F.col("source_version").alias("original_version"),
            F.col("size").alias("original_bytes"),
        )
        rest = sources.join(in_place.select("source_id"), "source_id", "left_anti")
        found = in_place.unionByName(self._match_copies(rest, files))
        if names is not None:
            identified = make_frame(session, self.listing.with_source_ids(names)).select(
                "source_id",
                F.col("uri").alias("original"),
                F.col("version").alias("original_version"),
                F.col("size").alias("original_bytes"),
            )
            unlisted = identified.join(sources.select("source_id"), "source_id", "left_anti")
            found = found.unionByName(unlisted)
        return found.select(*columns)

    def _match_copies(self, sources: DataFrame, files: DataFrame) -> DataFrame:
        """Return the sources whose path ends with the path of one file of the same size.

        A file that several sources could be is left out.
        """
        from pyspark.sql import functions as F
        from pyspark.sql.window import Window

        prefix = f"{self._root.uri.rstrip('/')}/"
        below = files.where(F.col("uri").startswith(prefix)).withColumn(
            "path", F.expr(f"substring(uri, {len(prefix) + 1})")
        )
        parts = F.split("source_uri", "/")
        ends = F.expr(
            "transform(sequence(1, least(size(parts), "
            f"{_MAX_PATH_SEGMENTS})), n -> array_join(slice(parts, -n, n), '/'))"
        )
        by_end = (
            sources.withColumn("parts", parts).withColumn("path", F.explode(ends)).drop("parts")
        )
        pairs = by_end.join(below, "path").where("size = source_bytes")
        longest = Window.partitionBy("source_id").orderBy(F.length("path").desc())
        shared = Window.partitionBy("uri")
        return (
            pairs.withColumn("rank", F.row_number().over(longest)).where("rank = 1")
            .withColumn("claims", F.count(F.lit(1)).over(shared)).where("claims = 1")
            .select(
                "source_id", F.col("uri").alias("original"),
                F.col("version").alias("original_version"),
                F.col("size").alias("original_bytes"),
            )
        )  # fmt: skip


def find_originals(
    tables: Tables, names: Optional[Pseudonyms], folder: Optional[OriginalFolder]
) -> Optional[DataFrame]:
    """Return the original of each source; None if originals are not compared.

    Parameters
    ----------
    tables : Tables
        Tables with ``sources``.
    names : Pseudonyms, optional
        Pseudonyms of the key of the run. Only its sources are found.
    folder : OriginalFolder, optional
        Folder of the originals (default: where `sources` locates them).

    Returns
    -------
    DataFrame or None
        ``source_id``, ``original``, ``original_version``, ``original_bytes``. HOLDS PHI.
    """
    from pyspark.sql import functions as F

    if names is None and folder is None:
        return None
    sources = tables.read("sources")
    if names is not None:
        of_key = (F.col("namespace") == names.namespace) & (F.col("key_id") == names.key_id)
        sources = sources.where(of_key)
    sources = sources.dropDuplicates(["source_id"])
    if folder is not None:
        return folder.match(tables, sources, names)
    return sources.select(
        "source_id",
        F.col("source_uri").alias("original"),
        F.col("source_version").alias("original_version"),
        F.col("source_bytes").alias("original_bytes"),
    )
