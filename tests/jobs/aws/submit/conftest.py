from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs.common.aws import clients


@pytest.fixture
def services(bucket: str) -> Iterator[str]:
    """Let the clients of this process use the server of the test; return a bucket there."""
    clients.get_client.cache_clear()
    yield bucket
    clients.get_client.cache_clear()


@pytest.fixture
def distribution(tmp_path: Path) -> Path:
    """Make a folder like that of `make dist`, with small files."""
    folder = tmp_path / "dist"
    (folder / "jars").mkdir(parents=True)
    (folder / "environment.tar.gz").write_bytes(b"environment")
    (folder / "main.py").write_bytes(b"main")
    for name in ("spark-nlp_2.12-5.5.3.jar", "delta-spark_2.12-3.3.2.jar", "hadoop-aws-3.3.4.jar"):
        (folder / "jars" / name).write_bytes(name.encode())
    return folder
