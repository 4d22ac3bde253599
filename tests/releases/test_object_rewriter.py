from __future__ import annotations

import io
from datetime import datetime

import pytest
from pydicom import dcmread, dcmwrite
from pydicom.dataset import Dataset
from pydicom.uid import UID, CTImageStorage, ImplicitVRLittleEndian

from safelight.releases.object_rewriter import (
    ObjectRewriter,
    RecipientNames,
    SecondPassError,
)
from safelight.releases.treatment import ReleaseTreatment
from safelight.risk.hierarchies import HIERARCHIES
from safelight.rules import parse_rules
from safelight.rules.written_texts import decode_written_texts, encode_written_texts
from safelight.standard.options import METHOD_MEANINGS
from tests.releases.objects import KEY, make_object, rewrite

CHEST = ReleaseTreatment(common_descriptions=frozenset({"CT CHEST"}))


def test_identifiers_and_references_change_consistently() -> None:
    first, second = rewrite(make_object(number=1)), rewrite(make_object(number=2))
    assert first.StudyInstanceUID == second.StudyInstanceUID
    assert first.AccessionNumber == second.AccessionNumber != "ACC00000011"
    assert first.ReferencedImageSequence[0].ReferencedSOPInstanceUID == second.SOPInstanceUID
    assert first.file_meta.MediaStorageSOPInstanceUID == first.SOPInstanceUID
    assert first.SOPClassUID == CTImageStorage
    assert first.PatientID == first.PatientName == second.PatientID != "PSEUDONYM0000001"


def test_intervals_within_a_patient_are_kept() -> None:
    first, second = (rewrite(make_object(study=study)) for study in (1, 9))
    assert first.StudyDate != "20200101"
    days = [datetime.strptime(ds.StudyDate, "%Y%m%d") for ds in (first, second)]
    assert (days[1] - days[0]).days == 8
    assert first.AcquisitionDateTime[:8] == first.StudyDate
    assert not first.StudyTime.startswith("101501")


def test_pixel_data_and_a_second_rewrite_are_the_same() -> None:
    data = make_object()
    assert rewrite(data).PixelData == bytes(range(256))
    assert rewrite(data) == rewrite(data)


def test_rare_descriptions_comments_and_private_elements_are_removed() -> None:
    ds = rewrite(make_object(), treatment=CHEST)
    assert ds.StudyDescription == "CT CHEST"
    assert "SeriesDescription" not in ds and "ImageComments" not in ds
    assert not any(element.tag.is_private for element in ds)


def test_private_dates_are_shifted_if_private_elements_are_kept() -> None:
    ds = rewrite(make_object(), treatment=ReleaseTreatment(keep_private=True))
    block = ds.private_block(0x0019, "ACME 1.0")
    studied = datetime.strptime(ds.StudyDate, "%Y%m%d")
    assert (datetime.strptime(str(block[0x11].value), "%Y%m%d") - studied).days == 2


def test_quasi_identifiers_are_generalised() -> None:
    levels = {"patient_age": 2, "patient_sex": 1, "patient_size": 1, "patient_weight": 3}
    ds = rewrite(make_object(), treatment=ReleaseTreatment(levels))
    assert (ds.PatientAge, ds.PatientSex, float(ds.PatientSize)) == ("040Y", "", 1.6)
    assert "PatientWeight" not in ds


@pytest.mark.parametrize("level", [1, 2, 3])
def test_all_dates_have_the_precision_of_the_release(level: int) -> None:
    treatment = ReleaseTreatment({"study_date": level})
    first, second = (rewrite(make_object(study=study), treatment=treatment) for study in (1, 9))
    assert first.StudyDate == second.StudyDate == first.SeriesDate
    assert first.AcquisitionDateTime[:8] == first.StudyDate
    assert first.StudyDate[6:] == "01"  # not 1 January and the days of the shift


def test_the_last_level_removes_all_dates_and_says_so() -> None:
    ds = rewrite(labelled("113100", "113107"), treatment=ReleaseTreatment({"series_date": 4}))
    assert not ds.StudyDate
    assert ds.AcquisitionDateTime in ("", "19000101000000")
    assert ds.LongitudinalTemporalInformationModified == "REMOVED"
    assert codes(ds) == ["113100"]


def labelled(*values: str) -> bytes:
    """Return an object with the labels of the first pass, with full dates."""
    ds = dcmread(io.BytesIO(make_object()))
    items = []
    for value in values:
        item = Dataset()
        item.CodeValue, item.CodingSchemeDesignator = value, "DCM"
        item.CodeMeaning = METHOD_MEANINGS[value]
        items.append(item)
    ds.DeidentificationMethodCodeSequence = items
    ds.DeidentificationMethod = ["Safelight", "Rules research 1"]
    ds.LongitudinalTemporalInformationModified = "UNMODIFIED"
    buffer = io.BytesIO()
    ds.save_as(buffer)
    return buffer.getvalue()


def codes(ds: Dataset) -> list[str]:
    return [item.CodeValue for item in ds.DeidentificationMethodCodeSequence]


def test_the_labels_say_what_the_second_pass_has_done() -> None:
    data = labelled("113100", "113106", "113108", "113109", "113110", "113111")
    ds = rewrite(data)
    assert codes(ds) == ["113100", "113107", "113108"]
    assert ds.LongitudinalTemporalInformationModified == "MODIFIED"
    assert list(ds.DeidentificationMethod)[2].endswith("second pass for a recipient")
    kept = rewrite(data, treatment=ReleaseTreatment(keep_private=True))
    assert "113111" in codes(kept)


def test_characteristics_that_are_all_removed_are_not_claimed() -> None:
    last = {
        column: hierarchy.last_level
        for column, hierarchy in HIERARCHIES.items()
        if column.startswith("patient_")
    }
    ds = rewrite(labelled("113100", "113108"), treatment=ReleaseTreatment(last))
    assert "PatientWeight" not in ds and not ds.PatientSex
    assert codes(ds) == ["113100"]


def test_a_placeholder_date_does_not_reveal_the_shift() -> None:
    ds = dcmread(io.BytesIO(make_object()))
    ds.PatientBirthDate = "19000101"
    buffer = io.BytesIO()
    ds.save_as(buffer)
    assert rewrite(buffer.getvalue()).PatientBirthDate == "19000101"


def test_an_identifier_that_is_left_refuses_the_object() -> None:
    ds = dcmread(io.BytesIO(make_object()))
    ds.ManufacturerModelName = ds.PatientID
    buffer = io.BytesIO()
    ds.save_as(buffer)
    rewriter = ObjectRewriter(RecipientNames(KEY, "north", "default"), CHEST)
    with pytest.raises(SecondPassError, match="identifier of the first pass"):
        rewriter.rewrite(buffer.getvalue(), "PSEUDONYM0000001")
    with pytest.raises(SecondPassError, match="cannot be rewritten") as refused:
        rewriter.rewrite(b"PSEUDONYM0000001", "PSEUDONYM0000001")
    assert "PSEUDONYM" not in str(refused.value)


def test_a_registered_instance_uid_stays() -> None:
    ds = dcmread(io.BytesIO(make_object()))
    ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = "1.2.840.10008.1.5.1"
    buffer = io.BytesIO()
    ds.save_as(buffer)
    assert rewrite(buffer.getvalue()).SOPInstanceUID == "1.2.840.10008.1.5.1"


def with_syntax(data: bytes, syntax: str) -> bytes:
    """Return an object whose file meta information names another transfer syntax."""
    ds = dcmread(io.BytesIO(data))
    del ds.PixelData
    implicit = ds.file_meta.TransferSyntaxUID.is_implicit_VR
    body = io.BytesIO()
    ds.file_meta.TransferSyntaxUID = UID(syntax)
    dcmwrite(body, ds, implicit_vr=implicit, little_endian=True, force_encoding=True)
    return body.getvalue()


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2.8.1", "1.2.840.10008.1.2.4.50"])
def test_an_object_with_an_unusual_encoding_is_rewritten(syntax: str) -> None:
    ds = dcmread(io.BytesIO(make_object()))
    if syntax.endswith("50"):  # implicit VR, which this transfer syntax does not allow
        ds.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
        buffer = io.BytesIO()
        ds.save_as(buffer, implicit_vr=True, little_endian=True)
        ds = dcmread(io.BytesIO(buffer.getvalue()))
    buffer = io.BytesIO()
    ds.save_as(buffer)
    new = rewrite(with_syntax(buffer.getvalue(), syntax))
    assert new.file_meta.TransferSyntaxUID == syntax
    assert new.PatientID == new.PatientName != "PSEUDONYM0000001"
    assert not new.get_item(0x00080016).is_implicit_VR


def test_texts_of_the_rules_are_kept_where_the_rules_write_them() -> None:
    rules = parse_rules(
        "name: site\nversion: 1\nextends: research\n"
        "dummies: {LO: NO VALUE}\n"
        "elements:\n"
        "  - {tag: DeviceSerialNumber, action: literal, value: NO VALUE}\n"
        "  - {tag: AccessionNumber, action: literal, value: TRIAL-7}\n"
        "  - {tag: PatientID, action: literal, value: SUBJECT}\n"
        "  - {tag: '*/OperatorsName', action: literal, value: READER\\STAFF}\n"
        "  - {tag: SeriesDescription, action: literal, value: SERIES}\n",
        "site",
    )
    written = decode_written_texts([(rules.hash, encode_written_texts(rules))])
    ds = dcmread(io.BytesIO(make_object("SUBJECT")))
    ds.AccessionNumber, ds.SeriesDescription, ds.DeviceSerialNumber = (
        "TRIAL-7",
        "SERIES",
        "NO VALUE",
    )
    item = ds.ReferencedImageSequence[0]
    item.AccessionNumber, item.OperatorsName = "TRIAL-7", ["READER", "STAFF"]
    buffer = io.BytesIO()
    ds.save_as(buffer)
    rewriter = ObjectRewriter(
        RecipientNames(KEY, "north", "default"), ReleaseTreatment(written_texts=written)
    )
    kept = dcmread(io.BytesIO(rewriter.rewrite(buffer.getvalue(), "SUBJECT", rules.hash).data))
    assert (kept.AccessionNumber, kept.SeriesDescription) == ("TRIAL-7", "SERIES")
    assert kept.DeviceSerialNumber == "NO VALUE"
    assert kept.PatientID != "SUBJECT"
    nested = kept.ReferencedImageSequence[0]
    assert nested.AccessionNumber != "TRIAL-7"
    assert list(nested.OperatorsName) == ["READER", "STAFF"]
    other = dcmread(io.BytesIO(rewriter.rewrite(buffer.getvalue(), "SUBJECT", "other").data))
    assert other.AccessionNumber != "TRIAL-7" and "SeriesDescription" not in other
