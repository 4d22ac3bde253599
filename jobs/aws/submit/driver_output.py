"""Read the end of what the driver of a run has printed."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Mapping
from typing import Any

from jobs.common.aws.client_errors import describe_error, error_code
from jobs.common.cli.errors import JobError
from jobs.common.storage import s3_client
from jobs.common.storage.location import Location

#: Bytes of a stored log that are read; the driver prints one line.
_MAX_BYTES = 16 << 20

#: Fields of which the last line of each command has one.
_LAST_LINE_FIELDS = frozenset({"run_id", "release", "checked"})


def read_stored(location: Location) -> str | None:
    """Return the text of a gzip file on S3; ``None`` if it does not exist.

    Parameters
    ----------
    location : Location
        Object on S3.

    Raises
    ------
    JobError
        If the object cannot be read.
    """
    try:
        answer = s3_client.get_client().get_object(Bucket=location.bucket, Key=location.path)
        data = answer["Body"].read(_MAX_BYTES)
    except Exception as error:  # classes of botocore
        if error_code(error) in s3_client.NOT_FOUND_CODES:
            return None
        raise _unreadable(location, error) from None
    try:
        return gzip.decompress(data).decode("utf-8", "replace")
    except (OSError, EOFError, zlib.error):
        return None  # not complete yet


def find_stored(folder: Location, suffix: str) -> Location | None:
    """Return the last object below a folder whose key has a suffix; ``None`` without one.

    Parameters
    ----------
    folder : Location
        Folder on S3.
    suffix : str
        End of the key.

    Raises
    ------
    JobError
        If the folder cannot be listed.
    """
    pages = s3_client.get_client().get_paginator("list_objects_v2")
    found = None
    try:
        for page in pages.paginate(Bucket=folder.bucket, Prefix=folder.path):
            for entry in page.get("Contents", ()):
                if entry["Key"].endswith(suffix):
                    found = Location(folder.bucket, entry["Key"])
    except Exception as error:  # classes of botocore
        raise _unreadable(folder, error) from None
    return found


def find_last_line(output: str | None) -> str | None:
    """Return the last line that is a JSON object with the ID of a run.

    Other lines are never shown: those of Spark and Java may hold anything.

    Parameters
    ----------
    output : str or None
        Stdout of the driver.
    """
    for line in reversed((output or "").splitlines()):
        if parse_last_line(line):
            return line.strip()
    return None


def parse_last_line(line: str | None) -> Mapping[str, Any]:
    """Return the object of the last line of a run; empty for another line.

    Parameters
    ----------
    line : str or None
        Line of the stdout of the driver.
    """
    if not line or not line.lstrip().startswith("{"):
        return {}
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) and _LAST_LINE_FIELDS & found.keys() else {}


def _unreadable(location: Location, error: Exception) -> JobError:
    sentence = f"the logs in the bucket {location.bucket} cannot be read"
    return JobError(describe_error(sentence, error, "check the permissions"))
