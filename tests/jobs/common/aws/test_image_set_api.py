from __future__ import annotations

import gzip
import io
import json

import pytest
from botocore.exceptions import ClientError, IncompleteReadError

from jobs.common.aws import image_set_api
from jobs.common.aws.image_set_api import (
    ImageSetError,
    ImageSetFilter,
    ImageSetStore,
    list_instances,
)
from tests.jobs.aws.dicom_files import make_dicom
from tests.jobs.aws.healthimaging_store import DataStore


def test_the_current_version_of_an_image_set_is_read(datastore: DataStore) -> None:
    image_set = datastore.add(make_dicom("1.1"))
    store = ImageSetStore(datastore.id)
    assert store.region == "us-east-1"
    assert store.current_version(image_set.id) == 1
    datastore.add(make_dicom("1.1", fill=9))
    assert store.current_version(image_set.id) == 2
    image_set.state = "DELETED"
    with pytest.raises(ClientError):
        store.current_version(image_set.id)


def test_metadata_and_frames_are_those_of_a_version(datastore: DataStore) -> None:
    image_set = datastore.add(make_dicom("1.1", frames=2, fill=3))
    datastore.add(make_dicom("1.1", frames=2, fill=9))
    store = ImageSetStore(datastore.id)
    (instance,) = list_instances(store.metadata(image_set.id, 1))
    assert (instance.study, instance.series, instance.instance) == ("2.25.10", "2.25.20", "1.1")
    assert instance.frame_bytes == 128
    assert "1.1" not in repr(instance)
    series = store.metadata(image_set.id, 1)["Study"]["Series"]["2.25.20"]
    frames = [store.frame(image_set.id, frame["ID"]) for frame in
              series["Instances"]["1.1"]["ImageFrames"]]  # fmt: skip
    assert [frame[0] for frame in frames] == [3, 4]


def test_metadata_that_is_still_processed_is_requested_again(
    datastore: DataStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = ImageSetStore(datastore.id)
    refuse = store._client.exceptions.ConflictException({"Error": {"Code": "Conflict"}}, "Get")
    answers: list[object] = [refuse, refuse, io.BytesIO(b"{}")]
    waits: list[float] = []

    def answer(**_: object) -> dict[str, object]:
        found = answers.pop(0)
        if isinstance(found, Exception):
            raise found
        return {"imageSetMetadataBlob": found}

    monkeypatch.setattr(store._client, "get_image_set_metadata", answer)
    monkeypatch.setattr(image_set_api.time, "sleep", waits.append)
    assert store.metadata("a" * 32, 1) == {}
    assert waits == [1, 4]


def test_a_frame_that_breaks_off_is_requested_again(
    datastore: DataStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken:
        def read(self) -> bytes:
            raise IncompleteReadError(actual_bytes=1, expected_bytes=2)

    store = ImageSetStore(datastore.id)
    bodies = [Broken(), Broken(), io.BytesIO(b"frame")]
    waits: list[float] = []
    monkeypatch.setattr(
        store._client, "get_image_frame", lambda **_: {"imageFrameBlob": bodies.pop(0)}
    )
    monkeypatch.setattr(image_set_api.time, "sleep", waits.append)
    assert store.frame("a" * 32, "b" * 32) == b"frame"
    assert waits == [0.2, 0.8]


def test_a_search_can_name_one_study_or_one_series(datastore: DataStore) -> None:
    for n in range(4):
        datastore.add(make_dicom(f"1.{n}", f"2.{n}", f"3.{n % 2}"))
    store = ImageSetStore(datastore.id)
    assert {one.series for one in store.search(ImageSetFilter())} == {f"2.{n}" for n in range(4)}
    assert {one.series for one in store.search(ImageSetFilter(study="3.1"))} == {"2.1", "2.3"}
    assert {one.series for one in store.search(ImageSetFilter("3.1", "2.1"))} == {"2.1"}
    assert not list(store.search(ImageSetFilter("3.0", "2.1")))


def test_a_time_is_searched_as_a_range() -> None:
    (between,) = ImageSetFilter(since=1_700_000_000.5).to_request()
    assert between["operator"] == "BETWEEN"
    assert between["values"][0]["updatedAt"].timestamp() == 1_700_000_000


@pytest.mark.parametrize(
    "data",
    [
        b"no JSON",
        b"[]",
        gzip.compress(b"no JSON"),
        gzip.compress(b"{}")[:-5],
        b"\x1f\x8bno gzip",
    ],
)
def test_a_document_of_another_form_is_an_error(data: bytes) -> None:
    with pytest.raises(ImageSetError):
        image_set_api._parse_metadata(data)


def test_a_document_may_be_compressed_or_not_and_is_bounded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    document = json.dumps({"a": "b" * 1000}).encode()
    assert image_set_api._parse_metadata(document) == {"a": "b" * 1000}
    assert image_set_api._parse_metadata(gzip.compress(document)) == {"a": "b" * 1000}
    monkeypatch.setattr(image_set_api, "METADATA_MAX_BYTES", 100)
    with pytest.raises(ImageSetError):
        image_set_api._parse_metadata(gzip.compress(document))


@pytest.mark.parametrize("metadata", [{}, {"Study": {"DICOM": {}}}, {"Study": []}])
def test_metadata_without_a_study_is_an_error(metadata: dict[str, object]) -> None:
    with pytest.raises(ImageSetError):
        list_instances(metadata)
