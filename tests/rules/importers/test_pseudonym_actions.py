"""Pseudonyms that fit the VR of an element."""

import pytest

from safelight.rules.importers.pseudonym_actions import choose_pseudonym_action


@pytest.mark.parametrize(
    ("selector", "action"),
    [
        ("PatientID", "patient_id"), ("PatientName", "name"), ("StudyDate", "shift"),
        ("StudyInstanceUID", "uid"), ("PatientAge", "dummy"), ("AccessionNumber", "token"),
        ("{PN}", "name"), ("NoKeyword", "token"), ("StudyTime", "dummy"),
        ("*ID", "U"), ("(0010,xxxx)", "U"),
        ('(0019,"A",01)', "token"),
    ],
)  # fmt: skip
def test_the_pseudonym_fits_the_vr(selector, action):
    assert choose_pseudonym_action(selector) == action
