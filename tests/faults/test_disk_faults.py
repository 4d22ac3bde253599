"""A disk that is full ends a run with a sentence, and the next run completes it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults.injection import Fault
from tests.faults.outcomes import Outcome, assert_consistent, assert_equal, read_outcome
from tests.faults.runs import Place, complete, run

WRITE = "jobs.common.storage.local_files:_write_exclusively"


def assert_explained(error: str) -> None:
    assert "No space left on device" in error or "a disk is full; free space" in error, error
    assert "a/path" not in error


@pytest.mark.long
@pytest.mark.parametrize("count", [1, 8, 20, 30])
def test_a_write_without_space_ends_the_run(place: Place, undisturbed: Outcome, count: int) -> None:
    full = Fault(WRITE, "raise", count=count, repeat=True, argument="ENOSPC")
    done = run(place, full)
    assert done.code == 1
    assert_explained(done.summary["error"])
    complete(place)
    assert_consistent(place)
    assert_equal(read_outcome(place), undisturbed)


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """Mount a file system of one page more than a few objects."""
    folder.mkdir(parents=True)
    mount = ["mount", "-t", "tmpfs", "-o", "size=120k", "none", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this user may not mount a file system")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.long
@pytest.mark.parametrize("folder", ["out", "tables"])
def test_a_full_disk_ends_the_run_and_the_next_run_completes_it(
    place: Place, undisturbed: Outcome, folder: str
) -> None:
    path = Path(place.uri, folder)
    with small_disk(path):
        done = run(place)
        assert done.code == 1
        assert_explained(done.summary["error"])
        subprocess.run(["mount", "-o", "remount,size=64m", str(path)], check=True)
        complete(place)
        assert_consistent(place)
        assert_equal(read_outcome(place), undisturbed)
