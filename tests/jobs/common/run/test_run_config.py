from __future__ import annotations

from pathlib import Path

import pytest

from jobs.cli import build_parser
from jobs.common.cli.errors import UsageError
from jobs.common.run.annotations import TextModel
from jobs.common.run.run_config import RunConfig, list_versions, prepare


def prepared(place: Path, key_file: str, *more: str) -> RunConfig:
    (place / "in").mkdir(exist_ok=True)
    (place / "in" / "a").write_bytes(b"1")
    arguments = ["deidentify", "--input", f"{place}/in", "--output", f"{place}/out"]
    arguments += ["--tables", f"{place}/tables", "--key", key_file, "--text", "off", *more]
    return prepare(build_parser().parse_args(arguments))


def test_sources_are_listed_and_folders_created(tmp_path: Path, key_file: str) -> None:
    config = prepared(tmp_path, key_file)
    assert [Path(source.uri).name for source in config.sources] == ["a"]
    assert (tmp_path / "out").is_dir() and (tmp_path / "tables").is_dir()
    assert config.mapping == config.tables and config.text_model is None


def test_a_run_without_an_id_gets_a_new_one(tmp_path: Path, key_file: str) -> None:
    first, second = prepared(tmp_path, key_file), prepared(tmp_path, key_file)
    assert first.run_id != second.run_id and not first.named


def test_a_given_id_makes_the_run_resumable(tmp_path: Path, key_file: str) -> None:
    config = prepared(tmp_path, key_file, "--run-id", "nightly")
    assert config.run_id == "nightly" and config.named


def test_parameters_are_recorded_without_locations(tmp_path: Path, key_file: str) -> None:
    parameters = prepared(tmp_path, key_file, "--namespace", "a").parameters
    assert parameters == {
        "rules": "research", "namespace": "a", "pixels": "on", "text": "off", "inputs": "1",
    }  # fmt: skip


def test_a_run_without_input_is_refused(tmp_path: Path, key_file: str) -> None:
    arguments = ["--output", f"{tmp_path}/out", "--tables", f"{tmp_path}/t", "--key", key_file]
    with pytest.raises(UsageError, match="--input or --manifest"):
        prepare(build_parser().parse_args(["deidentify", *arguments]))


def test_versions_include_that_of_the_text_model() -> None:
    versions = list_versions(TextModel(lambda spark, texts: texts, "v7"))
    assert versions["text_model"] == "v7" and {"safelight", "python", "pyspark"} <= set(versions)
