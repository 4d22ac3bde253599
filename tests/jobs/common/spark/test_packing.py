from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from jobs.common.spark.packing import (
    TASK_MAX_BYTES,
    TASK_MAX_FILES,
    PackingLimits,
    choose_limits,
    pack_batches,
    pack_tasks,
)
from jobs.common.storage.backend import Source

sources = st.lists(
    st.builds(
        lambda folder, name, size: Source(f"/{folder}/{name:05}", size, "1"),
        st.sampled_from("abc"),
        st.integers(0, 9999),
        st.integers(0, 300),
    ),
    max_size=60,
).map(sorted)


@given(sources, st.integers(1, 200), st.integers(1, 8), st.integers(1, 5))
def test_tasks_keep_the_order_and_the_limits(
    listed: list[Source], size: int, files: int, tasks: int
) -> None:
    limits = PackingLimits(size, files, tasks)
    batches = list(pack_batches(listed, limits))
    packed = [task for batch in batches for task in batch]
    assert [source for task in packed for source in task] == listed
    assert all(1 <= len(batch) <= tasks for batch in batches)
    for task in packed:
        assert len(task) <= files
        assert sum(source.size for source in task) <= size or len(task) == 1


def test_a_folder_that_fits_into_a_task_is_not_divided() -> None:
    listed = [Source(f"/{folder}/{n}", 10, "1") for folder in "abc" for n in range(3)]
    packed = list(pack_tasks(listed, PackingLimits(50, 100, 10)))
    assert [{source.folder for source in task} for task in packed] == [{"/a"}, {"/b"}, {"/c"}]


def test_an_object_above_the_limit_is_a_task_of_its_own() -> None:
    listed = [Source("/a/1", 5, "1"), Source("/a/2", 2 << 30, "1"), Source("/a/3", 5, "1")]
    packed = list(pack_tasks(listed, PackingLimits(TASK_MAX_BYTES, TASK_MAX_FILES, 10)))
    assert [len(task) for task in packed] == [1, 1, 1]


def test_little_work_is_shared_by_all_cores() -> None:
    million = [Source(f"/a/{n}", 50_000, "1") for n in range(100_000)]
    limits = choose_limits(million, cores=4, pixels=False)
    assert (limits.task_bytes, limits.task_files) == (TASK_MAX_BYTES, TASK_MAX_FILES)
    few = choose_limits(million[:10], cores=4, pixels=True)
    assert few.task_files == 2
