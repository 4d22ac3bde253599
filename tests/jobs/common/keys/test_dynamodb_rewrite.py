from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from jobs.common.cli.errors import JobError
from jobs.common.delta.rows import MappingRow
from jobs.common.keys.dynamodb_rewrite import read_usage, rewrite_dynamodb
from jobs.common.keys.mapping_rewrite import RewriteCounts
from jobs.common.keys.resealing import Resealer, count_usage
from jobs.common.mapping_store.dynamodb_table import MappingTable
from jobs.common.secrets.key_material import KeyMaterial
from jobs.common.secrets.key_ring import KeyRing, RingKey, make_key
from jobs.common.secrets.value_cipher import ValueCipher, ValueContext
from safelight.pseudonyms import Pseudonyms

KEY = bytes(range(40))
NAMES = Pseudonyms(KEY, "study-a")
BEFORE = KeyMaterial(KeyRing((RingKey(KEY),)))
AFTER = KeyMaterial(BEFORE.ring.with_sealing_key(make_key()))


@pytest.fixture
def table(mapping_table: MappingTable) -> Iterator[MappingTable]:
    cipher = ValueCipher(NAMES)
    row = MappingRow("r1", 0, "study-a", "uid", b"", "", "", "P1", NAMES.key_id)
    rows = []
    for number in range(5):
        pair = replace(row, original_hmac=f"{number:064x}", pseudonym=f"2.25.{number}")
        sealed = cipher.encrypt(ValueContext.of(pair), f"1.2.{number}")
        rows.append(replace(pair, original_encrypted=sealed))
    rows.append(replace(row, key_id="0" * 16, original_encrypted=b"\x02" + bytes(40)))
    mapping_table.add(rows)
    yield mapping_table


def read_originals(table: MappingTable, material: KeyMaterial) -> list[str]:
    cipher = material.open_cipher(NAMES)
    rows = [row for page in table.scan() for row in page if row.key_id == NAMES.key_id]
    return sorted(cipher.decrypt(ValueContext.of(row), row.original_encrypted) for row in rows)


def test_originals_are_sealed_again_once(table: MappingTable) -> None:
    assert rewrite_dynamodb(table, Resealer(AFTER)) == RewriteCounts(6, 5)
    assert rewrite_dynamodb(table, Resealer(AFTER)) == RewriteCounts(6, 0)
    assert read_originals(table, AFTER) == [f"1.2.{number}" for number in range(5)]
    with pytest.raises(JobError, match="earlier keys"):
        read_originals(table, BEFORE)


def test_an_original_that_another_command_has_changed_is_kept(table: MappingTable) -> None:
    (rows,) = table.scan()
    rewrite_dynamodb(table, Resealer(AFTER))
    row = next(row for row in rows if row.key_id == NAMES.key_id)
    assert table.replace_originals([(row, b"stale")]) == 0


def test_originals_are_counted_by_key(table: MappingTable) -> None:
    counts = count_usage(read_usage(table))
    assert {usage.key_id: count for usage, count in counts.items()} == {
        NAMES.key_id: 5,
        "0" * 16: 1,
    }


def test_a_table_that_cannot_be_read_is_a_sentence(mapping_table: MappingTable) -> None:
    with pytest.raises(JobError, match="cannot be sealed again.*ResourceNotFoundException"):
        rewrite_dynamodb(MappingTable(f"{mapping_table.name}-gone"), Resealer(AFTER))
