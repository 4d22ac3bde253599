from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from itertools import groupby

import pyarrow as pa
import pytest

from jobs.common.sources import packing
from jobs.common.sources.listing import LocalListing
from jobs.common.sources.packing import (
    BATCH_MAX_TASKS,
    PACKED_BYTES,
    TASK_MAX_BYTES,
    TASK_MAX_FILES,
    PackingLimits,
    choose_limits,
    pack,
    pack_items,
    read_items,
)
from jobs.common.storage.backend import Source
from safelight.pseudonyms import Pseudonyms


def pack_naively(sources: Iterable[Source], limits: PackingLimits) -> Iterator[list[Source]]:
    """Pack one source after the other."""
    task: list[Source] = []

    def is_full(files: int, size: int) -> bool:
        total = sum(source.size for source in task) + size
        return bool(task) and (len(task) + files > limits.task_files or total > limits.task_bytes)

    for _, members in groupby(sources, key=lambda source: source.folder):
        folder = list(members)
        if is_full(len(folder), sum(source.size for source in folder)):
            yield task
            task = []
        for source in folder:
            if is_full(1, source.size):
                yield task
                task = []
            task.append(source)
    if task:
        yield task


def listing_of(sources: Iterable[Source]) -> LocalListing:
    return LocalListing.from_sources(sources)


def packed(listing: LocalListing, limits: PackingLimits) -> list[list[str]]:
    return [read_items(task.items)["uri"].to_pylist() for task in pack(listing, limits)]


@pytest.mark.parametrize("seed", range(30))
def test_tasks_are_those_of_packing_one_source_after_the_other(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose = random.Random(seed)
    monkeypatch.setattr(packing, "_FOLDER_ROWS", choose.choice((1, 7, 1000)))
    sources = sorted(
        Source(f"/{choose.randrange(12)}/{choose.randrange(3)}/{n}", choose.choice((0, 1, 5, 40)),
               "v")
        for n in range(choose.randrange(1, 120))
    )  # fmt: skip
    limits = PackingLimits(choose.choice((1, 20, 60)), choose.choice((1, 5, 30)), 4)
    expected = [[source.uri for source in task] for task in pack_naively(sources, limits)]
    assert packed(listing_of(sources), limits) == expected


def test_a_folder_that_fits_is_not_divided() -> None:
    sources = [Source(f"/{folder}/{n}", 1, "v") for folder in "ab" for n in range(3)]
    assert [len(task) for task in packed(listing_of(sources), PackingLimits(100, 4, 1))] == [3, 3]


def test_a_large_source_is_a_task_of_its_own() -> None:
    sources = [Source(f"/a/{n}", size, "v") for n, size in enumerate((1, 500, 1))]
    assert [len(task) for task in packed(listing_of(sources), PackingLimits(100, 9, 1))] == [
        1,
        1,
        1,
    ]


def test_items_have_their_columns_and_a_position_in_the_listing() -> None:
    listing = listing_of(Source(f"/a/{n}", 10 * n, "v") for n in range(3))
    listing = listing.with_source_ids(Pseudonyms(bytes(range(32))))
    tasks = list(pack(listing, PackingLimits(100, 2, 1)))
    assert [(task.count, task.bytes) for task in tasks] == [(2, 10), (1, 20)]
    items = pa.concat_tables([read_items(task.items) for task in tasks])
    assert items.column_names == ["position", "uri", "size", "version", "source_id"]
    assert items["position"].to_pylist() == [0, 1, 2]
    assert items.drop_columns(["position"]) == listing.table


def test_a_source_may_be_several_items() -> None:
    def expand(sources: pa.Table) -> pa.Table:
        twice = pa.array([n for n in range(len(sources)) for _ in range(2)])
        pieces = pa.array([1, 2] * len(sources))
        items = sources.take(twice).append_column("piece", pieces)
        return items.append_column(PACKED_BYTES, pa.array([7] * len(items)))

    listing = listing_of(Source(f"/a/{n}", 100, "v") for n in range(3))
    tasks = list(pack(listing, PackingLimits(14, 9, 1), expand))
    assert [(task.count, task.bytes) for task in tasks] == [(2, 14)] * 3
    items = read_items(tasks[1].items)
    assert items.column_names == ["position", "uri", "size", "version", "piece"]
    assert items["piece"].to_pylist() == [1, 2]


def test_no_items_are_no_tasks() -> None:
    assert list(pack_items(listing_of([]).table, PackingLimits(1, 1, 1))) == []


def test_a_task_does_not_show_its_uris() -> None:
    (task,) = pack(listing_of([Source("/doe-jane", 1, "v")]), PackingLimits(9, 9, 1))
    assert repr(task) == "PackedTask(count=1, bytes=1)"


@pytest.mark.parametrize("pixels", [True, False])
def test_limits_occupy_all_cores_with_little_work(pixels: bool) -> None:
    listing = listing_of(Source(f"/{n:05}", 1 << 20, "v") for n in range(64))
    limits = choose_limits(listing, 8, pixels)
    assert len(packed(listing, limits)) >= 16


def test_limits_are_bounded_with_much_work() -> None:
    listing = listing_of(Source(f"/{n:05}", 1 << 30, "v") for n in range(10_000))
    limits = choose_limits(listing, 1000, pixels=False)
    assert limits == PackingLimits(TASK_MAX_BYTES, 5, max(2000, BATCH_MAX_TASKS))
    assert choose_limits(listing, 4, pixels=False).task_files == TASK_MAX_FILES
