"""Sentences about failed runs: cause and next step, without the message of the exception."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, NoCredentialsError

from jobs.common.delta.tables.table_set import Tables
from jobs.common.mapping_store.backoff import MappingStoreError
from jobs.common.run.failures import describe_failure, describe_unreadable_run
from jobs.common.run.run_config import RunConfig
from tests.jobs.common.cli.test_errors import QUOTED
from tests.jobs.common.run.recorded import record_instance
from tests.jobs.runs import make_run_config

AGAIN = "run the same command again"


def client_error(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "s3://in/QUILL"}}, "GetObject")


@pytest.mark.parametrize(
    ("error", "says", "again"),
    [
        (OSError(errno.ENOSPC, "full", "/QUILL"), "No space left on device; free some", True),
        (RuntimeError("OutputError: EROFS"), "Read-only file system; give a folder", False),
        (RuntimeError("OutputError: AccessDenied"), "AccessDenied; grant", True),
        (MappingStoreError("pairs", "ThrottlingException"), "pairs of --mapping-store", True),
        (RuntimeError("x.MappingStoreError: pairs AccessDenied"), "AccessDenied; grant", True),
        (NoCredentialsError(), "NoCredentialsError; give the driver", False),
        (client_error("SlowDown"), "SlowDown; run", True),
        (client_error("NoSuchBucket"), "check the name of the bucket", False),
        (RuntimeError("ModuleNotFoundError: No module named 'jobs'"), "no package jobs", False),
        (RuntimeError("java.lang.NoClassDefFoundError: io/delta/X"), "io/delta/X is", False),
        (RuntimeError("java.lang.OutOfMemoryError: heap"), "spark.driver.memory", True),
        (RuntimeError("Python worker exited unexpectedly"), "want of memory", True),
        (ConnectionRefusedError(), "Spark ended", True),
        (RuntimeError(QUOTED), "(KeyError in worker.py, line 40), probably by an error", False),
        (ValueError("QUILL"), "(ValueError), probably by an error of the software", False),
    ],
)
def test_another_run_is_advised_only_where_it_can_help(
    error: Exception, says: str, again: bool
) -> None:
    sentence = describe_failure(error)
    assert says in sentence and (AGAIN in sentence) is again
    assert "QUILL" not in sentence and "\n" not in sentence


@pytest.fixture
def config(tmp_path: Path) -> RunConfig:
    (tmp_path / "in").mkdir()
    return make_run_config(tmp_path, "r1")


@pytest.fixture
def tables(config: RunConfig) -> Tables:
    return Tables(lambda: pytest.fail("Spark was started"), config.tables)


def record_unreadable(tables: Tables, config: RunConfig, **values: Any) -> None:
    row = {"status": "quarantined", "reason_code": "unreadable_source", "reason": "no key (X)"}
    record_instance(tables, config, **(row | values))


def test_a_run_that_read_nothing_has_failed(tables: Tables, config: RunConfig) -> None:
    record_unreadable(tables, config)
    record_unreadable(tables, config)
    record_unreadable(tables, config, reason="it is missing (Y)")
    summary = {"seen": 5, "skipped": 2, "quarantined": 3}
    sentence = describe_unreadable_run(tables, config, "instances", summary)
    assert sentence == "no source of this run could be read: no key (X) (2 of 3)"


@pytest.mark.parametrize(
    "summary",
    [
        {"seen": 2, "skipped": 2, "quarantined": 0},
        {"seen": 2, "skipped": 0, "quarantined": 1},
    ],
)
def test_a_run_that_read_a_source_or_had_none_has_not_failed(
    tables: Tables, config: RunConfig, summary: dict[str, int]
) -> None:
    record_unreadable(tables, config)
    assert describe_unreadable_run(tables, config, "instances", summary) is None


def test_a_run_whose_objects_are_refused_has_not_failed(tables: Tables, config: RunConfig) -> None:
    record_unreadable(tables, config)
    record_unreadable(tables, config, reason_code="too_deep")
    summary = {"seen": 2, "skipped": 0, "quarantined": 2}
    assert describe_unreadable_run(tables, config, "instances", summary) is None
