"""Folder of a table that the tests of reader and writer share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from jobs.common.delta.tables.delta_folder import DeltaFolder
from jobs.common.storage.location import Location


@pytest.fixture
def table(tmp_path: Path) -> Callable[[], DeltaFolder]:
    """Return a function that opens the same folder again."""
    return lambda: DeltaFolder(Location("", str(tmp_path / "table")))
