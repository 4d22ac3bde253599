"""A worker whose OCR engine is blind ends the task, and not only the object."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from jobs.common.run.failures import describe_failure
from jobs.common.run.plugin import ItemScan
from jobs.common.run.worker import OcrSelfTestError, _limit
from jobs.common.spark.object_limits import ObjectLimits
from safelight.deidentifier import SourceScan
from safelight.records import Reason, Refusal, Result, Status

_CONTEXT: Any = SimpleNamespace(limits=ObjectLimits(), isolated=True)
_RESULT = Result(Status.QUARANTINED, reason_code=Reason.OCR_SELF_TEST.value)


def _raise() -> None:
    raise Refusal(Reason.OCR_SELF_TEST, "blind")


@pytest.mark.parametrize(
    "function",
    [lambda: _RESULT, lambda: ItemScan(state=SourceScan(refusal=_RESULT)), _raise],
)
@pytest.mark.parametrize("isolated", [True, False])
def test_a_failed_self_test_ends_the_task(function: Any, isolated: bool) -> None:
    context: Any = SimpleNamespace(limits=ObjectLimits(), isolated=isolated)
    with pytest.raises(OcrSelfTestError):
        _limit(context, function)


def test_other_refusals_are_outcomes_of_their_object() -> None:
    result = Result(Status.QUARANTINED, reason_code=Reason.UNDECODABLE_PIXELS.value)
    assert _limit(_CONTEXT, lambda: result) == result


def test_the_failure_of_the_run_names_the_engine() -> None:
    error = RuntimeError("... jobs.common.run.worker.OcrSelfTestError")
    assert "does not read its test picture" in describe_failure(error)
