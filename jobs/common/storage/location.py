"""Parse paths and URIs into locations."""

from __future__ import annotations

import os
from dataclasses import dataclass
from urllib.parse import quote, unquote

from jobs.common.cli.errors import UsageError
from jobs.common.storage.healthimaging_uri import SCHEME as HEALTHIMAGING
from jobs.common.storage.healthimaging_uri import parse_healthimaging_uri


@dataclass(frozen=True)
class Location:
    """A folder or an object, on a local disk, on S3 or in a data store of HealthImaging.

    Attributes
    ----------
    bucket : str
        Name of the bucket; empty for a local file.
    path : str
        Absolute local path, or the key without a leading slash, or the path below a data store
        with its query.
    datastore : str
        ID of a data store of HealthImaging, from which objects are read only; mostly empty.
    """

    bucket: str
    path: str
    datastore: str = ""

    @property
    def on_s3(self) -> bool:
        """True if the location is in a bucket."""
        return bool(self.bucket)

    @property
    def on_healthimaging(self) -> bool:
        """True if the location is in a data store of HealthImaging."""
        return bool(self.datastore)

    @property
    def is_remote(self) -> bool:
        """True if the location is read by requests to a service."""
        return self.on_s3 or self.on_healthimaging

    @property
    def uri(self) -> str:
        """Canonical spelling, which is hashed, stored and given to Spark."""
        if self.on_s3:
            return f"s3://{self.bucket}/{self.path}"
        if self.on_healthimaging:
            separator = "" if self.path.startswith("?") or not self.path else "/"
            return f"{HEALTHIMAGING}://{self.datastore}{separator}{self.path}"
        try:
            self.path.encode()
        except UnicodeEncodeError:  # Python reads a name that is not UTF-8 with surrogates
            return f"file://{quote(os.fsencode(self.path))}"
        return self.path

    def child(self, name: str) -> Location:
        """Return a location below this one."""
        if self.on_s3:
            return Location(self.bucket, f"{self.path.rstrip('/')}/{name}".lstrip("/"))
        return Location("", os.path.join(self.path, name))


def parse_source_uri(text: str) -> Location:
    """Parse the path or the URI of sources: those of :func:`parse_uri`, and ``healthimaging``.

    Raises
    ------
    UsageError
        If the scheme is another one or the rest is malformed.
    """
    if text.startswith(f"{HEALTHIMAGING}://"):
        parsed = parse_healthimaging_uri(text)
        return Location("", parsed.path, parsed.datastore)
    return parse_uri(text)


def parse_uri(text: str) -> Location:
    """Parse a path or a URI of the schemes ``file``, ``s3`` and ``s3a``.

    Raises
    ------
    UsageError
        If the scheme is another one or the bucket is missing.
    """
    scheme, separator, rest = text.partition("://")
    if not separator:
        return Location("", os.path.abspath(text))
    if scheme in ("s3", "s3a"):
        bucket, _, key = rest.partition("/")
        if not bucket:
            raise UsageError(f"{scheme}:// must be followed by a bucket")
        return Location(bucket, key)
    if scheme == "file":
        path = rest.removeprefix("localhost")
        return Location("", os.path.abspath(unquote(path, errors="surrogateescape")))
    if scheme == HEALTHIMAGING:
        raise UsageError(
            "a data store of HealthImaging can be the --input of `safelight deidentify` only; give "
            "a path, file://, s3:// or s3a:// here"
        )
    raise UsageError(f"{scheme}:// is not supported; give a path, file://, s3:// or s3a://")
