from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.aws.healthimaging.imports.chunks import (
    Chunk,
    ChunkLimits,
    chunk_from_json,
    encode_json,
    pack_items,
)
from jobs.aws.healthimaging.imports.items import ImportItem, count_bytes
from tests.jobs.aws.healthimaging.items import make_item


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 6), st.integers(1, 30)), max_size=40),
    st.integers(1, 8),
    st.integers(30, 60),
)
def test_chunks_hold_all_objects_within_the_limits(
    objects: list[tuple[int, int]], files: int, size: int
) -> None:
    items = sorted(make_item(n, series, one) for n, (series, one) in enumerate(objects))
    chunks = list(pack_items(items, ChunkLimits(files, size, size)))
    assert [item for chunk in chunks for item in chunk] == items
    for chunk in chunks:
        assert 1 <= len(chunk) <= files and count_bytes(chunk) <= size


def test_a_series_is_kept_together() -> None:
    items = sorted(make_item(n, n // 3) for n in range(9))
    chunks = list(pack_items(items, ChunkLimits(files=5)))
    assert [len(chunk) for chunk in chunks] == [3, 3, 3]


def test_a_series_above_the_limit_is_divided() -> None:
    items = sorted(make_item(n) for n in range(5))
    assert [len(chunk) for chunk in pack_items(items, ChunkLimits(files=2))] == [2, 2, 1]


def token(*items: ImportItem, datastore: str = "d") -> str:
    return Chunk(datastore, "job", items).token


def test_the_token_is_that_of_the_content() -> None:
    one = make_item(1)
    assert token(one) == token(make_item(1)) and len(token(one)) == 64
    changed = [
        token(make_item(2)),
        token(make_item(1, sha256="1" * 64)),
        token(make_item(1, attempts=1)),
        token(one, make_item(2)),
        token(one, datastore="e"),
    ]
    assert token(one) not in changed and len(set(changed)) == len(changed)


def test_a_chunk_survives_json() -> None:
    chunk = Chunk("d", "job", (make_item(1), make_item(2)), "s3://b/in")
    assert chunk_from_json(json.loads(encode_json(chunk.to_json()))) == chunk


def test_other_json_is_no_chunk() -> None:
    with pytest.raises(KeyError):
        chunk_from_json({"datastore_id": "d"})
