"""List the names and sizes of the objects below an output folder, in pages and in parallel."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import NamedTuple, Optional

from jobs.common.aws.client_errors import error_code
from jobs.common.cli.errors import JobError
from jobs.common.storage.location import Location
from jobs.common.storage.s3_listing import list_page

#: Objects of one page of a local listing; S3 returns as many.
PAGE_OBJECTS = 1000


class OutputPage(NamedTuple):
    """A page of a listing.

    Attributes
    ----------
    names : list of str
        Names of objects, relative to the folder.
    sizes : list of int
        Bytes of each object.
    """

    names: list[str]
    sizes: list[int]


class NameRange(NamedTuple):
    """A range of names, in the order of their UTF-8 bytes.

    Attributes
    ----------
    after : str
        Name before the first one of the range; empty for no limit.
    last : str or None
        Last name of the range; ``None`` for no limit.
    """

    after: str
    last: Optional[str]


def split_names(names: Sequence[str], count: int) -> list[NameRange]:
    """Return ranges that together hold all names, each about as many of the given ones.

    Parameters
    ----------
    names : sequence of str
        Sample of the names.
    count : int
        Largest number of ranges.
    """
    ordered = sorted(set(names))
    step = max(1, -(-len(ordered) // count))
    limits = ordered[step::step]
    return [NameRange(*pair) for pair in zip(["", *limits], [*limits, None])]


def list_output(folder: Location, names: NameRange) -> Iterator[OutputPage]:
    """Yield the objects below a folder whose names are in a range.

    Parameters
    ----------
    folder : Location
        Folder of the output; a missing one has no objects.
    names : NameRange
        Range of the names. Local files are listed without regard to it.

    Raises
    ------
    JobError
        If the folder cannot be listed.
    """
    return _list_bucket(folder, names) if folder.on_s3 else _list_folder(folder.path)


def _list_folder(folder: str) -> Iterator[OutputPage]:
    page = OutputPage([], [])
    waiting = [""]
    while waiting:
        parent = waiting.pop()
        try:
            with os.scandir(os.path.join(folder, parent)) as entries:
                for entry in entries:
                    name = f"{parent}{entry.name}"
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(f"{name}/")
                    elif entry.is_file():
                        page.names.append(name)
                        page.sizes.append(entry.stat().st_size)
        except FileNotFoundError:  # removed since its parent was listed
            continue
        except OSError as error:
            raise JobError(
                f"--output cannot be listed ({error.strerror}); check its permissions, or give "
                "--check-output off"
            ) from None
        if len(page.names) >= PAGE_OBJECTS:
            yield page
            page = OutputPage([], [])
    yield page


def _list_bucket(folder: Location, names: NameRange) -> Iterator[OutputPage]:
    prefix = folder.child("").path
    after = prefix + names.after if names.after else ""
    token: Optional[str] = None
    try:
        while True:
            page = list_page(folder.bucket, prefix, after=after, token=token)
            found = [(entry.key[len(prefix) :], entry.size) for entry in page.objects]
            inside = [pair for pair in found if names.last is None or pair[0] <= names.last]
            yield OutputPage([name for name, _ in inside], [size for _, size in inside])
            token = page.token
            if token is None or len(inside) < len(found):
                return
    except Exception as error:  # classes of botocore
        code = error_code(error)
        raise JobError(
            f"--output cannot be listed ({code}); grant s3:ListBucket on {folder.bucket}, or give "
            "--check-output off"
        ) from None
