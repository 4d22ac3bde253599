"""Launchers whose clients answer from a list."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber


@contextmanager
def stub_client(
    monkeypatch: pytest.MonkeyPatch, module: str, *services: str
) -> Iterator[dict[str, Stubber]]:
    """Replace the clients of a launcher module by stubs, which check requests and answers.

    Parameters
    ----------
    monkeypatch : pytest.MonkeyPatch
    module : str
        Name of a module of jobs.aws.submit.launchers.
    *services : str
        Names of the services in boto3.
    """
    clients: dict[str, Any] = {
        service: boto3.client(
            service, "us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
        )
        for service in services
    }
    name = f"jobs.aws.submit.launchers.{module}.get_client"
    monkeypatch.setattr(name, lambda service, *_: clients[service])
    stubs = {service: Stubber(client) for service, client in clients.items()}
    for stub in stubs.values():
        stub.activate()
    yield stubs
    for stub in stubs.values():
        stub.assert_no_pending_responses()
