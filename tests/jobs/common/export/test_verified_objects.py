from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from jobs.common.delta.tables.table_set import Tables
from jobs.common.export.verified_objects import (
    add_verification,
    count_unverified,
    report_unverified,
)
from jobs.common.storage.location import parse_uri

MADE = datetime(2024, 5, 17, 9, 30, tzinfo=timezone.utc)


def verified(uri: str, outcome: str, days: int) -> dict[str, object]:
    at = MADE + timedelta(days=days)
    scope = {"compared": True, "ocr": outcome == "clean", "text_model": None}
    return {"output_uri": uri, "outcome": outcome, "verified_at": at, **scope}


def test_the_last_verification_since_the_object_was_made_counts(spark: Any, tmp_path: Path) -> None:
    tables = Tables(spark, parse_uri(str(tmp_path)))
    names = ("clean", "fixed", "broken", "made again", "never")
    rows = spark.createDataFrame([(name, MADE) for name in names], ["output_uri", "processed_at"])
    assert {row.verification for row in add_verification(tables, rows).collect()} == {
        "not_verified"
    }
    tables.append_records(
        "verification",
        [
            verified("clean", "clean", 1),
            verified("fixed", "findings", 1), verified("fixed", "clean", 2),
            verified("broken", "clean", 1), verified("broken", "unchecked", 2),
            verified("made again", "clean", -1),
        ],
    )  # fmt: skip
    found = add_verification(tables, rows).collect()
    assert {row.output_uri: row.verification for row in found} == {
        "clean": "clean", "fixed": "clean", "broken": "unchecked", "made again": "not_verified",
        "never": "not_verified",
    }  # fmt: skip
    assert {row.output_uri: row.verification_scope for row in found} == {
        "clean": "compared+ocr", "fixed": "compared+ocr", "broken": "compared", "made again": "",
        "never": "",
    }  # fmt: skip


def test_refused_objects_are_reported_by_outcome(capfd: pytest.CaptureFixture[str]) -> None:
    report_unverified(count_unverified(Counter(clean=1, findings=2, not_verified=1)))
    text = capfd.readouterr().err
    assert "3 objects were refused" in text and "2 findings; 1 not verified" in text
    report_unverified(count_unverified(Counter(clean=1)))
    assert "refused" not in capfd.readouterr().err
