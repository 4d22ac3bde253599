"""No date of a release shows the shift of its recipient."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, strategies

from safelight.releases.attribute_treatment import Treatment
from safelight.releases.date_rewriter import DateRewriter
from safelight.releases.object_rewriter import RecipientNames
from safelight.releases.treatment import ReleaseTreatment
from safelight.rules.written_dates import WrittenDates
from tests.releases.objects import KEY, make_object, rewrite

PATIENT = "PSEUDONYM0000001"
NAMES = RecipientNames(KEY, "north", "default")
STUDY_DATE, BIRTH_DATE, CONTENT_DATE, STUDY_TIME = 0x00080020, 0x00100030, 0x0040A121, 0x00080030


NONE = WrittenDates()


def rewriter(written: WrittenDates = NONE, level: int = 0) -> DateRewriter:
    return DateRewriter(NAMES, ReleaseTreatment({"study_date": level}, written_dates=written))


def reduced(vr: str, to: str) -> WrittenDates:
    return WrittenDates(precisions=frozenset({(f"*/{{{vr}}}", to)}))


@pytest.mark.parametrize(
    ("value", "vr"),
    [("20200101", "DA"), ("20200101", "DT"), ("120000", "TM")],
)
def test_literals_of_the_rules_stay(value: str, vr: str) -> None:
    treatment = Treatment.TIME if vr == "TM" else Treatment.DATE
    written = WrittenDates(frozenset({value}))
    assert rewriter(written).rewrite(value, STUDY_DATE, vr, treatment, PATIENT) == value
    assert rewriter().rewrite(value, STUDY_DATE, vr, treatment, PATIENT) != value


def test_literals_that_few_patients_have_are_removed() -> None:
    written = WrittenDates(conditional=frozenset({"20200101"}))
    assert rewriter(written).rewrite("20200101", STUDY_DATE, "DA", Treatment.DATE, PATIENT) is None


@pytest.mark.parametrize("value", ["000000", "0000", "000000.000"])
def test_the_dummy_of_times_stays(value: str) -> None:
    assert rewriter().rewrite(value, STUDY_TIME, "TM", Treatment.TIME, PATIENT) == value


@pytest.mark.parametrize("tag", [BIRTH_DATE, CONTENT_DATE])
def test_a_birth_year_stays_a_year(tag: int) -> None:
    new = rewriter().rewrite("19500101", tag, "DA", Treatment.DATE, PATIENT)
    assert new is not None and new[4:] == "0101"


@given(strategies.dates(date(1950, 1, 1), date(2030, 1, 1)), strategies.sampled_from(["DA", "DT"]))
def test_the_precision_of_the_rules_holds_after_the_shift(day: date, vr: str) -> None:
    first = {"month": f"{day:%Y%m}01", "year": f"{day:%Y}0101"}
    for to, value in first.items():
        new = rewriter(reduced(vr, to)).rewrite(value, STUDY_DATE, vr, Treatment.DATE, PATIENT)
        assert new is not None and new.endswith("01" if to == "month" else "0101")


@given(strategies.dates(date(1950, 1, 1), date(2030, 1, 1)), strategies.integers(1, 3))
def test_a_generalised_date_is_the_first_day_of_its_period(day: date, level: int) -> None:
    new = rewriter(level=level).rewrite(f"{day:%Y%m%d}", STUDY_DATE, "DA", Treatment.DATE, PATIENT)
    assert new is not None and new[6:] == "01"
    assert level < 3 or new[4:] == "0101"


@pytest.mark.parametrize(
    ("value", "to", "kept"),
    [("2020", "year", True), ("202003", "month", True), ("20200101", "unknown", False)],
)
def test_a_partial_date_of_the_first_pass_is_kept(value: str, to: str, kept: bool) -> None:
    new = rewriter(reduced("DT", to)).rewrite(value, STUDY_DATE, "DT", Treatment.DATE, PATIENT)
    assert (new is not None and len(new) == len(value)) == kept


@pytest.mark.parametrize("value", ["20200101-20200301", "20200101-", "20200101103000-20200102"])
def test_a_range_is_removed(value: str) -> None:
    assert rewriter().rewrite(value, STUDY_DATE, "DT", Treatment.DATE, PATIENT) is None


def test_an_offset_from_utc_is_no_range() -> None:
    value = "20200101103000-0500"
    new = rewriter().rewrite(value, STUDY_DATE, "DT", Treatment.DATE, PATIENT)
    assert new is not None and new.endswith("-0500")


def test_two_recipients_cannot_read_a_shift_from_a_literal() -> None:
    treatment = ReleaseTreatment(
        written_dates=WrittenDates(frozenset({"20200101", "101501.123456"}))
    )
    north, south = (rewrite(make_object(), name, treatment) for name in ("north", "south"))
    for ds in (north, south):
        assert ds.StudyDate == ds.SeriesDate == "20200101" and ds.StudyTime == "101501.123456"
        assert ds.AcquisitionDateTime[:8] != "20200101"
