"""List the sources that a run names: inputs, manifests and inventories."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Optional

import pyarrow as pa

from jobs.common.cli.errors import UsageError
from jobs.common.sources.listing import Listing, LocalListing
from jobs.common.sources.local_folders import list_files
from jobs.common.sources.manifests import list_manifest
from jobs.common.sources.s3_key_ranges import KeyRangeLister, key_ranges, s3_time
from jobs.common.sources.source_table import SOURCE_SCHEMA, SourceTableBuilder, merge_sources
from jobs.common.storage.location import Location, parse_uri

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


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


def list_sources(request: SourceRequest, session: Callable[[], SparkSession]) -> Listing:
    """Return every source that the request names, each once, in the order of their URIs.

    A manifest names objects one by one. A missing one is listed with version ``""`` and ends as
    an unreadable source, so that no object of a manifest is lost.

    Parameters
    ----------
    request : SourceRequest
        Inputs, manifests and inventories.
    session : callable
        Returns the Spark session; it is called only if the driver cannot hold the sources.

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
    del session
    found = _Found(request)
    for text in request.inputs:
        found.add_input(text)
    for uri in request.manifests:
        found.add_manifest(uri)
    if not found.seen and not request.allow_empty:
        raise UsageError(
            "the input has no objects; check --input and --manifest, or give --allow-empty"
        )
    return LocalListing(merge_sources(found.tables))


class _Found:
    """Sources found so far.

    Attributes
    ----------
    tables : list of pyarrow.Table
        One table per input, manifest or inventory.
    seen : int
        Number of sources, those that are too old included.
    """

    def __init__(self, request: SourceRequest):
        self.tables: list[pa.Table] = []
        self.seen = 0
        self._since = request.since.timestamp() if request.since is not None else None

    def add_input(self, text: str) -> None:
        location = parse_uri(text)
        if location.on_s3:
            listed = self._list_bucket(location)
        else:
            builder = SourceTableBuilder(self._since)
            list_files(location.path, builder)
            listed = self._add(builder)
        if not listed and (location.on_s3 or not os.path.isdir(location.path)):
            raise UsageError(f"--input {text} names no file")

    def _list_bucket(self, location: Location) -> int:
        since = "" if self._since is None else s3_time(self._since)
        lister = KeyRangeLister(key_ranges(location), since)
        pages, older = [], 0
        for page in lister.pages():
            older += page.older
            if page.sources.num_rows:
                pages.append(page.sources)
        pages.sort(key=lambda sources: sources.column("uri")[0].as_py())
        table = pa.Table.from_batches(pages, SOURCE_SCHEMA)
        self.tables.append(table)
        self.seen += len(table) + older
        return len(table) + older

    def add_manifest(self, uri: str) -> None:
        builder = SourceTableBuilder(self._since)
        list_manifest(uri, builder)
        self._add(builder)

    def _add(self, builder: SourceTableBuilder) -> int:
        """Add a table of sources; return the number of sources, too old ones included."""
        table = builder.finish()
        self.tables.append(table)
        self.seen += len(table) + builder.older
        return len(table) + builder.older
