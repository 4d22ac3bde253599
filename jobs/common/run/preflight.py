"""Check locations before any work is done."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from jobs.common.aws.client_errors import error_code
from jobs.common.cli.error_advice import advise
from jobs.common.cli.errors import JobError, UsageError
from jobs.common.delta.tables.delta_folder import DeltaFolder
from jobs.common.storage import s3_client
from jobs.common.storage.location import Location, parse_source_uri, parse_uri


def ensure_writable(option: str, uri: str) -> Location:
    """Return a folder that can be written; create a local one.

    Parameters
    ----------
    option : str
        Command-line option of the folder, for messages.
    uri : str

    Raises
    ------
    UsageError
        If the folder cannot be created or written.
    JobError
        If the bucket cannot be used.
    """
    location = parse_uri(uri)
    if location.on_s3:
        try:
            s3_client.get_client().head_bucket(Bucket=location.bucket)
        except Exception as error:  # classes of botocore
            code = error_code(error)
            raise JobError(
                f"{option}: the bucket {location.bucket} cannot be used ({code}); "
                + (advise(code) or "check its name and the permissions")
            ) from None
        return location
    try:
        Path(location.path).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"{option} {uri} cannot be created ({error.strerror}); give another folder"
        ) from None
    if not os.access(location.path, os.W_OK | os.X_OK):
        raise UsageError(f"{option} {uri} cannot be written; give another folder")
    return location


def require_file(option: str, uri: str) -> Location:
    """Return the location of a file that can be written; its folder must exist.

    Parameters
    ----------
    option : str
        Command-line option of the file, for messages.
    uri : str

    Raises
    ------
    UsageError
        If a local folder of this name exists, or its folder is missing or cannot be written.
    JobError
        If the bucket cannot be used.
    """
    location = parse_uri(uri)
    if location.on_s3:
        return ensure_writable(option, uri)
    if os.path.isdir(location.path):
        raise UsageError(f"{option} {uri} is a folder; give the name of a file")
    folder = os.path.dirname(location.path)
    if not os.path.isdir(folder):
        raise UsageError(f"the folder of {option} {uri} does not exist; create it")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise UsageError(f"the folder of {option} {uri} cannot be written; give another one")
    return location


def require_tables(uri: str, *any_of: str) -> Location:
    """Return a folder of tables that has at least one of the given tables.

    Raises
    ------
    UsageError
        If the folder has none of them.
    JobError
        If the folder cannot be read.
    """
    location = parse_uri(uri)
    try:
        if any(DeltaFolder(location.child(table)).exists for table in any_of):
            return location
    except Exception as error:  # OSError or a class of botocore
        code = error_code(error)
        advice = advise(code) or "check the permissions"
        raise JobError(f"{uri} cannot be read ({code}); {advice}") from None
    raise UsageError(f"{uri} has no table `{any_of[0]}`; give the folder of the tables of a run")


def reject_overlap(inputs: Sequence[str], outputs: Mapping[str, Location]) -> None:
    """Reject folders of a run that overlap.

    The next run would read outputs inside an input as sources. Readers of tables or of objects
    would find the others in a common folder.

    Parameters
    ----------
    inputs : sequence of str
        URIs of the inputs.
    outputs : mapping
        Folders by option. ``--output`` is one of them.

    Raises
    ------
    UsageError
        If two of the folders overlap.
    """
    for text in inputs:
        for option, output in outputs.items():
            if is_inside(output, parse_source_uri(text)):
                raise UsageError(f"{option} is inside --input {text}; give another folder")
    objects = outputs["--output"]
    for option, tables in outputs.items():
        if tables is not objects and (is_inside(tables, objects) or is_inside(objects, tables)):
            raise UsageError(f"{option} and --output overlap; give separate folders")


def is_inside(inner: Location, outer: Location) -> bool:
    """Return whether a location equals another one or is below it.

    Parameters
    ----------
    inner : Location
        Location that may be below the other one.
    outer : Location
        Folder, or a bucket if its path is empty.
    """
    is_below = f"{inner.path.rstrip('/')}/".startswith(f"{outer.path.rstrip('/')}/")
    is_same_storage = (inner.bucket, inner.datastore) == (outer.bucket, outer.datastore)
    return is_same_storage and (is_below or not outer.path)
