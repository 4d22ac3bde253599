"""List files below local folders."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from itertools import islice

from jobs.common.cli.errors import JobError
from jobs.common.sources.source_table import SourceTableBuilder
from jobs.common.storage.glob_patterns import compile_glob, has_wildcard, literal_prefix
from jobs.common.storage.local_files import file_version, report_skipped
from jobs.common.storage.location import Location

#: Entries of one folder that are Python objects at one time.
MAX_SORTED_ENTRIES = 16_384


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
    """Add the regular files below a folder whose path matches; report all other entries.

    The files are added in the order of their paths, so that the listing need not be sorted, which
    takes twice its memory.
    """
    links = others = 0
    parents = [_sorted_entries(folder)]
    try:
        while parents:
            entry = next(parents[-1], None)
            if entry is None:
                parents.pop()
            elif entry.is_dir(follow_symlinks=False):
                parents.append(_sorted_entries(entry.path))
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


def _sorted_entries(folder: str) -> Iterator[os.DirEntry[str]]:
    """Yield the entries of a folder in the order of the paths of all files below them.

    Each block of :data:`MAX_SORTED_ENTRIES` is sorted by itself.
    """
    with os.scandir(folder) as entries:  # the end of the entries closes the folder
        while block := sorted(islice(entries, MAX_SORTED_ENTRIES), key=_sort_key):
            yield from block


def _sort_key(entry: os.DirEntry[str]) -> bytes:
    """Return the bytes that the paths below an entry have in common."""
    return os.fsencode(f"{entry.name}/" if entry.is_dir(follow_symlinks=False) else entry.name)


def _add_entry(entry: os.DirEntry[str], builder: SourceTableBuilder) -> None:
    """Add a regular file; one that was removed in the meantime is an unreadable source."""
    try:
        status = entry.stat(follow_symlinks=False)
    except OSError:
        add_file(entry.path, builder)
        return
    uri = entry.path if entry.path.isascii() else Location("", entry.path).uri
    builder.add(uri, status.st_size, file_version(status), status.st_mtime)
