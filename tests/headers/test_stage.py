from __future__ import annotations

import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from safelight.dicom.parser import parse
from safelight.headers.replacement_elements import ReplacementElements
from safelight.headers.stage import HeaderStage
from safelight.pseudonyms import Pseudonyms
from safelight.records import Reason, Status
from safelight.rules import parse_rules
from safelight.verify import Check, Verifier
from tests.headers.objects import (
    KEY,
    deidentify,
    find_nothing,
    make_deidentifier,
    make_object,
    method_codes,
    read,
    to_bytes,
)

ALL_ENCODINGS = pytest.mark.parametrize(
    "syntax",
    [
        ImplicitVRLittleEndian,
        ExplicitVRLittleEndian,
        ExplicitVRBigEndian,
        DeflatedExplicitVRLittleEndian,
    ],
)
BOTH_RULE_SETS = pytest.mark.parametrize("rules", ["basic", "research"])
TEXT_REPORT = "1.2.840.10008.5.1.4.1.1.88.11"
PALETTE = UID("1.2.840.10008.1.5.5")  # a well-known SOP Instance (PS3.6, annex A)


@ALL_ENCODINGS
def test_identity_is_replaced(syntax: str) -> None:
    new, result = deidentify(make_object(syntax))
    assert new.PatientID == new.PatientName == result.patient_pseudonym != "PX440172"
    assert not new.get("PatientBirthDate")
    assert new.PatientIdentityRemoved == "YES"


@ALL_ENCODINGS
def test_geometry_and_transfer_syntax_are_kept(syntax: str) -> None:
    ds = make_object(syntax, Rows=4, Columns=4, SliceThickness="2.5", KVP="120")
    new, _ = deidentify(ds)
    assert (new.Rows, new.Columns, new.SliceThickness, new.KVP) == (4, 4, 2.5, 120)
    assert new.file_meta.TransferSyntaxUID == syntax


@pytest.mark.parametrize("uid", ["1.2.826.0.1.3680043.8.498.1", PALETTE])
def test_file_meta_has_instance_uid_of_data_set(uid: str) -> None:
    new, result = deidentify(make_object(SOPInstanceUID=uid))
    assert new.file_meta.MediaStorageSOPInstanceUID == new.SOPInstanceUID == result.sop_uid


def test_well_known_instance_keeps_its_uid() -> None:
    assert deidentify(make_object(SOPInstanceUID=PALETTE))[0].SOPInstanceUID == PALETTE


def test_same_key_gives_same_bytes() -> None:
    data = to_bytes(make_object(AccessionNumber="A7731904"))
    results = [make_deidentifier().deidentify(data) for _ in range(2)]
    assert results[0].data == results[1].data


def test_other_namespace_gives_other_pseudonyms() -> None:
    data = to_bytes(make_object(AccessionNumber="A7731904"))
    results = [make_deidentifier(namespace=n).deidentify(data) for n in ("default", "study-b")]
    pseudonyms = [{pair.pseudonym for pair in result.mappings} for result in results]
    assert pseudonyms[0].isdisjoint(pseudonyms[1])


def test_mappings_have_original_values_and_other_records_have_none() -> None:
    ds = make_object(
        AccessionNumber="A7731904", ImageComments="call HARGREAVE", InstitutionName="Northfield"
    )
    _, result = deidentify(ds, annotate=find_nothing)
    recorded = repr((result.actions, result.findings, result.catalog, result.reason))
    originals = ("HARGREAVE", "PX440172", "A7731904", "19610702", "20190312", "Northfield")
    assert [value for value in originals if value in recorded] == []
    assert {m.original for m in result.mappings} >= {"PX440172", "A7731904", ds.StudyInstanceUID}


def test_attribute_getter_reads_text_and_numbers() -> None:
    deidentifier = make_deidentifier()
    get = deidentifier.headers.make_attribute_getter(parse(to_bytes(make_object(Rows=4))))
    assert [get(keyword) for keyword in ("PatientName", "Rows", "Columns", "(0010,0020)")] == [
        "HARGREAVE^TOMAS", "4", "", "PX440172",
    ]  # fmt: skip


# ------------------------------------------------------------------ documents and references


def test_structured_content_is_quarantined_without_text_model() -> None:
    item = Dataset()
    item.ValueType, item.TextValue = "TEXT", "Dear Mr. Hargreave"
    ds = make_object(SOPClassUID=TEXT_REPORT, ContentSequence=Sequence([item]))
    result = make_deidentifier().deidentify(to_bytes(ds))
    assert result.status is Status.QUARANTINED and result.data is None
    assert result.reason_code == Reason.STRUCTURED_CONTENT.value


def object_with_cda() -> Dataset:
    document = (
        b'<ClinicalDocument xmlns="urn:hl7-org:v3"><recordTarget><patientRole><patient><name>'
        b"<family>HARGREAVE</family></name></patient></patientRole></recordTarget></ClinicalDocument>"
    )
    return make_object(
        SOPClassUID=UID("1.2.840.10008.5.1.4.1.1.104.2"),
        MIMETypeOfEncapsulatedDocument="text/XML",
        EncapsulatedDocument=document,
    )


@BOTH_RULE_SETS
def test_cleaned_document_is_stated_as_method(rules: str) -> None:
    new, _ = deidentify(object_with_cda(), rules, annotate=find_nothing)
    assert b"HARGREAVE" not in new.EncapsulatedDocument
    assert "Encapsulated document cleaned" in new.DeidentificationMethod


@BOTH_RULE_SETS
def test_cleaned_document_passes_verification(rules: str) -> None:
    _, result = deidentify(object_with_cda(), rules, annotate=find_nothing)
    assert result.data is not None
    assert not [d for d in Verifier().check(result.data) if d.check is Check.FORBIDDEN]


def test_object_without_document_does_not_state_a_cleaned_document() -> None:
    new, _ = deidentify(make_object())
    assert "Encapsulated document cleaned" not in new.DeidentificationMethod


def object_with_source_image() -> Dataset:
    source = Dataset()
    source.ReferencedSOPClassUID = "1.2.840.10008.5.1.4.1.1.2"
    source.ReferencedSOPInstanceUID = "1.2.3.4.77"
    source.PatientID = "HIDDEN"
    return make_object(SourceImageSequence=Sequence([source]))


@pytest.mark.parametrize(("rules", "kept"), [("basic", False), ("research", True)])
def test_basic_profile_removes_optional_reference(rules: str, kept: bool) -> None:
    # Source Image Sequence is Type 3 in the General Reference Module.
    assert ("SourceImageSequence" in deidentify(object_with_source_image(), rules)[0]) is kept


@BOTH_RULE_SETS
def test_listed_instance_keeps_the_reference_to_it(rules: str) -> None:
    # The Common Instance Reference Module lists all referenced instances (PS3.3, C.12.2).
    ds, series = object_with_source_image(), Dataset()
    series.SeriesInstanceUID = "1.2.3.4.7"
    series.ReferencedInstanceSequence = ds.SourceImageSequence
    ds.ReferencedSeriesSequence = Sequence([series])
    new, _ = deidentify(ds, rules)
    uid = new.SourceImageSequence[0].ReferencedSOPInstanceUID
    listed = new.ReferencedSeriesSequence[0].ReferencedInstanceSequence[0]
    assert listed.ReferencedSOPInstanceUID == uid != "1.2.3.4.77"
    assert "HIDDEN" not in str(new)


# ------------------------------------------------------------------ labels and errors


@pytest.mark.parametrize(("rules", "stated"), [("basic", "REMOVED"), ("research", "MODIFIED")])
def test_treatment_of_dates_is_stated(rules: str, stated: str) -> None:
    new, _ = deidentify(make_object(), rules)
    assert new.LongitudinalTemporalInformationModified == stated


def test_retain_safe_private_is_stated_only_if_a_private_element_was_kept() -> None:
    ds = make_object()
    ds.private_block(0x0019, "GEMS_ACQU_01", create=True).add_new(0x02, "SL", 912)
    codes = [method_codes(deidentify(one)[0]) for one in (make_object(), ds)]
    assert ["113111" in one for one in codes] == [False, True]


def test_unexpected_error_quarantines_without_quoting_a_value(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("value HARGREAVE broke it")

    monkeypatch.setattr("safelight.headers.element_writer.character_sets.decode", fail)
    result = make_deidentifier().deidentify(to_bytes(make_object()))
    assert result.status is Status.QUARANTINED and result.data is None
    assert result.reason_code == Reason.INTERNAL_ERROR.value and "HARGREAVE" not in result.reason


@pytest.mark.parametrize(
    "entry",
    [
        "{tag: SOPClassUID, action: remove}",
        "{tag: SOPInstanceUID, action: empty}",
        "{tag: StudyInstanceUID, action: token}",
        "{tag: SeriesInstanceUID, action: literal, value: 1.2.3}",
        "{tag: Modality, action: remove}",
        "{tag: BitsAllocated, action: dummy}",
        "{tag: '*/*', action: remove}",
    ],
)
def test_object_without_a_required_attribute_is_quarantined(entry: str) -> None:
    rules = parse_rules(f"name: own\nversion: '1'\nprofile: basic\nelements: [{entry}]\n", "own")
    result = make_deidentifier(rules).deidentify(to_bytes(make_object()))
    assert result.data is None or result.data == b""
    assert result.reason_code == "required_attribute_removed", result.reason


@pytest.mark.parametrize(
    "entry",
    [
        "{tag: StudyDate, action: literal, value: today}",
        "{tag: PatientWeight, action: literal, value: heavy}",
    ],
)
def test_value_that_its_vr_cannot_hold_is_quarantined(entry: str) -> None:
    rules = parse_rules(f"name: own\nversion: '1'\nprofile: basic\nelements: [{entry}]\n", "own")
    data = to_bytes(make_object(PatientAge="058Y", PatientWeight="71"))
    result = make_deidentifier(rules).deidentify(data)
    assert not result.data
    assert result.reason_code == "invalid_value"
    assert "today" not in result.reason


@pytest.mark.parametrize("keyword", ["StudyDate", "PatientAge", "StudyTime"])
def test_token_that_its_vr_cannot_hold_is_removed(keyword: str) -> None:
    text = f"elements: [{{tag: {keyword}, action: token}}]"
    rules = parse_rules(f"name: own\nversion: '1'\nprofile: basic\n{text}\n", "own")
    new, _ = deidentify(make_object(PatientAge="058Y", StudyTime="101112"), rules)
    assert not new.get(keyword)


@pytest.mark.parametrize(("faces", "claimed"), [("keep", False), ("filter", True)])
def test_visual_features_are_clean_only_if_the_rules_stop_faces(faces: str, claimed: bool) -> None:
    text = f"name: own\nversion: '1'\nprofile: basic\npixels: {{faces: {faces}}}\n"
    stage = HeaderStage(parse_rules(text, "own"), Pseudonyms(KEY, "default"))
    parsed = parse(to_bytes(make_object()))
    written = stage.write(parsed, None, ReplacementElements(recognizable_face=False))
    assert ("113102" in method_codes(read(written.data))) == claimed
