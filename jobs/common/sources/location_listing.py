"""List the objects that one location names, in the driver."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Optional

import pyarrow as pa

from jobs.common.sources.local_folders import list_files
from jobs.common.sources.s3_key_ranges import KeyRange, KeyRangeLister, key_ranges
from jobs.common.sources.source_table import SOURCE_SCHEMA, SourceTableBuilder
from jobs.common.storage import s3_client
from jobs.common.storage.healthimaging_listing import list_datastore
from jobs.common.storage.location import Location


@dataclass(frozen=True)
class LocationListing:
    """Sources that a location names.

    Attributes
    ----------
    table : pyarrow.Table
        Columns of :data:`~jobs.common.sources.source_table.SOURCE_SCHEMA`. HOLDS PHI.
    older : int
        Number of sources that are left out, since they are too old.
    remaining : list of KeyRange
        Ranges of keys that hold all sources of the location, if the driver cannot hold them. The
        table is empty then.
    """

    table: pa.Table = field(repr=False)
    older: int = 0
    remaining: list[KeyRange] = field(default_factory=list)


def list_location(
    location: Location,
    since: Optional[float] = None,
    max_sources: Optional[int] = None,
    listed: Optional[Callable[[int], None]] = None,
) -> LocationListing:
    """Return the objects that a location names: the object, all below it, or all matches.

    Parameters
    ----------
    location : Location
        A file, an object, a folder, a prefix or a glob, or a part of a data store.
    since : float, optional
        Leave out objects that were modified before, in seconds since the epoch.
    max_sources : int, optional
        Sources on S3 that the driver can hold. If there are more, ranges of keys are returned.
    listed : callable, optional
        Takes the number of sources that were listed since its last call, for progress.

    Raises
    ------
    JobError
        If a bucket, a folder or a data store cannot be listed.
    """
    if location.on_s3:
        return _list_keys(location, since, max_sources, listed)
    builder = SourceTableBuilder(since, listed)
    if location.on_healthimaging:
        for instance in list_datastore(location, since):
            builder.add(*instance)
        return LocationListing(builder.finish(), builder.older)
    list_files(location.path, builder)
    return LocationListing(builder.finish(), builder.older)


def _list_keys(
    location: Location,
    since: Optional[float],
    max_sources: Optional[int],
    listed: Optional[Callable[[int], None]],
) -> LocationListing:
    lister = KeyRangeLister(
        key_ranges(location), "" if since is None else s3_client.utc_time(since)
    )
    pages: list[pa.RecordBatch] = []
    count = older = 0
    for page in lister.pages():
        older += page.older
        count += page.sources.num_rows
        if listed is not None:
            listed(page.sources.num_rows)
        if max_sources is not None and count > max_sources:
            return LocationListing(SOURCE_SCHEMA.empty_table(), 0, lister.ranges)
        if page.sources.num_rows:
            pages.append(page.sources)
    # Ranges end in any order. Pages in the order of their keys need not be sorted by row.
    pages.sort(key=lambda sources: str(sources.column("uri")[0]))
    return LocationListing(pa.Table.from_batches(pages, SOURCE_SCHEMA), older)
