"""List the sources of a run: files, folders, globs and manifests, local or on S3."""

from __future__ import annotations

import os
from collections.abc import Iterable

from jobs.common.cli.errors import UsageError
from jobs.common.storage.backend import Source
from jobs.common.storage.location import parse_uri
from jobs.common.storage.objects import backend_of, read_text


def list_sources(inputs: Iterable[str], manifest: str | None = None) -> list[Source]:
    """Return every object that the inputs name, each once, in the order of their URIs.

    A manifest names objects one by one. A missing one is listed with version ``""`` and ends as
    an unreadable source, so that no object of a manifest is lost.

    Parameters
    ----------
    inputs : iterable of str
        Files, folders and globs.
    manifest : str, optional
        Text file with one URI per line.

    Raises
    ------
    UsageError
        If an input matches no file and is not a folder.
    JobError
        If a bucket or a folder cannot be listed.
    """
    found: dict[str, Source] = {}
    for text in inputs:
        location = parse_uri(text)
        listed = list(backend_of(location).list_objects(location))
        if not listed and (location.on_s3 or not os.path.isdir(location.path)):
            raise UsageError(f"--input {text} names no file")
        found |= {source.uri: source for source in listed}
    if manifest is not None:
        for line in read_text(manifest).split("\n"):
            if line.strip():
                location = parse_uri(line.strip())
                source = backend_of(location).describe_object(location)
                found.setdefault(source.uri, source)
    return sorted(found.values())
