"""Ask for the lease of a tables folder, without waiting for it."""

from __future__ import annotations

import time

from jobs.common.aws.client_errors import describe_error
from jobs.common.cli.errors import JobError
from jobs.common.delta.lease import DynamoLeaseStore
from jobs.common.storage.location import parse_uri


def is_leased(table: str | None, tables: str) -> bool:
    """Return whether a run holds the lease of a tables folder.

    The lease of a run that has died expires by itself. Without a DynamoDB table, the lease is an
    object in the folder; the run itself waits for it.

    Parameters
    ----------
    table : str or None
        DynamoDB table of the leases.
    tables : str
        URI of the tables folder.

    Raises
    ------
    JobError
        If the table cannot be read.
    """
    if table is None:
        return False
    try:
        record = DynamoLeaseStore(table, parse_uri(tables)).read().record
    except Exception as error:  # classes of botocore
        raise JobError(
            describe_error(
                "the lease of the tables cannot be read",
                error,
                "check SAFELIGHT_LEASE_TABLE and the permissions",
            )
        ) from None
    return record is not None and record.expires > time.time()
