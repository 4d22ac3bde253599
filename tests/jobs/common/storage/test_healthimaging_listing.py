from __future__ import annotations

import time
from datetime import datetime, timezone

import pytest

from jobs.common.aws import clients, dicomweb, image_set_api
from jobs.common.cli.errors import JobError, UsageError
from jobs.common.sources import discovery
from jobs.common.sources.discovery import SourceRequest
from jobs.common.storage.healthimaging_listing import ListedInstance, list_datastore
from jobs.common.storage.location import parse_source_uri
from tests.jobs.aws.dicom_files import make_dicom
from tests.jobs.aws.healthimaging_server import HealthImaging
from tests.jobs.aws.healthimaging_store import DataStore
from tests.jobs.runs import no_session


def listed(
    datastore: DataStore, rest: str = "", since: float | None = None
) -> list[ListedInstance]:
    found = list_datastore(parse_source_uri(f"healthimaging://{datastore.id}{rest}"), since)
    return sorted(found)


def uids(found: list[ListedInstance]) -> list[str]:
    return [entry.uri.partition("/instances/")[2].partition("?")[0] for entry in found]


def fill(datastore: DataStore) -> None:
    for study in (1, 2):
        for series in (1, 2):
            for instance in (1, 2, 3):
                uid = f"1.{study}.{series}"
                modality = "CT" if series == 1 else "MR"
                data = make_dicom(f"{uid}.{instance}", uid, f"1.{study}", Modality=modality)
                datastore.add(data)


def test_all_instances_of_a_data_store_are_listed(datastore: DataStore) -> None:
    fill(datastore)
    found = listed(datastore)
    assert uids(found) == [f"1.{a}.{b}.{c}" for a in (1, 2) for b in (1, 2) for c in (1, 2, 3)]
    first = found[0]
    (image_set,) = (one for one in datastore.image_sets.values() if "1.1.1.1" in one.instances)
    prefix = f"healthimaging://{datastore.id}/studies/1.1/series/1.1.1/instances/1.1.1.1"
    assert first.uri == f"{prefix}?region=us-east-1"
    assert first.version == f"{image_set.id}@1"
    assert first.size == 4096 + 64
    assert first.modified == pytest.approx(image_set.updated, abs=1)


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        ("/studies/1.2", ["1.2.1.1", "1.2.1.2", "1.2.1.3", "1.2.2.1", "1.2.2.2", "1.2.2.3"]),
        ("/studies/1.2/series/1.2.1", ["1.2.1.1", "1.2.1.2", "1.2.1.3"]),
        ("/studies/1.2/series/1.2.1/instances/1.2.1.2", ["1.2.1.2"]),
        ("/studies/1.1/series/1.2.1", []),
        ("/studies/1.1?Modality=MR", ["1.1.2.1", "1.1.2.2", "1.1.2.3"]),
        ("/studies/1.1/series/1.1.1?Modality=MR", []),
        ("?Modality=XA", []),
    ],
)
def test_a_part_of_a_data_store_is_listed(
    datastore: DataStore, rest: str, expected: list[str]
) -> None:
    fill(datastore)
    assert uids(listed(datastore, rest)) == expected


def test_a_matching_key_selects_series_of_the_whole_store(
    datastore: DataStore, healthimaging_server: HealthImaging
) -> None:
    fill(datastore)
    found = listed(datastore, "?Modality=MR&region=us-east-1")
    assert uids(found) == [f"1.{study}.2.{n}" for study in (1, 2) for n in (1, 2, 3)]
    assert "SearchDICOMAllSeries" in healthimaging_server.calls


def test_a_listing_is_no_access_to_the_images(
    datastore: DataStore, healthimaging_server: HealthImaging
) -> None:
    fill(datastore)
    assert len(listed(datastore)) == 12
    assert set(healthimaging_server.calls) == {"SearchImageSets", "SearchDICOMInstances"}


def test_pages_of_a_search_are_followed(
    datastore: DataStore, healthimaging_server: HealthImaging, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(image_set_api, "PAGE_IMAGE_SETS", 3)
    fill(datastore)
    monkeypatch.setattr(dicomweb.DicomwebClient.search, "__defaults__", ((), 2))
    assert len(listed(datastore)) == 12
    assert healthimaging_server.calls.count("SearchImageSets") == 2
    assert healthimaging_server.calls.count("SearchDICOMInstances") == 8


def test_an_image_set_that_is_not_primary_is_a_source_of_its_own(datastore: DataStore) -> None:
    datastore.add(make_dicom("1.1.1.1", "1.1.1", "1.1"))
    datastore.add(make_dicom("1.1.1.1", "1.1.1", "1.1", AccessionNumber="another"))
    primary, other = listed(datastore)
    assert uids([primary, other]) == ["1.1.1.1", "1.1.1.1"]
    assert ("imageSetId" in primary.uri) != ("imageSetId" in other.uri)
    assert primary.size == other.size == 4096 + 64
    assert primary.version != other.version


def test_a_new_version_of_an_image_set_is_a_new_version_of_its_sources(
    datastore: DataStore,
) -> None:
    datastore.add(make_dicom("1.1.1.1", "1.1.1", "1.1"))
    (before,) = listed(datastore)
    datastore.add(make_dicom("1.1.1.1", "1.1.1", "1.1", fill=9))
    (after,) = listed(datastore)
    assert before.uri == after.uri
    assert (before.version.partition("@")[2], after.version.partition("@")[2]) == ("1", "2")


def test_only_image_sets_that_were_updated_since_are_listed(datastore: DataStore) -> None:
    fill(datastore)
    for image_set in datastore.image_sets.values():
        if "1.1.1.1" in image_set.instances:
            image_set.updated = time.time() - 10_000
    assert "1.1.1.1" not in uids(listed(datastore, since=time.time() - 1000))
    assert len(listed(datastore, since=time.time() - 1000)) == 9


def test_a_listing_of_a_run_has_the_sources_and_no_session(datastore: DataStore) -> None:
    fill(datastore)
    request = SourceRequest((f"healthimaging://{datastore.id}",))
    listing = discovery.list_sources(request, no_session)
    assert listing.count == 12
    with pytest.raises(UsageError) as raised:
        nothing = SourceRequest((f"healthimaging://{datastore.id}/studies/9.8.7",))
        discovery.list_sources(nothing, no_session)
    assert str(raised.value) == f"--input names no instance of the data store {datastore.id}"


def test_an_image_set_whose_instances_are_not_found_is_listed_from_its_metadata(
    datastore: DataStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(datastore)
    monkeypatch.setattr(dicomweb.DicomwebClient, "search", lambda *_: iter(()))
    assert len(listed(datastore)) == 12


def test_an_empty_data_store_is_accepted_if_that_is_allowed_or_nothing_is_new(
    datastore: DataStore,
) -> None:
    uri = f"healthimaging://{datastore.id}"
    with pytest.raises(UsageError, match="names no instance"):
        discovery.list_sources(SourceRequest((uri,)), no_session)
    assert discovery.list_sources(SourceRequest((uri,), allow_empty=True), no_session).count == 0
    since = datetime.now(timezone.utc)
    assert discovery.list_sources(SourceRequest((uri,), since=since), no_session).count == 0


def test_throttled_requests_are_repeated(
    datastore: DataStore, healthimaging_server: HealthImaging
) -> None:
    datastore.add(make_dicom("1.1.1.1", "1.1.1", "1.1"))
    datastore.add(make_dicom("1.1.1.1", "1.1.1", "1.1", AccessionNumber="another"))
    for operation in ("SearchImageSets", "SearchDICOMInstances", "GetImageSetMetadata"):
        healthimaging_server.throttle_next[operation] = 1
    assert uids(listed(datastore)) == ["1.1.1.1"] * 2


def test_a_data_store_that_does_not_exist_is_reported(datastore: DataStore) -> None:
    uri = f"healthimaging://{'0' * 32}/studies/1.2.3-JANE"
    with pytest.raises(JobError, match="ResourceNotFoundException") as raised:
        list(list_datastore(parse_source_uri(uri)))
    assert "the data store 0000" in str(raised.value) and "JANE" not in str(raised.value)


def test_a_missing_region_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    clients.get_client.cache_clear()
    with pytest.raises(UsageError, match="set AWS_REGION"):
        list(list_datastore(parse_source_uri(f"healthimaging://{'0' * 32}")))
