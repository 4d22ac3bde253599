"""Implement the storage interface on local disks."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from jobs.common.cli.errors import JobError
from jobs.common.cli.log import log_event
from jobs.common.storage.backend import Source, WriteOutcome, changed_source, compare_checksums
from jobs.common.storage.glob_patterns import compile_glob, has_wildcard, literal_prefix
from jobs.common.storage.location import Location, parse_uri
from safelight.records import Reason, Refusal

#: Prefix of the name of a file that is not complete yet.
_PARTIAL_PREFIX = ".partial-"


def file_version(status: os.stat_result) -> str:
    """Return the version of a local file: modification time in nanoseconds and size in bytes."""
    return f"{status.st_mtime_ns}-{status.st_size}"


class LocalFiles:
    """Storage interface on local disks; see :class:`jobs.common.storage.backend.StorageBackend`."""

    def list_objects(self, location: Location) -> Iterator[Source]:
        """Yield the files that a path names: the file, all below the folder, or all that match."""
        path = location.path
        if os.path.isdir(path):
            yield from self._walk(path)
        elif os.path.exists(path):
            yield self.describe_object(location)
        elif has_wildcard(path):
            matches = compile_glob(path)
            folder = literal_prefix(path).rpartition("/")[0] or "/"
            yield from (s for s in self._walk(folder) if matches(parse_uri(s.uri).path))

    def describe_object(self, location: Location) -> Source:
        """Return one file; its version is empty if the file is missing."""
        try:
            status = os.stat(location.path)
        except OSError:
            return Source(location.uri, 0, "")
        return Source(location.uri, status.st_size, file_version(status))

    def _walk(self, folder: str) -> Iterator[Source]:
        """Yield all regular files below a folder; report all other entries."""

        def refuse(error: OSError) -> None:
            raise JobError(f"a folder of the input cannot be listed: {error.strerror}")

        links = others = 0
        for parent, folders, names in os.walk(folder, onerror=refuse, followlinks=False):
            folders.sort()
            links += sum(os.path.islink(os.path.join(parent, name)) for name in folders)
            for name in names:
                path = os.path.join(parent, name)
                if os.path.islink(path):
                    links += 1
                    continue
                if not os.path.isfile(path):
                    others += 1
                    continue
                yield self.describe_object(Location("", path))
        report_skipped(links, others)

    def read(
        self, location: Location, version: str | None, begin: int = 0, end: int | None = None
    ) -> bytes:
        """Return the bytes of one file from ``begin`` up to ``end``.

        Parameters
        ----------
        location : Location
            Location of the file.
        version : str or None
            Version as :func:`file_version` returned it; ``None`` accepts any version.
        begin, end : int, optional
            Range of bytes, ``end`` excluded (default: all).

        Returns
        -------
        bytes
            Content of the range; fewer bytes if the file is shorter.

        Raises
        ------
        Refusal
            If the file is not the given version, or a version is given for a pipe or a device.
        OSError
            If the file is missing or cannot be read.
        """
        buffering = 0 if end is None else -1
        with open(location.path, "rb", buffering, opener=_open_without_waiting) as file:
            status = os.fstat(file.fileno())
            if version is not None:
                if not stat.S_ISREG(status.st_mode):
                    raise Refusal(
                        Reason.UNREADABLE_SOURCE, "the source is not a regular file; remove it"
                    )
                # A file that grows while it is read is read up to the size that was listed.
                end = status.st_size if end is None else min(end, status.st_size)
            file.seek(begin)
            data = file.read(-1 if end is None else max(0, end - begin))
            if version not in (None, file_version(os.fstat(file.fileno()))):
                raise changed_source()
        return data

    def write_new(
        self,
        location: Location,
        data: bytes,
        sha256: str,
        replace: bool,
        content_type: str,  # noqa: ARG002  files have none
    ) -> WriteOutcome:
        """Write a file if it does not exist, or if it may be replaced.

        A hard link appears at once and complete, and fails if the name is taken: the local
        counterpart of If-None-Match. The name of the partial file holds no part of the output's.

        Parameters
        ----------
        location : Location
            Location of the file; its folder is created if needed.
        data : bytes
            Content of the file.
        sha256 : str
            Hexadecimal digest of ``data``.
        replace : bool
            Replace an existing file.
        content_type : str
            Ignored: files have no media type.

        Returns
        -------
        WriteOutcome
            ``NEW`` if the file was written, ``SAME`` if it exists with the same bytes,
            ``CONFLICT`` if with others.

        Raises
        ------
        OSError
            If the file cannot be written.
        """
        path = location.path
        partial = os.path.join(os.path.dirname(path), f"{_PARTIAL_PREFIX}{uuid4().hex}")
        try:
            _write_exclusively(partial, data)
            if replace:
                os.replace(partial, path)
                return WriteOutcome.NEW
            try:
                os.link(partial, path)
            except FileExistsError:
                existing = hashlib.sha256(Path(path).read_bytes()).hexdigest()
                return compare_checksums(existing, sha256)
            return WriteOutcome.NEW
        finally:
            with suppress(FileNotFoundError):
                os.unlink(partial)

    def overwrite(self, location: Location, data: bytes) -> None:
        """Write a small file, whether it exists or not.

        Parameters
        ----------
        location : Location
            Location of the file; its folder is created if needed.
        data : bytes
            Content of the file.

        Raises
        ------
        OSError
            If the file cannot be written.
        """
        self.write_new(location, data, sha256="", replace=True, content_type="")

    def upload(self, location: Location, path: str) -> None:
        """Write the content of another file, whether the file exists or not.

        Parameters
        ----------
        location : Location
            Location of the file; its folder is created if needed.
        path : str
            Path of the file to copy.

        Raises
        ------
        OSError
            If the file cannot be written.
        """
        folder = os.path.dirname(location.path)
        partial = os.path.join(folder, f"{_PARTIAL_PREFIX}{uuid4().hex}")
        os.makedirs(folder, exist_ok=True)
        try:
            shutil.copyfile(path, partial)
            os.replace(partial, location.path)
        finally:
            with suppress(FileNotFoundError):
                os.unlink(partial)

    def delete(self, location: Location) -> None:
        """Delete a file; a missing one is ignored."""
        Path(location.path).unlink(missing_ok=True)

    def remove_partial_files(self, folder: Location) -> None:
        """Remove what a killed process left half written below a folder."""
        for parent, _, names in os.walk(folder.path):
            for name in names:
                if name.startswith(_PARTIAL_PREFIX):
                    os.unlink(os.path.join(parent, name))


def report_skipped(links: int, others: int) -> None:
    """Report the entries of a folder of the input that are not regular files.

    Parameters
    ----------
    links : int
        Number of symbolic links. A link may lead anywhere: to files outside the input, or to a
        folder above it.
    others : int
        Number of pipes, sockets and devices.
    """
    if links:
        log_event(
            "links_skipped",
            f"symbolic links that are not followed: {links}; name their targets by --input",
            count=links,
        )
    if others:
        log_event(
            "special_files_skipped",
            f"pipes, sockets and devices in the input that are not read: {others}; remove them",
            count=others,
        )


def _open_without_waiting(path: str, flags: int) -> int:
    """Open a file; a pipe without a writer would otherwise block the worker for ever."""
    return os.open(path, flags | os.O_NONBLOCK)


def _write_exclusively(path: str, data: bytes) -> None:
    """Write a file that must not exist; create its folder if needed."""
    try:
        file = open(path, "xb", buffering=0)
    except FileNotFoundError:  # most objects belong to a series whose folder exists
        os.makedirs(os.path.dirname(path), exist_ok=True)
        file = open(path, "xb", buffering=0)
    rest = memoryview(data)
    with file:
        while rest:
            rest = rest[file.write(rest) :]
