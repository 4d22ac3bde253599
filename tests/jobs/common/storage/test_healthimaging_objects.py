from __future__ import annotations

import io
import threading
from collections.abc import Callable
from typing import Any

import pydicom
import pytest

from jobs.common.cli.errors import UsageError
from jobs.common.storage import healthimaging_objects
from jobs.common.storage.backend import Source
from jobs.common.storage.healthimaging_objects import CurrentVersions, HealthImagingObjects
from jobs.common.storage.location import parse_source_uri, parse_uri
from jobs.common.storage.objects import backend_of, read_object
from jobs.common.storage.prefetch import ByteRange, fetch_ahead
from safelight.records import Reason, Refusal
from tests.jobs.aws.dicom_files import make_dicom
from tests.jobs.aws.healthimaging_server import HealthImaging
from tests.jobs.aws.healthimaging_store import DataStore
from tests.jobs.listed_sources import list_sources

RETRIEVE = pytest.mark.parametrize("retrieve", ["dicomweb", "frames"])


def only_source(datastore: DataStore, retrieve: str = "dicomweb") -> Source:
    (source,) = list_sources(f"healthimaging://{datastore.id}?retrieve={retrieve}")
    return source


@RETRIEVE
def test_an_instance_is_read_in_its_listed_version(datastore: DataStore, retrieve: str) -> None:
    original = make_dicom("1.1.1.1", "1.1.1", "1.1", frames=3)
    datastore.add(original)
    source = only_source(datastore, retrieve)
    data = read_object(source.uri, source.version)
    read, expected = (pydicom.dcmread(io.BytesIO(one)) for one in (data, original))
    assert read.PixelData == expected.PixelData
    read.SpecificCharacterSet = expected.SpecificCharacterSet = "ISO_IR 192"
    assert read == expected
    assert read_object(source.uri, source.version, 128, 132) == b"DICM"


def test_dicomweb_returns_the_file_of_the_service(datastore: DataStore) -> None:
    original = make_dicom("1.1.1.1", "1.1.1", "1.1")
    datastore.add(original)
    source = only_source(datastore)
    assert read_object(source.uri, source.version) == original
    assert read_object(source.uri, None) == original


def test_a_changed_image_set_is_refused_by_dicomweb(datastore: DataStore) -> None:
    datastore.add(make_dicom("1.1.1.1", "1.1.1", "1.1"))
    source = only_source(datastore)
    datastore.add(make_dicom("1.1.1.1", "1.1.1", "1.1", fill=9))
    with pytest.raises(Refusal) as raised:
        read_object(source.uri, source.version)
    assert raised.value.reason is Reason.UNREADABLE_SOURCE
    assert "changed after it was listed" in raised.value.sentence


def test_frames_are_read_from_the_pinned_version(datastore: DataStore) -> None:
    datastore.add(make_dicom("1.1.1.1", "1.1.1", "1.1", fill=7))
    source = only_source(datastore, "frames")
    datastore.add(make_dicom("1.1.1.1", "1.1.1", "1.1", fill=9))
    read = pydicom.dcmread(io.BytesIO(read_object(source.uri, source.version)))
    assert read.PixelData[0] == 7


@RETRIEVE
def test_an_image_set_that_is_not_primary_is_read(datastore: DataStore, retrieve: str) -> None:
    datastore.add(make_dicom("1.1.1.1", "1.1.1", "1.1", fill=7))
    datastore.add(make_dicom("1.1.1.1", "1.1.1", "1.1", fill=9, AccessionNumber="another"))
    found = list_sources(f"healthimaging://{datastore.id}?retrieve={retrieve}")
    reads = [pydicom.dcmread(io.BytesIO(read_object(one.uri, one.version))) for one in found]
    assert {(read.AccessionNumber if "AccessionNumber" in read else "", read.PixelData[0])
            for read in reads} == {("", 7), ("another", 9)}  # fmt: skip


@RETRIEVE
def test_a_deleted_image_set_is_refused_without_its_uids(
    datastore: DataStore, retrieve: str
) -> None:
    datastore.add(make_dicom("1.1.1.1", "1.1.1", "1.1"))
    source = only_source(datastore, retrieve)
    datastore.delete(next(iter(datastore.image_sets)))
    with pytest.raises(Refusal) as raised:
        read_object(source.uri, source.version)
    assert "ResourceNotFoundException" in raised.value.sentence
    assert "1.1.1" not in raised.value.sentence


@RETRIEVE
def test_throttled_reads_are_repeated(
    datastore: DataStore, healthimaging_server: HealthImaging, retrieve: str
) -> None:
    datastore.add(make_dicom("1.1.1.1", "1.1.1", "1.1"))
    source = only_source(datastore, retrieve)
    for operation in ("GetDICOMInstance", "GetImageSet", "GetImageSetMetadata", "GetImageFrame"):
        healthimaging_server.throttle_next[operation] = 1
    assert read_object(source.uri, source.version)


def test_a_series_is_read_ahead_with_few_requests_for_metadata(
    datastore: DataStore, healthimaging_server: HealthImaging
) -> None:
    for n in range(12):
        datastore.add(make_dicom(f"1.1.1.{n}", "1.1.1", "1.1", fill=n))
    found = list_sources(f"healthimaging://{datastore.id}?retrieve=frames")
    healthimaging_server.calls.clear()
    ranges = (ByteRange(source.uri, source.version, source.size) for source in found)
    fetched = [one.read() for one in fetch_ahead(ranges, lambda one: one)]
    assert len(set(fetched)) == 12
    assert healthimaging_server.calls.count("GetImageSetMetadata") == 1
    assert healthimaging_server.calls.count("GetImageFrame") == 12


class FakeStore:
    """Count requests for the current version, which wait for the rate and for the answer."""

    def __init__(self) -> None:
        self.requests = 0
        self.admitted, self.answered = threading.Event(), threading.Event()

    def current_version(self, image_set: str, before_sending: Callable[[], None]) -> int:
        self.requests += 1
        assert self.admitted.wait(10)
        before_sending()
        assert self.answered.wait(10)
        return 3


class Clock:
    """A clock that counts how often it was read; each time is later than the one before."""

    def __init__(self) -> None:
        self._counted = threading.Condition()
        self._reads = 0

    def monotonic(self) -> float:
        with self._counted:
            self._reads += 1
            self._counted.notify_all()
            return float(self._reads)

    def wait_for_reads(self, count: int) -> None:
        with self._counted:
            assert self._counted.wait_for(lambda: self._reads >= count, 10)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Replace the clock: it is read once when a check begins, and once when a request is sent."""
    clock = Clock()
    monkeypatch.setattr(healthimaging_objects, "time", clock)
    return clock


def start_check(versions: CurrentVersions, results: list[bool]) -> threading.Thread:
    thread = threading.Thread(target=lambda: results.append(versions.is_current("a", 3)))
    thread.start()
    return thread


def test_threads_that_have_read_before_a_request_is_sent_share_it(clock: Clock) -> None:
    store = FakeStore()
    store.answered.set()
    versions = CurrentVersions(store)  # type: ignore[arg-type]
    results: list[bool] = []
    threads = [start_check(versions, results) for _ in range(4)]
    clock.wait_for_reads(4)
    store.admitted.set()
    for thread in threads:
        thread.join()
    assert (results, store.requests) == ([True] * 4, 1)


def test_a_later_read_is_never_covered_by_an_earlier_request() -> None:
    store = FakeStore()
    store.admitted.set()
    store.answered.set()
    versions = CurrentVersions(store)  # type: ignore[arg-type]
    assert versions.is_current("a", 3)
    assert not versions.is_current("a", 2)
    assert store.requests == 2


def test_a_read_that_ends_after_a_request_was_sent_needs_another_one(clock: Clock) -> None:
    store = FakeStore()
    store.admitted.set()
    versions = CurrentVersions(store)  # type: ignore[arg-type]
    results: list[bool] = []
    threads = [start_check(versions, results)]
    clock.wait_for_reads(2)
    threads.append(start_check(versions, results))
    clock.wait_for_reads(3)
    store.answered.set()
    for thread in threads:
        thread.join()
    assert (results, store.requests) == ([True, True], 2)


def test_nothing_is_written_to_a_data_store() -> None:
    location = parse_source_uri(f"healthimaging://{'0' * 32}")
    backend = backend_of(location)
    assert isinstance(backend, HealthImagingObjects)
    operations: list[Callable[[], Any]] = [
        lambda: backend.write_new(location, b"", "", False, ""),
        lambda: backend.overwrite(location, b""),
        lambda: backend.delete(location),
        lambda: backend.remove_partial_files(location),
        lambda: list(backend.list_objects(location)),
        lambda: backend.describe_object(location),
    ]
    for operation in operations:
        with pytest.raises(UsageError, match="only"):
            operation()
    with pytest.raises(UsageError, match="can be the --input of `safelight deidentify` only"):
        parse_uri(location.uri)


def test_few_metadata_documents_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    class Store:
        requests = 0

        def metadata(self, image_set: str, version: int) -> dict[str, str]:
            self.requests += 1
            return {image_set: str(version)}

    store = Store()
    cache = healthimaging_objects.MetadataCache(store)  # type: ignore[arg-type]
    for image_set in ("a", "b", "a", "c", "c", "b"):
        assert cache.get(image_set, 1) == {image_set: "1"}
    assert len(cache._kept) == 2
    assert store.requests == 3
