"""Say before any work that a place cannot be used."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from jobs.common.cli.errors import JobError, UsageError
from jobs.common.delta.table import DeltaFolder
from jobs.common.storage import s3_client
from jobs.common.storage.location import Location, parse_uri


def ensure_writable(option: str, uri: str) -> Location:
    """A folder that can be written to; a local one is made.

    Raises
    ------
    UsageError, JobError
        If it is no folder, or cannot be reached or written.
    """
    place = parse_uri(uri)
    if place.on_s3:
        try:
            s3_client.get_client().head_bucket(Bucket=place.bucket)
        except Exception as error:  # botocore's classes
            code = s3_client.error_code(error)
            raise JobError(f"{option}: bucket {place.bucket} cannot be used ({code})") from None
        return place
    try:
        Path(place.path).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{option} {uri} cannot be made: {error.strerror}") from None
    if not os.access(place.path, os.W_OK | os.X_OK):
        raise UsageError(f"{option} {uri} cannot be written")
    return place


def require_tables(uri: str, *any_of: str) -> Location:
    """A folder of tables that holds one of these.

    Raises
    ------
    UsageError
        If it does not.
    """
    place = parse_uri(uri)
    try:
        if any(DeltaFolder(place.child(table)).exists for table in any_of):
            return place
    except Exception as error:  # OSError or one of botocore's classes
        raise JobError(f"{uri} cannot be read ({s3_client.error_code(error)})") from None
    raise UsageError(f"{uri} holds no table `{any_of[0]}`; give the folder of a run's tables")


def reject_overlap(inputs: Sequence[str], outputs: dict[str, Location]) -> None:
    """Refuse outputs inside an input, whose next run would take them for sources, and tables
    and objects in one folder, where readers of either would meet the other.

    Raises
    ------
    UsageError
    """
    for text in inputs:
        for option, output in outputs.items():
            if is_inside(output, parse_uri(text)):
                raise UsageError(f"{option} stands inside --input {text}; put it elsewhere")
    objects = outputs["--output"]
    for option, tables in outputs.items():
        if tables is not objects and (is_inside(tables, objects) or is_inside(objects, tables)):
            raise UsageError(f"{option} and --output need folders beside one another")


def is_inside(inner: Location, outer: Location) -> bool:
    """Whether a place is another one or stands below it."""
    inside = f"{inner.path.rstrip('/')}/".startswith(f"{outer.path.rstrip('/')}/")
    return inner.bucket == outer.bucket and (inside or not outer.path)
