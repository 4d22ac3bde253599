"""A deployed system for one test, and its function in the process of the test."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jobs.aws.deploy.function_code import build_archive
from jobs.aws.trigger import handler
from jobs.common.aws.clients import get_client
from jobs.common.storage import s3_client
from tests.jobs.aws.end_to_end.system import System
from tests.jobs.aws.lambda_runtime import LambdaFunction, lambda_function


@pytest.fixture(scope="session")
def function_code(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Unpack the code of the function as `safelight deploy` packages it."""
    folder = tmp_path_factory.mktemp("code")
    with zipfile.ZipFile(io.BytesIO(build_archive())) as archive:
        archive.extractall(folder)
    return folder


@pytest.fixture
def fresh_system(s3_server: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> System:
    """Deploy a system of its own for a test, without a distribution."""
    for name, value in s3_server.items():
        monkeypatch.setenv(name, value)
    system = System(s3_server)
    system.release_uri = f"s3://{system.bucket('artifacts')}/distribution/release.json"
    system.deploy()
    system.client("s3").put_object(
        Bucket=system.bucket("artifacts"),
        Key="distribution/release.json",
        Body=b'{"entry_point": "s3://artifacts/main.py", "environment": null, "jars": []}',
    )
    return system


class LocalFunction:
    """Function of the trigger in the process of the test, so that faults can be injected."""

    def invoke(self, event: Any) -> Any:
        """Invoke the function."""
        return handler.handle(event, None)


@pytest.fixture
def local_function(
    fresh_system: System, monkeypatch: pytest.MonkeyPatch
) -> Iterator[LocalFunction]:
    """Return the function with the variables of the template."""
    for name, value in fresh_system.function["Variables"].items():
        monkeypatch.setenv(name, value)
    _forget()
    yield LocalFunction()
    _forget()


def _forget() -> None:
    handler._settings.cache_clear()
    get_client.cache_clear()
    s3_client.get_client.cache_clear()


@pytest.fixture
def remote_function(
    fresh_system: System, function_code: Path, tmp_path: Path
) -> Iterator[LambdaFunction]:
    """Return the function in the interface client of Lambda."""
    given = fresh_system.function
    variables = given["Variables"] | dict(fresh_system.environment)
    with lambda_function(given["Handler"], tmp_path, function_code, variables) as function:
        yield function
