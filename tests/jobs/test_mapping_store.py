"""A run whose mapping is in DynamoDB, and its re-identification."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jobs.cli import main
from jobs.common.aws.clients import get_client
from jobs.common.cli.errors import JobError
from jobs.common.delta.tables.delta_folder import DeltaFolder
from jobs.common.delta.tables.table_set import Tables
from jobs.common.mapping_store.dynamodb_table import MappingTable
from jobs.common.spark import session as session_module
from safelight.pseudonyms import Pseudonyms
from tests.jobs.conftest import KEY
from tests.jobs.runs import rows, run, write_sources

SOURCES = {f"a/{n}.dcm": f"1.1 1.2 1.3.{n} plain words" for n in range(4)}


def test_a_run_that_died_is_completed_and_its_pairs_are_found(
    spark_on_s3: Any,
    mapping_table: MappingTable,
    key_file: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    store = f"dynamodb:{mapping_table.name}"
    write_sources(tmp_path, SOURCES)
    commit = Tables.commit_files

    def die(self: Tables, table: str, *arguments: Any) -> None:
        if table == "instances":
            raise JobError("killed")
        commit(self, table, *arguments)

    folder = Tables.folder

    def refuse_mapping(self: Tables, table: str) -> DeltaFolder:
        assert table != "mapping", "the role of the run may not read this folder"
        return folder(self, table)

    monkeypatch.setattr(Tables, "folder", refuse_mapping)
    with monkeypatch.context() as patch:
        patch.setattr(Tables, "commit_files", die)
        with pytest.raises(JobError, match="killed"):
            run(tmp_path, mapping_store=store)
    written = [pair for page in mapping_table.scan() for pair in page]
    assert len(written) == len(SOURCES)
    assert "1.3." not in str(get_client("dynamodb").scan(TableName=mapping_table.name)["Items"])
    assert run(tmp_path, "r2", mapping_store=store) == 0
    assert [pair for page in mapping_table.scan() for pair in page] == written
    assert len(rows(spark_on_s3, tmp_path, "instances")) == len(SOURCES)
    assert not (tmp_path / "tables" / "mapping").exists()

    uid = Pseudonyms(KEY).uid("1.3.1")
    capfd.readouterr()
    arguments = ["--tables", str(tmp_path / "tables"), "--key", key_file, "--mapping-store", store]
    with monkeypatch.context() as patch:
        patch.setattr(session_module, "session", lambda *_: pytest.fail("Spark was started"))
        assert main(["reidentify", *arguments, "--uid", uid, "--reason", "a test"]) == 0
    assert capfd.readouterr().out.splitlines()[1:] == [f"{uid},sop_uid,{uid},1.3.1,default"]
    (access,) = rows(spark_on_s3, tmp_path, "reidentifications")
    assert (access.answered_count, access.reason) == (1, "a test")


def test_a_table_that_fails_in_a_worker_ends_the_run_before_the_commit(
    spark_on_s3: Any, mapping_table: MappingTable, tmp_path: Path
) -> None:
    write_sources(tmp_path, SOURCES)
    with pytest.raises(
        JobError, match="gone of --mapping-store.*ResourceNotFoundException"
    ) as error:
        run(tmp_path, mapping_store=f"dynamodb:{mapping_table.name}-gone")
    assert "1.3." not in str(error.value)
    assert rows(spark_on_s3, tmp_path, "instances") == []


def test_a_missing_table_is_refused_before_any_work(
    bucket: str, key_file: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    write_sources(tmp_path, SOURCES)
    arguments = [f"--{name}={tmp_path / name}" for name in ("output", "tables")]
    arguments += [f"--input={tmp_path / 'in'}", "--key", key_file, "--text=off"]
    code = main(["deidentify", *arguments, "--mapping-store", f"dynamodb:{bucket}"])
    assert code == 2 and "does not exist" in capfd.readouterr().err
    assert not (tmp_path / "tables").exists()
