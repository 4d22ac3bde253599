"""Secrets and KMS keys on a server of AWS."""

from __future__ import annotations

from typing import Any

import pytest

from jobs.common.aws.clients import get_client


@pytest.fixture
def secrets_manager(bucket: str) -> Any:
    """Return the client of Secrets Manager; the jobs of this process use the same server."""
    return get_client("secretsmanager")


@pytest.fixture
def kms_key(bucket: str) -> str:
    """Create a KMS key and return its ARN."""
    return str(get_client("kms").create_key()["KeyMetadata"]["Arn"])
