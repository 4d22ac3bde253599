"""End a command within seconds of SIGINT (Ctrl-C) or SIGTERM, without a stack trace.

Nothing needs to be saved: a run that ends at any point is completed by the same command. The
main thread gets a ``KeyboardInterrupt`` and ends what it has begun. If that takes too long, for
example because a request to the network does not return, a second thread ends the process.
"""

from __future__ import annotations

import atexit
import ctypes
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import NoReturn, Optional

from jobs.common.cli.exit_codes import ExitCode
from jobs.common.cli.redirected_stdout import restore_stdout

#: Time for the main thread to end by itself.
UNWIND_SECONDS = 2.0

#: Time for Java to remove its temporary files, and then to be gone.
JAVA_SECONDS = 1.0

#: Time for the last words of a command whose main thread does not end.
_LAST_WORDS_SECONDS = 1.0

#: Time after which a signal that cannot be handled yet is repeated.
_REPEAT_SECONDS = 0.02

_SIGNALS = (signal.SIGINT, signal.SIGTERM)

#: Option of prctl(2): the signal that a process gets when its parent ends.
_PR_SET_PDEATHSIG = 1

#: Callables of the blocks, the innermost last. Not empty while a block runs.
_last_words: list[Callable[[], None]] = []

#: Set once a signal has arrived.
_stopping = threading.Event()


class Once:
    """Callable that calls a function the first time only, whichever thread that is.

    Another thread waits until the first call has ended.

    Parameters
    ----------
    function : callable
    """

    def __init__(self, function: Callable[[], None]):
        self._function = function
        self._lock = threading.Lock()
        self._is_done = False

    def __call__(self) -> None:
        """Call the function, unless that was done before."""
        with self._lock:
            if not self._is_done:
                self._is_done = True
                self._function()


@contextmanager
def stop_on_signals(last_words: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Raise ``KeyboardInterrupt`` in the block on the first signal; end the process soon after.

    Any other exception that follows a signal is a consequence of it, and becomes a
    ``KeyboardInterrupt``. Blocks may be nested. Outside of the main thread, the block runs as it
    is.

    Parameters
    ----------
    last_words : callable
        Prints what the block prints at its end. It is called only if the main thread does not
        end in time.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    outermost = not _last_words
    _last_words.append(last_words)
    restore = _install() if outermost else None
    try:
        yield
    except Exception:
        if _stopping.is_set():
            raise KeyboardInterrupt from None
        raise
    finally:
        if outermost and _stopping.is_set():
            # The interpreter restores the default handlers at its end: another signal would then
            # replace the exit code.
            atexit.register(_ignore_signals)
            _end_children()  # meanwhile the watcher may end the process, with the last words
        elif restore is not None:
            restore()
        if not (outermost and _stopping.is_set()):  # else the caller has not yet said them
            _last_words.pop()


def _install() -> Callable[[], None]:
    """Handle the signals and start the watching thread.

    Returns
    -------
    callable
        Function that restores the previous handlers and ends the thread.
    """
    _stopping.clear()
    before = {number: signal.signal(number, _interrupt) for number in _SIGNALS}
    read_end, write_end = os.pipe()
    os.set_blocking(write_end, False)
    wakeup = signal.set_wakeup_fd(write_end, warn_on_full_buffer=False)
    watcher = threading.Thread(target=_watch, args=(read_end,), daemon=True)
    watcher.start()
    _stop_with_parent()

    def restore() -> None:
        signal.set_wakeup_fd(wakeup)
        for number, handler in before.items():
            signal.signal(number, handler)
        os.close(write_end)  # ends the watcher
        watcher.join()
        os.close(read_end)

    return restore


def _stop_with_parent() -> None:
    """Let the end of spark-submit end this process, which it has started."""
    if "PYSPARK_GATEWAY_PORT" in os.environ and sys.platform == "linux":
        with suppress(OSError):
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _interrupt(number: int, frame: Optional[FrameType]) -> None:
    """Raise in the main thread, once.

    The logging module has a lock that an exception between two of its lines would leave held for
    ever, so a signal that arrives there is repeated a little later.
    """
    if _stopping.is_set():
        return
    if _is_logging(frame):
        repeated = threading.Timer(_REPEAT_SECONDS, _repeat, (number,))
        repeated.daemon = True
        repeated.start()
        return
    _stopping.set()
    _silence()
    raise KeyboardInterrupt


def _repeat(number: int) -> None:
    """Send a signal to the main thread again, unless its handler was restored meanwhile."""
    main = threading.main_thread().ident
    if main is not None and signal.getsignal(number) is _interrupt:
        signal.pthread_kill(main, number)


def _is_logging(frame: Optional[FrameType]) -> bool:
    """Return whether a call of the logging module is in progress."""
    while frame is not None:
        if frame.f_globals.get("__name__") == "logging":
            return True
        frame = frame.f_back
    return False


def _silence() -> None:
    """Silence the reports about exceptions that follow from the end of Java."""
    logging.root.addHandler(logging.NullHandler())  # else a default handler would be added
    logging.root.disabled = True  # py4j uses it; other loggers are not disabled
    logging.getLogger("py4j").setLevel(logging.CRITICAL + 1)
    sys.unraisablehook = lambda _: None
    threading.excepthook = lambda _: None


def _watch(read_end: int) -> None:
    """Wait for a signal, then give the main thread some time before the process is ended.

    The interpreter writes the number of a signal to the pipe even if the main thread is in a
    call that does not return.
    """
    while data := os.read(read_end, 1):
        if data[0] in _SIGNALS:
            break
    else:
        return
    threading.Event().wait(UNWIND_SECONDS)
    _end_process()


def _end_process() -> NoReturn:
    children = _signal_children(signal.SIGTERM)
    words = threading.Thread(target=_say_last_words, daemon=True)
    words.start()
    words.join(_LAST_WORDS_SECONDS)
    _wait_for_children(children)
    os._exit(ExitCode.FAILED)


def _say_last_words() -> None:
    """Say the words of all blocks, whatever happens to one of them.

    Those of the outermost block are a sentence, and come first: the time is limited.
    """
    with suppress(OSError):  # the main thread has just restored it
        restore_stdout()
    for words in list(_last_words):  # the main thread may change the list
        with suppress(Exception):
            words()
    for stream in (sys.stdout, sys.stderr):
        with suppress(Exception):
            stream.flush()


def _ignore_signals() -> None:
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def _end_children() -> None:
    """End Java, which PySpark leaves running, also while it is still starting."""
    _wait_for_children(_signal_children(signal.SIGTERM))


def _signal_children(number: signal.Signals) -> set[int]:
    """Send a signal to all child processes and return them."""
    children = _list_children()
    for child in children:
        with suppress(ProcessLookupError):
            os.kill(child, number)
    return children


def _wait_for_children(children: set[int]) -> None:
    """Wait for child processes for a limited time, then kill them."""
    deadline = time.monotonic() + JAVA_SECONDS
    while children & _list_children() and time.monotonic() < deadline:
        time.sleep(0.02)
    _signal_children(signal.SIGKILL)


def _list_children() -> set[int]:
    """Return the child processes that run; none if this platform does not list them."""
    running = set()
    for path in Path("/proc/self/task").glob("*/children"):
        with suppress(OSError):
            running |= {int(child) for child in path.read_text().split()}
    return {child for child in running if _is_running(child)}


def _is_running(process: int) -> bool:
    """Return whether a process has not ended; one that its parent has not reaped has ended."""
    try:
        status = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"
