"""One Spark session for all tests, started when the first one asks for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jobs.common.session import start_session

KEY = bytes(range(32))


@pytest.fixture(scope="session")
def spark() -> Iterator[Any]:
    settings = {
        "spark.sql.shuffle.partitions": "1",
        "spark.databricks.delta.snapshotPartitions": "1",
    }
    session = start_session("tests", "local[2]", settings)
    yield session
    session.stop()


@pytest.fixture
def key_file(tmp_path: Path) -> str:
    path = tmp_path / "key.hex"
    path.write_text(KEY.hex())
    return f"file:{path}"
