"""Targets of the fuzzer: one module each, with the functions ``run`` and ``seeds``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

_CORPUS = Path(__file__).parents[2] / "data" / "fuzz"


@dataclass(frozen=True)
class Target:
    """One target of the fuzzer.

    Attributes
    ----------
    name : str
        Name of its module.
    run : callable
        Processes one input; raises for every outcome that is a bug.
    seeds : callable
        Returns valid inputs.
    """

    name: str
    run: Callable[[bytes], None]
    seeds: Callable[[], list[bytes]]

    def inputs(self) -> list[bytes]:
        """Return the seeds and the inputs of the corpus."""
        return [*self.seeds(), *(path.read_bytes() for path in sorted(self.corpus.glob("*")))]

    @property
    def corpus(self) -> Path:
        """Folder of inputs that were bugs once, or that reach code that no seed reaches."""
        return _CORPUS / self.name


def list_targets() -> list[str]:
    """Return the names of all targets."""
    return sorted(module.name for module in iter_modules([str(Path(__file__).parent)]))


def load_target(name: str) -> Target:
    """Return the target of a module.

    Raises
    ------
    ModuleNotFoundError
        If there is no such module.
    """
    module = import_module(f"{__name__}.{name}")
    return Target(name, module.run, module.seeds)
