"""Read the sources of a task: local files one at a time, S3 objects a bounded way ahead."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from jobs.common.storage import s3_client
from jobs.common.storage.location import parse_uri
from jobs.common.storage.objects import read_object

#: Bytes that may be under way or wait in a worker, beside the object in hand.
AHEAD_BYTES = 32 * 1024 * 1024


@dataclass(frozen=True)
class Fetched:
    """A row of the listing and how to get its bytes; ``read`` raises a Refusal if it cannot."""

    row: dict[str, Any]
    read: Callable[[], bytes]


def fetch_ahead(rows: Iterable[dict[str, Any]]) -> Iterator[Fetched]:
    """The rows of a task in their order, their bytes under way where that helps."""
    with ThreadPoolExecutor(s3_client.MAX_CONNECTIONS // 2) as pool:
        waiting: deque[Fetched] = deque()
        ahead = 0
        for row in rows:
            entry = _start(pool, row)
            waiting.append(entry)
            ahead += _bytes(row)
            while waiting and (ahead > AHEAD_BYTES or not parse_uri(row["uri"]).on_s3):
                first = waiting.popleft()
                ahead -= _bytes(first.row)
                yield first
        yield from waiting


def rows_of_batches(batches: Iterable[pa.RecordBatch]) -> Iterator[dict[str, Any]]:
    """The rows that Spark hands to a worker in Arrow."""
    for batch in batches:
        yield from batch.to_pylist()


def _bytes(row: dict[str, Any]) -> int:
    end = row.get("end")
    return int(row["size"] if end is None else end - row.get("begin", 0))


def _start(pool: ThreadPoolExecutor, row: dict[str, Any]) -> Fetched:
    uri, version = row["uri"], row["version"]
    begin, end = row.get("begin", 0), row.get("end")
    if parse_uri(uri).on_s3:
        return Fetched(row, pool.submit(read_object, uri, version, begin, end).result)
    return Fetched(row, lambda: read_object(uri, version, begin, end))
