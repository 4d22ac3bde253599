from __future__ import annotations

import gc
import weakref
from datetime import datetime
from typing import Any

import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import CTImageStorage

from safelight.dicom.encoding import EXPLICIT_LITTLE, SEQUENCE_END
from safelight.headers.dataset_writer import DatasetWriter
from safelight.headers.element_writer import ElementWriter
from safelight.pseudonyms import Pseudonyms
from safelight.records import Result
from safelight.rules import load_rules, parse_rules
from safelight.text.known.known_phi import KnownPHI
from tests.headers.objects import (
    KEY,
    deidentify,
    find_nothing,
    make_code,
    make_deidentifier,
    make_object,
    method_codes,
    to_bytes,
)

ENHANCED_REPORT = "1.2.840.10008.5.1.4.1.1.88.33"


def nest(depth: int, **values: object) -> Sequence:
    """Return a sequence that has an item with values ``depth`` levels below the top."""
    item = Dataset()
    for keyword, value in values.items():
        setattr(item, keyword, value)
    for _ in range(depth - 1):
        outer = Dataset()
        outer.ReferencedImageSequence = Sequence([item])
        item = outer
    return Sequence([item])


def to_day(text: str) -> int:
    return datetime.strptime(text[:8], "%Y%m%d").toordinal()


def test_writer_is_freed_without_the_garbage_collector() -> None:
    pseudonyms = Pseudonyms(KEY, "tests", (-10, -1))
    values = ElementWriter(load_rules("basic"), KnownPHI([]), pseudonyms.patient("x"), pseudonyms)
    gc.disable()
    try:
        freed = weakref.ref(DatasetWriter(values))
        assert freed() is None
    finally:
        gc.enable()


@pytest.mark.parametrize("depth", [1, 2, 5])
def test_references_are_replaced_at_every_depth(depth: int) -> None:
    references = nest(
        depth,
        ReferencedSOPClassUID=CTImageStorage,
        ReferencedSOPInstanceUID=make_object().SOPInstanceUID,
    )
    item, result = deidentify(make_object(ReferencedImageSequence=references))
    for _ in range(depth):
        item = item.ReferencedImageSequence[0]
    assert item.ReferencedSOPInstanceUID == result.sop_uid
    assert item.ReferencedSOPClassUID == CTImageStorage


def test_original_attributes_sequence_is_removed() -> None:
    old, changed = Dataset(), Dataset()
    old.PatientName = "HARGREAVE^TOMAS"
    changed.ModifiedAttributesSequence = Sequence([old])
    new, _ = deidentify(make_object(OriginalAttributesSequence=Sequence([changed])))
    assert "OriginalAttributesSequence" not in new


def test_dummied_annotation_keeps_its_channels() -> None:
    item = Dataset()
    item.ReferencedWaveformChannels = [1, 3]
    item.UnformattedTextValue = "of HARGREAVE"
    ds = make_object(
        SOPClassUID="1.2.840.10008.5.1.4.1.1.9.1.1", WaveformAnnotationSequence=Sequence([item])
    )
    new, _ = deidentify(ds, "basic")
    annotation = new.WaveformAnnotationSequence[0]
    assert list(annotation.ReferencedWaveformChannels) == [1, 3]


# ------------------------------------------------------------------ dates in one object


def deidentify_dates() -> tuple[Dataset, int]:
    """De-identify an object with several dates; return it and the shift of its Study Date."""
    step = Dataset()
    step.PerformedProcedureStepStartDate = "20190310"
    ds = make_object(
        DischargeDate=["20190301", "20190305"],
        AcquisitionDateTime="20190312101500.5+0100",
        ReferencedPerformedProcedureStepSequence=Sequence([step]),
    )
    new, _ = deidentify(ds)
    return new, to_day(new.StudyDate) - to_day("20190312")


def test_dates_are_shifted_into_the_past() -> None:
    _, shift = deidentify_dates()
    assert -1095 <= shift <= -1


def test_each_value_of_a_date_is_shifted() -> None:
    new, shift = deidentify_dates()
    originals = [to_day(value) - shift for value in new.DischargeDate]
    assert originals == [to_day("20190301"), to_day("20190305")]


def test_date_time_is_shifted_and_keeps_time_and_zone() -> None:
    new, shift = deidentify_dates()
    assert to_day(new.AcquisitionDateTime) - shift == to_day("20190312")
    assert new.AcquisitionDateTime.endswith("101500.5+0100")


def test_nested_date_has_the_shift_of_the_object() -> None:
    new, shift = deidentify_dates()
    item = new.ReferencedPerformedProcedureStepSequence[0]
    assert to_day(item.PerformedProcedureStepStartDate) - shift == to_day("20190310")


# ------------------------------------------------------------------ content tree of a report


def deidentify_report() -> tuple[list[Dataset], Dataset, Result]:
    """De-identify a report; return its content items, the object and the result."""
    concept = make_code("121071", "DCM", "Finding")
    values = (
        ("TEXT", "TextValue", "Mr. Hargreave has no effusion"),
        ("PNAME", "PersonName", "WHITLOW^ADA"),
        ("DATE", "Date", "20190312"),
        ("UIDREF", "UID", "1.2.826.0.1.3680043.8.498.1"),
        ("DATE", "Date", "19610702"),
    )
    container = Dataset()
    container.ValueType, container.ContentSequence = "CONTAINER", Sequence()
    container.ConceptNameCodeSequence = Sequence([concept])
    for value_type, keyword, value in values:
        item = Dataset()
        item.ValueType, item.ConceptNameCodeSequence = value_type, Sequence([concept])
        setattr(item, keyword, value)
        container.ContentSequence.append(item)
    ds = make_object(SOPClassUID=ENHANCED_REPORT, ContentSequence=Sequence([container]))
    new, result = deidentify(ds, annotate=find_nothing)
    return list(new.ContentSequence[0].ContentSequence), new, result


def test_known_name_is_removed_from_report_text() -> None:
    (text, *_), _, _ = deidentify_report()
    assert "has no effusion" in text.TextValue and "argreave" not in text.TextValue


def test_person_name_in_report_is_replaced() -> None:
    (_, person, *_), _, _ = deidentify_report()
    assert person.PersonName and "WHITLOW" not in str(person.PersonName)


def test_date_in_report_has_the_shift_of_the_object() -> None:
    (_, _, date, *_), new, _ = deidentify_report()
    assert date.Date == new.StudyDate != "20190312"


def test_reference_in_report_is_replaced() -> None:
    (_, _, _, reference, _), _, result = deidentify_report()
    assert reference.UID == result.sop_uid


def test_birth_date_in_report_keeps_only_its_year() -> None:
    (*_, birth), _, _ = deidentify_report()
    assert birth.Date[4:] == "0101" and abs(int(birth.Date[:4]) - 1961) < 5


def test_concept_name_in_report_is_kept() -> None:
    (text, *_), _, _ = deidentify_report()
    assert text.ConceptNameCodeSequence[0].CodeMeaning == "Finding"


def test_clean_structured_content_is_stated_for_cleaned_report() -> None:
    _, new, _ = deidentify_report()
    assert "113104" in method_codes(new)


def _make_request() -> Dataset:
    item = Dataset()
    item.ScheduledProcedureStepID = "SPS-77310942"
    item.ScheduledProcedureStepDescription = "knee"
    item.ScheduledProtocolCodeSequence = Sequence([make_code("P1", "99LOCAL", "Knee")])
    diagnosis = make_code("M17.1", "I10", "Gonarthrosis")
    return make_object(
        RequestAttributesSequence=Sequence([item]),
        AdmittingDiagnosesCodeSequence=Sequence([diagnosis]),
    )


@pytest.mark.parametrize("options", [{}, {"annotate": find_nothing, "text": False}])
def test_without_a_text_model_sequences_of_descriptions_are_removed(
    options: dict[str, Any],
) -> None:
    new, result = deidentify(_make_request(), **options)
    assert "113105" not in method_codes(new)
    assert "RequestAttributesSequence" not in new
    assert "AdmittingDiagnosesCodeSequence" not in new
    removed = {action.location for action in result.actions if action.action == "removed"}
    assert {"(0040,0275)", "(0008,1084)"} <= removed


def test_with_a_text_model_sequences_of_descriptions_are_cleaned() -> None:
    new, _ = deidentify(_make_request(), annotate=find_nothing)
    assert "113105" in method_codes(new)
    assert new.RequestAttributesSequence[0].ScheduledProcedureStepDescription == "knee"


def test_rules_keep_a_sequence_of_descriptions_without_a_text_model() -> None:
    keep = "elements:\n  - {tag: RequestAttributesSequence, action: keep}\n"
    rules = parse_rules(f"name: r\nversion: '1'\nextends: research\n{keep}", "r")
    new, _ = deidentify(_make_request(), rules)
    assert "RequestAttributesSequence" in new


@pytest.mark.parametrize("item", [b"", EXPLICIT_LITTLE.element(0x00080100, "SH", b"R-1 ")])
def test_bytes_after_the_delimiter_of_a_sequence_are_removed(item: bytes) -> None:
    rest = EXPLICIT_LITTLE.header(SEQUENCE_END, "", 0) + b"OKONKWO^ADAEZE"
    content = EXPLICIT_LITTLE.item(item, False) + rest
    sequence = EXPLICIT_LITTLE.sequence(0x00540016, "SQ", content, False)
    result = make_deidentifier().deidentify(to_bytes(make_object()) + sequence)
    assert result.data is not None and b"OKONKWO" not in result.data
    assert item in result.data
    done = {action.location: action.action for action in result.actions}
    assert done["(0054,0016)"] == "cleaned"
