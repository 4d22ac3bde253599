from __future__ import annotations

from io import BytesIO

import pydicom
import pytest

from safelight.records import Reason, Status
from safelight.rules import parse_rules
from tests.headers.objects import deidentify, make_deidentifier, make_object, to_bytes

KEEP_STUDY = parse_rules(
    "name: own\nversion: 1\nextends: research\nelements: [{tag: StudyInstanceUID, action: keep}]\n",
    "own",
)


def test_new_uids_are_in_object_and_result() -> None:
    new, result = deidentify(make_object())
    uids = (result.study_uid, result.series_uid, result.sop_uid)
    assert uids == (new.StudyInstanceUID, new.SeriesInstanceUID, new.SOPInstanceUID)


def test_missing_uid_is_derived_from_the_object() -> None:
    new, result = deidentify(make_object(SeriesInstanceUID=""))
    other, _ = deidentify(make_object(SeriesInstanceUID="", SOPInstanceUID="1.2.3.9"))
    assert new.SeriesInstanceUID == result.series_uid != other.SeriesInstanceUID


def test_missing_uid_is_recorded() -> None:
    _, result = deidentify(make_object(SeriesInstanceUID=""))
    actions = {(a.keyword, a.action) for a in result.actions}
    assert ("SeriesInstanceUID", "inserted") in actions


def test_uid_that_rules_keep_stays() -> None:
    ds = make_object()
    assert deidentify(ds, KEEP_STUDY)[0].StudyInstanceUID == ds.StudyInstanceUID


@pytest.mark.parametrize("value", [b"1.2.", b"PX44"])
def test_kept_uid_that_is_not_valid_is_quarantined(value: bytes) -> None:
    data = to_bytes(make_object(StudyInstanceUID="9.87")).replace(b"9.87", value)
    result = make_deidentifier(KEEP_STUDY).deidentify(data)
    assert (result.status, result.reason_code) == (Status.QUARANTINED, Reason.MALFORMED.value)


@pytest.mark.parametrize("value", ["", None])
def test_a_missing_sop_class_is_taken_from_the_file_meta_information(value: str | None) -> None:
    ds = make_object()
    ds.file_meta.MediaStorageSOPClassUID = expected = ds.SOPClassUID
    ds.SOPClassUID = value
    if value is None:
        del ds.SOPClassUID
    stream = BytesIO()
    ds.save_as(stream)
    result = make_deidentifier().deidentify(stream.getvalue())
    assert result.data is not None
    assert pydicom.dcmread(BytesIO(result.data)).SOPClassUID == expected
    assert ("SOPClassUID", "inserted") in {(a.keyword, a.action) for a in result.actions}
