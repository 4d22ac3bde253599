"""Read the sources of a task: local files one at a time, remote ones a bounded way ahead."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError, ThreadPoolExecutor
from concurrent.futures import TimeoutError as WaitTimeoutError
from contextlib import closing
from dataclasses import dataclass
from typing import Generic, Optional, TypeVar

from jobs.common.storage import s3_client
from jobs.common.storage.location import parse_source_uri
from jobs.common.storage.objects import read_object
from jobs.common.storage.worker_memory import memory_for_one_source
from safelight.records import Reason, Refusal

#: Time that a task waits for an object on S3 beyond the time in which a slow connection delivers
#: it. It exceeds the time after which the client gives up on a server that does not answer.
WAIT_SECONDS = 900.0
SLOW_BYTES_PER_SECOND = 1 << 20

#: Bytes that a worker may be reading ahead, or hold ahead, of the object in hand.
AHEAD_BYTES = 32 * 1024 * 1024

T = TypeVar("T")


@dataclass(slots=True)
class ByteRange:
    """A range of bytes of a source object. ``uri`` MAY HOLD PHI.

    Attributes
    ----------
    uri, version : str
        The object, in its listed version.
    size : int
        Bytes of the whole object.
    begin, end : int
        The range (default: all).
    """

    uri: str
    version: str
    size: int
    begin: int = 0
    end: Optional[int] = None

    def __len__(self) -> int:
        """Return the number of bytes."""
        return (self.size if self.end is None else self.end) - self.begin

    def __repr__(self) -> str:
        """Return a representation without the URI."""
        return f"ByteRange({self.begin}, {self.end})"

    def read(self) -> bytes:
        """Return the bytes.

        Raises
        ------
        Refusal
            If the source cannot be read, or the machine has too little memory for it.
        """
        if len(self) > memory_for_one_source():
            raise Refusal(
                Reason.OBJECT_MEMORY,
                "the source has more bytes than half of the memory of the worker; process it on a "
                "larger machine",
            )
        return read_object(self.uri, self.version, self.begin, self.end)


@dataclass(slots=True)
class Fetched(Generic[T]):
    """An item of a task, and how to get its bytes.

    Attributes
    ----------
    item : T
    read : callable
        Returns the bytes, or raises a refusal if the source cannot be read.
    """

    item: T
    read: Callable[[], bytes]


def fetch_ahead(items: Iterable[T], locate: Callable[[T], ByteRange]) -> Iterator[Fetched[T]]:
    """Yield the items of a task in their order, with their bytes.

    Parameters
    ----------
    items : iterable
    locate : callable
        Returns the range of bytes of an item. Remote objects are read ahead of the consumer.
    """
    with closing(_BackgroundReader()) as reader:
        waiting: deque[tuple[Fetched[T], int]] = deque()
        ahead = 0
        for item in items:
            source = locate(item)
            is_remote = parse_source_uri(source.uri).is_remote
            read = reader.start(source) if is_remote else source.read
            waiting.append((Fetched(item, read), len(source)))
            ahead += len(source)
            while waiting and (ahead > AHEAD_BYTES or not is_remote):
                fetched, size = waiting.popleft()
                ahead -= size
                yield fetched
        for fetched, _ in waiting:
            yield fetched


class _BackgroundReader:
    """Threads that read objects; a thread whose server never ends its answer is left behind."""

    def __init__(self) -> None:
        self._pool = self._make_pool()

    def start(self, source: ByteRange) -> Callable[[], bytes]:
        """Start to read a range, and return the function that returns its bytes."""
        future = self._pool.submit(source.read)

        def read() -> bytes:
            try:
                return future.result(WAIT_SECONDS + len(source) / SLOW_BYTES_PER_SECOND)
            # It waited behind such an answer, or met the memory limit of the object in hand.
            except (CancelledError, MemoryError):
                return source.read()
            except WaitTimeoutError:
                self.close()
                self._pool = self._make_pool()
            raise Refusal(
                Reason.UNREADABLE_SOURCE,
                "the storage sends the source too slowly; check the connection and run again",
            )

        return read

    def close(self) -> None:
        """Cancel what has not begun, and do not wait for the rest."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    @staticmethod
    def _make_pool() -> ThreadPoolExecutor:
        return ThreadPoolExecutor(s3_client.MAX_CONNECTIONS // 2)
