"""Hold the lease of the only writer of a folder of tables.

Delta's log store for S3 locks inside one JVM only, so two drivers could overwrite each other's
commits. On local disks, the kernel releases the lock of a process that dies. On S3, the lease is
a small object that is changed only by conditional writes, or an item of a DynamoDB table. Another
run takes over an expired lease.
"""

from __future__ import annotations

import fcntl
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Generic, Optional, Protocol, TypeVar
from uuid import uuid4

from jobs.common.aws.client_errors import error_code
from jobs.common.cli.error_advice import advise
from jobs.common.cli.errors import JobError
from jobs.common.cli.log import log_event
from jobs.common.storage import s3_client
from jobs.common.storage.location import Location

#: Seconds without a renewal after which a lease expires.
LEASE_SECONDS = 60.0

#: Seconds between two attempts to lock a folder on a local disk.
_LOCAL_RETRY_SECONDS = 0.2

LEASE_LOST = "the lease of the tables was lost; run the same command again"
_HELD_BY_OTHERS = "another run is writing these tables; wait for it to end"

V = TypeVar("V")


@dataclass(frozen=True)
class LeaseRecord:
    """Current lease: holder, expiry (epoch seconds), fencing token."""

    holder: str
    expires: float
    token: int


@dataclass(frozen=True)
class Versioned(Generic[V]):
    """A lease as it was read.

    Attributes
    ----------
    record : LeaseRecord or None
        ``None`` if the lease was never held.
    version : V
        Version that :meth:`LeaseStore.swap` replaces.
    """

    record: Optional[LeaseRecord]
    version: V


class LeaseStore(Protocol[V]):
    """A store of one lease with compare-and-swap."""

    def read(self) -> Versioned[V]:
        """Return the current lease and its version."""

    def swap(self, record: LeaseRecord, version: V) -> bool:
        """Replace the lease of a version; return whether it was still that version.

        Parameters
        ----------
        record : LeaseRecord
            The new lease.
        version : V
            Version that :meth:`read` returned.

        Returns
        -------
        bool
            ``True`` if the lease was replaced, ``False`` if the store has another version.

        Raises
        ------
        botocore.exceptions.ClientError
            If the store refuses the write for another reason than the version.
        """


class S3LeaseStore:
    """A lease in an object below the tables, written with If-None-Match and If-Match.

    Parameters
    ----------
    folder : Location
        Folder of the tables.
    """

    def __init__(self, folder: Location):
        self._object = {"Bucket": folder.bucket, "Key": folder.child("_lease.json").path}

    def read(self) -> Versioned[Optional[str]]:
        """Return the current lease and the ETag of its object."""
        try:
            answer = s3_client.get_client().get_object(**self._object)
        except Exception as error:  # classes of botocore
            if error_code(error) in s3_client.NOT_FOUND_CODES:
                return Versioned(None, None)
            raise
        return Versioned(LeaseRecord(**json.loads(answer["Body"].read())), answer["ETag"])

    def swap(self, record: LeaseRecord, version: Optional[str]) -> bool:
        """Replace the lease if the object still has this ETag, or does not exist.

        Parameters
        ----------
        record : LeaseRecord
            The new lease.
        version : str or None
            ETag of the object, with its quotation marks; ``None`` if the object must not exist.

        Returns
        -------
        bool
            ``True`` if the lease was replaced, ``False`` if another write changed the object.

        Raises
        ------
        botocore.exceptions.ClientError
            If S3 refuses the write for another reason than the version.
        """
        condition = {"IfNoneMatch": "*"} if version is None else {"IfMatch": version}
        body = json.dumps(vars(record)).encode()
        try:
            s3_client.get_client().put_object(**self._object, Body=body, **condition)
        except Exception as error:  # classes of botocore
            lost = s3_client.PRECONDITION_FAILED_CODES | s3_client.WRITE_CONFLICT_CODES
            if error_code(error) in lost:
                return False
            raise
        return True


class DynamoLeaseStore:
    """A lease in an item of a DynamoDB table with the string key ``lease``.

    Parameters
    ----------
    table : str
        Name of the DynamoDB table.
    folder : Location
        Folder of the tables.
    """

    def __init__(self, table: str, folder: Location):
        import boto3

        self._table = boto3.resource("dynamodb").Table(table)
        self._key = {"lease": folder.uri.rstrip("/")}

    def read(self) -> Versioned[Optional[Mapping[str, Any]]]:
        """Return the current lease and its item."""
        item = self._table.get_item(Key=self._key, ConsistentRead=True).get("Item")
        if item is None:
            return Versioned(None, None)
        record = LeaseRecord(str(item["holder"]), float(item["expires"]), int(item["token"]))
        return Versioned(record, item)

    def swap(self, record: LeaseRecord, version: Optional[Mapping[str, Any]]) -> bool:
        """Replace the lease if the item still has this holder and expiry, or does not exist.

        Parameters
        ----------
        record : LeaseRecord
            The new lease.
        version : mapping or None
            Item that :meth:`read` returned; ``None`` if the item must not exist.

        Returns
        -------
        bool
            ``True`` if the lease was replaced, ``False`` if the item has changed.

        Raises
        ------
        botocore.exceptions.ClientError
            If DynamoDB refuses the write for another reason than the version.
        """
        condition: dict[str, Any] = {"ConditionExpression": "attribute_not_exists(lease)"}
        if version is not None:
            condition = {
                "ConditionExpression": "holder = :holder AND expires = :expires",
                "ExpressionAttributeValues": {
                    ":holder": version["holder"],
                    ":expires": version["expires"],
                },
            }
        item = self._key | {
            "holder": record.holder,
            "expires": str(record.expires),
            "token": record.token,
        }
        try:
            self._table.put_item(Item=item, **condition)
        except Exception as error:  # classes of botocore
            if error_code(error) == "ConditionalCheckFailedException":
                return False
            raise
        return True


class Lease:
    """A held lease.

    Parameters
    ----------
    check : callable
        Raises if the lease was lost. Call it before each commit.
    token : int
        Fencing token; it rises with each holder. 0 for a local lock.
    """

    def __init__(self, check: Callable[[], None], token: int = 0):
        self.check = check
        self.token = token


@contextmanager
def hold_lease(
    folder: Location, dynamodb_table: str | None = None, local_wait_seconds: float = 0.0
) -> Iterator[Lease]:
    """Hold the lease of a folder of tables while the block runs.

    Parameters
    ----------
    folder : Location
        Folder of the tables.
    dynamodb_table : str, optional
        DynamoDB table for leases of folders on S3 (default: an object in the folder).
    local_wait_seconds : float
        Seconds to wait for the holder of a lease on a local disk. On S3, the wait is as long as a
        lease of a dead run can last.

    Raises
    ------
    JobError
        If another run holds the lease, or the lease cannot be read or written.
    """
    if not folder.on_s3:
        with _local_lock(Path(folder.path), local_wait_seconds):
            yield Lease(lambda: None)
        return
    keeper: LeaseKeeper[Any]
    if dynamodb_table:
        keeper = LeaseKeeper(DynamoLeaseStore(dynamodb_table, folder))
    else:
        keeper = LeaseKeeper(S3LeaseStore(folder))
    try:
        keeper.acquire()
    except JobError:
        raise
    except Exception as error:  # classes of botocore
        code = error_code(error)
        raise JobError(
            f"the lease of the tables cannot be acquired ({code}); "
            + (advise(code) or "check the permissions")
        ) from None
    try:
        yield Lease(keeper.check, keeper.record.token)
    finally:
        keeper.release()


@contextmanager
def _local_lock(folder: Path, wait_seconds: float) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + wait_seconds
    with open(folder / ".lease", "a+") as file:
        while not _try_lock(file):
            if time.monotonic() >= deadline:
                raise JobError(_HELD_BY_OTHERS)
            time.sleep(_LOCAL_RETRY_SECONDS)
        yield


def _try_lock(file: IO[str]) -> bool:
    """Lock an open file, and return whether no other process has it locked."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


class LeaseKeeper(Generic[V]):
    """Acquire, renew and release a lease.

    Parameters
    ----------
    store : LeaseStore
    lease_seconds : float
        Seconds without a renewal after which the lease expires.
    """

    def __init__(self, store: LeaseStore[V], lease_seconds: float = LEASE_SECONDS):
        self._store = store
        self._lease_seconds = lease_seconds
        self._holder = uuid4().hex
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._renew, daemon=True)
        self.record = LeaseRecord("", 0.0, 0)

    def acquire(self) -> None:
        """Acquire the lease. Wait once for the lease of another run, which may be dead, to expire.

        Raises
        ------
        JobError
            If the other run has renewed its lease.
        """
        deadline = time.time() + 1.5 * self._lease_seconds
        waiting = False
        while True:
            current = self._store.read()
            now = time.time()
            if (
                current.record
                and current.record.holder == self._holder
                and current.record.expires > now
            ):
                # The answer to our write was lost, and its repetition met our own lease.
                self.record = current.record
                self._thread.start()
                return
            if current.record is None or current.record.expires <= now:
                token = (current.record.token if current.record else 0) + 1
                record = LeaseRecord(self._holder, now + self._lease_seconds, token)
                if self._store.swap(record, current.version):
                    self.record = record
                    self._thread.start()
                    return
            if now > deadline:
                raise JobError(_HELD_BY_OTHERS)
            if not waiting:
                log_event("lease_wait", "waiting for the lease of another run on these tables")
                waiting = True
            self._stop.wait(min(2.0, self._lease_seconds / 10))

    def check(self) -> None:
        """Raise unless the lease is held for at least another sixth of its duration.

        Raises
        ------
        JobError
        """
        if self.record.expires - time.time() < self._lease_seconds / 6:
            raise JobError(LEASE_LOST)

    def _renew(self) -> None:
        while not self._stop.wait(self._lease_seconds / 4):
            try:
                current = self._store.read()
                if current.record is None or current.record.holder != self._holder:
                    return  # `check` fails once the last renewal has expired
                expires = time.time() + self._lease_seconds
                record = LeaseRecord(self._holder, expires, self.record.token)
                if self._store.swap(record, current.version):
                    self.record = record
            except Exception:  # a short outage: the next turn tries again, `check` decides
                continue

    def release(self) -> None:
        """Release the lease. The token is kept in the store, so that it keeps rising."""
        self._stop.set()
        self._thread.join()
        try:
            current = self._store.read()
            if current.record is not None and current.record.holder == self._holder:
                released = LeaseRecord(self._holder, 0.0, current.record.token)
                self._store.swap(released, current.version)
        except Exception:  # the lease expires by itself
            return
