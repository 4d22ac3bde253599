"""List the keys of a bucket in parallel, by ranges that are split at sub-prefixes.

A range is listed page by page, 1000 keys each. If it turns out to be long and other threads have
nothing to do, the rest of it is split at the sub-prefixes of one request with a delimiter, or at a
character if there are none. A small range so costs no more requests than a sequential listing.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from queue import SimpleQueue
from typing import Optional, Union

import pyarrow as pa

from jobs.common.aws.client_errors import error_code
from jobs.common.cli.errors import JobError
from jobs.common.sources.source_table import SOURCE_SCHEMA
from jobs.common.storage import s3_client
from jobs.common.storage.glob_patterns import compile_glob, has_wildcard, literal_prefix
from jobs.common.storage.location import Location
from jobs.common.storage.s3_listing import PAGE_KEYS, KeyPage, list_page

#: Pages of a range before it is split: a shorter range is listed as quickly by one thread.
_PAGES_BEFORE_SPLIT = 2
#: Places of characters that are tried to split a range without sub-prefixes.
_CHARACTER_PLACES = 4
#: Directory buckets list keys in no order, and not after a key.
_UNORDERED_BUCKET_SUFFIX = "--x-s3"


@dataclass
class KeyRange:
    """Keys of a bucket with a prefix, between two keys. HOLDS PHI: the keys.

    Attributes
    ----------
    bucket, prefix : str
        Bucket, and prefix of all keys.
    pattern : str
        Glob that the keys must match; empty for all keys.
    after : str
        The keys are after this one.
    until : str or None
        The keys are this one or before it.
    """

    bucket: str
    prefix: str = field(repr=False)
    pattern: str = field(default="", repr=False)
    after: str = field(default="", repr=False)
    until: Optional[str] = field(default=None, repr=False)


@dataclass(frozen=True)
class RangePage:
    """Sources of one page.

    Attributes
    ----------
    sources : pyarrow.RecordBatch
        Columns of :data:`~jobs.common.sources.source_table.SOURCE_SCHEMA`. HOLDS PHI.
    older : int
        Number of sources that are left out, since they are too old.
    """

    sources: pa.RecordBatch = field(repr=False)
    older: int


def key_ranges(location: Location) -> list[KeyRange]:
    """Return the ranges that an input names: an object, all below a prefix, or all matches."""
    bucket, key = location.bucket, location.path
    if has_wildcard(key):
        return [KeyRange(bucket, literal_prefix(key), key)]
    if not key or key.endswith("/"):
        return [KeyRange(bucket, key)]
    # Other keys than these two may begin alike, for example `scans-old/`.
    return [KeyRange(bucket, key, until=key), KeyRange(bucket, f"{key}/")]


class KeyRangeLister:
    """List ranges of keys by several threads.

    Parameters
    ----------
    ranges : sequence of KeyRange
        Ranges that do not overlap.
    since : str
        Leave out objects that were modified before this time (UTC, ``2026-11-30T03:16:51``).
    threads : int
        Threads that request pages.
    """

    def __init__(
        self,
        ranges: Sequence[KeyRange],
        since: str = "",
        threads: int = s3_client.LISTING_CONNECTIONS,
    ):
        self._since = since
        self._threads = threads
        self._all = list(ranges)
        self._waiting = deque(ranges)
        self._idle = 0
        self._stopped = False
        self._changed = threading.Condition()
        self._results: SimpleQueue[Union[RangePage, Exception, None]] = SimpleQueue()

    def pages(self) -> Iterator[RangePage]:
        """Yield the pages of all ranges in any order.

        Raises
        ------
        JobError
            If a bucket cannot be listed.
        """
        with ThreadPoolExecutor(self._threads, "listing") as pool:
            for _ in range(self._threads):
                pool.submit(self._work)
            ended = 0
            try:
                while ended < self._threads:
                    result = self._results.get()
                    if result is None:
                        ended += 1
                    elif isinstance(result, RangePage):
                        yield result
                    else:
                        raise result
            finally:
                self._stop()

    @property
    def ranges(self) -> list[KeyRange]:
        """Return all ranges, as they were split so far: together they have the same keys."""
        with self._changed:
            return [replace(key_range) for key_range in self._all]

    def _stop(self) -> None:
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def _work(self) -> None:
        """List ranges until there are no more."""
        try:
            while (key_range := self._next_range()) is not None:
                self._list(key_range)
        except Exception as error:
            self._results.put(error)
            self._stop()
        finally:
            self._results.put(None)

    def _next_range(self) -> Optional[KeyRange]:
        """Return a range that waits; ``None`` if all are listed."""
        with self._changed:
            self._idle += 1
            while not self._waiting and not self._stopped:
                if self._idle == self._threads:
                    self._stopped = True
                    self._changed.notify_all()
                    break
                self._changed.wait()
            if self._stopped:
                return None
            self._idle -= 1
            return self._waiting.popleft()

    def _list(self, key_range: KeyRange) -> None:
        """List one range, and split it if it is long."""
        matches = compile_glob(key_range.pattern) if key_range.pattern else None
        token: Optional[str] = None
        pages = 0
        while not self._stopped:
            page = request_page(key_range, after=key_range.after, token=token)
            token = page.token
            pages += 1
            self._results.put(self._make_page(key_range, page, matches))
            first, last = (page.objects[n].key if page.objects else "" for n in (0, -1))
            if token is None or _is_behind(last, key_range.until):
                return
            if pages % _PAGES_BEFORE_SPLIT == 0 and self._idle > len(self._waiting):
                self._split(key_range, first, last)

    def _split(self, key_range: KeyRange, first: str, last: str) -> None:
        """Give keys behind the last one to other threads: at sub-prefixes, or else by characters.

        Parameters
        ----------
        key_range : KeyRange
            Range that this thread lists.
        first, last : str
            First and last key of the last page.
        """
        if key_range.bucket.endswith(_UNORDERED_BUCKET_SUFFIX):
            return
        bounds = find_bounds(key_range, last) or find_character_bound(key_range, first, last)
        if not bounds:
            return
        with self._changed:
            parts = min(len(bounds), 2 * max(1, self._idle))
            starts = [bounds[len(bounds) * n // parts] for n in range(parts)]
            ends = [*starts[1:], key_range.until]
            others = [
                replace(key_range, after=start, until=end) for start, end in zip(starts, ends)
            ]
            key_range.until = starts[0]
            self._all += others
            self._waiting += others
            self._changed.notify_all()

    def _make_page(
        self, key_range: KeyRange, page: KeyPage, matches: Optional[Callable[[str], object]]
    ) -> RangePage:
        """Return the sources of a page that belong to a range."""
        older = 0
        root = f"s3://{key_range.bucket}/"
        uris, sizes, versions = [], [], []
        for key, size, etag, modified in page.objects:
            if _is_behind(key, key_range.until):
                break
            if key.endswith("/") or (matches is not None and not matches(key)):
                continue  # the marker object of a folder, or no match
            if self._since and modified < self._since:
                older += 1
                continue
            uris.append(root + key)
            sizes.append(size)
            versions.append(etag)
        columns = [uris, sizes, versions]
        arrays = [pa.array(values, f.type) for values, f in zip(columns, SOURCE_SCHEMA)]
        return RangePage(pa.RecordBatch.from_arrays(arrays, schema=SOURCE_SCHEMA), older)


def find_bounds(key_range: KeyRange, last: str) -> list[str]:
    """Return sub-prefixes behind a key at which a range can be split, in ascending order.

    They are those of the highest level that has any.

    Parameters
    ----------
    key_range : KeyRange
        Range to split.
    last : str
        Key within the range; only sub-prefixes behind that of this key are returned.
    """
    parts = last[len(key_range.prefix) :].split("/")
    for level in range(len(parts) - 1):
        parent = key_range.prefix + "".join(f"{part}/" for part in parts[:level])
        # The character behind the slash: all keys of the sub-prefix of the last key are before it.
        behind = f"{parent}{parts[level]}0"
        if _is_behind(behind, key_range.until):
            continue
        page = request_page(replace(key_range, prefix=parent), after=behind, delimiter="/")
        bounds = [p for p in page.prefixes if p > behind and not _is_behind(p, key_range.until)]
        if bounds:
            return bounds
    return []


def find_character_bound(key_range: KeyRange, first: str, last: str) -> list[str]:
    """Return a string behind a key at which a range without sub-prefixes can be split.

    It has the next higher character at one of the places before that where the keys of a page
    begin to differ: if the page ends at ``2.100999``, it is ``3``, ``2.2`` or ``2.11``.

    Parameters
    ----------
    key_range : KeyRange
        Range to split.
    first, last : str
        First and last key of a page of the range.

    Returns
    -------
    list of str
        The bound that leaves the most keys behind it; empty if there is no key behind any.
    """
    start = max(len(key_range.prefix), last.rfind("/") + 1)
    differ = len(os.path.commonprefix([first, last]))
    for place in range(max(start, differ - _CHARACTER_PLACES), min(differ + 1, len(last))):
        bound = last[:place] + chr(ord(last[place]) + 1)
        if not bound.isascii() or _is_behind(bound, key_range.until):
            continue
        page = request_page(key_range, after=bound, max_keys=1)
        if page.objects and not _is_behind(page.objects[0].key, key_range.until):
            return [bound]
    return []


def request_page(
    key_range: KeyRange,
    *,
    after: str,
    token: Optional[str] = None,
    delimiter: str = "",
    max_keys: int = PAGE_KEYS,
) -> KeyPage:
    """Return one page of a range.

    Parameters
    ----------
    key_range : KeyRange
        Range of the page.
    after : str
        The keys are after this one. Ignored with ``token``.
    token : str, optional
        Continuation token of the page before.
    delimiter : str
        Return keys with this string after the prefix as common prefixes.
    max_keys : int
        Most keys and common prefixes of the page.

    Raises
    ------
    JobError
        If the bucket cannot be listed.
    """
    try:
        return list_page(
            key_range.bucket,
            key_range.prefix,
            after=after,
            token=token,
            delimiter=delimiter,
            max_keys=max_keys,
        )
    except Exception as error:  # classes of botocore
        code = error_code(error)
    raise JobError(s3_client.describe_bucket_error(key_range.bucket, code))


def _is_behind(key: str, until: Optional[str]) -> bool:
    """Return whether a key is behind the end of a range."""
    return until is not None and key > until
