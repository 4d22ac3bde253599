"""One Delta table, read and appended to without Spark: in milliseconds instead of seconds.

Rows that the driver has are written by delta-rs. On S3 its commits are conditional writes, so
two writers can never take the same version; the log store of Delta's Spark library locks
inside one JVM only.

source: https://delta-io.github.io/delta-rs/usage/writing/writing-to-s3-with-locking-provider/
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import Any, Optional

import boto3
import pyarrow as pa
import pyarrow.dataset as ds
from deltalake import DeltaTable, Schema, write_deltalake
from deltalake.exceptions import DeltaError

from jobs.common.cli.errors import JobError
from jobs.common.storage.location import Location

#: Commits that a reader may have to read one by one.
COMMITS_PER_CHECKPOINT = "30"


class DeltaFolder:
    """The table at a place, which is made when the first rows come.

    Parameters
    ----------
    place : Location
        The folder of the table.
    """

    def __init__(self, place: Location):
        self._place = place
        self._found = False

    @property
    def exists(self) -> bool:
        """Whether the table is there."""
        if not self._found:
            self._found = DeltaTable.is_deltatable(self._place.uri, _access(self._place))
        return self._found

    def check(self, columns: pa.Schema) -> None:
        """Fail if the table is there and cannot take rows of these columns.

        Raises
        ------
        JobError
            If it lacks a column, or has it with another type.
        """
        if not self.exists:
            return
        try:
            table = DeltaTable(self._place.uri, storage_options=_access(self._place))
        except DeltaError as error:
            raise self._unusable("read", error) from None
        there = {field.name: field.type for field in table.schema().fields}
        for field in Schema.from_arrow(columns).fields:
            if there.get(field.name) != field.type:
                raise JobError(
                    f"the table {self._name} is of another version of this software (column "
                    f"{field.name}); give --tables a folder of its own"
                )

    def rows(
        self, columns: Sequence[str], condition: Optional[ds.Expression] = None
    ) -> Iterator[dict[str, Any]]:
        """Some columns of the rows that a condition holds for, as they are read.

        Columns that are not asked for are not read, nor files whose statistics rule the
        condition out; what has been read is not kept, so that a table may be of any size.

        Raises
        ------
        JobError
            If the table asks more of its readers than this one can do.
        """
        if not self.exists:
            return
        try:
            table = DeltaTable(self._place.uri, storage_options=_access(self._place))
            there = table.to_pyarrow_dataset()
        except DeltaError as error:
            raise self._unusable("read", error) from None
        for batch in there.to_batches(columns=list(columns), filter=condition):
            yield from batch.to_pylist()

    def append(self, rows: pa.Table) -> None:
        """Add rows in one commit.

        Raises
        ------
        JobError
            If the table asks more of its writers than this one can do, or is in use.
        """
        try:
            write_deltalake(
                self._place.uri,
                rows,
                mode="append",
                configuration={"delta.checkpointInterval": COMMITS_PER_CHECKPOINT},
                storage_options=_access(self._place),
            )
        except DeltaError as error:
            raise self._unusable("appended to", error) from None
        self._found = True

    @property
    def _name(self) -> str:
        return self._place.path.rstrip("/").rpartition("/")[2]

    def _unusable(self, how: str, error: DeltaError) -> JobError:
        kind = type(error).__name__
        return JobError(f"the Delta table {self._name} cannot be {how} ({kind}); run again")


def _access(place: Location) -> dict[str, str]:
    """Endpoint, region and credentials as boto3 finds them; asked anew, since they expire."""
    if not place.on_s3:
        return {}
    session: Any = boto3.DEFAULT_SESSION or boto3.Session()
    options = {"AWS_CONDITIONAL_PUT": "etag", "AWS_REGION": session.region_name or "us-east-1"}
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    if endpoint:
        options["AWS_ENDPOINT_URL"] = endpoint
        options["AWS_ALLOW_HTTP"] = str(endpoint.startswith("http://")).lower()
    if credentials := session.get_credentials():
        key = credentials.get_frozen_credentials()
        options["AWS_ACCESS_KEY_ID"] = key.access_key
        options["AWS_SECRET_ACCESS_KEY"] = key.secret_key
        if key.token:
            options["AWS_SESSION_TOKEN"] = key.token
    return options
