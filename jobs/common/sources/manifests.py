"""List the sources that manifests name one by one."""

from __future__ import annotations

from jobs.common.cli.errors import UsageError
from jobs.common.sources.local_folders import add_file
from jobs.common.sources.source_table import SourceTableBuilder
from jobs.common.storage.location import parse_uri
from jobs.common.storage.objects import backend_of, read_text


def list_manifest(uri: str, builder: SourceTableBuilder) -> None:
    """Add the sources of a manifest; a missing object has an empty version.

    Parameters
    ----------
    uri : str
        Text file with one URI per line.
    builder : SourceTableBuilder
        Receives the sources.

    Raises
    ------
    UsageError
        If the manifest cannot be read, or a line is not a URI.
    JobError
        If a bucket cannot be read.
    """
    for number, line in enumerate(read_text(uri).split("\n"), 1):
        text = line.strip()
        if not text:
            continue
        try:
            location = parse_uri(text)
        except UsageError as error:
            raise UsageError(f"{uri}, line {number}: {error}") from None
        if location.on_s3:
            source = backend_of(location).describe_object(location)
            builder.add(source.uri, source.size, source.version)
        else:
            add_file(location.path, builder)
