"""Two runs of the same command at once, and a holder of the lease that sleeps."""

from __future__ import annotations

import os
import signal

import pytest

from tests.faults.injection import Fault, Setting
from tests.faults.outcomes import Outcome, assert_consistent, assert_equal, read_outcome
from tests.faults.runs import Place, complete, run, started

COMMIT = "jobs.common.delta.tables.table_set:Tables.commit_files"

#: A lease of few seconds, so that a test need not wait for a minute. Only the run that is stopped
#: has it, since a busy machine may not renew it in time.
SHORT_LEASE = (Setting("jobs.common.delta.lease:LeaseKeeper.__init__.__defaults__", [12.0]),)


def test_the_second_of_two_runs_on_local_tables_is_refused(
    place: Place, undisturbed: Outcome
) -> None:
    pause = Fault(COMMIT, "sleep", count=2, argument=6)
    with started(place, pause) as first:
        first.wait_for_fault()
        second = run(place)
        first.wait()
    assert second.code == 1 and "another run" in second.summary["error"]
    assert first.code == 0
    assert_consistent(place)
    assert_equal(read_outcome(place), undisturbed)


@pytest.mark.long
def test_two_runs_on_s3_do_the_work_once(place_on_s3: Place, undisturbed_on_s3: Outcome) -> None:
    with started(place_on_s3) as first, started(place_on_s3) as second:
        first.wait()
        second.wait()
    codes = sorted((first.code, second.code))
    assert codes in ([0, 0], [0, 1]), first.stderr + second.stderr
    assert_consistent(place_on_s3)
    assert_equal(read_outcome(place_on_s3), undisturbed_on_s3)


@pytest.mark.long
@pytest.mark.parametrize("count", [1, 6, 9])
@pytest.mark.parametrize(
    ("point", "when"),
    [
        (COMMIT, "before"),
        ("jobs.common.delta.tables.table_set:Tables.check_lease", "after"),
        ("jobs.common.run.outputs:store_output", "before"),
    ],
)
def test_a_run_that_sleeps_past_its_lease_adds_nothing(
    place_on_s3: Place, undisturbed_on_s3: Outcome, point: str, when: str, count: int
) -> None:
    place = place_on_s3.changed(settings=place_on_s3.settings + SHORT_LEASE)
    driver_sleeps = point != "jobs.common.run.outputs:store_output"
    stop = Fault(point, "stop" if driver_sleeps else "stop_driver", when, count)
    with started(place, stop) as sleeper:
        sleeper.wait_for_fault()
        done = complete(place_on_s3)
        assert done.summary["seen"] == 16
        os.kill(sleeper.process.pid, signal.SIGCONT)
        sleeper.wait()
    assert sleeper.code == 1, sleeper.stdout
    assert "lease" in sleeper.summary["error"] and "Traceback" not in sleeper.stderr
    complete(place_on_s3)
    assert_consistent(place_on_s3, left_by=sleeper.summary["run_id"])
    assert_equal(read_outcome(place_on_s3), undisturbed_on_s3)
