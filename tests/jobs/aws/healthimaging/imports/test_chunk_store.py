from __future__ import annotations

from pathlib import Path

import pytest

from jobs.aws.healthimaging.imports.chunk_store import ChunkState, ChunkStore
from jobs.aws.healthimaging.imports.chunks import Chunk
from jobs.aws.healthimaging.imports.staging import NOT_LABELLED, CheckedItem
from jobs.common.cli.errors import JobError
from jobs.common.storage.location import parse_uri
from tests.jobs.aws.healthimaging.items import make_item

CHUNK = Chunk("d" * 32, "job", (make_item(1), make_item(2)))


@pytest.fixture
def store(tmp_path: Path) -> ChunkStore:
    return ChunkStore(parse_uri(str(tmp_path)), "d" * 32)


def test_a_store_without_chunks_is_empty(store: ChunkStore) -> None:
    assert store.list_tokens() == []


def test_the_state_of_a_chunk_is_kept(store: ChunkStore) -> None:
    state = ChunkState(CHUNK)
    store.save(state)
    assert store.list_tokens() == [CHUNK.token]
    assert store.read(CHUNK.token) == state
    checked = [
        CheckedItem(CHUNK.items[0], "", [frozenset({1, 2}), frozenset({3})]),
        CheckedItem(CHUNK.items[1], NOT_LABELLED),
    ]
    state = ChunkState(CHUNK, checked, "job", True)
    store.save(state)
    found = store.read(CHUNK.token)
    assert found == state and found.accepted == checked[:1]


def test_a_removed_chunk_leaves_no_file(store: ChunkStore, tmp_path: Path) -> None:
    state = ChunkState(CHUNK)
    store.save(state)
    input_file = Path(store.input_folder(CHUNK).child(CHUNK.items[0].file_name).path)
    input_file.parent.mkdir(parents=True)
    input_file.write_bytes(b"x")
    store.remove(state)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_files_imported_in_place_are_not_removed(store: ChunkStore, tmp_path: Path) -> None:
    output = tmp_path / CHUNK.items[0].file_name
    output.write_bytes(b"x")
    state = ChunkState(Chunk("d" * 32, "job-in-place", CHUNK.items, str(tmp_path)))
    store.save(state)
    store.remove(state)
    assert output.exists() and store.list_tokens() == []


@pytest.mark.parametrize("text", ["{", "{}", '{"format": 2}'])
def test_an_unknown_state_is_an_error(store: ChunkStore, tmp_path: Path, text: str) -> None:
    folder = tmp_path / ("d" * 32) / "chunks"
    folder.mkdir(parents=True)
    folder.joinpath("x.json").write_text(text)
    with pytest.raises(JobError, match="unknown state of an import"):
        store.read("x")
