"""Look up the sizes and versions of objects that are named one by one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Optional

from jobs.common.aws.client_errors import error_code
from jobs.common.cli.errors import JobError
from jobs.common.storage import s3_client
from jobs.common.storage.pinned_version import pin_version
from jobs.common.storage.s3_listing import PAGE_KEYS, describe_object, list_page

#: Keys that one thread looks up.
_SLICE_KEYS = 2_000
#: The page of a look-up grows by this factor if it is dense with wanted keys, else it shrinks.
_GROWTH = 4
_LAST_CHARACTER = "\U0010fffd"
_UNORDERED_BUCKET_SUFFIX = "--x-s3"


@dataclass(frozen=True)
class WantedKey:
    """A key to look up. HOLDS PHI.

    Attributes
    ----------
    key : str
        Key of an object.
    version_id : str or None
        Version ID; ``None`` for the current version.
    """

    key: str = field(repr=False)
    version_id: Optional[str] = None


@dataclass(frozen=True)
class FoundObject:
    """Size and version of an object.

    Attributes
    ----------
    size : int
        Bytes; 0 if the object is missing.
    version : str
        Version; empty if the object is missing.
    modified : str
        Time of the last modification in UTC, ``2026-11-30T03:16:51``; empty if it is missing.
    """

    size: int
    version: str
    modified: str


MISSING = FoundObject(0, "", "")


def look_up(bucket: str, wanted: Sequence[WantedKey]) -> list[FoundObject]:
    """Return the sizes and versions of objects, in the order of the keys.

    Current versions are looked up by listing keys between the wanted ones: a page of the listing
    answers for up to 1000 keys. If the caller may not list, and for pinned versions, each object
    is described by a request of its own.

    Parameters
    ----------
    bucket : str
        Name of the bucket.
    wanted : sequence of WantedKey
        Keys, best in their order.

    Raises
    ------
    JobError
        If the bucket cannot be read, or access to every object is denied.
    """
    current = sorted({item.key for item in wanted if item.version_id is None})
    pinned = [item for item in wanted if item.version_id is not None]
    with ThreadPoolExecutor(s3_client.LISTING_CONNECTIONS, "look-up") as pool:
        try:
            found = _look_up_current(bucket, current, pool)
            described = list(pool.map(lambda item: _describe(bucket, item), pinned))
        except Exception as error:  # classes of botocore
            raise _unreadable(bucket, error_code(error)) from None
    if wanted and all(each is None for each in (*found.values(), *described)):
        raise _unreadable(bucket, "AccessDenied")
    by_version = dict(zip(pinned, described))
    return [
        (by_version[item] if item.version_id else found[item.key]) or MISSING for item in wanted
    ]


def _unreadable(bucket: str, code: str) -> JobError:
    return JobError(s3_client.describe_bucket_error(bucket, code))


def _look_up_current(
    bucket: str, keys: Sequence[str], pool: ThreadPoolExecutor
) -> dict[str, Optional[FoundObject]]:
    """Return the objects by key, ``None`` for one to which access is denied."""
    slices = [keys[start : start + _SLICE_KEYS] for start in range(0, len(keys), _SLICE_KEYS)]
    found: dict[str, Optional[FoundObject]] = {}
    if not bucket.endswith(_UNORDERED_BUCKET_SUFFIX):
        try:
            for objects in pool.map(lambda each: list(_list_wanted(bucket, each)), slices):
                found.update(objects)
            return found
        except Exception as error:  # classes of botocore
            if error_code(error) not in s3_client.DENIED_CODES:
                raise
    described = pool.map(lambda key: _describe(bucket, WantedKey(key)), keys)
    return dict(zip(keys, described))


def _list_wanted(bucket: str, keys: Sequence[str]) -> Iterator[tuple[str, FoundObject]]:
    """Yield the objects of ascending keys, by listing from each key that is not found yet."""
    page_keys = _GROWTH
    place = 0
    while place < len(keys):
        page = list_page(bucket, "", after=_before(keys[place]), max_keys=page_keys)
        hits = 0
        for key, size, etag, modified in page.objects:
            while place < len(keys) and keys[place] < key:
                yield keys[place], MISSING
                place += 1
            if place < len(keys) and keys[place] == key:
                yield key, FoundObject(size, etag, modified)
                place += 1
                hits += 1
        if page.token is None:
            break
        dense = hits * _GROWTH >= len(page.objects)
        page_keys = min(PAGE_KEYS, page_keys * _GROWTH) if dense else max(1, page_keys // _GROWTH)
    for key in keys[place:]:
        yield key, MISSING


def _before(key: str) -> str:
    """Return a string before a key, with hardly any other key between them."""
    start, last = key[:-1], ord(key[-1])
    before = f"{start}{chr(last - 1)}{_LAST_CHARACTER}" if last and last != 0xE000 else start
    return before if len(before.encode()) <= 1024 else start


def _describe(bucket: str, wanted: WantedKey) -> Optional[FoundObject]:
    """Return one object, ``None`` if access to it is denied."""
    try:
        described = describe_object(bucket, wanted.key, wanted.version_id)
    except Exception as error:  # classes of botocore
        if error_code(error) in s3_client.DENIED_CODES:
            return None
        raise
    if described is None:
        return MISSING
    version = pin_version(described.etag, wanted.version_id)
    return FoundObject(described.size, version, s3_client.utc_time(described.modified))
