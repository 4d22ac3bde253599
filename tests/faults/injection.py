"""Describe faults that ``hooks/sitecustomize.py`` injects into the processes of a job."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Optional

HOOKS = Path(__file__).parent / "hooks"

#: As in ``hooks/sitecustomize.py``, which imports nothing of this repository.
FAULTS_VARIABLE = "SAFELIGHT_TEST_FAULTS"


@dataclass(frozen=True)
class Fault:
    """A fault at a named function.

    Attributes
    ----------
    point : str
        Function as ``module:qualified name``.
    action : str
        What happens there; see ``ACTIONS`` in ``hooks/sitecustomize.py``.
    when : str
        ``before`` or ``after`` the call.
    count : int
        Number of the call at which the fault fires, counted over all processes from 1.
    repeat : bool
        Fire at each later call as well.
    role : str, optional
        Count only calls in the ``driver`` or in a ``worker``.
    contains : str, optional
        Count only calls of which an argument holds this text, as bytes or as a string.
    argument : str or float, optional
        Seconds to sleep, the name of an error, or the file to rewrite.
    name : str
        Name of the files in which the processes record the fault.
    """

    point: str
    action: str
    when: str = "before"
    count: int = 1
    repeat: bool = False
    role: Optional[str] = None
    contains: Optional[str] = None
    argument: Any = None
    name: str = "fault"


@dataclass(frozen=True)
class Setting:
    """A constant of a module that a run uses with another value.

    Attributes
    ----------
    point : str
        Constant as ``module:qualified name``.
    value : Any
    """

    point: str
    value: Any


@dataclass(frozen=True)
class Plan:
    """Faults and settings of one run.

    Attributes
    ----------
    state : Path
        Folder that the processes of the run share.
    faults : sequence of Fault
    settings : sequence of Setting
    debug_log : Path, optional
        File to which the processes log at the level DEBUG.
    """

    state: Path
    faults: Sequence[Fault] = ()
    settings: Sequence[Setting] = ()
    debug_log: Optional[Path] = None

    def to_json(self) -> str:
        """Return the plan as the variable ``FAULTS_VARIABLE`` holds it."""
        return json.dumps(
            {
                "state": str(self.state),
                "debug_log": str(self.debug_log) if self.debug_log else None,
                "faults": [asdict(fault) for fault in self.faults],
                "settings": [asdict(setting) for setting in self.settings],
            }
        )

    def fired(self, name: str = "fault") -> bool:
        """Return whether a fault has fired."""
        return (self.state / f"{name}.fired").exists()

    def missing(self) -> list[str]:
        """Return the faults and settings whose function or constant does not exist."""
        return sorted(path.stem for path in self.state.glob("*.missing"))
