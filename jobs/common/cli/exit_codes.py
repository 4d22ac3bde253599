"""Exit codes of all commands."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """Exit code of a command.

    Attributes
    ----------
    DONE
        The run ended. Quarantined objects are a result, not a failure.
    FAILED
        The run could not do its work (:class:`jobs.common.cli.errors.JobError`), could read none
        of its sources, or was interrupted.
    USAGE
        An argument is wrong (:class:`jobs.common.cli.errors.UsageError`). An ``--input`` that
        matches no file and is not a folder is a wrong argument, and so are inputs without objects,
        unless ``--allow-empty`` is given.
    QUARANTINED
        Objects were quarantined, and ``--fail-on-quarantine`` was given.
    FINDINGS
        The same code: the command ended, and what it reports needs attention, such as pseudonyms
        that it does not know, or an entry of the access log that was changed.
    """

    DONE = 0
    FAILED = 1
    USAGE = 2
    QUARANTINED = 3
    FINDINGS = 3
