from __future__ import annotations

import pytest

from jobs.aws.healthimaging.imports import item_queue
from jobs.aws.healthimaging.imports.item_queue import (
    DuplicateInstanceError,
    ItemQueue,
    open_temporary_database,
)
from jobs.aws.healthimaging.imports.items import ImportItem
from tests.jobs.aws.healthimaging.items import make_item


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(item_queue, "_PAGE_ITEMS", 3)


def make_queue(items: list[ImportItem]) -> ItemQueue:
    queue = ItemQueue(open_temporary_database())
    queue.add(items)
    return queue


ITEMS = [make_item(n, series=n % 3, study=n % 2) for n in range(10)]


def test_objects_wait_in_the_order_of_their_uids() -> None:
    queue = make_queue(ITEMS)
    assert list(queue) == sorted(ITEMS) and list(queue) == sorted(ITEMS)


def test_objects_are_removed_during_the_iteration() -> None:
    queue = make_queue(ITEMS)
    for item in queue:
        queue.remove([item])
    assert not list(queue)


def test_an_object_with_other_content_is_not_removed() -> None:
    queue = make_queue(ITEMS[:1])
    other = make_item(0, 0, study=0, sha256="1" * 64)
    queue.remove([other])
    assert list(queue) == ITEMS[:1] and queue.has_all(ITEMS[:1]) and not queue.has_all([other])


def test_the_same_instance_twice_is_an_error() -> None:
    queue = make_queue(ITEMS)
    with pytest.raises(DuplicateInstanceError):
        queue.add([make_item(1, uri="s3://clean/other.dcm")])
