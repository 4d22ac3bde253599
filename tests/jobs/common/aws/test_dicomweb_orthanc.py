"""The client of DICOMweb against Orthanc, a server of other makers."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pydicom
import pytest
from pydicom.encaps import encapsulate
from pydicom.uid import HTJ2KLosslessRPCL

from jobs.common.aws.dicomweb import (
    SERIES_UID,
    SOP_UID,
    STUDY_UID,
    DicomwebClient,
    InstancePath,
    first_value,
)
from jobs.common.aws.signed_http import HttpError, SignedSession
from safelight.pixels.frames.frame_source import FrameSource
from tests.jobs.aws.dicom_files import make_dicom
from tests.jobs.common.aws.orthanc import orthanc, require_orthanc

HTJ2K = Path(__file__).parents[3] / "data" / "htj2k" / "gray12.j2c"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DicomwebClient]:
    """Start Orthanc with two studies of two series of three instances."""
    require_orthanc()
    with orthanc(tmp_path_factory.mktemp("orthanc")) as url:
        client = DicomwebClient(url, SignedSession("medical-imaging", None, lambda _: None))
        client.store([make(study, series, n) for study in (1, 2) for series in (1, 2)
                      for n in (1, 2, 3)])  # fmt: skip
        yield client


def make(study: int, series: int, number: int) -> bytes:
    uid = f"1.2.{study}.{series}"
    modality = "CT" if series == 1 else "MR"
    return make_dicom(f"{uid}.{number}", uid, f"1.2.{study}", fill=number, Modality=modality)


def uids(client: DicomwebClient, resource: str, tag: str, **query: str) -> list[str]:
    found = client.search(resource, list(query.items()), page_results=2)
    return sorted(first_value(entry, tag) for entry in found)


def test_studies_series_and_instances_are_found_page_by_page(client: DicomwebClient) -> None:
    assert uids(client, "studies", STUDY_UID) == ["1.2.1", "1.2.2"]
    assert uids(client, "studies/1.2.1/series", SERIES_UID) == ["1.2.1.1", "1.2.1.2"]
    resource = "studies/1.2.1/series/1.2.1.2/instances"
    assert uids(client, resource, SOP_UID) == ["1.2.1.2.1", "1.2.1.2.2", "1.2.1.2.3"]
    assert len(uids(client, "instances", SOP_UID)) == 12


def test_matching_keys_select(client: DicomwebClient) -> None:
    assert uids(client, "series", SERIES_UID, Modality="MR") == ["1.2.1.2", "1.2.2.2"]
    assert uids(client, "series", SERIES_UID, Modality="XA") == []


def test_an_instance_comes_back_as_it_was_stored(client: DicomwebClient) -> None:
    data = client.instance(InstancePath("1.2.1", "1.2.1.1", "1.2.1.1.2"), 1 << 20)
    assert data == make(1, 1, 2)
    with pytest.raises(HttpError, match="AnswerTooLarge"):
        client.instance(InstancePath("1.2.1", "1.2.1.1", "1.2.1.1.2"), 100)


def test_an_instance_that_is_not_there_is_an_error(client: DicomwebClient) -> None:
    with pytest.raises(HttpError, match="404"):
        client.instance(InstancePath("1.2.1", "1.2.1.1", "9.9"), 1 << 20)


def test_metadata_is_read_as_dicom_json(client: DicomwebClient) -> None:
    one = client.instance_metadata(InstancePath("1.2.1", "1.2.1.1", "1.2.1.1.2"))
    assert first_value(one, SOP_UID) == "1.2.1.1.2"
    series = client.series_metadata("1.2.1", "1.2.1.1")
    assert sorted(first_value(entry, SOP_UID) for entry in series) == [
        "1.2.1.1.1", "1.2.1.1.2", "1.2.1.1.3",
    ]  # fmt: skip


def test_a_store_reports_each_instance(client: DicomwebClient) -> None:
    outcome = client.store([make(3, 1, 1), make(3, 1, 2)])
    assert sorted(outcome.stored) == ["1.2.3.1.1", "1.2.3.1.2"]
    assert not outcome.failures


def test_instances_of_another_study_are_failures(client: DicomwebClient) -> None:
    outcome = client.store([make(4, 1, 1), make(5, 1, 1)], "1.2.4")
    assert outcome.stored == ("1.2.4.1.1",)
    assert set(outcome.failures) == {"1.2.5.1.1"}


def test_frames_in_htj2k_are_returned_in_their_stored_syntax(client: DicomwebClient) -> None:
    dataset = pydicom.dcmread(io.BytesIO(make(6, 1, 1)))
    dataset.Rows, dataset.Columns = 48, 64
    dataset.file_meta.TransferSyntaxUID = HTJ2KLosslessRPCL
    dataset.PixelData = encapsulate([HTJ2K.read_bytes()])
    dataset["PixelData"].VR = "OB"
    buffer = io.BytesIO()
    dataset.save_as(buffer, enforce_file_format=True)
    client.store([buffer.getvalue()])
    data = client.instance(InstancePath("1.2.6", "1.2.6.1", "1.2.6.1.1"), 1 << 20)
    source = FrameSource.from_bytes(data)
    assert source.read_raw_frame(0).rstrip(b"\0") == HTJ2K.read_bytes().rstrip(b"\0")
    assert source.read_frame(0)[1, 2] == (2 * 37 + 101 + 2) % 4096
