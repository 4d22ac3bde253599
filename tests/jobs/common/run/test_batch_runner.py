from __future__ import annotations

import pyarrow as pa
import pytest

from jobs.common.run.batch_runner import RunTotals, retry_with_crash_isolation, source_id
from jobs.common.run.duplicates import SAME_CONTENT
from jobs.common.storage.backend import Source
from safelight.pseudonyms import Pseudonyms
from tests.jobs.conftest import KEY


def test_totals_count_an_object_of_two_sources_once() -> None:
    totals = RunTotals()
    totals.add(
        pa.table(
            {
                "status": ["deidentified", "deidentified", "quarantined"],
                "reason_code": ["", "", "truncated"],
                "reason": ["", SAME_CONTENT, "cut off"],
                "source_bytes": [10, 10, 5],
                "output_bytes": [8, 8, None],
                "source_id": ["a", "b", "c"],
            }
        )
    )
    assert totals.status == {"deidentified": 2, "quarantined": 1}
    assert totals.reasons == {"truncated": 1}
    assert (totals.bytes_in, totals.bytes_out) == (25, 8)
    assert totals.quarantined == [("c", "truncated")]


def test_a_batch_is_isolated_after_a_crash() -> None:
    calls = []

    def process(isolated: bool) -> str:
        calls.append(isolated)
        if not isolated:
            raise RuntimeError("Python worker exited unexpectedly (crashed)")
        return "done"

    assert retry_with_crash_isolation(process) == "done"
    assert calls == [False, True]


def test_another_error_is_raised_at_once() -> None:
    def process(isolated: bool) -> None:
        raise KeyError(isolated)

    with pytest.raises(KeyError):
        retry_with_crash_isolation(process)


def test_another_version_of_a_source_has_another_id() -> None:
    names = Pseudonyms(KEY)
    first = source_id(names, Source("/a", 1, "v1"))
    assert source_id(names, Source("/a", 2, "v1")) == first
    assert source_id(names, Source("/a", 1, "v2")) != first
