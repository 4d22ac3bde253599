"""Turn errors of delta-rs into messages, and repeat what a broken connection has stopped."""

from __future__ import annotations

import re

from jobs.common.cli.error_advice import advise, find_code
from jobs.common.cli.errors import JobError
from jobs.common.delta.lease import LEASE_LOST
from jobs.common.delta.tables.properties import unsupported_table

#: Messages of delta-rs about a protocol that it does not support.
_PROTOCOL_ERROR = re.compile(
    r"(minimum|maximum supported) (reader|writer) version|feature", re.IGNORECASE
)

#: Message of delta-rs about a commit that met another one of the same application.
_FENCED_ERROR = "Concurrent transaction failed"

#: What to do about an error whose code says nothing, such as that of a damaged commit.
_ADVICE = (
    "check the folder of the tables and its permissions; if a file in its _delta_log is missing or "
    "damaged, restore it from a backup"
)

#: Waits between the attempts of a read of the log, or of a commit, whose connection broke.
RETRY_WAITS_SECONDS = (0.2, 0.8, 3.2)


def describe_table_error(table: str, operation: str, error: Exception) -> JobError:
    """Return an error that names a table, the code of the cause and what to do.

    Parameters
    ----------
    table : str
        Name of the table.
    operation : str
        Past participle of what failed, such as ``read``.
    error : Exception
        Error of delta-rs.
    """
    if _PROTOCOL_ERROR.search(str(error)):
        return unsupported_table(table)
    if _FENCED_ERROR in str(error):
        return JobError(LEASE_LOST)
    code = find_code(str(error)) or type(error).__name__
    advice = advise(code) or _ADVICE
    return JobError(f"the Delta table {table} cannot be {operation} ({code}); {advice}")


def may_pass(error: Exception) -> bool:
    """Return whether an error may pass by itself: one of the network without a code of its own.

    delta-rs repeats requests that fail, but not those whose answer breaks off.
    """
    return isinstance(error, OSError) and not find_code(str(error)) and not error.errno
