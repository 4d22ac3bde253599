"""Control folder and table of batches on a server, and builders of events."""

from __future__ import annotations

from collections.abc import Iterator

import boto3
import pytest

from jobs.aws.trigger.batch_table import KEY_ATTRIBUTE, BatchTable
from jobs.aws.trigger.control_folder import ControlFolder
from jobs.common.aws.clients import get_client
from jobs.common.storage.location import Location


@pytest.fixture
def control(bucket: str) -> Iterator[Location]:
    """Return a control folder, and let all clients use the server."""
    get_client.cache_clear()
    yield Location(bucket, "manifests")
    get_client.cache_clear()


@pytest.fixture
def folder(control: Location) -> ControlFolder:
    return ControlFolder(control)


@pytest.fixture
def batches_table(control: Location) -> str:
    """Return the name of a new table of batches."""
    name = f"batches-{control.bucket}"
    boto3.client("dynamodb").create_table(
        TableName=name,
        KeySchema=[{"AttributeName": KEY_ATTRIBUTE, "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": KEY_ATTRIBUTE, "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return name


@pytest.fixture
def table(control: Location, batches_table: str) -> BatchTable:
    return BatchTable(batches_table, control.uri)
