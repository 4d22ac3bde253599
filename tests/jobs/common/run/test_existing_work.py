"""Runs on tables and outputs that hold the work of other settings."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from jobs.common.cli.errors import UsageError
from jobs.common.delta.rows import RunRow
from jobs.common.delta.run_journal import RunJournal
from jobs.common.delta.tables.table_set import Tables
from jobs.common.run.existing_work import check_settings
from jobs.common.run.run_config import RunConfig
from jobs.common.storage.location import parse_uri
from tests.jobs.common.run.recorded import NOW, record_instance, record_run
from tests.jobs.runs import fake_config, make_run_config


@pytest.fixture
def config(tmp_path: Path) -> RunConfig:
    (tmp_path / "in").mkdir()
    return make_run_config(tmp_path, "r2")


@pytest.fixture
def tables(tmp_path: Path) -> Tables:
    return Tables(lambda: pytest.fail("Spark was started"), parse_uri(str(tmp_path / "tables")))


def other_rules(config: RunConfig) -> RunConfig:
    return replace(config, deidentifier=replace(config.deidentifier, rules_hash="o" * 64))


def other_key(config: RunConfig) -> RunConfig:
    return replace(config, deidentifier=replace(config.deidentifier, key=bytes(range(1, 33))))


def other_namespace(config: RunConfig) -> RunConfig:
    return replace(config, deidentifier=replace(config.deidentifier, namespace="b"))


def moved(config: RunConfig) -> RunConfig:
    return replace(config, output=config.output.child("elsewhere"))


def test_the_first_run_on_tables_is_accepted_in_silence(
    tables: Tables, config: RunConfig, capsys: pytest.CaptureFixture[str]
) -> None:
    check_settings(tables, config, "instances")
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("complete", [True, False])
def test_the_same_settings_are_accepted_in_silence(
    tables: Tables, config: RunConfig, capsys: pytest.CaptureFixture[str], complete: bool
) -> None:
    record_run(tables, config, complete=complete)
    record_instance(tables, config)
    check_settings(tables, config, "instances")
    assert capsys.readouterr().err == ""


def test_another_store_of_the_mapping_is_reported(
    tables: Tables, config: RunConfig, capsys: pytest.CaptureFixture[str]
) -> None:
    record_run(tables, config)
    check_settings(tables, replace(config, mapping_store="dynamodb:pairs"), "instances")
    assert "safelight mapping copy" in capsys.readouterr().err


@pytest.mark.parametrize("complete", [True, False])
def test_other_rules_in_the_same_output_are_refused(
    tables: Tables, config: RunConfig, complete: bool
) -> None:
    record_run(tables, config, complete=complete)
    record_instance(tables, config)
    with pytest.raises(UsageError, match="--versioned-output"):
        check_settings(tables, other_rules(config), "instances")


def test_other_stages_in_the_same_output_are_refused(tables: Tables, config: RunConfig) -> None:
    record_run(tables, config)
    record_instance(tables, config)
    with pytest.raises(UsageError, match="other rules or stages"):
        check_settings(tables, replace(config, deidentifier=fake_config(text=True)), "instances")


def test_rules_of_a_killed_run_are_refused(tables: Tables, config: RunConfig) -> None:
    record_instance(tables, config)
    RunJournal(config.tables).begin(
        RunRow("r1", "deidentify", NOW, parameters={}, rules_hash=config.deidentifier.rules_hash)
    )
    with pytest.raises(UsageError, match="other rules or stages"):
        check_settings(tables, other_rules(config), "instances")


def test_other_rules_that_wrote_nothing_are_accepted(tables: Tables, config: RunConfig) -> None:
    record_run(tables, config)
    record_instance(tables, config, status="quarantined")
    check_settings(tables, other_rules(config), "instances")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (other_key, "another key"),
        (other_namespace, "another namespace"),
        (lambda config: other_rules(moved(config)), "other rules or stages"),
    ],
)
def test_settings_that_are_new_to_the_tables_are_reported(
    tables: Tables, config: RunConfig, capsys: pytest.CaptureFixture[str], change: Any, says: str
) -> None:
    record_run(tables, config)
    record_instance(tables, config)
    check_settings(tables, change(config), "instances")
    assert says in capsys.readouterr().err


def test_a_key_that_the_tables_know_is_not_reported_again(
    tables: Tables, config: RunConfig, capsys: pytest.CaptureFixture[str]
) -> None:
    record_run(tables, config)
    record_run(tables, other_key(config), run_id="r3")
    record_instance(tables, config)
    check_settings(tables, other_key(config), "instances")
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("earlier", ["1.2.826.0.1.3680043.10.1234.7.471935920.", None])
def test_a_namespace_has_one_root_of_uids(
    tables: Tables, config: RunConfig, earlier: str | None
) -> None:
    record_run(tables, config, **({"uid_prefix": earlier} if earlier else {}))
    prefix = None if earlier else "1.2.826.0.1.3680043.10.1234.7.471935920."
    changed = replace(moved(config), parameters={"uid_prefix": prefix} if prefix else {})
    with pytest.raises(UsageError, match="another root"):
        check_settings(tables, changed, "instances")
    check_settings(tables, other_namespace(changed), "instances")
