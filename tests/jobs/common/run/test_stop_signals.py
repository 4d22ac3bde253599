"""Processes that get SIGINT or SIGTERM."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time

import pytest

from jobs.common.run.stop_signals import Once, stop_on_signals

#: Seconds in which a command must end, on a machine with other work.
MAX_SECONDS = 30

_START = """
import ctypes, subprocess, sys, threading, time
from jobs.common.run import stop_signals
stop_signals.UNWIND_SECONDS = 0.3
def say(text):
    print(text, flush=True)
"""


def interrupt(body: str, number: signal.Signals = signal.SIGINT) -> tuple[int, list[str], str]:
    """Run code until it prints "ready", send a signal, and return how the process ended."""
    process = subprocess.Popen(
        [sys.executable, "-c", _START + body],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(number)
    out, err = process.communicate(timeout=MAX_SECONDS)
    return process.returncode, out.splitlines(), err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_raises_in_the_main_thread(number: signal.Signals) -> None:
    body = """
try:
    with stop_signals.stop_on_signals():
        say("ready")
        time.sleep(60)
except KeyboardInterrupt:
    say("unwound")
    sys.exit(1)
"""
    assert interrupt(body, number) == (1, ["unwound"], "")


def test_an_exception_that_follows_the_signal_is_an_interruption() -> None:
    body = """
try:
    with stop_signals.stop_on_signals():
        with stop_signals.stop_on_signals():
            try:
                say("ready")
                time.sleep(60)
            finally:
                raise ConnectionError("Java has ended")
except KeyboardInterrupt:
    say("unwound")
    sys.exit(1)
"""
    assert interrupt(body) == (1, ["unwound"], "")


def test_a_main_thread_that_does_not_end_is_ended_after_its_last_words() -> None:
    body = """
with stop_signals.stop_on_signals(lambda: say("outer")):
    with stop_signals.stop_on_signals(lambda: say("inner")):
        threading.Timer(0.2, say, ["ready"]).start()
        while True:
            try:
                time.sleep(60)
            except KeyboardInterrupt:
                pass
"""
    assert interrupt(body) == (1, ["outer", "inner"], "")


def test_last_words_are_said_if_the_process_is_ended_after_the_block() -> None:
    body = """
try:
    with stop_signals.stop_on_signals(lambda: say("last words")):
        say("ready")
        time.sleep(60)
except KeyboardInterrupt:
    time.sleep(60)
"""
    assert interrupt(body) == (1, ["last words"], "")


def test_words_that_fail_do_not_prevent_those_of_other_blocks() -> None:
    body = """
with stop_signals.stop_on_signals(lambda: 1 / 0):
    with stop_signals.stop_on_signals(lambda: say("inner")):
        threading.Timer(0.2, say, ["ready"]).start()
        while True:
            try:
                time.sleep(60)
            except KeyboardInterrupt:
                pass
"""
    assert interrupt(body) == (1, ["inner"], "")


def test_a_signal_inside_of_logging_leaves_no_lock_behind() -> None:
    body = """
import logging
class Handler(logging.Handler):
    def emit(self, record):
        say("ready")
        end = time.monotonic() + 0.1
        while time.monotonic() < end:
            pass
        say("logged")
logging.getLogger("a").addHandler(Handler())
try:
    with stop_signals.stop_on_signals():
        logging.getLogger("a").error("one")
        time.sleep(60)
except KeyboardInterrupt:
    say("unwound")
    sys.exit(1)
"""
    assert interrupt(body) == (1, ["logged", "unwound"], "")


def test_a_signal_inside_of_logging_at_the_end_does_not_meet_another_handler() -> None:
    body = """
import logging
stop_signals.UNWIND_SECONDS = 1.0
stop_signals._REPEAT_SECONDS = 0.4
class Handler(logging.Handler):
    def emit(self, record):
        say("ready")
        time.sleep(0.2)
logging.getLogger("a").addHandler(Handler())
with stop_signals.stop_on_signals(lambda: say("last words")):
    logging.getLogger("a").error("one")
time.sleep(60)
"""
    assert interrupt(body) == (1, ["last words"], "")


def test_native_code_that_does_not_return_is_ended() -> None:
    body = """
libc = ctypes.CDLL(None)
mutex = ctypes.create_string_buffer(64)
libc.pthread_mutex_init(mutex, None)
libc.pthread_mutex_lock(mutex)
with stop_signals.stop_on_signals(lambda: say("last words")):
    threading.Timer(1, say, ["ready"]).start()
    libc.pthread_mutex_lock(mutex)
"""
    assert interrupt(body) == (1, ["last words"], "")


def test_child_processes_are_ended() -> None:
    body = """
child = subprocess.Popen(["sleep", "60"])
try:
    with stop_signals.stop_on_signals():
        say("ready")
        time.sleep(60)
except KeyboardInterrupt:
    say(child.wait())
    sys.exit(1)
"""
    code, out, err = interrupt(body)
    assert (code, err) == (1, "") and out == [str(-signal.SIGTERM)]


def test_another_signal_does_not_change_the_exit_code() -> None:
    body = """
import os, signal
class Impatient:
    def __del__(self):  # the interpreter has then restored the default handlers
        os.kill(os.getpid(), signal.SIGINT)
impatient = Impatient()
try:
    with stop_signals.stop_on_signals():
        say("ready")
        time.sleep(60)
except KeyboardInterrupt:
    say("unwound")
    sys.exit(1)
"""
    assert interrupt(body) == (1, ["unwound"], "")


def test_handlers_are_restored_after_the_block() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    with stop_on_signals():
        assert signal.getsignal(signal.SIGTERM) != before[1]
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


def test_an_error_without_a_signal_is_raised_as_it_is() -> None:
    started = time.monotonic()
    with pytest.raises(ValueError, match="wrong"), stop_on_signals():
        raise ValueError("wrong")
    assert time.monotonic() - started < MAX_SECONDS


def test_last_words_are_said_once_by_whichever_thread() -> None:
    said: list[int] = []

    def say() -> None:
        time.sleep(0.05)
        said.append(1)

    words = Once(say)
    threads = [threading.Thread(target=words) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    words()
    assert said == [1]
