"""Say before any work that a place cannot be used."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from jobs.common import s3
from jobs.common.problems import ArgumentProblem, JobFailure
from jobs.common.uris import Location, parse_uri


def writable(option: str, uri: str) -> Location:
    """A folder that can be written to; a local one is made.

    Raises
    ------
    ArgumentProblem, JobFailure
        If it is no folder, or cannot be reached or written.
    """
    place = parse_uri(uri)
    if place.on_s3:
        try:
            s3.client().head_bucket(Bucket=place.bucket)
        except Exception as error:  # botocore's classes
            code = s3.error_code(error)
            raise JobFailure(f"{option}: bucket {place.bucket} cannot be used ({code})") from None
        return place
    try:
        Path(place.path).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ArgumentProblem(f"{option} {uri} cannot be made: {error.strerror}") from None
    if not os.access(place.path, os.W_OK | os.X_OK):
        raise ArgumentProblem(f"{option} {uri} cannot be written")
    return place


def keep_apart(inputs: Sequence[str], outputs: dict[str, Location]) -> None:
    """Refuse outputs inside an input: the next run would take them for sources.

    Raises
    ------
    ArgumentProblem
    """
    for text in inputs:
        place = parse_uri(text)
        for option, output in outputs.items():
            inside = f"{output.path.rstrip('/')}/".startswith(f"{place.path.rstrip('/')}/")
            if place.bucket == output.bucket and (inside or not place.path):
                raise ArgumentProblem(f"{option} stands inside --input {text}; put it elsewhere")
