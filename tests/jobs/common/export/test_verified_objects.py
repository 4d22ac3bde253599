from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from jobs.common.cli.errors import UsageError
from jobs.common.delta.table_set import Tables
from jobs.common.export.verified_objects import keep_verified
from jobs.common.storage.location import parse_uri

MADE = datetime(2024, 5, 17, 9, 30, tzinfo=timezone.utc)


def verified(uri: str, outcome: str, days: int) -> dict[str, object]:
    return {"output_uri": uri, "outcome": outcome, "verified_at": MADE + timedelta(days=days)}


def test_only_objects_that_are_clean_since_they_were_made_are_kept(
    spark: Any, tmp_path: Path
) -> None:
    tables = Tables(spark, parse_uri(str(tmp_path)))
    rows = spark.createDataFrame(
        [(name, MADE) for name in ("clean", "fixed", "broken", "made again", "unseen")],
        "output_uri STRING, processed_at TIMESTAMP",
    )
    with pytest.raises(UsageError, match="no output was verified"):
        keep_verified(tables, rows)
    tables.append_records(
        "verification",
        [
            verified("clean", "clean", 1),
            verified("fixed", "findings", 1), verified("fixed", "clean", 2),
            verified("broken", "clean", 1), verified("broken", "unchecked", 2),
            verified("made again", "clean", -1),
        ],
    )  # fmt: skip
    kept = {row.output_uri for row in keep_verified(tables, rows).collect()}
    assert kept == {"clean", "fixed"}
