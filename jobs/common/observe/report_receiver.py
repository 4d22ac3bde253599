"""Receive the reports of workers in the driver."""

from __future__ import annotations

import secrets
import socket
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Optional

from jobs.common.observe.progress_reporter import (
    TOKEN_BYTES,
    ProgressAddress,
    ProgressReport,
    decode_report,
)

if TYPE_CHECKING:
    from pyspark import SparkContext

#: Seconds after which the thread notices that the receiver was closed.
_WAIT_SECONDS = 0.5

_MAX_DATAGRAM_BYTES = 512


class ReportReceiver:
    """Socket of the driver for the reports of workers, read by a thread.

    Parameters
    ----------
    host : str
        Name or IP address under which workers reach the driver.
    bind_host : str
        Address of the driver's own network interface.
    receive : callable
        Takes each report, in the thread of the receiver.

    Raises
    ------
    OSError
        If the driver has no such network interface.
    """

    def __init__(self, host: str, bind_host: str, receive: Callable[[ProgressReport], None]):
        family, _, _, _, address = socket.getaddrinfo(bind_host, 0, type=socket.SOCK_DGRAM)[0]
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        try:
            self._socket.bind(address)
        except OSError:
            self._socket.close()
            raise
        self._socket.settimeout(_WAIT_SECONDS)
        port = int(self._socket.getsockname()[1])
        self.address = ProgressAddress(host, port, secrets.token_bytes(TOKEN_BYTES))
        self._receive = receive
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="progress-reports", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop the thread and close the socket."""
        self._closed.set()
        try:
            self._socket.sendto(b"", self._socket.getsockname())  # wakes the thread
        except OSError:
            pass
        self._thread.join(2 * _WAIT_SECONDS)
        self._socket.close()

    def _run(self) -> None:
        while not self._closed.is_set():
            try:
                datagram = self._socket.recv(_MAX_DATAGRAM_BYTES)
            except TimeoutError:
                continue
            except OSError:
                self._closed.wait(_WAIT_SECONDS)
                continue
            report = decode_report(datagram, self.address.token)
            if report is not None:
                self._receive(report)


def open_receiver(
    context: SparkContext, receive: Callable[[ProgressReport], None]
) -> Optional[ReportReceiver]:
    """Open a receiver at the address that executors know the driver by.

    Parameters
    ----------
    context : SparkContext
        Its settings ``spark.driver.host`` and ``spark.driver.bindAddress`` are used.
    receive : callable
        Takes each report.

    Returns
    -------
    ReportReceiver or None
        ``None`` if the address is not one of this machine.
    """
    settings = context.getConf()
    host = settings.get("spark.driver.host", "127.0.0.1") or "127.0.0.1"
    bind_host = settings.get("spark.driver.bindAddress", host) or host
    try:
        return ReportReceiver(host, bind_host, receive)
    except OSError:
        return None
