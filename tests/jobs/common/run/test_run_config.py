from __future__ import annotations

import os
from datetime import datetime, timezone
from pathlib import Path

import pyarrow as pa
import pytest

from jobs.cli import build_parser
from jobs.common.cli.errors import UsageError
from jobs.common.delta.rows import RunRow
from jobs.common.delta.tables.table_set import Tables
from jobs.common.run.annotations import TextModel
from jobs.common.run.run_config import RunConfig, list_versions, prepare, run_session
from tests.jobs.common.sources.test_inventory import Inventory
from tests.jobs.runs import no_session


def prepared(place: Path, key_file: str, *more: str) -> RunConfig:
    (place / "in").mkdir(exist_ok=True)
    (place / "in" / "a").write_bytes(b"1")
    arguments = ["deidentify", "--input", f"{place}/in", "--output", f"{place}/out"]
    arguments += ["--tables", f"{place}/tables", "--key", key_file, "--text", "off", *more]
    return prepare(build_parser().parse_args(arguments), no_session)


def test_sources_are_listed_and_folders_created(tmp_path: Path, key_file: str) -> None:
    config = prepared(tmp_path, key_file)
    assert [Path(source.uri).name for source in config.listing.sources()] == ["a"]
    assert (tmp_path / "out").is_dir() and (tmp_path / "tables").is_dir()
    assert config.mapping == config.tables and config.text_model is None


def test_the_driver_of_a_run_returns_the_memory_of_large_buffers(tmp_path: Path) -> None:
    before = pa.default_memory_pool()
    arguments = ["deidentify", "--input", "in", "--output", f"{tmp_path}/out", "--key", "env:K"]
    given = build_parser().parse_args([*arguments, "--tables", f"{tmp_path}/tables"])
    try:
        with run_session("deidentify", given):
            assert pa.default_memory_pool().backend_name == "system"
    finally:
        pa.set_memory_pool(before)


def test_a_run_without_an_id_gets_a_new_one(tmp_path: Path, key_file: str) -> None:
    first, second = prepared(tmp_path, key_file), prepared(tmp_path, key_file)
    assert first.run_id != second.run_id and not first.named


def test_a_given_id_makes_the_run_resumable(tmp_path: Path, key_file: str) -> None:
    config = prepared(tmp_path, key_file, "--run-id", "nightly")
    assert config.run_id == "nightly" and config.named


def test_parameters_are_recorded_without_locations(tmp_path: Path, key_file: str) -> None:
    parameters = prepared(tmp_path, key_file, "--namespace", "a").parameters
    expected = {"rules": "research", "namespace": "a", "pixels": "on", "text": "off", "inputs": "1"}
    assert expected.items() <= parameters.items()
    locations = [value for name, value in parameters.items() if name != "output"]
    assert not any(str(tmp_path) in value for value in locations)


def test_accepted_errors_of_the_rules_are_recorded(tmp_path: Path, key_file: str) -> None:
    rules = tmp_path / "site.yaml"
    entry = "{tag: PatientID, action: keep}"
    rules.write_text(f"name: site\nversion: 1\nprofile: basic\nelements: [{entry}]\n")
    with pytest.raises(UsageError, match="keeps direct identifiers"):
        prepared(tmp_path, key_file, "--rules", str(rules))
    accepted = ("--rules", str(rules), "--accept-lint", "identifier-kept")
    config = prepared(tmp_path, key_file, *accepted)
    assert config.parameters["accepted_lint"] == "identifier-kept"


def names(config: RunConfig) -> list[str]:
    return [Path(source.uri).name for source in config.listing.sources()]


def test_manifests_and_inventories_are_listed_as_well(tmp_path: Path, key_file: str) -> None:
    manifest = tmp_path / "m.csv"
    manifest.write_text(f"uri\n{tmp_path}/gone\n")
    inventory = Inventory(tmp_path / "id", "CSV")
    more = ["--manifest", str(manifest), "--inventory", str(inventory.path)]
    config = prepared(tmp_path, key_file, *more)
    assert sorted(names(config)) == ["1 é+%.dcm", "2.dcm", "a", "gone", "null.dcm"]
    assert config.parameters["inputs"] == "3"


def test_an_empty_input_is_refused_unless_it_is_allowed(tmp_path: Path, key_file: str) -> None:
    (tmp_path / "empty").mkdir()
    arguments = ["notes", "--input", f"{tmp_path}/empty", "--output", f"{tmp_path}/out"]
    arguments += ["--tables", f"{tmp_path}/tables", "--key", key_file, "--text", "off"]
    with pytest.raises(UsageError, match="--allow-empty"):
        prepare(build_parser().parse_args(arguments), no_session)
    given = build_parser().parse_args([*arguments, "--allow-empty"])
    assert prepare(given, no_session).listing.count == 0
    # An input that is not listed here, such as a Delta table, is not empty.
    assert prepare(build_parser().parse_args(arguments), no_session, []).listing.count == 0


def test_older_objects_are_left_out(tmp_path: Path, key_file: str) -> None:
    prepared(tmp_path, key_file)
    (tmp_path / "in" / "old").write_bytes(b"1")
    os.utime(tmp_path / "in" / "old", (1000, 1000))
    assert names(prepared(tmp_path, key_file, "--since", "2020-01-01")) == ["a"]


def test_the_last_run_of_the_same_inputs_is_found(tmp_path: Path, key_file: str) -> None:
    config = prepared(tmp_path, key_file, "--since", "last-run")
    (tmp_path / "in" / "old").write_bytes(b"1")
    os.utime(tmp_path / "in" / "old", (1000, 1000))
    assert names(prepared(tmp_path, key_file, "--since", "last-run")) == ["a", "old"]
    finished = RunRow(
        "r1", "deidentify", datetime.now(timezone.utc), outcome="done",
        parameters=config.parameters, rules_hash=config.deidentifier.rules_hash,
    )  # fmt: skip
    Tables(None, config.tables).append_rows([finished])
    assert names(prepared(tmp_path, key_file, "--since", "last-run")) == ["a"]
    assert names(prepared(tmp_path, key_file, "--since", "r1")) == ["a"]
    other = ["--since", "last-run", "--namespace", "b"]
    assert names(prepared(tmp_path, key_file, *other)) == ["a", "old"]


def test_a_run_without_input_is_refused(tmp_path: Path, key_file: str) -> None:
    arguments = ["--output", f"{tmp_path}/out", "--tables", f"{tmp_path}/t", "--key", key_file]
    with pytest.raises(UsageError, match="--input, --manifest or --inventory"):
        prepare(build_parser().parse_args(["deidentify", *arguments]), no_session)


def test_versions_include_that_of_the_text_model() -> None:
    versions = list_versions(TextModel(lambda spark, texts: texts, "v7"))
    assert versions["text_model"] == "v7" and {"safelight", "python", "pyspark"} <= set(versions)
