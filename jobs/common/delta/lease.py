"""One writer for the tables: a lease with expiry and fencing token.

Delta's log store for S3 locks inside one JVM only, so two drivers could overwrite each
other's commits. A local lock is let go of by the kernel when its process dies. On S3 the
lease is a small object that is changed only by conditional writes, or an item in a
DynamoDB table; a lease whose holder died is taken over when it has expired.
"""

from __future__ import annotations

import fcntl
import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Optional, Protocol
from uuid import uuid4

from jobs.common.cli.errors import JobError
from jobs.common.storage import s3_client
from jobs.common.storage.location import Location

#: Seconds without a renewal after which others may take the lease.
LEASE_SECONDS = 60.0


@dataclass(frozen=True)
class LeaseRecord:
    """Who holds the lease, until when (seconds of the epoch), as the how-manieth holder."""

    holder: str
    expires: float
    token: int


class LeaseStore(Protocol):
    """A place that can change one claim if nobody else did meanwhile."""

    def read(self) -> tuple[Optional[LeaseRecord], Any]:
        """The claim that stands, and what ``swap`` needs to replace exactly it."""

    def swap(self, claim: LeaseRecord, seen: Any) -> bool:
        """Put the claim in place of the one seen; whether that succeeded."""


class S3LeaseStore:
    """A claim in an object of the tables' own bucket, by If-None-Match and If-Match."""

    def __init__(self, folder: Location):
        self._at = {"Bucket": folder.bucket, "Key": folder.child("_lease.json").path}

    def read(self) -> tuple[Optional[LeaseRecord], Any]:
        try:
            answer = s3_client.get_client().get_object(**self._at)
        except Exception as error:  # botocore's classes
            if s3_client.error_code(error) in s3_client.NOT_FOUND_CODES:
                return None, None
            raise
        return LeaseRecord(**json.loads(answer["Body"].read())), answer["ETag"]

    def swap(self, claim: LeaseRecord, seen: Any) -> bool:
        condition = {"IfNoneMatch": "*"} if seen is None else {"IfMatch": seen}
        body = json.dumps(vars(claim)).encode()
        try:
            s3_client.get_client().put_object(**self._at, Body=body, **condition)
        except Exception as error:  # botocore's classes
            if (
                s3_client.error_code(error)
                in s3_client.PRECONDITION_FAILED_CODES | s3_client.WRITE_CONFLICT_CODES
            ):
                return False
            raise
        return True


class DynamoLeaseStore:
    """A claim in a DynamoDB table with the string key ``lease``."""

    def __init__(self, table: str, folder: Location):
        import boto3

        self._table = boto3.resource("dynamodb").Table(table)
        self._key = {"lease": folder.uri.rstrip("/")}

    def read(self) -> tuple[Optional[LeaseRecord], Any]:
        item = self._table.get_item(Key=self._key, ConsistentRead=True).get("Item")
        if item is None:
            return None, None
        claim = LeaseRecord(str(item["holder"]), float(item["expires"]), int(item["token"]))
        return claim, item

    def swap(self, claim: LeaseRecord, seen: Any) -> bool:
        condition: dict[str, Any] = {"ConditionExpression": "attribute_not_exists(lease)"}
        if seen is not None:
            condition = {
                "ConditionExpression": "holder = :holder AND expires = :expires",
                "ExpressionAttributeValues": {
                    ":holder": seen["holder"],
                    ":expires": seen["expires"],
                },
            }
        item = self._key | {
            "holder": claim.holder,
            "expires": str(claim.expires),
            "token": claim.token,
        }
        try:
            self._table.put_item(Item=item, **condition)
        except Exception as error:  # botocore's classes
            if s3_client.error_code(error) == "ConditionalCheckFailedException":
                return False
            raise
        return True


class Lease:
    """A held lease. ``check`` before every commit."""

    def __init__(self, check: Callable[[], None], token: int = 0):
        self.check = check
        self.token = token


@contextmanager
def hold_lease(folder: Location, dynamodb_table: str | None = None) -> Iterator[Lease]:
    """Hold the lease of a folder of tables while the block runs.

    Raises
    ------
    JobError
        If another run holds it.
    """
    if not folder.on_s3:
        with _local_lock(Path(folder.path)):
            yield Lease(lambda: None)
        return
    store: LeaseStore = (
        DynamoLeaseStore(dynamodb_table, folder) if dynamodb_table else S3LeaseStore(folder)
    )
    keeper = LeaseKeeper(store)
    try:
        keeper.acquire()
    except JobError:
        raise
    except Exception as error:  # botocore's classes
        raise JobError(
            f"the lease of the tables cannot be had: {s3_client.error_code(error)}"
        ) from None
    try:
        yield Lease(keeper.check, keeper.claim.token)
    finally:
        keeper.release()


@contextmanager
def _local_lock(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / ".lease", "a+") as file:
        _lock(file)
        yield


def _lock(file: IO[str]) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise JobError("another run is writing these tables; wait for it to end") from None


class LeaseKeeper:
    """Takes, renews and releases a claim."""

    def __init__(self, store: LeaseStore, expiry: float = LEASE_SECONDS):
        self._store = store
        self._expiry = expiry
        self._holder = uuid4().hex
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._renew, daemon=True)
        self.claim = LeaseRecord("", 0.0, 0)

    def acquire(self) -> None:
        """Take the lease; wait once for the one of a run that may have died to expire."""
        deadline = time.time() + 1.5 * self._expiry
        told = False
        while True:
            there, seen = self._store.read()
            now = time.time()
            if there is None or there.expires <= now:
                token = (there.token if there else 0) + 1
                claim = LeaseRecord(self._holder, now + self._expiry, token)
                if self._store.swap(claim, seen):
                    self.claim = claim
                    self._thread.start()
                    return
            if now > deadline:
                raise JobError("another run is writing these tables; wait for it to end")
            if not told:
                print("waiting for the lease of another run on these tables", file=sys.stderr)
                told = True
            self._stop.wait(min(2.0, self._expiry / 10))

    def check(self) -> None:
        """Fail unless the claim is still ours and not about to expire."""
        if self.claim.expires - time.time() < self._expiry / 6:
            raise JobError("the lease of the tables was lost; run the same command again")

    def _renew(self) -> None:
        while not self._stop.wait(self._expiry / 4):
            try:
                there, seen = self._store.read()
                if there is None or there.holder != self._holder:
                    return  # check() fails once the last renewal has run out
                claim = LeaseRecord(self._holder, time.time() + self._expiry, self.claim.token)
                if self._store.swap(claim, seen):
                    self.claim = claim
            except Exception:  # a short outage: the next turn tries again, check() decides
                continue

    def release(self) -> None:
        """Let others take the lease at once; the token stays, so that it keeps rising."""
        self._stop.set()
        self._thread.join()
        try:
            there, seen = self._store.read()
            if there is not None and there.holder == self._holder:
                self._store.swap(LeaseRecord(self._holder, 0.0, there.token), seen)
        except Exception:  # it expires by itself
            return
