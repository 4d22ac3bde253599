from __future__ import annotations

from dataclasses import replace

from jobs.common.delta.rows import MappingRow
from jobs.common.mapping_store.dynamodb_table import MappingTable
from jobs.common.mapping_store.lookup import FoundPair, LookUp, find_in_dynamodb

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
