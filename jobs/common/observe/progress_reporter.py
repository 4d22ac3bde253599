"""Report the progress of a task from a worker to the driver, by datagrams of UDP.

A datagram holds the total of one task in one stage of one batch, so that a datagram that is lost,
doubled or out of order does no harm. It holds numbers and the name of the stage, nothing of an
object. Nothing waits for an answer: a network that drops datagrams costs no time, and the driver
then counts the tasks that Spark has finished (:mod:`jobs.common.observe.spark_tasks`).
"""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from types import TracebackType
from typing import NamedTuple, Optional, TypeVar

T = TypeVar("T")

#: Seconds between two datagrams of a task.
REPORT_SECONDS = 0.5

#: Number of a batch for work outside of batches, such as LIST.
NO_BATCH = 2**32 - 1

#: Bytes of the token that only the workers of the run know.
TOKEN_BYTES = 16

#: Layout of a datagram: token, stage, batch, task, objects, bytes.
_LAYOUT = struct.Struct(f"!{TOKEN_BYTES}s16sIIQQ")


class _Receiver(NamedTuple):
    """Resolved address of the driver."""

    family: int
    target: tuple[str, int]


class ProgressReport(NamedTuple):
    """Total of one task in one stage of one batch, until now."""

    stage: str
    batch: int
    task: int
    objects: int
    bytes: int


@dataclass(frozen=True)
class ProgressAddress:
    """Address of the driver for reports. It is sent to workers within the context of a batch.

    Attributes
    ----------
    host : str
        Name or IP address of the driver.
    port : int
    token : bytes
        Random bytes; the driver ignores datagrams with another token.
    """

    host: str
    port: int
    token: bytes


class ProgressReporter:
    """Reporter of the progress of one task. Use it in a ``with`` block, which reports the end.

    The first object is reported at once, later ones at most every :data:`REPORT_SECONDS`.

    Parameters
    ----------
    address : ProgressAddress, optional
        Address of the driver; ``None`` reports nothing.
    stage : str
        Name of the stage, such as ``REBUILD``; at most 16 letters.
    batch : int
        Number of the batch in the run (default: work outside of batches).
    task : int, optional
        Number of the task in the batch (default: the partition of the Spark task).
    """

    def __init__(
        self,
        address: Optional[ProgressAddress],
        stage: str,
        batch: int = NO_BATCH,
        task: Optional[int] = None,
    ):
        self._address = address
        self._stage = stage
        self._batch = batch & NO_BATCH  # a negative number is work outside of batches
        self._task = _partition() if task is None else task
        self._objects = 0
        self._bytes = 0
        self._next_report = 0.0

    def report(self, objects: int = 1, size: int = 0) -> None:
        """Add finished objects to the total of the task.

        Parameters
        ----------
        objects : int
            Number of objects that were finished since the last call.
        size : int
            Bytes of their sources.
        """
        self._objects += objects
        self._bytes += size
        now = time.monotonic()
        if now >= self._next_report:
            self._next_report = now + REPORT_SECONDS
            self._send()

    def __enter__(self) -> ProgressReporter:
        """Return the reporter."""
        return self

    def __exit__(
        self,
        kind: Optional[type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        """Report the total of the task."""
        self._send()

    def _send(self) -> None:
        address = self._address
        if address is None:
            return
        total = ProgressReport(self._stage, self._batch, self._task, self._objects, self._bytes)
        receiver = _resolve(address.host, address.port)
        if receiver is None:
            return
        try:
            _get_socket(receiver.family).sendto(
                encode_report(total, address.token), receiver.target
            )
        except OSError:  # no route or a full buffer: the next report holds the same total
            return


def report_each(
    items: Iterable[T],
    address: Optional[ProgressAddress],
    stage: str,
    size_of: Optional[Callable[[T], int]] = None,
) -> Iterator[T]:
    """Yield the items of a task outside of batches, and report each when the next one is asked for.

    Parameters
    ----------
    items : iterable
        Objects that the task processes one by one.
    address : ProgressAddress, optional
        Address of the driver; ``None`` reports nothing.
    stage : str
        Name of the stage.
    size_of : callable, optional
        Returns the bytes of an item (default: they are not reported).

    Yields
    ------
    object
        Each item.
    """
    with ProgressReporter(address, stage) as progress:
        for item in items:
            yield item
            progress.report(size=size_of(item) if size_of else 0)


def encode_report(report: ProgressReport, token: bytes) -> bytes:
    """Return the datagram of a report.

    Parameters
    ----------
    report : ProgressReport
    token : bytes
        Token of the run.
    """
    return _LAYOUT.pack(token, report.stage.encode("ascii"), *report[1:])


def decode_report(datagram: bytes, token: bytes) -> Optional[ProgressReport]:
    """Return the report of a datagram, or ``None`` if it is not a report of this run.

    Parameters
    ----------
    datagram : bytes
        Datagram of any sender.
    token : bytes
        Token of the run.
    """
    if len(datagram) != _LAYOUT.size:
        return None
    sent_token, stage, *numbers = _LAYOUT.unpack(datagram)
    if sent_token != token:
        return None
    return ProgressReport(stage.rstrip(b"\0").decode("ascii", "replace"), *numbers)


def _partition() -> int:
    """Return the number of the partition of the Spark task of this process, or 0 without one."""
    from pyspark import TaskContext

    context = TaskContext.get()
    return context.partitionId() if context is not None else 0


@lru_cache(maxsize=4)
def _resolve(host: str, port: int) -> Optional[_Receiver]:
    """Return the resolved address of the driver, once per process; ``None`` if it is unknown."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
    except OSError:
        return None
    return _Receiver(int(family), (str(address[0]), int(address[1])))


@lru_cache(maxsize=2)
def _get_socket(family: int) -> socket.socket:
    """Return the socket of this process, which never waits."""
    sender = socket.socket(family, socket.SOCK_DGRAM)
    sender.setblocking(False)
    return sender
