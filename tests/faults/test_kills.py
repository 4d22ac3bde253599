"""A run that is killed at a named point loses and doubles nothing."""

from __future__ import annotations

import os
import random
from collections.abc import Sequence
from dataclasses import replace

import pytest

from tests.faults.conftest import local_place
from tests.faults.injection import Fault
from tests.faults.outcomes import Outcome, assert_consistent, assert_equal, read_outcome
from tests.faults.runs import Place, Run, complete, run

#: Points of a run over images. The last number is how often a run over the study passes a point.
DRIVER_POINTS = (
    ("jobs.common.delta.run_journal:RunJournal.begin", 1),
    ("jobs.common.run.batch_processing:BatchProcessor.process", 2),
    ("jobs.common.run.batch_commit:edit_files", 2),
    ("jobs.common.delta.tables.table_set:Tables.commit_files", 12),
    ("jobs.common.delta.data_files:delete_data_files", 2),
    ("jobs.common.run.job:Job._record_run", 1),
    ("jobs.common.delta.run_journal:RunJournal.end", 1),
)
WORKER_POINTS = (
    ("safelight.deidentifier:Deidentifier.deidentify", 14),
    ("jobs.common.run.outputs:store_output", 11),
    ("jobs.common.storage.objects:read_object", 14),
    ("jobs.common.delta.data_files:write_data_file", 24),
    ("jobs.common.run.task_recorder:TaskRecorder.finish", 6),
)

#: Points of a run that resumes: a second death must harm as little as the first.
RECOVERY_POINTS = ("jobs.common.delta.run_journal:recover",)

SEED = int(os.environ.get("FAULTS_SEED", "1"))


def seeded_kills(number: int, on_cluster: bool = False) -> list[Fault]:
    """Return kills at points, calls and processes that the seed chooses; each point occurs.

    Parameters
    ----------
    number : int
    on_cluster : bool
        Kill executors instead of the machine of a local run.
    """
    chooser = random.Random(SEED)
    kills = []
    for turn in range(number):
        points = WORKER_POINTS + DRIVER_POINTS
        point, calls = points[turn % len(points)]
        in_worker = (point, calls) in WORKER_POINTS
        other = "kill_executor" if on_cluster else "kill_machine"
        actions = ("kill", "kill_driver", other) if in_worker else ("kill", "kill_later")
        kills.append(
            Fault(
                point,
                chooser.choice(actions),
                when=chooser.choice(("before", "after")),
                count=chooser.randint(1, calls),
                role="worker" if in_worker else "driver",
                argument=chooser.uniform(0, 0.1),
            )
        )
    return kills


def kill_one_after_another(place: Place, kills: Sequence[Fault]) -> Run:
    """Kill each run of the same command, then let it end, and return the run that ended."""
    for kill in kills:
        run(place, kill)
    return complete(place)


def test_a_run_that_is_killed_again_and_again_is_completed(
    place: Place, undisturbed: Outcome
) -> None:
    kills = (
        Fault("jobs.common.run.outputs:store_output", "kill_machine", "after", 4, role="worker"),
        Fault("jobs.common.delta.tables.table_set:Tables.commit_files", "kill", "after", 3),
        Fault("jobs.common.run.outputs:store_output", "kill", "after", 2, role="worker"),
    )
    summary = kill_one_after_another(place, kills).summary
    assert summary["seen"] == 16
    outcomes = ("deidentified", "filtered", "quarantined", "skipped")
    assert sum(summary[name] for name in outcomes) == 16
    assert_consistent(place)
    assert_equal(read_outcome(place), undisturbed)


def describe(kill: Fault) -> str:
    """Return the name of a kill for the test report."""
    return f"{kill.point.rpartition(':')[2]}-{kill.when}-{kill.count}-{kill.action}"


@pytest.mark.long
@pytest.mark.parametrize("kill", seeded_kills(27), ids=describe)
def test_the_same_command_completes_a_killed_run(
    place: Place, undisturbed: Outcome, kill: Fault
) -> None:
    kill_one_after_another(place, [kill])
    assert_consistent(place)
    assert_equal(read_outcome(place), undisturbed)


@pytest.mark.long
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_recovery_that_is_killed_is_recovered(
    place: Place, undisturbed: Outcome, when: str
) -> None:
    first = Fault("jobs.common.delta.tables.table_set:Tables.commit_files", "kill", "after", 9)
    second = Fault(RECOVERY_POINTS[0], "kill", count=1)
    kill_one_after_another(place, [first, replace(second, when=when)])
    assert_consistent(place)
    assert_equal(read_outcome(place), undisturbed)


NOTES_KILLS = (
    Fault("jobs.common.run.outputs:store_output", "kill_machine", "after", 2, role="worker"),
    Fault("jobs.common.run.outputs:store_output", "kill", "before", 3, role="worker"),
    Fault("jobs.common.delta.data_files:write_data_file", "kill_driver", "after", 5, role="worker"),
    Fault("jobs.common.delta.tables.table_set:Tables.commit_files", "kill", "before", 5),
    Fault("jobs.common.delta.tables.table_set:Tables.commit_files", "kill", "after", 3),
    Fault("jobs.common.run.job:Job._record_run", "kill", "after"),
)


@pytest.mark.long
@pytest.mark.parametrize("kill", NOTES_KILLS, ids=describe)
def test_the_same_command_completes_a_killed_run_over_notes(
    notes_place: Place, undisturbed_notes: Outcome, kill: Fault
) -> None:
    kill_one_after_another(notes_place, [kill])
    assert_consistent(notes_place)
    assert_equal(read_outcome(notes_place), undisturbed_notes)


#: Points of the text stage: SCAN and its texts, ANNOTATE, and REBUILD.
TEXT_KILLS = (
    Fault("safelight.deidentifier:Deidentifier.scan", "kill_machine", "after", 5, role="worker"),
    Fault("safelight.deidentifier:Deidentifier.scan", "kill", "before", 3, role="worker"),
    Fault("jobs.common.run.batch_processing:annotate_batch", "kill", "before", 2),
    Fault("jobs.common.run.batch_processing:annotate_batch", "kill", "after", 1),
    Fault("safelight.deidentifier:Deidentifier.rebuild", "kill_driver", "after", 4, role="worker"),
    Fault("safelight.deidentifier:Deidentifier.rebuild", "kill", "before", 2, role="worker"),
)


@pytest.fixture(scope="module")
def undisturbed_with_text(tmp_path_factory: pytest.TempPathFactory, fault_key: str) -> Outcome:
    """Return what a run with the text stage leaves without faults."""
    place = local_place(tmp_path_factory.mktemp("undisturbed-text"), fault_key)
    place = place.changed(options=("--pixels", "off"))
    complete(place)
    return read_outcome(place)


@pytest.mark.long
@pytest.mark.parametrize("kill", TEXT_KILLS, ids=describe)
def test_the_same_command_completes_a_run_killed_in_the_text_stage(
    place: Place, undisturbed_with_text: Outcome, kill: Fault
) -> None:
    place = place.changed(options=("--pixels", "off"))
    kill_one_after_another(place, [kill])
    assert_consistent(place)
    assert_equal(read_outcome(place), undisturbed_with_text)
