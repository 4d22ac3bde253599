"""Outputs that the tables record and that are missing or damaged."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.dataset as ds
import pytest

from jobs.common.delta.tables.table_set import Tables
from jobs.common.run import output_check
from jobs.common.run.output_check import (
    OutputIndex,
    find_missing_outputs,
    forget_outputs,
    hash_outputs,
    remake_missing_outputs,
)
from jobs.common.run.run_config import RunConfig
from jobs.common.storage import s3_client
from jobs.common.storage.location import parse_uri
from tests.jobs.common.run.recorded import record_instance, record_note_file
from tests.jobs.runs import make_run_config, outcome, rows, run, write_sources

SERIES = {f"a/{n}.dcm": f"1.1 1.2 1.3.{n} plain words {n}" for n in range(4)}


@pytest.fixture
def config(tmp_path: Path) -> RunConfig:
    (tmp_path / "in").mkdir()
    return make_run_config(tmp_path, "r2")


@pytest.fixture
def tables(config: RunConfig) -> Tables:
    return Tables(lambda: pytest.fail("Spark was started"), config.tables)


def record_outputs(tables: Tables, config: RunConfig, count: int = 3) -> list[Path]:
    """Record objects of three bytes each and write them; return their paths."""
    paths = []
    for number in range(count):
        location = config.output.child(f"1.1/1.2/1.3.{number}.dcm")
        record_instance(tables, config, source_id=f"s{number}", output_uri=location.uri)
        if not location.on_s3:
            paths.append(Path(location.path))
            paths[-1].parent.mkdir(parents=True, exist_ok=True)
            paths[-1].write_bytes(b"abc")
    return paths


def test_tables_without_rows_miss_nothing(tables: Tables, config: RunConfig) -> None:
    assert find_missing_outputs(tables, config, "instances") == set()


def test_a_complete_output_misses_nothing(tables: Tables, config: RunConfig) -> None:
    record_outputs(tables, config)
    assert find_missing_outputs(tables, config, "instances") == set()


def test_missing_objects_and_those_of_another_size_are_found(
    tables: Tables, config: RunConfig
) -> None:
    paths = record_outputs(tables, config)
    paths[0].unlink()
    paths[2].write_bytes(b"ab")
    assert find_missing_outputs(tables, config, "instances") == {"s0", "s2"}


def test_a_missing_output_folder_misses_all_objects(tables: Tables, config: RunConfig) -> None:
    record_instance(tables, config)
    assert find_missing_outputs(tables, config, "instances") == {"s1"}


def test_the_check_can_be_turned_off(tables: Tables, config: RunConfig) -> None:
    record_instance(tables, config)
    assert find_missing_outputs(tables, replace(config, check_output="off"), "instances") == set()


def test_outputs_of_other_settings_are_not_checked(tables: Tables, config: RunConfig) -> None:
    record_instance(tables, config, rules_hash="o" * 64)
    record_instance(tables, config, output_root="/elsewhere")
    assert find_missing_outputs(tables, config, "instances") == set()


def test_objects_on_s3_are_listed_in_ranges(bucket: str, tables: Tables, config: RunConfig) -> None:
    config = replace(config, output=parse_uri(f"s3://{bucket}/out"))
    record_outputs(tables, config, 9)
    for number in range(9):
        key = f"out/1.1/1.2/1.3.{number}.dcm"
        s3_client.get_client().put_object(Bucket=bucket, Key=key, Body=b"abc"[: 3 - (number == 7)])
    s3_client.get_client().delete_object(Bucket=bucket, Key="out/1.1/1.2/1.3.4.dcm")
    assert find_missing_outputs(tables, config, "instances") == {"s4", "s7"}


def test_an_index_of_several_files_finds_every_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output_check, "_INDEX_ROWS", 10)
    names = [f"{n}.dcm" for n in range(95)]
    index = OutputIndex()
    for name in names:
        index.add(hash_outputs([name], [1]))
    assert index.contains(hash_outputs(names, [1] * 95)).all()
    assert not index.contains(hash_outputs(names, [2] * 95)).any()
    assert not OutputIndex().contains(np.zeros(2, np.uint64)).any()


def test_forgotten_outputs_lose_their_object_and_rows(tables: Tables, config: RunConfig) -> None:
    paths = record_outputs(tables, config)
    record_instance(tables, config, run_id="r9", source_id="s1", output_root="/elsewhere")
    forget_outputs(tables, config, "instances", {"s0", "s1"})
    assert [path.exists() for path in paths] == [False, False, True]
    left = tables.rows("instances", ["run_id", "source_id"], ds.field("run_id").is_valid())
    assert sorted(map(tuple, (row.values() for row in left))) == [("r1", "s2"), ("r9", "s1")]


def test_missing_files_of_notes_are_found_and_forgotten(tables: Tables, config: RunConfig) -> None:
    record_note_file(tables, config)
    table = config.output.child("table")
    record_note_file(tables, config, source_id="s2", output_uri=table.uri, format="delta")
    assert find_missing_outputs(tables, config, "note_files") == {"s1"}
    forget_outputs(tables, config, "note_files", {"s1"})
    left = tables.rows("note_files", ["source_id"], ds.field("run_id").is_valid())
    assert [row["source_id"] for row in left] == ["s2"]


def test_outputs_of_sources_that_are_not_listed_are_kept_and_reported(
    tables: Tables, config: RunConfig, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = record_outputs(tables, config)
    paths[0].write_bytes(b"ab")
    remake_missing_outputs(tables, config, "instances", lambda: {"s1", "s2"})
    assert "1 sources that are not in this input" in capsys.readouterr().err
    assert paths[0].exists()
    assert find_missing_outputs(tables, config, "instances") == {"s0"}


@pytest.mark.parametrize("check", ["size", "sha256"])
def test_the_next_run_makes_missing_and_damaged_objects_again(
    spark: Any, tmp_path: Path, check: str, capfd: pytest.CaptureFixture[str]
) -> None:
    write_sources(tmp_path, SERIES)
    run(tmp_path)
    before = outcome(spark, tmp_path)
    first, second, *_ = sorted((tmp_path / "out").rglob("*.dcm"))
    first.unlink()
    damaged = second.read_bytes()
    second.write_bytes(damaged[:-1] if check == "size" else damaged[::-1])
    run(tmp_path, "r2", check_output=check)
    assert outcome(spark, tmp_path) == before
    assert len({row.source_id for row in rows(spark, tmp_path, "instances")}) == 4
    printed = capfd.readouterr()
    assert "outputs of 2 sources are missing or damaged" in printed.err
    assert '"deidentified": 2, "filtered": 0, "quarantined": 0, "skipped": 2' in printed.out
