"""Noise on times, ages and numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.dicom.value_formats import can_hold
from safelight.headers.perturbation import Perturbation
from safelight.pseudonyms import Pseudonyms
from safelight.rules.action_parameters import ActionParameters

PSEUDONYMS = Pseudonyms(bytes(range(32)))
PATIENT = PSEUDONYMS.patient("MRN-1")
STUDY_TIME, WEIGHT = 0x00080030, 0x00101030


def perturb(value, vr, first, last, *, percent=False, patient=PATIENT, tag=STUDY_TIME):
    parameters = ActionParameters("perturb", first=first, last=last, is_percent=percent)
    return Perturbation(patient, PSEUDONYMS).apply(value, tag, vr, parameters)


def seconds(text):
    return int(text[:2]) * 3600 + int(text[2:4]) * 60 + int(text[4:6])


TIMES = st.times().map(lambda time: time.strftime("%H%M%S")).filter(lambda text: text != "000000")


@given(first=TIMES, second=TIMES, width=st.integers(1, 40_000))
def test_intervals_between_times_remain(first, second, width):
    moved = [perturb(one, "TM", -width, width) for one in (first, second)]
    assert all(can_hold("TM", one) for one in moved) and moved[0] != first
    assert (seconds(moved[0]) - seconds(moved[1])) % 86400 == (
        seconds(first) - seconds(second)
    ) % 86400


@pytest.mark.parametrize(
    ("value", "expected"),
    [("10", 2), ("1011", 4), ("10:11:12", 6), ("101112.123456", 13), ("101112-111213", 13)],
)
def test_the_precision_of_a_time_remains(value, expected):
    assert len(perturb(value, "TM", -90_000, -3_600)) == expected


@pytest.mark.parametrize("value", ["000000", "0000", "000000.000"])
def test_an_unknown_time_does_not_show_the_noise(value):
    assert perturb(value, "TM", 60, 3600) == value


@pytest.mark.parametrize("value", ["noon", "9999", "MRN-1", "1-2-3"])
def test_other_texts_are_not_times(value):
    assert perturb(value, "TM", 60, 3600) is None


def test_a_date_time_moves_by_the_days_of_the_patient_too():
    moved = perturb("20190219235959.5+0100", "DT", 60, 60.5)
    assert moved[8:14] == "000059" and moved.endswith(".5+0100")
    assert not moved.startswith("2019021") and can_hold("DT", moved)


def test_all_objects_of_a_patient_get_the_same_noise():
    assert perturb("72.5", "DS", -5, 5, tag=WEIGHT) == perturb("72.5", "DS", -5, 5, tag=WEIGHT)
    others = {
        perturb("72.5", "DS", -5, 5, tag=WEIGHT, patient=PSEUDONYMS.patient(f"MRN-{number}"))
        for number in range(20)
    }
    assert len(others) > 10


@given(st.integers(0, 120), st.integers(1, 4000))
def test_ages_stay_ages(years, width):
    moved = perturb(f"{years:03d}Y", "AS", -width, width)
    assert can_hold("AS", moved) and int(moved[:3]) <= 90


@given(
    st.decimals(-1000, 1000, places=2),
    st.sampled_from(["DS", "FD", "FL"]),
    st.floats(0.01, 500),
    st.booleans(),
)
def test_numbers_stay_in_the_range(number, vr, width, percent):
    moved = perturb(str(number), vr, -width, width, percent=percent, tag=WEIGHT)
    limit = abs(float(number)) * width / 100 if percent else width
    assert abs(float(moved) - float(number)) <= limit * 1.01 + 0.01
    assert len(moved) <= 16


def test_unsigned_numbers_stay_unsigned():
    assert int(perturb("3", "US", -900, -800, tag=WEIGHT)) == 0


@pytest.mark.parametrize("vr", ["LO", "DA", "UI", "PN"])
def test_texts_have_no_noise(vr):
    assert perturb("12", vr, -5, 5) is None
