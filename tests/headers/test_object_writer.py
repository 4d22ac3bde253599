"""What becomes of elements at every level, seen through another reader."""

from __future__ import annotations

from datetime import datetime

import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import (
    CTImageStorage,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from safelight.records import Reason, Span, Status
from tests.headers.objects import deidentify, engine, make_object, read, to_bytes

SYNTAXES = [
    ImplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    DeflatedExplicitVRLittleEndian,
]


def nested(depth: int, **values: object) -> Sequence:
    item = Dataset()
    for keyword, value in values.items():
        setattr(item, keyword, value)
    for _ in range(depth - 1):
        outer = Dataset()
        outer.ReferencedImageSequence = Sequence([item])
        item = outer
    return Sequence([item])


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_identity_is_replaced_and_geometry_stays(syntax: str) -> None:
    ds = make_object(syntax, Rows=4, Columns=4, SliceThickness="2.5", KVP="120")
    new, result = deidentify(ds)
    assert new.PatientID == new.PatientName == result.patient_pseudonym != "PX440172"
    assert "PatientBirthDate" not in new or not new.PatientBirthDate
    assert (new.Rows, new.Columns, new.SliceThickness, new.KVP) == (4, 4, 2.5, 120)
    assert new.file_meta.TransferSyntaxUID == syntax
    assert new.SOPInstanceUID == new.file_meta.MediaStorageSOPInstanceUID == result.sop_uid
    assert new.PatientIdentityRemoved == "YES"


def test_untouched_pixel_data_keep_their_bytes() -> None:
    pixels = bytes(range(256)) * 2
    new, _ = deidentify(make_object(Rows=16, Columns=16, PixelData=pixels))
    assert new.PixelData == pixels


@pytest.mark.parametrize("depth", [1, 2, 5])
def test_references_are_mapped_at_every_depth(depth: int) -> None:
    original = make_object()
    ds = make_object(
        ReferencedImageSequence=nested(
            depth,
            ReferencedSOPClassUID=CTImageStorage,
            ReferencedSOPInstanceUID=original.SOPInstanceUID,
        )
    )
    new, result = deidentify(ds)
    item = new
    for _ in range(depth):
        item = item.ReferencedImageSequence[0]
    assert item.ReferencedSOPInstanceUID == result.sop_uid
    assert item.ReferencedSOPClassUID == CTImageStorage


def test_private_elements_go_unless_they_are_safe() -> None:
    ds = make_object()
    block = ds.private_block(0x0009, "ACME SECRET", create=True)
    block.add_new(1, "LO", "HARGREAVE")
    safe = ds.private_block(0x0019, "GEMS_ACQU_01", create=True)
    safe.add_new(0x02, "SL", 912)
    new, _ = deidentify(ds)
    assert 0x00090010 not in new and 0x00091001 not in new
    assert new[0x00191002].value == 912 and new[0x00190010].value == "GEMS_ACQU_01"
    basic, _ = deidentify(ds, "basic")
    assert not [element for element in basic if element.tag.is_private]


def test_multi_valued_dates_and_nested_dates_share_one_shift() -> None:
    step = Dataset()
    step.PerformedProcedureStepStartDate = "20190310"
    ds = make_object(
        DateOfLastCalibration=["20190301", "20190305"],
        AcquisitionDateTime="20190312101500.5+0100",
        ReferencedPerformedProcedureStepSequence=Sequence([step]),
    )
    new, _ = deidentify(ds)
    shift = days(new.StudyDate) - days("20190312")
    assert -1095 <= shift <= -1
    assert [days(value) - shift for value in new.DateOfLastCalibration] == [
        days("20190301"),
        days("20190305"),
    ]
    assert days(new.AcquisitionDateTime[:8]) - shift == days("20190312")
    assert new.AcquisitionDateTime.endswith("101500.5+0100")
    inner = new.ReferencedPerformedProcedureStepSequence[0]
    assert days(inner.PerformedProcedureStepStartDate) - shift == days("20190310")


def days(text: str) -> int:
    return datetime.strptime(text, "%Y%m%d").toordinal()


def test_constant_dates_are_not_shifted() -> None:
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = "T-D3000", "SRT", "Chest"
    code.ContextGroupVersion = "20020904"
    new, _ = deidentify(make_object(ProcedureCodeSequence=Sequence([code])))
    assert new.ProcedureCodeSequence[0].ContextGroupVersion == "20020904"


@pytest.mark.parametrize(
    ("age", "expected"), [("089Y", "089Y"), ("090Y", "090Y"), ("101Y", "090Y"), ("013M", "013M")]
)
def test_ages_over_89_are_one_class(age: str, expected: str) -> None:
    assert deidentify(make_object(PatientAge=age))[0].PatientAge == expected


def test_free_text_is_removed_whole_without_a_text_model() -> None:
    new, _ = deidentify(make_object(SeriesDescription="AXIAL", ImageComments="call Hargreave"))
    assert "SeriesDescription" not in new and "ImageComments" not in new
    codes = [item.CodeValue for item in new.DeidentificationMethodCodeSequence]
    assert "113105" not in codes and "113101" not in codes


def test_free_text_is_cleaned_of_spans_and_of_what_the_header_knows() -> None:
    def annotate(texts: list[str]) -> list[list[Span]]:
        return [
            [Span(t.index("Smith"), t.index("Smith") + 5, "NAME", "ner")] if "Smith" in t else []
            for t in texts
        ]

    ds = make_object(SeriesDescription="AXIAL for Smith", StudyDescription="CHEST HARGREAVE TOMAS")
    new, result = deidentify(ds, annotate=annotate)
    assert new.SeriesDescription.startswith("AXIAL for ") and "Smith" not in new.SeriesDescription
    assert new.StudyDescription.startswith("CHEST ") and "HARGREAVE" not in new.StudyDescription
    assert {finding.engine for finding in result.findings} == {"ner", "known"}
    assert "113105" in [item.CodeValue for item in new.DeidentificationMethodCodeSequence]


def test_known_values_leave_kept_text_too() -> None:
    new, _ = deidentify(make_object(ManufacturerModelName="Scanner of Hargreave"))
    assert "argreave" not in new.ManufacturerModelName


def test_text_in_place_of_a_number_does_not_pass() -> None:
    data = to_bytes(make_object(SliceThickness="2.50"))
    result = engine().deidentify(data.replace(b"2.50", b"JANE"))
    assert result.data is not None and b"JANE" not in result.data


def test_original_attributes_and_signatures_go() -> None:
    old = Dataset()
    old.PatientName = "HARGREAVE^TOMAS"
    changed = Dataset()
    changed.ModifiedAttributesSequence = Sequence([old])
    new, _ = deidentify(make_object(OriginalAttributesSequence=Sequence([changed])))
    assert "OriginalAttributesSequence" not in new


@pytest.mark.parametrize(
    ("character_set", "name", "text"),
    [
        ("ISO_IR 192", "Müller^Åsa", "für Müller"),
        ("ISO_IR 100", "Müller^Jörg", "für Müller"),
        ("ISO_IR 144", "Люкceмбypг", "для Люкceмбypг"),
        (["", "ISO 2022 IR 87"], "Yamada^Tarou=山田^太郎=やまだ^たろう", "山田 CHEST"),
    ],
)
def test_names_are_found_in_their_character_set(
    character_set: str | list[str], name: str, text: str
) -> None:
    ds = make_object(SpecificCharacterSet=character_set)
    ds.PatientName, ds.StudyDescription = name, text
    new, _ = deidentify(ds, annotate=lambda texts: [[] for _ in texts])
    for word in ("Müller", "Люкceмбypг", "山田"):
        assert word not in str(new.StudyDescription)


def test_without_patient_id_the_study_stands_in() -> None:
    first, result = deidentify(make_object(PatientID=""))
    second, _ = deidentify(make_object(PatientID="", SOPInstanceUID="1.2.3.9"))
    assert first.PatientID == second.PatientID == result.patient_pseudonym
    assert any("derived from" in action.detail for action in result.actions)
    other, _ = deidentify(make_object(PatientID="", StudyInstanceUID="1.2.3.10"))
    assert other.PatientID != first.PatientID


def test_issuer_tells_patients_apart() -> None:
    one, _ = deidentify(make_object(IssuerOfPatientID="A"))
    two, _ = deidentify(make_object(IssuerOfPatientID="B"))
    assert one.PatientID != two.PatientID


def test_no_original_value_in_what_is_recorded() -> None:
    ds = make_object(
        AccessionNumber="A7731904", ImageComments="call HARGREAVE", InstitutionName="Northfield"
    )
    _, result = deidentify(ds, annotate=lambda texts: [[] for _ in texts])
    recorded = repr((result.actions, result.findings, result.catalog, result.reason))
    for value in ("HARGREAVE", "PX440172", "A7731904", "19610702", "20190312", "Northfield"):
        assert value not in recorded
    assert {m.original for m in result.mappings} >= {"PX440172", "A7731904", ds.StudyInstanceUID}


def test_same_key_same_bytes_other_namespace_other_pseudonyms() -> None:
    data = to_bytes(make_object(AccessionNumber="A7731904"))
    first, again = engine().deidentify(data), engine().deidentify(data)
    other = engine(namespace="study-b").deidentify(data)
    assert first.data == again.data
    assert not {m.pseudonym for m in first.mappings} & {m.pseudonym for m in other.mappings}


def test_remembered_outcomes_do_not_cross_patients() -> None:
    one = engine()
    first = read(one.deidentify(to_bytes(make_object())).data)
    second = read(one.deidentify(to_bytes(make_object(PatientID="OTHER1"))).data)
    fresh = read(engine().deidentify(to_bytes(make_object(PatientID="OTHER1"))).data)
    assert second == fresh and first.StudyDate != second.StudyDate


def test_structured_content_is_refused_without_a_text_model() -> None:
    item = Dataset()
    item.ValueType, item.TextValue = "TEXT", "Dear Mr. Hargreave"
    ds = make_object(SOPClassUID="1.2.840.10008.5.1.4.1.1.88.11", ContentSequence=Sequence([item]))
    result = engine().deidentify(to_bytes(ds))
    assert result.status is Status.QUARANTINED and result.data is None
    assert result.reason_code == Reason.STRUCTURED_CONTENT.value


def test_structured_content_is_cleaned_item_by_item() -> None:
    concept = Dataset()
    concept.CodeValue, concept.CodingSchemeDesignator = "121071", "DCM"
    concept.CodeMeaning = "Finding"
    text, person, when, where, outer = (Dataset() for _ in range(5))
    text.ValueType, text.TextValue = "TEXT", "Mr. Hargreave has no effusion"
    person.ValueType, person.PersonName = "PNAME", "WHITLOW^ADA"
    when.ValueType, when.Date = "DATE", "20190312"
    born = Dataset()
    born.ValueType, born.Date = "DATE", "19610702"
    where.ValueType, where.UID = "UIDREF", "1.2.826.0.1.3680043.8.498.1"
    outer.ValueType, outer.ContentSequence = (
        "CONTAINER",
        Sequence([text, person, when, where, born]),
    )
    for item in (text, person, when, where, born, outer):
        item.ConceptNameCodeSequence = Sequence([concept])
    ds = make_object(SOPClassUID="1.2.840.10008.5.1.4.1.1.88.33", ContentSequence=Sequence([outer]))
    new, result = deidentify(ds, annotate=lambda texts: [[] for _ in texts])
    text, person, when, where, born = new.ContentSequence[0].ContentSequence
    assert "has no effusion" in text.TextValue and "argreave" not in text.TextValue
    assert person.PersonName and "WHITLOW" not in str(person.PersonName)
    assert when.Date == new.StudyDate != "20190312"
    assert where.UID == result.sop_uid
    assert born.Date[4:] == "0101" and abs(int(born.Date[:4]) - 1961) < 5
    assert text.ConceptNameCodeSequence[0].CodeMeaning == "Finding"
    codes = [item.CodeValue for item in new.DeidentificationMethodCodeSequence]
    assert "113104" in codes


def test_an_unforeseen_error_quarantines_and_quotes_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("value HARGREAVE broke it")

    monkeypatch.setattr("safelight.headers.element_writer.character_sets.decode", fail)
    result = engine().deidentify(to_bytes(make_object()))
    assert result.status is Status.QUARANTINED and result.data is None
    assert result.reason_code == Reason.INTERNAL_ERROR.value and "HARGREAVE" not in result.reason
