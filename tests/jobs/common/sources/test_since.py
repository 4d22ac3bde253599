from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from jobs.common.cli.errors import UsageError
from jobs.common.delta.rows import RunRow
from jobs.common.delta.tables.table_set import Tables
from jobs.common.sources.since import SINCE_MARGIN, resolve_since
from jobs.common.storage.location import Location

NIGHTS = [datetime(2026, 11, day, 2, tzinfo=timezone.utc) for day in (1, 2, 3, 4, 5)]


@pytest.fixture
def tables(tmp_path: Path) -> Tables:
    tables = Tables(None, Location("", str(tmp_path)))
    ours, other = {"inputs_hmac": "i"}, {"inputs_hmac": "j"}
    tables.append_rows([
        RunRow("n1", "deidentify", NIGHTS[0], outcome="done", parameters=ours, rules_hash="r"),
        RunRow("n2", "deidentify", NIGHTS[1], outcome="done", parameters=ours, rules_hash="r"),
        RunRow("n3", "deidentify", NIGHTS[2], outcome="done", parameters=other, rules_hash="r"),
        RunRow("n4", "deidentify", NIGHTS[3], outcome="done", parameters=ours, rules_hash="s"),
        RunRow("n5", "notes", NIGHTS[4], outcome="done", parameters=ours, rules_hash="r"),
    ])  # fmt: skip
    return tables


def resolve(text: str, tables: Tables) -> datetime | None:
    settings = {"inputs_hmac": "i", "rules_hash": "r"}
    return resolve_since(text, tables, "deidentify", settings)


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-11-30T02:00:00Z", datetime(2026, 11, 30, 2, tzinfo=timezone.utc)),
        ("2026-11-30T02:00:00", datetime(2026, 11, 30, 2, tzinfo=timezone.utc)),
        ("2026-11-30", datetime(2026, 11, 30, tzinfo=timezone.utc)),
        (
            "2026-11-30T02:00:00+01:00",
            datetime(2026, 11, 30, 2, tzinfo=timezone(timedelta(hours=1))),
        ),
    ],
)
def test_a_time_is_taken_as_it_is(text: str, time: datetime, tables: Tables) -> None:
    assert resolve(text, tables) == time


def test_a_run_begins_some_time_before_its_start(tables: Tables) -> None:
    assert resolve("n1", tables) == NIGHTS[0] - SINCE_MARGIN


def test_the_last_run_is_one_of_the_same_inputs_and_settings(tables: Tables) -> None:
    assert resolve("last-run", tables) == NIGHTS[1] - SINCE_MARGIN


def test_the_first_night_lists_everything(tmp_path: Path) -> None:
    assert resolve("last-run", Tables(None, Location("", str(tmp_path / "new")))) is None


@pytest.mark.parametrize("text", ["n5", "nope", "yesterday"])
def test_an_unknown_run_is_a_usage_error(text: str, tables: Tables) -> None:
    with pytest.raises(UsageError, match="neither a time"):
        resolve(text, tables)
