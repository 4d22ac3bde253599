"""Inject faults into the processes of a job at named functions.

Python imports this module at its start if its folder is on PYTHONPATH, also in the workers of
Spark. The variable ``FAULTS_VARIABLE`` holds a :class:`tests.faults.injection.Plan` as JSON. The
functions that it names are wrapped as soon as their module is imported. Nothing in the shipped
packages knows about it, and this module imports none of them.
"""

from __future__ import annotations

import ctypes
import errno
import functools
import importlib.abc
import importlib.util
import itertools
import json
import logging
import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, Optional

FAULTS_VARIABLE = "SAFELIGHT_TEST_FAULTS"

#: Bytes that the action ``hog`` allocates at most, so that a missing limit harms no machine.
_HOG_BYTES = 2 << 30


def _role() -> str:
    """Return the role of this process: ``worker`` for the workers of Spark, else ``driver``."""
    words = " ".join(sys.orig_argv)
    return "worker" if "daemon" in words or "pyspark.worker" in words else "driver"


class _Fault:
    """One fault of the plan.

    Parameters
    ----------
    fields : dict
        Fields of :class:`tests.faults.injection.Fault`.
    state : str
        Folder that all processes of the run share.
    """

    def __init__(self, fields: dict[str, Any], state: str):
        self._fields = fields
        self._state = state
        self.module, _, self._path = fields["point"].partition(":")

    def install(self, module: ModuleType) -> None:
        """Wrap the function in its module or class."""
        owner: Any = module
        *parents, name = self._path.split(".")
        for parent in parents:
            owner = getattr(owner, parent, None)
        found = vars(owner).get(name) if owner is not None else None
        if found is None:
            self._mark("missing")
        elif isinstance(found, (staticmethod, classmethod)):
            setattr(owner, name, type(found)(self._wrap(found.__func__)))
        else:
            setattr(owner, name, self._wrap(found))

    def _wrap(self, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            fires = self._counts(args, kwargs) and self._is_turn()
            if fires and self._fields["when"] == "before":
                self._act()
            value = function(*args, **kwargs)
            if fires and self._fields["when"] == "after":
                self._act()
            return value

        return wrapped

    def _counts(self, args: Sequence[Any], kwargs: dict[str, Any]) -> bool:
        """Return whether a call is one of those that the fault counts."""
        if self._fields["role"] not in (None, _role()):
            return False
        marker = self._fields["contains"]
        if marker is None:
            return True
        values = [*args, *kwargs.values()]
        found = any(marker.encode() in value for value in values if isinstance(value, bytes))
        return found or any(marker in value for value in values if isinstance(value, str))

    def _is_turn(self) -> bool:
        """Return whether this call has the number of the fault, over all processes."""
        file = os.open(self._file("count"), os.O_CREAT | os.O_APPEND | os.O_WRONLY)
        try:
            os.write(file, b".")
            number = os.lseek(file, 0, os.SEEK_CUR)
        finally:
            os.close(file)
        first = int(self._fields["count"])
        return number >= first if self._fields["repeat"] else number == first

    def _act(self) -> None:
        self._mark("fired")
        ACTIONS[self._fields["action"]](self._fields["argument"], self._state)

    def _file(self, kind: str) -> str:
        return os.path.join(self._state, f"{self._fields['name']}.{kind}")

    def _mark(self, kind: str) -> None:
        with open(self._file(kind), "a") as file:
            file.write(f"{os.getpid()}\n")


class _Setting:
    """A constant that the plan changes: ``module:path`` and its value."""

    def __init__(self, fields: dict[str, Any], state: str):
        self._fields = fields
        self._state = state
        self.module, _, self._path = fields["point"].partition(":")

    def install(self, module: ModuleType) -> None:
        """Set the constant; a list replaces a tuple, such as the defaults of a function."""
        owner: Any = module
        *parents, name = self._path.split(".")
        for parent in parents:
            owner = getattr(owner, parent, None)
        if not hasattr(owner, name):
            with open(os.path.join(self._state, f"{self._path}.missing"), "a"):
                return
        value = self._fields["value"]
        setattr(owner, name, tuple(value) if isinstance(value, list) else value)


# -- Actions -------------------------------------------------------------------------------------


def _kill(argument: Any, state: str) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _kill_later(argument: Any, state: str) -> None:
    """Kill this process after some seconds, wherever it is then."""

    def kill() -> None:
        time.sleep(float(argument))
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=kill, daemon=True).start()


def _driver(state: str) -> int:
    with open(os.path.join(state, "driver.pid")) as file:
        return int(file.read())


def _kill_driver(argument: Any, state: str) -> None:
    os.kill(_driver(state), signal.SIGKILL)
    time.sleep(1)  # the worker is a witness of the death, as on a cluster


def _kill_machine(argument: Any, state: str) -> None:
    """Kill the driver with its Java process, then this worker."""
    os.killpg(os.getpgid(_driver(state)), signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGKILL)


def _kill_executor(argument: Any, state: str) -> None:
    """Kill the Java process above this worker, which is the executor on a cluster."""
    pid = os.getppid()
    while pid > 1:
        with open(f"/proc/{pid}/stat") as file:
            name, _, rest = file.read().partition("(")[2].rpartition(")")
        if name == "java":
            os.kill(pid, signal.SIGKILL)
            break
        pid = int(rest.split()[1])
    time.sleep(1)


def _stop(argument: Any, state: str) -> None:
    os.kill(os.getpid(), signal.SIGSTOP)


def _stop_driver(argument: Any, state: str) -> None:
    os.kill(_driver(state), signal.SIGSTOP)


def _sleep(argument: Any, state: str) -> None:
    time.sleep(float(argument))


def _raise(argument: Any, state: str) -> None:
    number = getattr(errno, argument)
    raise OSError(number, os.strerror(number), "/a/path/that/no/message/may/hold")


def _segfault(argument: Any, state: str) -> None:
    ctypes.string_at(0)


def _spin(argument: Any, state: str) -> None:
    """Hold the interpreter's lock for ever in one call of C."""
    deque(itertools.repeat(None), maxlen=0)


def _hog(argument: Any, state: str) -> None:
    kept: list[bytes] = []
    while len(kept) * (64 << 20) < _HOG_BYTES:
        kept.append(b"\x01" * (64 << 20))


def _rewrite(argument: Any, state: str) -> None:
    """Change a file while the job reads it."""
    with open(argument, "r+b") as file:
        data = file.read()
        file.seek(0)
        file.write(data[: len(data) // 2] + bytes(len(data)))


ACTIONS: dict[str, Callable[[Any, str], None]] = {
    "kill": _kill,
    "kill_later": _kill_later,
    "kill_driver": _kill_driver,
    "kill_machine": _kill_machine,
    "kill_executor": _kill_executor,
    "stop": _stop,
    "stop_driver": _stop_driver,
    "sleep": _sleep,
    "raise": _raise,
    "segfault": _segfault,
    "spin": _spin,
    "hog": _hog,
    "rewrite": _rewrite,
}


# -- Import hook ---------------------------------------------------------------------------------


class _Finder(importlib.abc.MetaPathFinder):
    """Finder that installs faults and settings in a module right after its execution."""

    def __init__(self, parts: Sequence[Any]):
        self._parts = parts
        self._modules = {part.module for part in parts}

    def find_spec(
        self, name: str, path: Optional[Sequence[str]], target: Optional[ModuleType] = None
    ) -> Optional[ModuleSpec]:
        """Return the specification of a module of the plan, with a loader that installs."""
        if name not in self._modules:
            return None
        self._modules.discard(name)
        spec = importlib.util.find_spec(name)
        if spec is None or spec.loader is None:
            return None
        execute = spec.loader.exec_module

        def exec_module(module: ModuleType) -> None:
            execute(module)
            for part in self._parts:
                if part.module == name:
                    part.install(module)

        spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec


def _install(text: str) -> None:
    plan = json.loads(text)
    state = plan["state"]
    if _role() == "driver" and {"deidentify", "notes"} & set(sys.orig_argv):
        with open(os.path.join(state, "driver.pid"), "w") as file:
            file.write(str(os.getpid()))
    if plan["debug_log"]:
        logging.basicConfig(level=logging.DEBUG, filename=plan["debug_log"])
    parts: list[Any] = [_Fault(fields, state) for fields in plan["faults"]]
    parts += [_Setting(fields, state) for fields in plan["settings"]]
    sys.meta_path.insert(0, _Finder(parts))


if FAULTS_VARIABLE in os.environ:
    _install(os.environ[FAULTS_VARIABLE])
