from __future__ import annotations

import pytest

from jobs.common.verification.outcomes import VerificationRun


@pytest.mark.parametrize(
    ("ocr", "text_model", "words"),
    [(False, False, ["pixels", "model"]), (True, False, ["model"]), (False, True, ["pixels"])],
)
def test_what_a_verification_did_not_look_at_is_described(
    ocr: bool, text_model: bool, words: list[str]
) -> None:
    omissions = VerificationRun("", ocr, text_model).describe_omissions()
    assert [word for word in ("pixels", "model") if word in omissions] == words


def test_a_verification_of_everything_has_no_omissions() -> None:
    assert not VerificationRun("", True, True).describe_omissions()
