"""Functions, conditions and exceptions of a rules file, applied to whole objects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from pydicom.dataset import Dataset

from safelight.records import Reason, Span, Status
from safelight.rules import parse_rules
from tests.headers.objects import deidentify, make_deidentifier, make_object, to_bytes


def apply(elements: str, ds: Dataset, head: str = "", **options: Any) -> Dataset:
    """De-identify an object by the Basic Profile and entries of ``elements``."""
    return deidentify(ds, make_rules(elements, head), **options)[0]


def make_rules(elements: str, head: str = "") -> Any:
    entries = "".join(f"- {entry}\n" for entry in elements.split("\n"))
    return parse_rules(f"name: a\nversion: '1'\nprofile: basic\n{head}elements:\n{entries}", "a")


def test_a_date_is_reduced_to_its_year_and_labelled_as_modified() -> None:
    new = apply("{tag: '*/{DA}', action: generalise, to: year}", make_object())
    assert (new.StudyDate, new.PatientBirthDate) == ("20190101", "19610101")
    assert new.LongitudinalTemporalInformationModified == "MODIFIED"
    assert "DeidentificationMethodCodeSequence" not in new


def test_the_birth_year_of_a_person_over_89_becomes_one_year() -> None:
    ds = make_object(PatientBirthDate="19050312")
    new = apply("{tag: PatientBirthDate, action: generalise, to: year}", ds)
    assert new.PatientBirthDate > "19300101"


def test_shifted_dates_have_the_precision_of_the_rules() -> None:
    head = "options: [retain_long_modified_dates]\ndates: {precision: month}\n"
    new = apply("{tag: Rows, action: keep}", make_object(StudyTime="101112"), head)
    assert new.StudyDate.endswith("01") and new.StudyDate != "20190301"
    assert new.LongitudinalTemporalInformationModified == "MODIFIED"
    codes = [item.CodeValue for item in new.get("DeidentificationMethodCodeSequence", ())]
    assert "113107" not in codes


def test_a_binary_number_is_rounded() -> None:
    new = apply("{tag: PatientWeight, action: round, to: 5}\n{tag: ReferencePixelX0, action: round,"
                " to: 10}", make_object(PatientWeight="72.4", ReferencePixelX0=-17))  # fmt: skip
    assert (new.PatientWeight, new.ReferencePixelX0) == (70, -20)


def test_a_text_is_checked_before_it_is_changed() -> None:
    ds = make_object(SeriesDescription="Head of Hargreave")
    new = apply("{tag: SeriesDescription, action: upper}", ds)
    assert "HARGREAVE" not in new.get("SeriesDescription", "")
    new = apply("{tag: SeriesDescription, action: upper}", make_object(SeriesDescription="Head"))
    assert new.SeriesDescription == "HEAD"


def test_what_is_left_of_a_direct_identifier_counts_as_one() -> None:
    new = apply("{tag: PatientID, action: truncate, length: 3}", make_object())
    assert (new.PatientID, new.PatientIdentityRemoved) == ("PX4", "NO")
    new = apply("{tag: PatientID, action: lower}", make_object())
    assert new.get("PatientID", "") != "px440172"


def test_a_hash_is_keyed_and_recorded_in_the_mapping() -> None:
    rules = make_rules("{tag: AccessionNumber, action: hash, length: 8}")
    ds = make_object(AccessionNumber="A7731904")
    new, result = deidentify(ds, rules)
    other, _ = deidentify(ds, rules, key=bytes(range(1, 33)))
    assert len(new.AccessionNumber) == 8 and new.AccessionNumber != other.AccessionNumber
    assert new.AccessionNumber in [one.pseudonym for one in result.mappings]
    assert new.PatientIdentityRemoved == "YES"


def test_quarantine_has_the_reason_of_the_rules() -> None:
    rules = make_rules(
        "{tag: BurnedInAnnotation, action: quarantine, reason: burned in text, "
        "when: {this: {equals: 'YES'}}}"
    )
    deidentifier = make_deidentifier(rules)
    stopped = deidentifier.deidentify(to_bytes(make_object(BurnedInAnnotation="YES")))
    assert (stopped.status, stopped.reason_code, stopped.reason) == (
        Status.QUARANTINED, Reason.FILTERED_BY_RULE.value, "burned in text",
    )  # fmt: skip
    passed = deidentifier.deidentify(to_bytes(make_object(BurnedInAnnotation="NO")))
    assert passed.status is Status.DEIDENTIFIED


@pytest.mark.parametrize(("station", "kept"), [("ROOM1", True), ("OTHER", False)])
def test_a_condition_on_this_is_decided_for_each_value(station: str, kept: bool) -> None:
    code = Dataset()
    code.StationName = station
    ds = make_object(ReferencedImageSequence=[code])
    rules = "{tag: '*/ReferencedImageSequence', action: keep}\n{tag: '*/StationName', action: keep, when: {this: {startsWith: ROOM}}}"  # noqa: E501
    new = apply(rules, ds)
    assert ("StationName" in new.ReferencedImageSequence[0]) is kept


def test_one_worker_decides_conditions_for_each_object() -> None:
    rules = make_rules("{tag: StationName, action: keep, when: {Modality: {equals: CT}}}")
    deidentifier = make_deidentifier(rules)
    found = []
    for modality in ("CT", "MR", "CT"):
        ds = make_object(StationName="ROOM1", Modality=modality)
        result = deidentifier.deidentify(to_bytes(ds))
        found.append(b"ROOM1" in (result.data or b""))
    assert found == [True, False, True]


def test_conditions_see_private_and_nested_elements() -> None:
    item = Dataset()
    item.ReferencedSOPClassUID = "1.2.840.10008.5.1.4.1.1.2"
    ds = make_object(ReferencedImageSequence=[item], StationName="ROOM1")
    block = ds.private_block(0x19, "ACME 1", create=True)
    block.add_new(0x0C, "IS", "7")
    for condition, kept in (
        ("{'(0019,\"ACME 1\",0c)': {greaterThan: 6}}", True),
        ("{'(0019,\"ACME 1\",0c)': {lessThan: 7}}", False),
        ("{ReferencedImageSequence/ReferencedSOPClassUID: {equals: 1.2.840.10008.5.1.4.1.1.2}}",
         True),
        ("{'(0008,1140)/(0008,1155)': {present: true}}", False),
    ):  # fmt: skip
        new = apply(f"{{tag: StationName, action: keep, when: {condition}}}", ds)
        assert ("StationName" in new) is kept, condition


@pytest.mark.parametrize("when", ["{exists: true}", "{missing: true}"])
@pytest.mark.parametrize(
    "reference", ["./Manufacturer", "Manufacturer", "ReferencedImageSequence/Manufacturer"]
)
def test_an_empty_element_exists(reference: str, when: str) -> None:
    item = Dataset()
    item.Manufacturer = ""
    ds = make_object(StationName="ROOM1", Manufacturer="", ReferencedImageSequence=[item])
    new = apply(f"{{tag: StationName, action: keep, when: {{{reference}: {when}}}}}", ds)
    assert "StationName" in new
    del ds.Manufacturer, ds.ReferencedImageSequence
    new = apply(f"{{tag: StationName, action: keep, when: {{{reference}: {when}}}}}", ds)
    assert ("StationName" in new) is ("missing" in when)


def test_an_empty_element_is_itself_there() -> None:
    when = "{this: {missing: true, exists: true}}"
    rules = f"{{tag: StationName, action: quarantine, reason: empty, when: {when}}}"
    result = make_deidentifier(make_rules(rules)).deidentify(to_bytes(make_object(StationName="")))
    assert result.status is Status.QUARANTINED


def test_private_elements_are_selected_by_number() -> None:
    ds = make_object()
    for creator in ("ACME HEADER", "OTHER"):
        block = ds.private_block(0x19, creator, create=True)
        block.add_new(0x01, "IS", "7")
        block.add_new(0x02, "LO", "BODY 64")
    new = apply("{tag: '(0019,1001)', action: keep}", ds)
    assert (0x0019, 0x1001) in new and (0x0019, 0x0010) in new
    assert (0x0019, 0x1002) not in new and (0x0019, 0x1101) not in new
    new = apply("{tag: '(0019,1001)', action: X}\n{tag: '*/(0019,xxxx)', action: keep}", ds)
    assert (0x0019, 0x1001) not in new and new[0x0019, 0x1102].value == "BODY 64"


def test_private_elements_are_selected_by_wildcards_with_exceptions() -> None:
    ds = make_object()
    for group, creator in ((0x19, "ACME HEADER"), (0x29, "ACME CSA"), (0x31, "OTHER")):
        ds.private_block(group, creator, create=True).add_new(0x01, "IS", "7")
    new = apply("""{tag: '(00xx,"ACME*",xx)', except: '(0029,"ACME CSA",xx)', action: keep}""", ds)
    assert (0x0019, 0x1001) in new and (0x0029, 0x1001) not in new and (0x0031, 0x1001) not in new


def test_dummy_values_are_those_of_the_rules() -> None:
    new = apply("{tag: StationName, action: dummy}", make_object(StationName="ROOM1"),
                "dummies: {SH: NONE}\n")  # fmt: skip
    assert new.StationName == "NONE"


def test_a_keep_list_keeps_what_it_names_and_what_makes_an_object_readable() -> None:
    ds = make_object(
        KVP="120", Manufacturer="ACME", ScanOptions="HELIX", ConvolutionKernel="B30", Rows=4,
        ImageType=["ORIGINAL", "PRIMARY", "AXIAL"], WindowCenterWidthExplanation="by Jones",
        StationName="ROOM1", SamplesPerPixel=1,
    )  # fmt: skip
    new = apply("{tag: KVP, action: keep}", ds, "default: remove\n")
    assert new.KVP == 120 and new.Rows == 4 and new.Modality == "CT" and new.ImageType
    for keyword in ("ScanOptions", "ConvolutionKernel", "StationName"):
        assert keyword not in new
    assert not new.get("Manufacturer") and not new.get("WindowCenterWidthExplanation")


def test_an_explicit_keep_wins_over_known_values() -> None:
    ds = make_object(
        PatientAddress="12 Elm Street, Springfield", RegionOfResidence="Springfield",
        SeriesDescription="Springfield",
    )  # fmt: skip
    new = apply(
        "{tag: RegionOfResidence, action: keep}\n{tag: SeriesDescription, action: keep}", ds
    )
    assert new.RegionOfResidence == "Springfield"
    new = apply("{tag: 'Region*', action: keep}", ds)
    assert new.get("RegionOfResidence") != "Springfield"


def test_places_that_the_rules_keep_by_name_stay_in_an_address() -> None:
    """A limited data set keeps city, state and ZIP code (45 CFR 164.514(e))."""
    address = "12 Elm Street, Springfield, IL 62704"

    def annotate(texts: Sequence[str]) -> list[list[Span]]:
        return [
            [
                Span(text.index(part), text.index(part) + len(part), "LOCATION", "ner", 0.9, label)
                for part, label in (("Springfield", "CITY"), ("IL", "STATE"), ("62704", "ZIP"))
                if part in text
            ]
            for text in texts
        ]

    head = "text: {entities: {CITY: keep, STATE: keep, ZIP: keep}}\n"
    ds = make_object(PatientAddress=address)
    new = apply("{tag: PatientAddress, action: clean}", ds, head, annotate=annotate)
    assert new.PatientAddress == "[LOCATION], Springfield, IL 62704"


@pytest.mark.parametrize(
    ("keyword", "value"), [("PatientID", "CH4711-88"), ("PatientName", "OKONKWO^ADAEZE")]
)
def test_a_kept_identity_of_the_patient_is_not_doubted(keyword: str, value: str) -> None:
    ds = make_object(
        PatientID="CH4711-88", PatientName="OKONKWO^ADAEZE", StudyID="CH4711-88",
        OtherPatientIDs="CH4711-88", PerformingPhysicianName="OKONKWO^CHIDI",
        StudyDescription=f"HEAD {value}",
    )  # fmt: skip
    new = apply(f"{{tag: {keyword}, action: keep}}\n{{tag: StudyDescription, action: keep}}", ds)
    assert new[keyword].value == value and new.PatientIdentityRemoved == "NO"
    assert "CH4711-88" not in str(new.get("StudyID", "")) and "OtherPatientIDs" not in new


def test_another_kept_identifier_yields_to_what_the_rules_remove_elsewhere() -> None:
    ds = make_object(PatientID="CH4711-88", AccessionNumber="CH4711-88")
    new = apply("{tag: AccessionNumber, action: keep}", ds)
    assert "CH4711" not in new.AccessionNumber
