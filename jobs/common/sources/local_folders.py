"""List files below local folders."""

from __future__ import annotations

import os
from collections.abc import Callable

from jobs.common.cli.errors import JobError
from jobs.common.sources.source_table import SourceTableBuilder
from jobs.common.storage.glob_patterns import compile_glob, has_wildcard, literal_prefix
from jobs.common.storage.local_files import file_version, report_skipped
from jobs.common.storage.location import Location


def list_files(path: str, builder: SourceTableBuilder) -> None:
    """Add the files that a path names: the file, all below the folder, or all that match.

    Parameters
    ----------
    path : str
        Absolute path of a file or a folder, or a glob.
    builder : SourceTableBuilder
        Receives the files.

    Raises
    ------
    JobError
        If a folder cannot be listed.
    """
    if os.path.isdir(path):
        _walk(path, builder, None)
    elif os.path.exists(path):
        add_file(path, builder)
    elif has_wildcard(path):
        _walk(literal_prefix(path).rpartition("/")[0] or "/", builder, compile_glob(path))


def add_file(path: str, builder: SourceTableBuilder) -> None:
    """Add one file; a missing one has an empty version.

    Parameters
    ----------
    path : str
        Absolute path.
    builder : SourceTableBuilder
        Receives the file.
    """
    uri = path if path.isascii() else Location("", path).uri
    try:
        status = os.stat(path)
    except OSError:
        builder.add(uri, 0, "")
    else:
        builder.add(uri, status.st_size, file_version(status), status.st_mtime)


def _walk(
    folder: str, builder: SourceTableBuilder, matches: Callable[[str], object] | None
) -> None:
    """Add the regular files below a folder whose path matches; report all other entries."""
    links = others = 0
    folders = [folder]
    while folders:
        try:
            with os.scandir(folders.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
                    elif entry.is_symlink():
                        links += 1
                    elif not entry.is_file(follow_symlinks=False):
                        others += 1
                    elif matches is None or matches(entry.path):
                        _add_entry(entry, builder)
        except OSError as error:
            raise JobError(
                f"a folder of the input cannot be listed: {error.strerror}; check its permissions"
            ) from None
    report_skipped(links, others)


def _add_entry(entry: os.DirEntry[str], builder: SourceTableBuilder) -> None:
    """Add a regular file; one that was removed in the meantime is an unreadable source."""
    try:
        status = entry.stat(follow_symlinks=False)
    except OSError:
        add_file(entry.path, builder)
        return
    uri = entry.path if entry.path.isascii() else Location("", entry.path).uri
    builder.add(uri, status.st_size, file_version(status), status.st_mtime)
