"""How a job ends when it cannot do its work: exit codes, and the two exceptions behind them."""

from __future__ import annotations

EXIT_DONE = 0
EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_QUARANTINED = 3


class ArgumentProblem(Exception):
    """An argument is wrong: one sentence for the person who gave it; exit code 2."""


class JobFailure(Exception):
    """The run could not do its work: one sentence without PHI; exit code 1."""
