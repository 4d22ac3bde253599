from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Optional

import pytest

from jobs.common.cli.errors import JobError
from jobs.common.delta.lease import LeaseKeeper, LeaseRecord, Versioned, hold_lease
from jobs.common.storage.location import Location


class MemoryStore:
    """An atomic store, as S3 and DynamoDB are."""

    def __init__(self) -> None:
        self.record: Optional[LeaseRecord] = None
        self._lock = threading.Lock()

    def read(self) -> Versioned[Optional[LeaseRecord]]:
        return Versioned(self.record, self.record)

    def swap(self, record: LeaseRecord, version: Optional[LeaseRecord]) -> bool:
        with self._lock:
            if self.record != version:
                return False
            self.record = record
            return True


def test_a_local_lock_lets_one_in(tmp_path: Path) -> None:
    place = Location("", str(tmp_path))
    with hold_lease(place):
        with pytest.raises(JobError, match="another run"), hold_lease(place):
            pass
    with hold_lease(place):
        pass


def test_one_of_many_takes_the_lease_and_the_token_rises() -> None:
    store = MemoryStore()
    first = LeaseKeeper(store, lease_seconds=5)
    first.acquire()
    first.check()
    assert first.record.token == 1
    first.release()
    second = LeaseKeeper(store, lease_seconds=5)
    second.acquire()
    assert second.record.token == 2
    with pytest.raises(JobError, match="lost"):
        LeaseKeeper(store, lease_seconds=5).check()
    second.release()


class ForgetfulStore(MemoryStore):
    """A store whose first answer is lost: the repeated write then meets the lease itself."""

    def swap(self, record: LeaseRecord, version: Optional[LeaseRecord]) -> bool:
        first = self.record is None
        return super().swap(record, version) and not first


def test_a_lease_whose_answer_was_lost_is_recognized() -> None:
    store = ForgetfulStore()
    keeper = LeaseKeeper(store, lease_seconds=600)
    keeper.acquire()
    keeper.check()
    assert keeper.record == store.record and keeper.record.token == 1
    keeper.release()


def test_a_live_holder_keeps_others_out() -> None:
    store = MemoryStore()
    holder = LeaseKeeper(store, lease_seconds=0.8)
    holder.acquire()
    with pytest.raises(JobError, match="another run"):
        LeaseKeeper(store, lease_seconds=0.8).acquire()
    holder.check()
    holder.release()


def test_a_dead_holder_is_followed_when_its_claim_expires() -> None:
    store = MemoryStore()
    store.record = LeaseRecord("dead", time.time() + 0.3, 7)
    heir = LeaseKeeper(store, lease_seconds=0.6)
    heir.acquire()
    assert heir.record.token == 8
    heir.release()
