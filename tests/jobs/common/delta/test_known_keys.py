from __future__ import annotations

import os
from typing import Any

import pyarrow as pa
import pytest

from jobs.common.delta.key_digests import DIGEST_BYTES, digest_keys
from jobs.common.delta.known_keys import KnownKeys, MemoryKeys, SparkKeys

KEY = ("source_id",)
IDS = ["one", "two", *(os.urandom(32).hex() for _ in range(20))]


def digest(*ids: str) -> bytes:
    return digest_keys(pa.table({"source_id": pa.array(ids, pa.string())}), KEY)


@pytest.fixture(params=["memory", "spark"])
def keys(request: pytest.FixtureRequest) -> KnownKeys:
    if request.param == "memory":
        return MemoryKeys(digest(*IDS))
    spark: Any = request.getfixturevalue("spark")
    return SparkKeys(spark.createDataFrame([(i,) for i in IDS], "source_id STRING"), KEY)


def test_known_keys_are_found(keys: KnownKeys) -> None:
    assert keys.contains(digest("two", "three", IDS[5])).tolist() == [True, False, True]
    assert keys.contains(b"").tolist() == []


def test_added_keys_are_found(keys: KnownKeys) -> None:
    keys.add(digest("three", "two"))
    assert keys.contains(digest("three", "four", "one")).tolist() == [True, False, True]


def test_keys_that_end_with_zero_bytes_are_found() -> None:
    keys = [bytes(DIGEST_BYTES), b"\xff" * DIGEST_BYTES, b"a" + bytes(DIGEST_BYTES - 1)]
    known = MemoryKeys(keys[0] + keys[2])
    assert known.contains(b"".join(keys)).tolist() == [True, False, True]


def test_many_additions_leave_few_arrays() -> None:
    known, batches = MemoryKeys(), [os.urandom(16 * 10) for _ in range(300)]
    for batch in batches:
        known.add(batch)
    assert all(known.contains(batch).all() for batch in batches)
    assert len(known._arrays) < 12
