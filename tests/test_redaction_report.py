"""What is recorded of the pixels."""

from __future__ import annotations

from safelight.pixels.models import Redaction
from safelight.pseudonyms import Pseudonyms
from safelight.redaction_report import StageReport

PSEUDONYMS = Pseudonyms(b"k" * 32, "tests")


def test_bits_that_were_cleared_are_in_the_audit() -> None:
    actions = StageReport.from_pixels(Redaction(cleared_bits=0xC000), PSEUDONYMS).actions
    assert [(a.location, a.action, a.detail) for a in actions] == [
        ("pixels", "cleared", "unused bits 14, 15 of all words")
    ]


def test_nothing_is_recorded_of_pixels_that_stay() -> None:
    assert StageReport.from_pixels(Redaction(), PSEUDONYMS).actions == ()
