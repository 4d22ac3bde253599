from __future__ import annotations

import time

import boto3
import pytest

from jobs.aws.trigger.leases import is_leased
from jobs.common.cli.errors import JobError
from jobs.common.delta.lease import DynamoLeaseStore, LeaseRecord
from jobs.common.storage.location import Location, parse_uri

TABLES = "s3://tables/tables/"


@pytest.fixture
def lease_table(control: Location) -> str:
    name = f"lease-{control.bucket}"
    boto3.client("dynamodb").create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "lease", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "lease", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return name


def test_no_lease_was_ever_held(lease_table: str) -> None:
    assert not is_leased(lease_table, TABLES)


@pytest.mark.parametrize("seconds, leased", [(60, True), (-1, False)])
def test_the_lease_of_a_dead_run_expires(lease_table: str, seconds: int, leased: bool) -> None:
    record = LeaseRecord("run", time.time() + seconds, 1)
    assert DynamoLeaseStore(lease_table, parse_uri(TABLES)).swap(record, None)
    assert is_leased(lease_table, TABLES) is leased


def test_without_a_table_the_run_itself_waits() -> None:
    assert not is_leased(None, TABLES)


def test_a_missing_table_is_one_sentence(control: Location) -> None:
    with pytest.raises(JobError, match="the lease of the tables cannot be read"):
        is_leased("absent", TABLES)
