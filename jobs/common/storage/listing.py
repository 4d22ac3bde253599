"""List what is to be processed: files, folders, globs and manifests, local or on S3."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from jobs.common.cli.errors import JobError, UsageError
from jobs.common.storage import s3_client
from jobs.common.storage.location import Location, parse_uri
from jobs.common.storage.objects import local_version

_WILD = re.compile(r"[*?\[]")


@dataclass(frozen=True, order=True)
class Source:
    """One object to process. ``uri`` MAY HOLD PHI.

    Attributes
    ----------
    size : int
        Bytes.
    version : str
        ETag on S3; modification time and size of a local file; empty if it is not there.
    """

    uri: str
    size: int
    version: str

    @property
    def folder(self) -> str:
        """What stands before the last slash: as a rule, one series or one study."""
        return self.uri.rpartition("/")[0]


def list_sources(inputs: Iterable[str], manifest: str | None = None) -> list[Source]:
    """Every object that the inputs name, each once, in the order of their URIs.

    A manifest names objects one by one; one that is not there is listed with version ``""``
    and ends as an unreadable source, so that nothing a manifest asks for goes missing.

    Raises
    ------
    UsageError
        If an input names nothing.
    JobError
        If a bucket or a folder cannot be listed.
    """
    found: dict[str, Source] = {}
    for text in inputs:
        named = list(_expand(text))
        if not named and not os.path.isdir(parse_uri(text).path):
            raise UsageError(f"--input {text} names no file")
        found |= {source.uri: source for source in named}
    if manifest is not None:
        for line in read_text(manifest).split("\n"):
            if line.strip():
                source = _one(parse_uri(line.strip()))
                found.setdefault(source.uri, source)
    return sorted(found.values())


def read_text(uri: str) -> str:
    """A small text file, local or on S3.

    Raises
    ------
    UsageError
        If it cannot be read.
    """
    place = parse_uri(uri)
    try:
        if place.on_s3:
            answer = s3_client.client().get_object(Bucket=place.bucket, Key=place.path)
            return bytes(answer["Body"].read()).decode("utf-8-sig")
        with open(place.path, encoding="utf-8-sig") as file:
            return file.read()
    except Exception as error:  # OSError, UnicodeDecodeError or one of botocore's
        raise UsageError(f"{uri} cannot be read ({s3_client.error_code(error)})") from None


def _expand(text: str) -> Iterator[Source]:
    place = parse_uri(text)
    return _expand_s3(place) if place.on_s3 else _expand_local(place.path)


def _expand_local(path: str) -> Iterator[Source]:
    if os.path.isdir(path):
        yield from _walk(path)
    elif os.path.exists(path):
        yield _one(Location("", path))
    elif _WILD.search(path):
        matches = _glob(path)
        stem = path[: _first_wild(path)].rpartition("/")[0] or "/"
        yield from (s for s in _walk(stem) if matches(parse_uri(s.uri).path))


def _walk(folder: str) -> Iterator[Source]:
    def refuse(error: OSError) -> None:
        raise JobError(f"a folder of the input cannot be listed: {error.strerror}")

    links = 0
    for parent, folders, names in os.walk(folder, onerror=refuse, followlinks=False):
        folders.sort()
        links += sum(os.path.islink(os.path.join(parent, name)) for name in folders)
        for name in names:
            path = os.path.join(parent, name)
            if not os.path.isfile(path) and not os.path.islink(path):
                continue  # a socket, a pipe or a device
            yield _one(Location("", path))
    if links:  # they may lead anywhere, also back here
        print(f"{links} links to folders are not followed; name them by --input", file=sys.stderr)


def _one(place: Location) -> Source:
    """The object at a place; version ``""`` if nothing stands there."""
    if place.on_s3:
        try:
            head = s3_client.client().head_object(Bucket=place.bucket, Key=place.path)
        except Exception as error:  # botocore's classes
            if s3_client.error_code(error) in s3_client.NOT_THERE:
                return Source(place.uri, 0, "")
            raise _unreachable(place, error) from None
        return Source(place.uri, int(head["ContentLength"]), head["ETag"].strip('"'))
    try:
        status = os.stat(place.path)
    except OSError:
        return Source(place.uri, 0, "")
    return Source(place.uri, status.st_size, local_version(status))


def _expand_s3(place: Location) -> Iterator[Source]:
    wild = _WILD.search(place.path)
    prefix = place.path[: _first_wild(place.path)] if wild else place.path
    matches = _glob(place.path) if wild else None
    pages = s3_client.client().get_paginator("list_objects_v2")
    try:
        for page in pages.paginate(Bucket=place.bucket, Prefix=prefix):
            for entry in page.get("Contents", ()):
                key = entry["Key"]
                if key.endswith("/"):
                    continue  # a folder's own marker
                inside = not prefix or prefix.endswith("/") or key[len(prefix) :][:1] in ("", "/")
                if matches(key) if matches else inside:
                    yield Source(
                        Location(place.bucket, key).uri, entry["Size"], entry["ETag"].strip('"')
                    )
    except Exception as error:  # botocore's classes
        raise _unreachable(place, error) from None


def _unreachable(place: Location, error: Exception) -> JobError:
    return JobError(f"the bucket {place.bucket} cannot be read: {s3_client.error_code(error)}")


def _first_wild(pattern: str) -> int:
    wild = _WILD.search(pattern)
    return wild.start() if wild else len(pattern)


def _glob(pattern: str) -> Callable[[str], object]:
    """Match whole paths; ``*`` and ``?`` stay within a folder, ``**`` does not."""
    parts = re.split(r"(\*\*|\*|\?|\[[^\]]+\])", pattern)
    wild = {"**": ".*", "*": "[^/]*", "?": "[^/]"}
    translated = (
        wild.get(part) or (part.replace("[!", "[^") if part[:1] == "[" else re.escape(part))
        for part in parts
    )
    return re.compile("".join(translated), re.DOTALL).fullmatch
