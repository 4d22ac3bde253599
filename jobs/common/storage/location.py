"""Parse paths and URIs into locations."""

from __future__ import annotations

import os
from dataclasses import dataclass
from urllib.parse import quote, unquote

from jobs.common.cli.errors import UsageError


@dataclass(frozen=True)
class Location:
    """A folder or an object, on a local disk or on S3.

    Attributes
    ----------
    bucket : str
        Name of the bucket; empty for a local file.
    path : str
        Absolute local path, or the key without a leading slash.
    """

    bucket: str
    path: str

    @property
    def on_s3(self) -> bool:
        """True if the location is in a bucket."""
        return bool(self.bucket)

    @property
    def uri(self) -> str:
        """Canonical spelling, which is hashed, stored and given to Spark."""
        if self.on_s3:
            return f"s3://{self.bucket}/{self.path}"
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
    raise UsageError(f"{scheme}:// is not supported; give a path, file://, s3:// or s3a://")
