"""Labels of objects, compared with what an independent reader finds in source and output."""

from __future__ import annotations

import io
from typing import Any

import pydicom
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.dataset import Dataset

from safelight import Deidentifier
from safelight.records import Status
from safelight.rules import parse_rules
from tests.headers.objects import KEY, find_nothing, make_object, read, to_bytes

DATE_VRS = ("DA", "DT")
#: Constants that replace dates of Type 1.
DUMMY_DATES = ("19000101", "19000101000000")
DIRECT = (
    "PatientName", "PatientID", "PatientAddress", "AccessionNumber", "ReferringPhysicianName",
    "PatientTelephoneNumbers",
)  # fmt: skip


def make_source() -> Dataset:
    """Return an object with an attribute of each kind, at the top level and in a sequence."""
    ds = make_object(
        PatientAddress="17 Foxglove Lane",
        PatientTelephoneNumbers="555-0142",
        AccessionNumber="ACC99812",
        ReferringPhysicianName="OKONKWO^ADA",
        PatientAge="058Y",
        PatientSex="F",
        PatientWeight="71",
        StudyTime="101112",
        SeriesDate="20190313",
        AcquisitionDateTime="20190313101500",
        StudyDescription="CT abdomen",
        InstitutionName="North Harbour Clinic",
        DeviceSerialNumber="SN-55120",
        StationName="CTROOM2",
        FrameOfReferenceUID="1.2.826.0.1.3680043.8.498.4",
        KVP="120",
    )
    item = Dataset()
    item.StudyDate, item.AccessionNumber = "20190315", "ACC99813"
    item.RequestedProcedureDescription = "abdomen"
    ds.RequestAttributesSequence = [item]
    block = ds.private_block(0x0019, "SIEMENS CT VA0  COAD", create=True)
    block.add_new(0xB0, "DS", "12.5")
    own = ds.private_block(0x0099, "OWN BLOCK", create=True)
    own.add_new(0x01, "LO", "value of a maker")
    return ds


def deidentify(rules: str, source: Dataset) -> Dataset:
    result = Deidentifier(
        parse_rules(rules, "own"), key=KEY, pixels=False, annotate=find_nothing
    ).deidentify(to_bytes(source))
    assert result.status is Status.DEIDENTIFIED, result.reason
    return read(result.data)


def read_values(ds: Dataset, *vrs: str) -> dict[str, str]:
    """Return the non-empty values of elements with a VR, by path."""
    found: dict[str, str] = {}

    def walk(one: Dataset, path: str) -> None:
        for element in one:
            place = f"{path}/{element.tag}"
            if element.VR == "SQ":
                for number, item in enumerate(element.value):
                    walk(item, f"{place}[{number}]")
            elif element.VR in vrs and element.value not in (None, ""):
                found[place] = str(element.value)

    walk(ds, "")
    return found


def read_codes(ds: Dataset) -> set[str]:
    return {item.CodeValue for item in ds.get("DeidentificationMethodCodeSequence", [])}


def check_labels(source: Dataset, output: Dataset, *, has_functions: bool = False) -> None:
    """Compare labels with what source and output show.

    A part of an identifier, which a function of the rules leaves, may count as the identifier.
    """
    before, after = read_values(source, *DATE_VRS), read_values(output, *DATE_VRS)
    after = {path: value for path, value in after.items() if value not in DUMMY_DATES}
    kept = {path for path, value in after.items() if before.get(path) == value}
    changed = after.keys() - kept
    times = read_values(output, "TM")
    if changed:
        expected = "MODIFIED"
    elif kept or times:
        expected = "UNMODIFIED" if kept or not after else "MODIFIED"
    else:
        expected = "REMOVED"
    stated, codes = output.LongitudinalTemporalInformationModified, read_codes(output)
    if after:
        assert stated == expected
    elif not times:
        assert stated == "REMOVED"
    assert ("113106" in codes) <= (not changed)
    assert ("113107" in codes) <= (not kept)
    if kept and changed:
        assert "113100" not in codes
    names = read_values(source, "PN")
    originals = {str(source.get(keyword)) for keyword in DIRECT} | {"ACC99813"} | {*names.values()}
    held = {
        str(element.value)
        for element in output.iterall()
        if element.VR != "SQ" and str(element.value) in originals
    }
    if held or not has_functions:
        assert output.PatientIdentityRemoved == ("NO" if held else "YES")
    if held:
        assert "113100" not in codes
    private = [element for element in output.iterall() if element.tag.is_private]
    if any(element.tag.group == 0x0099 for element in private):
        assert "113100" not in codes
    assert ("113111" in codes) == any(
        element.tag.group == 0x0019 and not element.tag.is_private_creator for element in private
    )
    for code, keywords in {
        "113108": ("PatientAge", "PatientSex", "PatientWeight"),
        "113109": ("DeviceSerialNumber", "StationName"),
        "113110": ("FrameOfReferenceUID", "StudyInstanceUID", "SeriesInstanceUID"),
        "113112": ("InstitutionName",),
    }.items():
        has_kept = any(output.get(k) and output.get(k) == source.get(k) for k in keywords)
        assert (code in codes) >= has_kept or code == "113110"


def own_rules(*entries: tuple[str, str], options: str = "", default: str = "remove") -> str:
    lines = [f"  - {{tag: '{tag}', action: {action}}}" for tag, action in entries]
    elements = "\n".join(["elements:", *lines]) if lines else ""
    head = f"name: own\nversion: '1'\nprofile: basic\noptions: [{options}]\n"
    return f"{head}default: {default}\n{elements}\n"


@pytest.mark.parametrize(
    ("rules", "dates", "codes"),
    [
        (own_rules(), "REMOVED", {"113100"}),
        (own_rules(("*/{DA}", "shift"), ("*/{DT}", "shift")), "MODIFIED", {"113100", "113107"}),
        (own_rules(("StudyDate", "keep")), "UNMODIFIED", {"113100", "113106"}),
        (
            own_rules(("*/{DA}", "keep"), ("*/{DT}", "keep"), options="retain_long_modified_dates"),
            "UNMODIFIED",
            {"113106"},  # the birth date is kept, which no option allows
        ),
        (
            own_rules(("*/{DA}", "shift"), ("*/{DT}", "shift"), options="retain_long_full_dates"),
            "MODIFIED",
            {"113100", "113107"},
        ),
        (own_rules(("StudyDate", "keep"), ("SeriesDate", "shift")), "MODIFIED", set()),
    ],
)
def test_labels_of_dates_follow_the_rules_of_the_organisation(
    rules: str, dates: str, codes: set[str]
) -> None:
    source = make_source()
    output = deidentify(rules, source)
    assert output.LongitudinalTemporalInformationModified == dates
    assert read_codes(output) == codes
    check_labels(source, output)


def test_object_that_keeps_everything_claims_nothing() -> None:
    source = make_source()
    output = deidentify(own_rules(("*/*", "keep")), source)
    assert output.PatientIdentityRemoved == "NO"
    assert output.LongitudinalTemporalInformationModified == "UNMODIFIED"
    assert "113100" not in read_codes(output)


@pytest.mark.parametrize("keyword", DIRECT)
def test_object_with_a_direct_identifier_never_says_yes(keyword: str) -> None:
    output = deidentify(own_rules((keyword, "keep")), make_source())
    assert output.PatientIdentityRemoved == "NO"


def test_labels_do_not_depend_on_what_the_writer_has_cached() -> None:
    text = own_rules(("StudyDate", "keep"), ("*/AccessionNumber", "keep"))
    rules = parse_rules(text, "own")
    deidentifier = Deidentifier(rules, key=KEY, pixels=False, annotate=find_nothing)
    data = to_bytes(make_source())
    outputs = [read(deidentifier.deidentify(data).data) for _ in range(3)]
    assert [ds.PatientIdentityRemoved for ds in outputs] == ["NO"] * 3
    assert [read_codes(ds) for ds in outputs] == [read_codes(outputs[0])] * 3


def test_burned_in_annotation_that_nothing_has_confirmed_is_removed() -> None:
    source = make_source()
    source.BurnedInAnnotation = "NO"
    result = Deidentifier("basic", key=KEY, pixels=False).deidentify(to_bytes(source))
    assert "BurnedInAnnotation" not in read(result.data)
    assert ("(0028,0301)", "removed") in {(a.location, a.action) for a in result.actions}


SELECTORS = st.sampled_from(
    [
        "PatientName", "PatientID", "Patient*", "*/AccessionNumber", "StudyDate", "SeriesDate",
        "*/{DA}", "{DT}", "{TM}", "*/{PN}", "(0010,xxxx)", "StudyDescription", "InstitutionName",
        "DeviceSerialNumber", "StationName", "PatientAge", "RequestAttributesSequence",
        "FrameOfReferenceUID", '(0099,"OWN BLOCK",01)', "*/*",
    ]
)  # fmt: skip
ENTRIES = st.lists(
    st.tuples(SELECTORS, st.sampled_from(["keep", "X", "Z", "D", "shift", "C", "U"])), max_size=4
)
FUNCTIONS = (
    "generalise, to: year", "generalise, to: day", "generalise, width: 5", "truncate, length: 2",
    "upper", "lower", "regex, pattern: '^.', replace: ''", "round, to: 5", "initials",
    "perturb, by: 5000", "perturb, percent: [5, 20]",
)  # fmt: skip
OTHERS = (
    "hash, length: 8", "hash, length: 8, prefix: A-", "keep, when: {Modality: {equals: CT}}",
    "keep, when: {Modality: {in: [MR]}}",
    "keep, when: {this: {matches: '[0-9]'}}", "shift, when: {this: {greaterThan: 20190312}}",
    "remove_items, when: {./StudyDate: {present: true}}",
    "keep, when: {this: {greaterThan: {element: ./SeriesDate}}}",
    "keep, except: ['*/AccessionNumber', '*/{PN}']", "text, value: 'a {Modality} {PatientID}'",
)  # fmt: skip
OPTIONS = st.lists(
    st.sampled_from(
        [
            "retain_long_modified_dates", "retain_long_full_dates", "retain_device_identity",
            "retain_patient_characteristics", "retain_safe_private", "clean_descriptors",
            "retain_institution_identity", "retain_uids",
        ]
    ),
    unique=True,
)  # fmt: skip


@given(st.lists(st.tuples(SELECTORS, st.sampled_from([*FUNCTIONS, *OTHERS])), max_size=4), OPTIONS)
def test_labels_match_after_functions_and_conditions(
    entries: list[tuple[str, str]], options: list[str]
) -> None:
    rules = own_rules(*entries, options=", ".join(options), default="profile")
    source = make_source()
    result: Any = Deidentifier(
        parse_rules(rules, "own"), key=KEY, pixels=False, annotate=find_nothing
    ).deidentify(to_bytes(source))
    if result.status is Status.DEIDENTIFIED:
        output = pydicom.dcmread(io.BytesIO(result.data), force=True)
        used = {action for _, action in entries}
        check_labels(source, output, has_functions=bool(used & set(FUNCTIONS)))
    else:
        assert result.reason_code != "internal_error", result.reason


@given(ENTRIES, OPTIONS, st.sampled_from(["profile", "keep", "remove"]))
def test_labels_match_what_an_independent_reader_finds(
    entries: list[tuple[str, str]], options: list[str], default: str
) -> None:
    rules = own_rules(*entries, options=", ".join(options), default=default)
    source = make_source()
    result: Any = Deidentifier(
        parse_rules(rules, "own"), key=KEY, pixels=False, annotate=find_nothing
    ).deidentify(to_bytes(source))
    if result.status is Status.DEIDENTIFIED:
        check_labels(source, pydicom.dcmread(io.BytesIO(result.data), force=True))


ADDITIONS = st.lists(
    st.sampled_from(
        [
            "tag: ClinicalTrialProtocolID, value: TRIAL",
            "tag: PatientComments, value: '{PatientName}'",
            "tag: ScheduledProcedureStepStartDate, value: '{StudyDate}'",
            "tag: RequestAttributesSequence/StationName, value: 'R {PatientID}', always: true",
            "tag: RequestAttributesSequence, append: true, item: {StudyID: '{AccessionNumber}'}",
            "tag: OtherPatientIDsSequence, item: {PatientID: '{PatientID}', IssuerOfPatientID: X}",
        ]
    ),
    unique=True,
)  # fmt: skip


@given(ENTRIES, ADDITIONS)
def test_added_elements_with_original_values_are_in_the_labels(
    entries: list[tuple[str, str]], additions: list[str]
) -> None:
    rules = own_rules(*entries, default="profile")
    rules += "".join(["add:\n", *(f"  - {{{one}}}\n" for one in additions)]) if additions else ""
    source = make_source()
    result: Any = Deidentifier(
        parse_rules(rules, "own"), key=KEY, pixels=False, annotate=find_nothing
    ).deidentify(to_bytes(source))
    if result.status is not Status.DEIDENTIFIED:
        assert result.reason_code != "internal_error", result.reason
        return
    output = pydicom.dcmread(io.BytesIO(result.data), force=True)
    originals = {str(source.get(keyword)) for keyword in DIRECT} | {"ACC99813"}
    values = [str(element.value) for element in output.iterall() if element.VR not in ("SQ", "OW")]
    if any(one in value for one in originals for value in values):
        assert output.PatientIdentityRemoved == "NO"
        assert "113100" not in read_codes(output)
    if {*values} & {*read_values(source, *DATE_VRS).values()} - {*DUMMY_DATES}:
        assert output.LongitudinalTemporalInformationModified != "REMOVED"
