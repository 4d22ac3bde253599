"""List the sources that a run names: inputs, manifests and inventories."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Optional, Union

import pyarrow as pa

from jobs.common.cli.errors import UsageError
from jobs.common.sources.distributed_listing import (
    OriginPart,
    RangeReader,
    list_in_cluster,
    split_table,
)
from jobs.common.sources.inventory import InventoryFile, find_inventory_files
from jobs.common.sources.listing import LOCAL_MAX_SOURCES, Listing, LocalListing
from jobs.common.sources.location_listing import list_location
from jobs.common.sources.manifests import ManifestFile, find_manifest_files
from jobs.common.sources.source_table import merge_sources
from jobs.common.storage.location import Location, parse_source_uri

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

#: Bytes of the files of one manifest, or of one inventory, which is compressed, that the driver
#: reads. Larger ones are read by the cluster, each file by one task.
MANIFEST_LOCAL_MAX_BYTES = 128 * 1024 * 1024
INVENTORY_LOCAL_MAX_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True)
class SourceRequest:
    """Sources that a run names.

    Attributes
    ----------
    inputs : tuple of str
        Files, folders and globs.
    manifests : tuple of str
        Files that list URIs, and folders and globs of such files.
    inventories : tuple of str
        Files manifest.json of S3 Inventory.
    since : datetime or None
        List only objects that were modified at this time or later. A source of a manifest without
        a time of modification is listed.
    allow_empty : bool
        Accept inputs without any source.
    """

    inputs: tuple[str, ...] = ()
    manifests: tuple[str, ...] = ()
    inventories: tuple[str, ...] = ()
    since: Optional[datetime] = None
    allow_empty: bool = False


def list_sources(
    request: SourceRequest,
    session: Callable[[], SparkSession],
    listed: Callable[[int], None] = lambda _: None,
) -> Listing:
    """Return every source that the request names, each once, in the order of their URIs.

    A manifest names objects one by one. A missing one is listed with version ``""`` and ends as
    an unreadable source, so that no object of a manifest is lost.

    Parameters
    ----------
    request : SourceRequest
        Inputs, manifests and inventories.
    session : callable
        Returns the Spark session; it is called only if the driver cannot hold the sources.
    listed : callable, optional
        Takes the number of sources that the driver has listed since its last call, for progress.

    Returns
    -------
    Listing
        Sources without ``source_id``.

    Raises
    ------
    UsageError
        If an input matches no file and is not a folder, a manifest is malformed, or there is no
        source and the request does not allow that.
    JobError
        If a bucket or a folder cannot be listed.
    """
    found = _Found(request, listed)
    for text in request.inputs:
        found.add_input(text)
    for uri in request.manifests:
        found.add_files(find_manifest_files(uri), MANIFEST_LOCAL_MAX_BYTES, is_distinct=False)
    for uri in request.inventories:
        found.add_files(find_inventory_files(uri), INVENTORY_LOCAL_MAX_BYTES, is_distinct=True)
    return found.finish(session)


def _require_match(text: str, location: Location, count: int) -> None:
    """Raise if an input matches no file and is not a folder."""
    if count:
        return
    if location.on_healthimaging:  # the URI may hold UIDs
        raise UsageError(f"--input names no instance of the data store {location.datastore}")
    if location.on_s3 or not os.path.isdir(location.path):
        raise UsageError(f"--input {text} names no file")


class _Found:
    """Sources found so far.

    Parameters
    ----------
    request : SourceRequest
        The request.
    listed : callable
        Takes the number of sources that were listed since its last call.
    """

    def __init__(self, request: SourceRequest, listed: Callable[[int], None]):
        self._listed = listed
        self._allow_empty = request.allow_empty
        self._since = request.since.timestamp() if request.since is not None else None
        self._tables: list[tuple[int, pa.Table]] = []
        self._parts: list[OriginPart] = []
        self._origins = 0
        #: Whether sources that are too old were left out and not counted.
        self._hides_older = False
        self._seen = 0

    def add_input(self, text: str) -> None:
        """List an input in the driver, up to the number of sources that it can hold."""
        location = parse_source_uri(text)
        listed = list_location(location, self._since, LOCAL_MAX_SOURCES, self._listed)
        origin = self._next_origin()
        if listed.remaining:
            self._hides_older |= self._since is not None
            self._parts += [
                OriginPart(origin, RangeReader(key_range), True) for key_range in listed.remaining
            ]
            return
        seen = len(listed.table) + listed.older
        if location.on_healthimaging:  # the service leaves out older image sets
            self._hides_older |= self._since is not None
        if not (location.on_healthimaging and (self._allow_empty or self._hides_older)):
            _require_match(text, location, seen)
        self._seen += seen
        self._tables.append((origin, listed.table))

    def add_files(
        self,
        files: Sequence[Union[ManifestFile, InventoryFile]],
        local_max_bytes: int,
        is_distinct: bool,
    ) -> None:
        """Read the files of a manifest or of an inventory: small ones in the driver.

        Parameters
        ----------
        files : sequence of ManifestFile or InventoryFile
            Files to read.
        local_max_bytes : int
            Bytes of all files up to which the driver reads them.
        is_distinct : bool
            Whether the files name each source once.
        """
        origin = self._next_origin()
        self._hides_older |= self._since is not None
        if sum(file.size for file in files) > local_max_bytes:
            self._parts += [OriginPart(origin, file, is_distinct) for file in files]
            return
        for file in files:
            for table in file.read(self._since):
                self._seen += len(table)
                self._listed(len(table))
                self._tables.append((origin, table))

    def finish(self, session: Callable[[], SparkSession]) -> Listing:
        """Return all sources, each once.

        Parameters
        ----------
        session : callable
            Returns the Spark session.
        """
        if self._parts:
            for origin, table in self._tables:
                self._parts += split_table(origin, table)
            listing = list_in_cluster(session(), self._parts, self._since)
            self._seen += listing.count
        else:
            listing = LocalListing(merge_sources(table for _, table in self._tables))
        if not self._seen and not self._hides_older and not self._allow_empty:
            raise UsageError(
                "the input has no objects; check --input, --manifest and --inventory, or give "
                "--allow-empty"
            )
        return listing

    def _next_origin(self) -> int:
        self._origins += 1
        return self._origins
