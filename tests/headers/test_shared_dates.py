"""Dates that several patients share give away neither a shift nor a difference of two shifts."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from pydicom._dicom_dict import DicomDictionary
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from safelight.records import Span
from safelight.rules import parse_rules
from safelight.standard.attribute_categories import (
    is_constant_date,
    is_shared_date,
    load_categories,
)
from safelight.standard.private_elements import load_safe_elements
from tests.headers.objects import deidentify, find_nothing, make_code, make_object

_SHARED_DAY = "20171019"

#: Words in keywords of dates that belong to equipment, products, protocols, trials and standards.
_SHARED_WORDS = (
    "Calibrat", "Manufacture", "Install", "Expir", "Version", "Ethics", "Protocol", "Selector",
    "SourceStrength", "ProcedureCreation", "ProcedureLastModified", "Inventory",
)  # fmt: skip
#: Dates with such a word that belong to one patient.
_PATIENT_DATES = {"ScheduledProcedureStepExpirationDateTime", "AssertionExpirationDateTime"}

_DATE_KEYWORDS = {
    entry[4]: (tag, entry[0])
    for tag, entry in DicomDictionary.items()
    if entry[0] in ("DA", "DT", "TM") and entry[4]
}


def _value(vr: str, day: str) -> str:
    return {"DA": day, "DT": f"{day}081500", "TM": "081500"}[vr]


def _pair(keyword: str, nested: bool) -> tuple[Dataset, Dataset]:
    """Return the outputs of two patients whose objects have the same value of one attribute."""
    vr = _DATE_KEYWORDS[keyword][1]
    outputs = []
    for patient in ("PX440172", "PX990431"):
        ds = make_object(PatientID=patient, StudyDate="20190312", StudyTime="101112")
        inner = Dataset()
        setattr(inner, keyword, _value(vr, _SHARED_DAY))
        if nested:
            ds.ReferencedImageSequence = Sequence([inner])
        else:
            ds.update(inner)
        outputs.append(deidentify(ds, "research")[0])
    return outputs[0], outputs[1]


def _shift(ds: Dataset) -> int:
    year, month, day = int(ds.StudyDate[:4]), int(ds.StudyDate[4:6]), int(ds.StudyDate[6:])
    return (date(year, month, day) - date(2019, 3, 12)).days


def test_every_date_of_the_dictionary_with_a_word_of_equipment_is_shared() -> None:
    for keyword, (tag, _) in _DATE_KEYWORDS.items():
        if any(word in keyword for word in _SHARED_WORDS) and keyword not in _PATIENT_DATES:
            assert is_shared_date(tag) or is_constant_date(tag), keyword


@pytest.mark.parametrize("nested", [False, True])
def test_no_attribute_shows_the_shift_of_a_date_that_is_shared(nested: bool) -> None:
    shared = load_categories()["shared_dates"]
    keywords = [name for name, (tag, _) in _DATE_KEYWORDS.items() if tag in shared]
    assert len(keywords) == len(shared)
    for keyword in keywords:
        first, second = _pair(keyword, nested)
        for ds in (first, second):
            text = str(ds).replace(ds.StudyDate, "")
            moved = date(2017, 10, 19) + timedelta(days=_shift(ds))
            assert f"{moved:%Y%m%d}" not in text and _SHARED_DAY not in text, keyword
        item = [ds.ReferencedImageSequence[0] if nested else ds for ds in (first, second)]
        assert item[0].get(keyword) == item[1].get(keyword), keyword


def test_constant_dates_are_the_same_in_all_outputs() -> None:
    for keyword, (tag, _) in _DATE_KEYWORDS.items():
        if is_constant_date(tag):
            first, second = _pair(keyword, nested=False)
            assert first.get(keyword) == second.get(keyword), keyword


def test_all_other_dates_of_the_dictionary_carry_the_shift_or_nothing() -> None:
    for keyword, (tag, vr) in _DATE_KEYWORDS.items():
        if vr == "TM" or is_shared_date(tag) or is_constant_date(tag):
            continue
        if tag >> 16 < 8 or keyword == "StudyDate":
            continue
        ds = make_object()
        setattr(ds, keyword, _value(vr, _SHARED_DAY))
        new = deidentify(ds, "research")[0]
        moved = date(2017, 10, 19) + timedelta(days=_shift(new))
        value = str(new.get(keyword) or "")[:8]
        assert value in ("", f"{moved:%Y%m%d}", "19000101"), keyword


def test_an_explicit_rule_cannot_shift_a_shared_date() -> None:
    text = (
        "name: a\nversion: '1'\nextends: research\nelements:\n"
        "- {tag: '*/DateOfLastCalibration', action: shift}\n"
    )
    ds = make_object(DateOfLastCalibration=_SHARED_DAY)
    assert not deidentify(ds, parse_rules(text, "a"))[0].get("DateOfLastCalibration")


def test_full_dates_keep_dates_of_equipment() -> None:
    text = "name: a\nversion: '1'\nprofile: basic\noptions: [retain_long_full_dates]\n"
    new = deidentify(make_object(DateOfManufacture=_SHARED_DAY), parse_rules(text, "a"))[0]
    assert new.DateOfManufacture == _SHARED_DAY


def test_dates_of_private_calibrations_and_sequences_are_not_safe() -> None:
    for (_creator, _group, _element), safe in load_safe_elements().items():
        if safe.action == "shift":
            words = ("cal_date", "calib", "pulse sequence date", "unif", "install", "manufact")
            assert not any(word in safe.name.lower() for word in words), safe.name


def test_the_private_date_of_a_pulse_sequence_is_removed() -> None:
    ds = make_object()
    block = ds.private_block(0x0019, "GEMS_ACQU_01", create=True)
    block.add_new(0x9D, "DT", "20171019081500")
    assert 0x0019109D not in deidentify(ds, "research")[0]


def test_a_calibration_date_in_a_report_is_not_shifted() -> None:
    item = Dataset()
    item.ValueType = "DATETIME"
    item.ConceptNameCodeSequence = Sequence([make_code("113723", "DCM", "Calibration DateTime")])
    item.DateTime = f"{_SHARED_DAY}081500"
    ds = make_object(ContentSequence=Sequence([item]))
    new = deidentify(ds, "research", annotate=find_nothing)[0]
    assert new.ContentSequence[0].DateTime == "19000101000000"


@pytest.mark.parametrize("keyword", ["ProtocolName", "ContrastBolusAgent", "SoftwareVersions"])
def test_a_date_in_the_name_of_a_protocol_is_never_shifted(keyword: str) -> None:
    text = "HEAD 2017-10-19"

    def annotate(texts: list[str]) -> list[list[Span]]:
        return [[Span(5, 15, "DATE", "ner")] if one == text else [] for one in texts]

    new = [
        deidentify(make_object(PatientID=patient, **{keyword: text}), annotate=annotate)[0]
        for patient in ("PX440172", "PX990431")
    ]
    assert new[0].get(keyword) == new[1].get(keyword)
