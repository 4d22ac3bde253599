from __future__ import annotations

from dataclasses import replace

import boto3
import pytest

from jobs.aws.trigger.batch_table import Batch, BatchState, BatchTable, Turn
from jobs.common.cli.errors import JobError

BATCH = Batch("d" * 64, BatchState.PLANNED, 3, 300, created_at=1000.0, updated_at=1000.0)


def test_one_invocation_has_the_lock(table: BatchTable) -> None:
    assert table.lock("one", 1000.0, 60.0) == Turn(None, None)
    assert table.lock("two", 1059.0, 60.0) is None
    table.unlock("two")
    assert table.lock("three", 1059.0, 60.0) is None
    table.unlock("one")
    assert table.lock("two", 1059.0, 60.0) == Turn(None, None)


def test_the_lock_of_a_dead_invocation_expires(table: BatchTable) -> None:
    table.lock("one", 1000.0, 60.0)
    assert table.lock("two", 1061.0, 60.0) is not None


def test_a_batch_is_added_once(table: BatchTable) -> None:
    table.lock("one", 1000.0, 60.0)
    assert table.add(BATCH, "one") == BATCH
    assert table.get(BATCH.digest) == BATCH
    assert table.read_turn() == Turn(BATCH.digest, None)
    done = replace(BATCH, state=BatchState.DONE)
    table.update(done)
    table.end_turn(done)
    assert table.read_turn() == Turn(None, BATCH.digest)
    assert table.add(BATCH, "one") is None
    assert table.read_turn() == Turn(None, BATCH.digest)


def test_a_failed_batch_is_added_again_with_a_new_attempt(table: BatchTable) -> None:
    table.lock("one", 1000.0, 60.0)
    table.add(BATCH, "one")
    failed = replace(BATCH, state=BatchState.FAILED, attempt=3, failures=3)
    table.update(failed)
    table.end_turn(failed)
    assert table.read_turn() == Turn(None, None)
    assert table.add(BATCH, "one") == replace(BATCH, attempt=4)


def test_an_invocation_without_the_lock_adds_nothing(table: BatchTable) -> None:
    table.lock("one", 1000.0, 60.0)
    with pytest.raises(JobError, match="the table of batches cannot be written"):
        table.add(BATCH, "two")
    assert table.get(BATCH.digest) is None


def test_a_second_batch_waits_for_its_turn(table: BatchTable) -> None:
    table.lock("one", 1000.0, 60.0)
    table.add(BATCH, "one")
    with pytest.raises(JobError):
        table.add(replace(BATCH, digest="e" * 64), "one")
    assert table.get("e" * 64) is None


def test_two_triggers_have_their_own_turns(table: BatchTable, batches_table: str) -> None:
    other = BatchTable(batches_table, "s3://control/notes")
    assert table.lock("one", 1000.0, 60.0) is not None
    assert other.lock("two", 1000.0, 60.0) is not None


def test_batches_are_listed_without_turns(table: BatchTable) -> None:
    table.lock("one", 1000.0, 60.0)
    table.add(BATCH, "one")
    assert list(table.list_batches()) == [BATCH]


def test_items_expire(table: BatchTable, batches_table: str) -> None:
    table.update(BATCH)
    (item,) = boto3.client("dynamodb").scan(TableName=batches_table)["Items"]
    assert int(item["expires_at"]["N"]) == 1000 + 400 * 86400


def test_a_missing_table_is_one_sentence(control: object) -> None:
    with pytest.raises(JobError, match=r"cannot be written \(ResourceNotFoundException\); "):
        BatchTable("absent", "s3://control").lock("one", 0.0, 1.0)
