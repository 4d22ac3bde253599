"""Control folder and table of batches on a server, and builders of events."""

from __future__ import annotations

from collections.abc import Iterator

import boto3
import pytest

from jobs.aws.trigger.batch_table import KEY_ATTRIBUTE, BatchTable
from jobs.aws.trigger.control_folder import ControlFolder
from jobs.aws.trigger.deployment import Deployment, find_queue_url
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


@pytest.fixture
def deployment(control: Location, batches_table: str) -> Iterator[Deployment]:
    """Return a deployment with queues of its own."""
    queues = [f"{control.bucket}-uploads", f"{control.bucket}-uploads-dead"]
    for queue in queues:
        boto3.client("sqs").create_queue(QueueName=queue)
    find_queue_url.cache_clear()
    yield Deployment(control, "raw", batches_table, *queues)
    find_queue_url.cache_clear()
