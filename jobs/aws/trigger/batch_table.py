"""Keep the state of batches, and the batch that has the turn, in a DynamoDB table.

The table has the string key ``batch_id`` and the time-to-live attribute ``expires_at``. An item is
either a batch, whose key is the hash of its manifest, or the turn of a trigger. The turn names the
current batch, and the invocation that works on it. No item holds a key of an object.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, Optional

from jobs.common.aws.client_errors import describe_error, error_code
from jobs.common.aws.clients import get_client, request
from jobs.common.cli.errors import JobError

#: Definition of the table, for ``CreateTable`` and for the template.
KEY_ATTRIBUTE = "batch_id"
EXPIRY_ATTRIBUTE = "expires_at"

#: A batch is remembered for this time, so that repeated messages start no second run.
RETENTION_SECONDS = 400 * 24 * 3600

_READ_FAILED = "the table of batches cannot be read"
_WRITE_FAILED = "the table of batches cannot be written"
_CHECK = "check SAFELIGHT_BATCHES_TABLE and the permissions"

_AGAIN = "the next invocation tries it again"


class BatchState(str, Enum):
    """State of a batch.

    Attributes
    ----------
    PLANNED
        The manifest is written; the run may have been started.
    STARTED
        The run is known.
    DONE
        The run has succeeded.
    FAILED
        All runs have failed.
    """

    PLANNED = "planned"
    STARTED = "started"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True)
class Batch:
    """A batch of uploads.

    Attributes
    ----------
    digest : str
        Hash of the manifest.
    state : BatchState
    objects : int
        Number of objects.
    size : int
        Bytes of all objects.
    attempt : int
        Number of the latest run, from 1; it never falls.
    failures : int
        Failed runs since the batch was planned.
    job_run_id : str
        Latest run; empty if it is not known.
    created_at, updated_at : float
        Times in seconds since the epoch.
    """

    digest: str
    state: BatchState
    objects: int
    size: int
    attempt: int = 1
    failures: int = 0
    job_run_id: str = ""
    created_at: float = 0.0
    updated_at: float = 0.0


@dataclass(frozen=True)
class Turn:
    """Turn of a trigger.

    Attributes
    ----------
    current : str or None
        Batch that has a run, or is about to have one.
    previous : str or None
        Latest batch whose run has succeeded.
    replays : tuple of str
        Failed batches that are to be repeated.
    """

    current: Optional[str] = None
    previous: Optional[str] = None
    replays: tuple[str, ...] = ()


class BatchTable:
    """Batches of one trigger.

    Parameters
    ----------
    table : str
        Name of the table.
    trigger : str
        Name of the trigger: the URI of its control folder.
    """

    def __init__(self, table: str, trigger: str):
        self._table = table
        self._turn_key = {KEY_ATTRIBUTE: {"S": f"turn {trigger.rstrip('/')}"}}

    def lock(self, owner: str, now: float, seconds: float) -> Optional[Turn]:
        """Lock the turn for one invocation.

        Parameters
        ----------
        owner : str
            ID of the invocation.
        now : float
            Time in seconds since the epoch.
        seconds : float
            Time after which the lock expires: more than the invocation may take.

        Returns
        -------
        Turn or None
            ``None`` if another invocation has the lock.

        Raises
        ------
        JobError
            If the table cannot be written.
        """
        answer = self._write(
            get_client("dynamodb").update_item,
            Key=self._turn_key,
            UpdateExpression="SET locked_by = :owner, locked_until = :until",
            ConditionExpression="attribute_not_exists(locked_until) OR locked_until < :now",
            ExpressionAttributeValues={
                ":owner": {"S": owner},
                ":until": _number(now + seconds),
                ":now": _number(now),
            },
            ReturnValues="ALL_NEW",
        )
        return None if answer is None else _read_turn(answer["Attributes"])

    def unlock(self, owner: str) -> None:
        """Unlock the turn, if this invocation still has the lock.

        Parameters
        ----------
        owner : str
            ID of the invocation.

        Raises
        ------
        JobError
            If the table cannot be written.
        """
        self._write(
            get_client("dynamodb").update_item,
            Key=self._turn_key,
            UpdateExpression="REMOVE locked_by, locked_until",
            ConditionExpression="locked_by = :owner",
            ExpressionAttributeValues={":owner": {"S": owner}},
        )

    def read_turn(self) -> Turn:
        """Return the turn without locking it.

        Raises
        ------
        JobError
            If the table cannot be read.
        """
        return _read_turn(self._get(self._turn_key))

    def get(self, digest: str) -> Optional[Batch]:
        """Return a batch; ``None`` if it is not known.

        Raises
        ------
        JobError
            If the table cannot be read.
        """
        item = self._get({KEY_ATTRIBUTE: {"S": digest}})
        return _read_batch(item) if item else None

    def list_batches(self) -> Iterator[Batch]:
        """Yield all batches of the table.

        Raises
        ------
        JobError
            If the table cannot be read.
        """
        start: dict[str, Any] = {}
        while True:
            page = request(
                _READ_FAILED, get_client("dynamodb").scan, TableName=self._table, **start
            )
            yield from (_read_batch(item) for item in page["Items"] if "state" in item)
            if "LastEvaluatedKey" not in page:
                return
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}

    def add(self, batch: Batch, owner: str) -> Optional[Batch]:
        """Add a batch and give it the turn, unless the same uploads were a batch before.

        Parameters
        ----------
        batch : Batch
            Planned batch.
        owner : str
            ID of the invocation that has the lock.

        Returns
        -------
        Batch or None
            The batch as it was written; ``None`` if it is known and its runs have not failed.

        Raises
        ------
        JobError
            If the table cannot be written, or the invocation has lost the lock.
        """
        known = self.get(batch.digest)
        if known is not None and known.state is BatchState.FAILED:
            # The client token of a run depends on the attempt, so that the number must rise.
            batch = replace(batch, attempt=known.attempt + 1)
        return batch if self._plan(batch, owner, "SET current_batch = :digest") else None

    def request_replay(self, digest: str) -> None:
        """Let a failed batch have another turn.

        Parameters
        ----------
        digest : str
            Hash of its manifest.

        Raises
        ------
        JobError
            If the table cannot be written.
        """
        self._write(
            get_client("dynamodb").update_item,
            Key=self._turn_key,
            UpdateExpression="ADD replays :replays",
            ExpressionAttributeValues={":replays": {"SS": [digest]}},
        )

    def replay(self, batch: Batch, owner: str) -> Batch:
        """Give a failed batch the turn again.

        Parameters
        ----------
        batch : Batch
            Failed batch.
        owner : str
            ID of the invocation that has the lock.

        Returns
        -------
        Batch
            The batch, planned with a new attempt.

        Raises
        ------
        JobError
            If the table cannot be written, or the invocation has lost the lock.
        """
        planned = replace(batch, state=BatchState.PLANNED, attempt=batch.attempt + 1, failures=0)
        update = "SET current_batch = :digest DELETE replays :replays"
        self._plan(planned, owner, update, {":replays": {"SS": [batch.digest]}})
        return planned

    def drop_replay(self, digest: str) -> None:
        """Forget that a batch is to be repeated.

        Raises
        ------
        JobError
            If the table cannot be written.
        """
        self._write(
            get_client("dynamodb").update_item,
            Key=self._turn_key,
            UpdateExpression="DELETE replays :replays",
            ExpressionAttributeValues={":replays": {"SS": [digest]}},
        )

    def _plan(
        self,
        batch: Batch,
        owner: str,
        update: str,
        values: Optional[Mapping[str, Any]] = None,
    ) -> bool:
        """Write a new or failed batch and give it the turn; return whether it was either."""
        put = {
            "TableName": self._table,
            "Item": _write_batch(batch),
            "ConditionExpression": f"attribute_not_exists({KEY_ATTRIBUTE}) OR #state = :failed",
            "ExpressionAttributeNames": {"#state": "state"},
            "ExpressionAttributeValues": {":failed": {"S": BatchState.FAILED.value}},
        }
        take_turn = {
            "TableName": self._table,
            "Key": self._turn_key,
            "UpdateExpression": update,
            "ConditionExpression": "locked_by = :owner AND attribute_not_exists(current_batch)",
            "ExpressionAttributeValues": {
                ":digest": {"S": batch.digest},
                ":owner": {"S": owner},
                **(values or {}),
            },
        }
        return self._transact({"Put": put}, {"Update": take_turn})

    def update(self, batch: Batch) -> None:
        """Replace a batch that has the turn.

        Raises
        ------
        JobError
            If the table cannot be written.
        """
        self._write(get_client("dynamodb").put_item, Item=_write_batch(batch))

    def end_turn(self, batch: Batch) -> None:
        """Take the turn from a batch whose last run has ended.

        Parameters
        ----------
        batch : Batch
            Batch in its last state.

        Raises
        ------
        JobError
            If the table cannot be written.
        """
        done = batch.state is BatchState.DONE
        self._write(
            get_client("dynamodb").update_item,
            Key=self._turn_key,
            UpdateExpression="REMOVE current_batch"
            + (" SET previous_batch = :digest" if done else ""),
            ConditionExpression="current_batch = :digest",
            ExpressionAttributeValues={":digest": {"S": batch.digest}},
        )

    def _get(self, key: Mapping[str, Any]) -> Mapping[str, Any]:
        answer = request(
            _READ_FAILED,
            get_client("dynamodb").get_item,
            TableName=self._table,
            Key=key,
            ConsistentRead=True,
        )
        item: Mapping[str, Any] = answer.get("Item", {})
        return item

    def _write(self, operation: Any, **parameters: Any) -> Optional[dict[str, Any]]:
        """Call an operation; return ``None`` if its condition does not hold."""
        try:
            answer: dict[str, Any] = operation(TableName=self._table, **parameters)
        except Exception as error:  # classes of botocore
            if error_code(error) == "ConditionalCheckFailedException":
                return None
            raise JobError(describe_error(_WRITE_FAILED, error, _CHECK)) from None
        return answer

    def _transact(self, *actions: Mapping[str, Any]) -> bool:
        """Write several items; return ``False`` if the condition of the first does not hold."""
        try:
            get_client("dynamodb").transact_write_items(TransactItems=actions)
        except Exception as error:  # classes of botocore
            # Other reasons are the lost lock, a conflict with another write, and throttling.
            reasons = getattr(error, "response", {}).get("CancellationReasons") or [{}]
            if reasons[0].get("Code") == "ConditionalCheckFailed":
                return False
            raise JobError(describe_error(_WRITE_FAILED, error, _AGAIN)) from None
        return True


def _number(value: float) -> dict[str, str]:
    return {"N": f"{value:.3f}" if isinstance(value, float) else str(value)}


def _read_turn(item: Mapping[str, Any]) -> Turn:
    return Turn(
        item.get("current_batch", {}).get("S"),
        item.get("previous_batch", {}).get("S"),
        tuple(sorted(item.get("replays", {}).get("SS", ()))),
    )


def _write_batch(batch: Batch) -> dict[str, Any]:
    return {
        KEY_ATTRIBUTE: {"S": batch.digest},
        "state": {"S": batch.state.value},
        "objects": _number(batch.objects),
        "bytes": _number(batch.size),
        "attempt": _number(batch.attempt),
        "failures": _number(batch.failures),
        "job_run_id": {"S": batch.job_run_id},
        "created_at": _number(batch.created_at),
        "updated_at": _number(batch.updated_at),
        EXPIRY_ATTRIBUTE: _number(int(batch.updated_at + RETENTION_SECONDS)),
    }


def _read_batch(item: Mapping[str, Any]) -> Batch:
    return Batch(
        digest=item[KEY_ATTRIBUTE]["S"],
        state=BatchState(item["state"]["S"]),
        objects=int(item["objects"]["N"]),
        size=int(item["bytes"]["N"]),
        attempt=int(item["attempt"]["N"]),
        failures=int(item["failures"]["N"]),
        job_run_id=item["job_run_id"]["S"],
        created_at=float(item["created_at"]["N"]),
        updated_at=float(item["updated_at"]["N"]),
    )
