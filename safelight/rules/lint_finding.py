"""Finding of lint: a contradiction or a probable mistake in a rule set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class LintFinding:
    """Contradiction or probable mistake in a rule set.

    Attributes
    ----------
    severity : str
        ``error`` for a contradiction, ``warning`` for a probable mistake.
    code : str
        Name of the kind of finding, with which ``--accept-lint`` accepts an error.
    location : str
        Part of the rule set, with its line if it has one.
    text : str
    """

    severity: Literal["error", "warning"]
    code: str
    location: str
    text: str

    def __str__(self) -> str:
        return f"{self.severity}: {self.location}: {self.text} [{self.code}]"
