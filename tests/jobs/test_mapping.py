"""Copies of the mapping by the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jobs.cli import main
from jobs.common.delta.rows import MappingRow
from jobs.common.delta.tables.table_set import Tables
from jobs.common.mapping_store.dynamodb_table import MappingTable
from jobs.common.mapping_store.lookup import LookUp, find_in_delta
from jobs.common.secrets.value_cipher import ValueCipher, ValueContext
from jobs.common.storage.location import parse_uri
from safelight.pseudonyms import Pseudonyms
from tests.jobs.conftest import KEY
from tests.jobs.summaries import parse_summary

NAMES = Pseudonyms(KEY)
CIPHER = ValueCipher(NAMES)


def make_pair(number: int) -> MappingRow:
    original = f"1.3.{number}"
    context = ValueContext("uid", NAMES.hexdigest("mapping/uid", original), f"2.25.{number}", "P")
    sealed = CIPHER.encrypt(context, original)
    return MappingRow(
        "r1", 0, "default", "uid", sealed, context.original_hmac, context.pseudonym, "P",
        NAMES.key_id,
    )  # fmt: skip


PAIRS = [make_pair(number) for number in range(5)]


def copy(folder: Path, source: str, target: str, *more: str) -> int:
    stores = ["--from", source, "--to", target]
    return main(["mapping", "copy", "--tables", str(folder), *stores, *more])


def test_a_copy_to_dynamodb_and_back_keeps_all_pairs(
    spark_on_s3: Any,
    mapping_table: MappingTable,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    def last_line() -> tuple[int, int]:
        counts = parse_summary(capfd.readouterr().out)
        return counts["copied"], counts["existing"]

    there, back = tmp_path / "there", tmp_path / "back"
    table = f"dynamodb:{mapping_table.name}"
    Tables(spark_on_s3, parse_uri(str(there))).append_rows(PAIRS)
    assert copy(there, "delta", table) == 0
    assert last_line() == (5, 0)
    assert copy(there, "delta", table) == 0
    assert last_line() == (0, 5)
    assert copy(back, table, "delta") == 0
    assert last_line() == (5, 0)
    copied = Tables(spark_on_s3, parse_uri(str(back)))
    look_up = LookUp("default", (NAMES.key_id,), ("P",), by_patient=True)
    found = find_in_delta(copied, look_up)
    assert [one.pair for one in found] == PAIRS


def test_a_copy_to_the_same_store_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert copy(tmp_path, "delta", "delta") == 2
    assert "the same store" in capsys.readouterr().err


def test_a_missing_source_is_refused(
    mapping_table: MappingTable, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert copy(tmp_path, "delta", f"dynamodb:{mapping_table.name}") == 2
    assert "has no table `mapping`" in capsys.readouterr().err
