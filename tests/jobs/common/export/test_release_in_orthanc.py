"""A release is stored in Orthanc by STOW-RS, found by QIDO-RS, and comes back by WADO-RS."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa
import pytest

from jobs.common.aws.dicomweb import (
    SERIES_UID,
    SOP_UID,
    STUDY_UID,
    DicomwebClient,
    InstancePath,
    first_value,
)
from jobs.common.aws.signed_http import SignedSession
from jobs.common.export.recipient.catalog import make_catalog
from jobs.common.export.recipient.rows import ReleasedObject, SelectedObject
from safelight.releases.object_rewriter import ObjectRewriter, RecipientNames, RewrittenObject
from safelight.releases.treatment import ReleaseTreatment
from tests.jobs.common.aws.orthanc import orthanc, require_orthanc
from tests.releases.objects import KEY, make_object

PATIENTS = ("PSEUDONYM0000001", "PSEUDONYM0000002")
PATIENT_ID, STUDY_DATE = "00100020", "00080020"


@dataclass
class LoadedRelease:
    """A release in a server, and its catalog."""

    client: DicomwebClient
    objects: list[RewrittenObject]
    catalog: pa.Table


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LoadedRelease]:
    require_orthanc()
    treatment = ReleaseTreatment({"patient_age": 1}, frozenset({"CT CHEST"}))
    rewriter = ObjectRewriter(RecipientNames(KEY, "north", "default"), treatment)
    objects = [
        rewriter.rewrite(make_object(patient, number, study), patient)
        for patient in PATIENTS
        for study in (1, 2)
        for number in (1, 2)
    ]
    with orthanc(tmp_path_factory.mktemp("orthanc")) as url:
        client = DicomwebClient(url, SignedSession("medical-imaging", None, lambda _: None))
        outcome = client.store([one.data for one in objects])
        assert len(outcome.stored) == len(objects) and not outcome.failures
        yield LoadedRelease(client, objects, make_catalog("n1", list(map(_release, objects))))


def _release(new: RewrittenObject) -> ReleasedObject:
    selected = SelectedObject("r1", "s", "default", "P", "1.2", "u", "h", "headers", 1)
    return ReleasedObject(
        selected, new.path, new.sha256, len(new.data), new.study_uid, new.series_uid,
        new.sop_uid, new.patient, new.attributes, new.method_codes,
    )  # fmt: skip


def test_the_studies_are_those_of_the_catalog(loaded: LoadedRelease) -> None:
    found = {
        (first_value(one, STUDY_UID), first_value(one, PATIENT_ID), first_value(one, STUDY_DATE))
        for one in loaded.client.search("studies", [("includefield", "00080020")])
    }
    assert found == {
        (row["study_uid"], row["patient_id"], f"{row['study_date']:%Y%m%d}")
        for row in loaded.catalog.to_pylist()
    }
    assert len(found) == len(PATIENTS) * 2


def test_a_patient_is_found_by_the_pseudonym_of_the_recipient_only(loaded: LoadedRelease) -> None:
    new = loaded.objects[0].patient
    assert len(list(loaded.client.search("studies", [("PatientID", new)]))) == 2
    assert list(loaded.client.search("studies", [("PatientID", PATIENTS[0])])) == []


def test_the_instances_are_found_below_their_series(loaded: LoadedRelease) -> None:
    one = loaded.objects[0]
    resource = f"studies/{one.study_uid}/series"
    [series] = {first_value(found, SERIES_UID) for found in loaded.client.search(resource, [])}
    assert series == one.series_uid
    instances = loaded.client.search(f"{resource}/{series}/instances", [])
    expected = {each.sop_uid for each in loaded.objects if each.study_uid == one.study_uid}
    assert {first_value(found, SOP_UID) for found in instances} == expected


def test_every_object_comes_back_as_it_was_released(loaded: LoadedRelease) -> None:
    for one in loaded.objects:
        data = loaded.client.instance(
            InstancePath(one.study_uid, one.series_uid, one.sop_uid), 1 << 20
        )
        assert hashlib.sha256(data).hexdigest() == one.sha256
