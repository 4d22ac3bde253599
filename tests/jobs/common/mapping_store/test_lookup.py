from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from jobs.common.cli.errors import JobError
from jobs.common.delta.rows import MappingRow
from jobs.common.delta.tables.table_set import Tables
from jobs.common.mapping_store import lookup
from jobs.common.mapping_store.dynamodb_table import MappingTable
from jobs.common.mapping_store.lookup import FoundPair, LookUp, find_in_delta, find_in_dynamodb
from jobs.common.storage.location import parse_uri

ROW = MappingRow("r1", 0, "study-a", "uid", b"sealed", "ff" * 32, "2.25.7", "P1", "k1")


def test_pairs_of_several_keys_are_found_in_a_fixed_order(mapping_table: MappingTable) -> None:
    earlier = replace(ROW, key_id="k0", pseudonym="2.25.3")
    mapping_table.add([ROW, earlier, replace(ROW, key_id="k2")])
    look_up = LookUp("study-a", ("k1", "k0"), ("2.25.7", "2.25.3", "2.25.9"), False)
    assert find_in_dynamodb(mapping_table, look_up) == [
        FoundPair("2.25.3", earlier),
        FoundPair("2.25.7", ROW),
    ]


def test_all_values_of_a_patient_are_found(mapping_table: MappingTable) -> None:
    name = replace(ROW, kind="name", pseudonym="P1")
    mapping_table.add([ROW, name, replace(ROW, patient_pseudonym="P2")])
    look_up = LookUp("study-a", ("k1",), ("P1",), True)
    assert [one.pair for one in find_in_dynamodb(mapping_table, look_up)] == [name, ROW]


DELTA_ROWS = [
    replace(ROW, key_id="k0", pseudonym="2.25.3"),
    ROW,
    replace(ROW, kind="name", pseudonym="P1"),
    replace(ROW, namespace="study-b"),
    replace(ROW, key_id="k2"),
    replace(ROW, pseudonym="2.25.8", patient_pseudonym="P2"),
]
PSEUDONYMS = LookUp("study-a", ("k1", "k0"), ("2.25.7", "2.25.3", "2.25.9"), False)
PATIENT = LookUp("study-a", ("k1",), ("P1",), True)
FOUND = [
    (PSEUDONYMS, [FoundPair("2.25.3", DELTA_ROWS[0]), FoundPair("2.25.7", ROW)]),
    (PATIENT, [FoundPair("P1", DELTA_ROWS[2]), FoundPair("P1", ROW)]),
    (PATIENT._replace(asked=("P3",)), []),
]


@pytest.mark.parametrize(("look_up", "found"), FOUND)
def test_a_small_delta_table_is_read_without_spark(
    tmp_path: Path, look_up: LookUp, found: list[FoundPair]
) -> None:
    tables = Tables(None, parse_uri(str(tmp_path)))
    tables.append_rows(DELTA_ROWS[:3])
    tables.append_rows(DELTA_ROWS[3:])
    assert find_in_delta(tables, look_up) == found


def test_spark_finds_the_same_pairs_in_a_large_delta_table(
    spark: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lookup, "LOCAL_MAX_ROWS", 0)
    tables = Tables(spark, parse_uri(str(tmp_path)))
    tables.append_rows(DELTA_ROWS)
    for look_up, found in FOUND:
        assert find_in_delta(tables, look_up) == found


def test_a_damaged_file_of_the_mapping_is_an_error_with_advice(tmp_path: Path) -> None:
    tables = Tables(None, parse_uri(str(tmp_path)))
    tables.append_rows(DELTA_ROWS)
    (file,) = (tmp_path / "mapping").glob("*.parquet")
    file.write_bytes(b"no Parquet")
    with pytest.raises(JobError, match="restore the table from a backup") as caught:
        find_in_delta(tables, PSEUDONYMS)
    assert str(tmp_path) not in str(caught.value)
