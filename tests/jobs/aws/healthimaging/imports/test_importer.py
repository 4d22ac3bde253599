from __future__ import annotations

import gc
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jobs.aws.healthimaging.imports import importer, item_queue
from jobs.aws.healthimaging.imports.chunk_store import ChunkStore
from jobs.aws.healthimaging.imports.items import ImportItem
from jobs.cli import main
from jobs.common.delta.lease import hold_lease
from jobs.common.storage import s3_client
from jobs.common.storage.location import parse_uri
from tests.jobs.aws.healthimaging.conftest import ROLE, ImportPlace
from tests.jobs.aws.healthimaging.items import put_output, write_release
from tests.jobs.aws.healthimaging_server import HealthImaging

LastLine = Callable[[], dict[str, Any]]


def list_keys(place: ImportPlace, prefix: str) -> list[str]:
    found = s3_client.get_client().list_objects_v2(Bucket=place.bucket, Prefix=prefix)
    return [entry["Key"] for entry in found.get("Contents", ())]


def test_outputs_are_imported_once(place: ImportPlace, last_line: LastLine) -> None:
    items = place.put(3, frames=2)
    assert place.run_import() == 0
    summary = last_line()
    assert (summary["imported"], summary["released"], summary["jobs"]) == (3, 3, 1)
    assert place.stored() == sorted(item.sop_uid for item in items)
    rows = place.rows()
    assert all(row["frame_check"] == "equal" and row["frames"] == 2 for row in rows.values())
    assert place.run_import() == 0
    summary = last_line()
    assert (summary["imported"], summary["skipped"], summary["jobs"]) == (0, 3, 0)
    assert all(len(one.versions) == 1 for one in place.datastore.image_sets.values())


def test_the_staging_folder_keeps_the_results_alone(place: ImportPlace) -> None:
    place.put(2)
    assert place.run_import() == 0
    names = {key.split("/")[2] for key in list_keys(place, "staging/")}
    assert names == {"results"}


def test_failures_and_warnings_are_recorded_and_held(
    place: ImportPlace, last_line: LastLine, capsys: pytest.CaptureFixture[str]
) -> None:
    items = place.put(12)
    for item in items[:3]:
        place.datastore.failures[item.sop_uid] = "ValidationException"
    place.datastore.warnings[items[4].sop_uid] = "InvalidOffsetTable"
    place.datastore.warnings[items[5].sop_uid] = "ElementsDiscarded"
    assert place.run_import("--fail-on-held") == 3
    summary = last_line()
    assert (summary["imported"], summary["released"], summary["held"]) == (9, 8, 1)
    assert summary["exceptions"] == {"ValidationException": 3}
    assert summary["warnings"] == {"INVALID_OFFSET_TABLE": 1, "ELEMENTS_DISCARDED": 1}
    rows = place.rows()
    assert rows[items[4].sop_uid]["gates"] == ["warning:INVALID_OFFSET_TABLE"]
    assert rows[items[5].sop_uid]["released"] and not rows[items[4].sop_uid]["released"]


def test_failures_are_tried_again_on_request(place: ImportPlace, last_line: LastLine) -> None:
    (item, *_) = place.put(2)
    place.datastore.failures[item.sop_uid] = "ValidationException"
    assert place.run_import() == 0
    last_line()
    place.datastore.failures.clear()
    assert place.run_import() == 0
    assert last_line()["failed_before"] == 1
    assert place.run_import("--retry-failed") == 0
    assert last_line()["imported"] == 1
    statuses = [row["status"] for row in place.tables.rows("imports", ["status"])]
    assert sorted(statuses) == ["failed", "imported", "imported"]


def test_held_instances_are_judged_again_on_request(
    place: ImportPlace, last_line: LastLine
) -> None:
    items = place.put(2)
    place.datastore.warnings[items[0].sop_uid] = "Other"
    assert place.run_import() == 0
    assert place.run_import() == 0
    assert last_line()["imported"] == 0
    assert place.run_import("--retry-held", "--warning-policy", "OTHER=note") == 0
    summary = last_line()
    assert (summary["imported"], summary["released"], summary["skipped"]) == (1, 1, 1)
    assert place.run_import("--retry-held") == 0
    assert last_line()["imported"] == 0


def test_other_frames_in_the_store_are_a_gate(place: ImportPlace, last_line: LastLine) -> None:
    items = place.put(2)
    place.datastore.damaged.add(items[1].sop_uid)
    assert place.run_import() == 0
    assert last_line()["gates"] == {"frames_differ": 1}
    assert not place.rows()[items[1].sop_uid]["released"]


def test_an_image_set_that_is_not_primary_is_a_gate(
    place: ImportPlace, last_line: LastLine
) -> None:
    place.put(1)
    place.put(1, 2, StudyID="other")
    assert place.run_import() == 0
    assert last_line()["gates"] == {"not_primary": 1}


@pytest.mark.parametrize("removed", ["", "NO"])
def test_an_object_with_an_identity_never_leaves(
    place: ImportPlace, last_line: LastLine, removed: str
) -> None:
    place.put(1)
    (phi,) = place.put(1, 2, removed=removed)
    assert place.run_import("--fail-on-held") == 3
    assert last_line()["exceptions"] == {"IdentityNotRemoved": 1}
    assert phi.sop_uid not in place.stored()
    assert place.rows()[phi.sop_uid]["status"] == "refused"


def test_an_object_that_no_run_recorded_is_not_imported(place: ImportPlace) -> None:
    (item,) = place.put(1)
    stray = f"out/{item.study_uid}/stray.dcm"
    s3_client.get_client().put_object(Bucket=place.bucket, Key=stray, Body=b"stray")
    assert place.run_import("--in-place") == 0
    assert place.stored() == [item.sop_uid] and place.rows()[item.sop_uid]["method"] == "job"


def test_a_folder_is_imported_where_it_is(
    place: ImportPlace, last_line: LastLine, healthimaging_server: HealthImaging
) -> None:
    place.put(2)
    place.put(1, 3, series=2, study=2)
    assert place.run_import("--in-place") == 0
    assert last_line()["jobs"] == 1
    assert {row["method"] for row in place.rows().values()} == {"job-in-place"}
    assert list_keys(place, f"staging/{place.datastore.id}/input") == []
    assert len(list_keys(place, "out/")) == 3


def test_a_folder_with_a_refused_object_is_copied(place: ImportPlace) -> None:
    place.put(1)
    (phi,) = place.put(1, 2, removed="NO")
    assert place.run_import("--in-place") == 0
    assert phi.sop_uid not in place.stored() and len(place.stored()) == 1


def test_series_are_divided_among_jobs(place: ImportPlace, last_line: LastLine) -> None:
    for series in (1, 2, 3):
        place.put(2, series * 10, series=series)
    assert place.run_import("--job-files", "4") == 0
    assert last_line()["jobs"] == 2
    chunks = {row["chunk"] for row in place.rows().values()}
    assert len(chunks) == 2


def kill(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, after: bool = False) -> None:
    """Let a step end the import before it is done, or right after."""
    original = getattr(owner, name)

    def die(*args: Any, **parameters: Any) -> None:
        if after:
            original(*args, **parameters)
        raise KeyboardInterrupt

    monkeypatch.setattr(owner, name, die)


@pytest.mark.parametrize(
    ("owner", "name", "after"),
    [
        (importer.Importer, "_check", False),
        (importer, "stage_item", True),
        (importer.Importer, "_start", False),
        (importer.DataStoreClient, "start_job", True),
        (importer.Importer, "_start", True),
        (importer, "read_results", True),
        (importer, "judge_chunk", True),
        (ChunkStore, "remove", False),
        (ChunkStore, "remove", True),
    ],
)
def test_a_killed_import_is_completed_by_the_same_command(
    place: ImportPlace,
    monkeypatch: pytest.MonkeyPatch,
    last_line: LastLine,
    owner: Any,
    name: str,
    after: bool,
) -> None:
    items = place.put(3)
    with monkeypatch.context() as patch:
        kill(patch, owner, name, after)
        assert place.run_import() == 1
    place.put(1, 9)  # a later run of the de-identification
    assert place.run_import() == 0
    assert len(place.rows()) == 4
    assert place.stored() == sorted(item.sop_uid for item in place.items)
    versions = [len(one.versions) for one in place.datastore.image_sets.values()]
    assert versions == [1] and len(place.datastore.jobs) == 2
    assert list_keys(place, f"staging/{place.datastore.id}/chunks") == []
    assert items[0].sop_uid in place.rows()


def test_other_arguments_do_not_import_what_a_killed_import_had_planned(
    place: ImportPlace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    released, _ = place.put(2)
    with monkeypatch.context() as patch:
        kill(patch, importer.Importer, "_start")
        assert place.run_import() == 1
    write_release(place.tables, tmp_path, "r1", [released])
    assert place.run_import("--release", "r1") == 0
    assert place.stored() == [released.sop_uid]


def test_the_objects_of_a_release_to_a_recipient_are_imported(
    place: ImportPlace, tmp_path: Path
) -> None:
    place.put(1)
    folder = tmp_path / "releases" / "north" / "n1"
    own = put_output(str(folder), 9, patient="Q-1")
    write_release(place.tables, tmp_path, "n1", [own], "north")
    assert place.run_import("--release", "n1", "--recipient", "north") == 0
    assert place.stored() == [own.sop_uid]


def test_every_action_may_be_throttled(
    place: ImportPlace, last_line: LastLine, healthimaging_server: HealthImaging
) -> None:
    place.put(2)
    for action in (
        "GetDatastore", "StartDICOMImportJob", "GetDICOMImportJob", "GetImageSetMetadata",
        "SearchDICOMInstances",
    ):  # fmt: skip
        healthimaging_server.throttle_next[action] = 1
    assert place.run_import() == 0
    assert last_line()["released"] == 2


def test_more_jobs_than_may_run_wait_for_each_other(
    place: ImportPlace, last_line: LastLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.jobs.aws.healthimaging_store.MAX_CONCURRENT_JOBS", 1)
    for series in (1, 2, 3):
        place.put(1, series, series=series)
    assert place.run_import("--job-files", "1") == 0
    assert (last_line()["jobs"], len(place.stored())) == (3, 3)


def test_results_are_recorded_by_a_later_import(place: ImportPlace, last_line: LastLine) -> None:
    place.put(2)
    place.datastore.polls_until_done = 6
    assert place.run_import("--no-wait") == 0
    assert (last_line()["running"], place.tables.exists("imports")) == (1, False)
    assert place.run_import() == 0
    assert (last_line()["imported"], len(place.datastore.jobs)) == (2, 1)


def test_a_job_that_fails_is_recorded(place: ImportPlace, last_line: LastLine) -> None:
    place.put(2)
    monkey = pytest.MonkeyPatch()
    with monkey.context() as patch:
        patch.setattr("tests.jobs.aws.healthimaging_store.MAX_JOB_FILES", 1)
        assert place.run_import() == 0
    assert last_line()["exceptions"] == {"ImportJobFailed": 2}
    assert place.run_import("--retry-failed") == 0
    assert last_line()["imported"] == 2


def test_a_warning_that_only_a_search_finds_is_a_gate(
    place: ImportPlace, last_line: LastLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    items = place.put(2)
    original = importer.read_results

    def read_and_warn(uri: str, _: Any) -> Any:
        for one in place.datastore.image_sets.values():
            one.instances[items[1].sop_uid].warning = "TranscodingException"
        return original(uri)

    monkeypatch.setattr(importer, "read_results", read_and_warn)
    assert place.run_import() == 0
    assert last_line()["gates"] == {"warning_reason:TRANSCODING_EXCEPTION": 1}


def test_two_imports_do_not_run_at_once(
    place: ImportPlace, capsys: pytest.CaptureFixture[str]
) -> None:
    place.put(1)
    with hold_lease(parse_uri(place.tables_uri).child("imports")):
        assert place.run_import() == 1
    assert "another run is writing" in capsys.readouterr().err


def test_small_imports_are_sent_without_a_job(place: ImportPlace, last_line: LastLine) -> None:
    items = place.put(3)
    place.datastore.failures[items[0].sop_uid] = "ValidationException"
    place.datastore.warnings[items[1].sop_uid] = "InvalidUidFormat"
    assert place.run_import("--stow") == 0
    summary = last_line()
    assert (summary["imported"], summary["released"], summary["failed"]) == (2, 1, 1)
    assert summary["jobs"] == 0 and place.datastore.jobs == {}
    rows = place.rows()
    assert rows[items[2].sop_uid]["image_set_id"] in place.datastore.image_sets
    assert rows[items[1].sop_uid]["gates"] == ["warning:REASON45570"]


def test_a_killed_stow_import_sends_nothing_twice(
    place: ImportPlace, monkeypatch: pytest.MonkeyPatch, last_line: LastLine
) -> None:
    place.put(2)
    with monkeypatch.context() as patch:
        kill(patch, importer, "send_instances", True)
        assert place.run_import("--stow") == 1
    assert place.run_import("--stow") == 0
    assert last_line()["released"] == 2
    assert [len(one.versions) for one in place.datastore.image_sets.values()] == [1]


def test_no_output_holds_a_uid_or_a_key(
    place: ImportPlace, capsys: pytest.CaptureFixture[str]
) -> None:
    items = place.put(2)
    place.datastore.failures[items[0].sop_uid] = "ValidationException"
    assert place.run_import() == 0
    out, err = capsys.readouterr()
    for item in items:
        assert item.sop_uid not in out + err and item.patient not in out + err
    for job in place.datastore.jobs.values():
        assert job.request["jobName"].startswith("safelight-")
        assert items[0].study_uid not in str(job.request)


def test_tables_may_be_on_s3(place: ImportPlace, last_line: LastLine) -> None:
    place.tables_uri = f"s3://{place.bucket}/tables"
    place.put(2)
    assert place.run_import() == 0
    assert place.run_import() == 0
    assert last_line()["skipped"] == 2
    assert main(place.command("delete", "--patient", "P-1", "--reason", "withdrawn")) == 0
    assert place.stored() == [] and not any(row["released"] for row in place.rows().values())
    assert "tables/imports/_lease.json" in list_keys(place, "tables/imports/_lease")


_DIE_BEFORE_THE_RECORD = """\
import os, sys
from jobs.aws.healthimaging.imports import importer, item_queue
from jobs.aws.healthimaging.imports.items import ImportItem
from jobs.cli import main
importer.judge_chunk = lambda *_: os._exit(137)
main(sys.argv[1:])
"""


def test_a_process_that_dies_between_import_and_record_is_replaced_by_the_next(
    place: ImportPlace, last_line: LastLine
) -> None:
    place.put(3)
    argv = ["--staging", place.staging, "--role", ROLE, "--poll-seconds", "0.01"]
    command = [sys.executable, "-c", _DIE_BEFORE_THE_RECORD, *place.command("import", *argv)]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 137
    assert len(place.stored()) == 3 and not place.tables.exists("imports")
    assert place.run_import() == 0
    assert last_line()["released"] == 3 and len(place.rows()) == 3
    assert len(place.datastore.jobs) == 1


def count_items() -> int:
    gc.collect()
    return sum(isinstance(one, ImportItem) for one in gc.get_objects())


def test_objects_of_running_jobs_are_not_held_in_memory(
    place: ImportPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.put(6)
    place.items.clear()
    place.datastore.polls_until_done = 7
    before = count_items()
    held: dict[int, int] = {}
    wait = importer.Importer._sleep_until_due

    def count_held(self: importer.Importer) -> None:
        if len(self._running) not in held:
            held[len(self._running)] = count_items() - before
        wait(self)

    monkeypatch.setattr(item_queue, "_PAGE_ITEMS", 1)
    monkeypatch.setattr(importer.Importer, "_sleep_until_due", count_held)
    assert place.run_import("--job-files", "1", "--poll-seconds", "0.001") == 0
    assert len(place.rows()) == 6
    assert held[6] <= 2
