"""DynamoDB tables of mappings on a server of moto."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import boto3
import pytest

from jobs.common.aws.clients import get_client
from jobs.common.mapping_store.dynamodb_table import MappingTable
from jobs.common.mapping_store.table_design import make_create_request


@pytest.fixture
def mapping_table(
    s3_server: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[MappingTable]:
    """Create a table, and let clients in this process use the server."""
    for name, value in s3_server.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)  # it keeps its credentials
    get_client.cache_clear()
    table = MappingTable(f"mapping-{uuid4().hex}")
    get_client("dynamodb").create_table(**make_create_request(table.name))
    yield table
    get_client.cache_clear()
