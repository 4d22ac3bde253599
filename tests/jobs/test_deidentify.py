"""The job over DICOM objects in folders, with a fake de-identifier."""

from __future__ import annotations

import errno
import io
import json
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from jobs.cli import main
from jobs.common.access_log.entries import hash_pseudonym
from jobs.common.access_log.log import read_entries
from jobs.common.cli.errors import JobError, UsageError
from jobs.common.delta.tables.delta_folder import DeltaFolder
from jobs.common.delta.tables.table_set import Tables
from jobs.common.run import job
from jobs.common.run.annotations import TextModel
from jobs.common.sources.packing import PackingLimits
from jobs.common.spark import session as session_module
from jobs.common.spark.object_limits import ObjectLimits
from jobs.common.storage.location import Location
from safelight.pseudonyms import Pseudonyms
from tests.jobs.conftest import KEY
from tests.jobs.runs import (
    all_but_sources,
    make_run_config,
    outcome,
    rows,
    run,
    run_config,
    write_sources,
)
from tests.jobs.summaries import parse_summary

SERIES = {f"a/{n}.dcm": f"1.1 1.2 1.3.{n} plain words {n}" for n in range(6)}


def before_commits(patch: pytest.MonkeyPatch, function: Callable[[str], None]) -> None:
    """Call a function with the name of a table before each commit to it."""
    for name in ("commit_files", "append_arrow"):
        commit = getattr(Tables, name)

        def call(self: Tables, table: str, *arguments: Any, commit: Any = commit) -> None:
            function(table)
            commit(self, table, *arguments)

        patch.setattr(Tables, name, call)


def small_batches(monkeypatch: pytest.MonkeyPatch, files: int, tasks: int) -> None:
    monkeypatch.setattr(job, "choose_limits", lambda *_, **__: PackingLimits(1 << 20, files, tasks))


SECRET = "SECRETSURNAME"
MIXED = SERIES | {
    f"{SECRET}/notes.txt": "",
    "b/die.dcm": f"1.1 1.2 1.8 die {SECRET}",
    "b/raise.dcm": f"1.1 1.2 1.9 raise {SECRET}",
    "b/twin.dcm": SERIES["a/1.dcm"],
    "b/unlike.dcm": "1.1 1.2 1.3.2 other words",
}


@dataclass(frozen=True)
class Finished:
    """A run: its folder and what it printed."""

    place: Path
    printed: str

    @property
    def summary(self) -> dict[str, Any]:
        return dict(json.loads(self.printed.splitlines()[-1]))

    @property
    def objects(self) -> list[Path]:
        return list((self.place / "out").rglob("*.dcm"))


@pytest.fixture(scope="module")
def finished(spark: Any, tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """Run the job over sources that are de-identified, filtered, refused, or crash a worker."""
    place = tmp_path_factory.mktemp("mixed")
    write_sources(place, MIXED)
    printed = io.StringIO()
    with redirect_stdout(printed), redirect_stderr(printed):
        assert run(place) == 0
    return Finished(place, printed.getvalue())


def test_the_summary_counts_sources_by_status(finished: Finished) -> None:
    summary = finished.summary
    counts = {name: summary[name] for name in ("seen", "deidentified", "filtered", "quarantined")}
    assert counts == {"seen": 11, "deidentified": 7, "filtered": 1, "quarantined": 3}
    assert summary["bytes_out"] == sum(path.stat().st_size for path in finished.objects)


def test_every_source_has_one_row_with_its_reason(spark: Any, finished: Finished) -> None:
    instances = rows(spark, finished.place, "instances")
    assert len({row.source_id for row in instances}) == len(instances) == 11
    reasons = sorted(row.reason_code for row in instances if row.reason_code)
    assert reasons == ["decoder_crash", "duplicate_instance", "internal_error", "not_dicom"]


def test_sources_of_equal_content_share_one_object(spark: Any, finished: Finished) -> None:
    instances = rows(spark, finished.place, "instances")
    twins = [row for row in instances if row.reason.startswith("same content")]
    assert [row.status for row in twins] == ["deidentified"]
    uris = {row.output_uri for row in instances if row.output_uri}
    assert {str(path) for path in finished.objects} == uris


def test_the_catalog_has_one_row_per_object(spark: Any, finished: Finished) -> None:
    assert len(finished.objects) == len(rows(spark, finished.place, "catalog")) == 6


def test_every_action_on_an_object_is_audited(spark: Any, finished: Finished) -> None:
    assert len(rows(spark, finished.place, "audit")) == 14


def test_no_output_or_table_except_sources_holds_phi(finished: Finished) -> None:
    assert SECRET not in finished.printed
    assert SECRET.encode() not in all_but_sources(finished.place / "tables")


def test_a_report_gives_the_reasons_without_phi(finished: Finished, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    tables = str(finished.place / "tables")
    assert main(["report", "--tables", tables, "--output", str(page)]) == 0
    assert "duplicate_instance" in page.read_text() and SECRET not in page.read_text()


def test_an_original_is_looked_up_and_the_access_recorded(
    spark: Any, finished: Finished, key_file: str, capfd: pytest.CaptureFixture[str]
) -> None:
    uid = Pseudonyms(KEY).uid("1.3.1")
    arguments = ["--tables", str(finished.place / "tables"), "--key", key_file]
    reason = "a test of the access"
    assert main(["reidentify", *arguments, "--uid", uid, "--reason", reason]) == 0
    assert capfd.readouterr().out.splitlines()[1:] == [f"{uid},sop_uid,{uid},1.3.1,default"]
    file = finished.place / "asked.csv"
    file.write_text(f"Study Instance UID,site\n{uid},1\nDOE^JANE,1\n")
    assert main(["reidentify", *arguments, "--file", str(file), "--reason", reason]) == 3
    out, err = capfd.readouterr()
    assert len(out.splitlines()) == 2
    assert "1 of 2 pseudonyms were not found" in err and "(--file, lines 3)" in err
    assert "DOE" not in err
    access, *_ = rows(spark, finished.place, "reidentifications")
    assert (access.reason, access.answered_count) == (reason, 1)


def test_accesses_are_logged_with_the_mapping_wherever_the_tables_are(
    finished: Finished, key_file: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    restricted = Location("", str(finished.place / "tables"))
    before = len(read_entries(restricted))
    uid = Pseudonyms(KEY).uid("1.3.1")
    arguments = [f"--tables={tmp_path / 'elsewhere'}", f"--mapping={restricted.path}"]
    arguments += ["--key", key_file, "--reason", "a test"]
    assert main(["reidentify", *arguments, "--uid", uid]) == 0
    assert main(["reidentify", *arguments, "--uid", "2.25.1"]) == 3
    rows = sorted(read_entries(restricted), key=lambda row: row.entry)[before:]
    assert [row.answered_count for row in rows] == [1, 0]
    names = Pseudonyms(KEY)
    assert hash_pseudonym(names, uid) in rows[0].pseudonym_hashes
    assert hash_pseudonym(names, names.patient("p").pseudonym) in rows[0].pseudonym_hashes


def test_an_access_that_cannot_be_recorded_prints_nothing(
    finished: Finished,
    key_file: str,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    def fail(*_: Any) -> None:
        raise JobError("the disk is full")

    monkeypatch.setattr(DeltaFolder, "append", fail)
    arguments = ["--tables", str(finished.place / "tables"), "--key", key_file]
    uid = Pseudonyms(KEY).uid("1.3.1")
    assert main(["reidentify", *arguments, "--uid", uid, "--reason", "a test"]) == 1
    assert capfd.readouterr().out == ""


def test_a_second_run_skips_all_sources_without_spark(
    spark: Any,
    finished: Finished,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(session_module, "session", lambda *_: pytest.fail("Spark was started"))
        assert run(finished.place, "r2") == 0
    summary = parse_summary(capfd.readouterr().out)
    assert (summary["skipped"], summary["deidentified"]) == (11, 0)
    assert len(rows(spark, finished.place, "instances")) == 11
    runs = {row.run_id: row.counts["skipped"] for row in rows(spark, finished.place, "runs")}
    assert runs == {"r1": 0, "r2": 11}


@pytest.fixture(scope="module")
def whole(spark: Any, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return all that an undisturbed run over ``SERIES`` writes."""
    place = tmp_path_factory.mktemp("whole")
    write_sources(place, SERIES)
    assert run(place) == 0
    return outcome(spark, place)


@pytest.mark.parametrize("died_at", ["audit", "instances", "runs"])
def test_a_run_that_died_is_completed_with_nothing_lost_or_doubled(
    spark: Any, whole: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, died_at: str
) -> None:
    small_batches(monkeypatch, files=3, tasks=1)
    write_sources(tmp_path / "broken", SERIES)
    calls = []

    def die(table: str) -> None:
        if table == died_at:
            calls.append(table)
            if len(calls) == (1 if died_at == "runs" else 2):
                raise SystemExit("killed")

    with monkeypatch.context() as patch:
        before_commits(patch, die)
        with pytest.raises(SystemExit):
            run(tmp_path / "broken")
    assert run(tmp_path / "broken", "r2") == 0
    assert outcome(spark, tmp_path / "broken") == whole
    pairs = {(row.run_id, row.batch) for row in rows(spark, tmp_path / "broken", "instances")}
    for row in rows(spark, tmp_path / "broken", "audit"):
        assert (row.run_id, row.batch) in pairs
    ended = {row.run_id: row.outcome for row in rows(spark, tmp_path / "broken", "runs")}
    assert ended == {"r1": "interrupted", "r2": "done"}


def test_duplicates_are_resolved_in_the_same_way_in_any_packing(
    spark: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rivals = {f"r/{n}.dcm": f"1.1 1.2 1.4 rival {n // 2}" for n in range(6)}
    left = []
    for name, files, tasks in (("one", 100, 1), ("many", 1, 3)):
        write_sources(tmp_path / name, rivals)
        with monkeypatch.context() as patch:
            small_batches(patch, files, tasks)
            run(tmp_path / name)
        found = rows(spark, tmp_path / name, "instances")
        left.append(sorted(row.status for row in found))
        objects = list((tmp_path / name / "out").rglob("*.dcm"))
        assert [path.read_bytes()[-7:] for path in objects] == [b"rival 0"]
    assert left[0] == left[1] == ["deidentified"] * 2 + ["quarantined"] * 4


def test_the_first_listed_source_replaces_the_object_of_a_lost_run(
    spark: Any, tmp_path: Path
) -> None:
    write_sources(tmp_path, {"b": "1.1 1.2 1.4 rival b"})
    run(tmp_path)
    (tmp_path / "tables").rename(tmp_path / "lost")
    write_sources(tmp_path, {"a": "1.1 1.2 1.4 rival a"})
    run(tmp_path, "r2")
    (written,) = (tmp_path / "out").rglob("*.dcm")
    assert written.read_bytes().endswith(b"rival a")
    found = {row.reason_code for row in rows(spark, tmp_path, "instances")}
    assert found == {"", "duplicate_instance"}


def test_texts_are_annotated_once_and_remembered_as_hashes(spark: Any, tmp_path: Path) -> None:
    write_sources(tmp_path, {f"a/{n}": f"1.1 1.2 1.3.{n} seen by Smith" for n in range(4)})
    asked: list[int] = []

    def annotate(session: Any, frame: Any) -> Any:
        asked.append(frame.count())
        spans = (
            "array(named_struct('begin', 8, 'end', 13, 'entity', 'NAME', 'engine', 'ner', "
            "'confidence', 0.9D, 'fine', 'PATIENT'))"
        )
        return frame.selectExpr("text_id", f"{spans} AS spans")

    model = TextModel(annotate, "v1")
    assert run(tmp_path, text_model=model) == 0
    write_sources(tmp_path, {"b/9": "1.1 1.2 1.3.9 seen by Smith"})
    assert run(tmp_path, "r2", text_model=model) == 0
    assert asked == [1]
    objects = [path.read_bytes() for path in (tmp_path / "out").rglob("*.dcm")]
    assert len(objects) == 5 and all(data.endswith(b"seen by *") for data in objects)
    annotations = rows(spark, tmp_path, "annotations")
    assert [(s.begin, s.end) for row in annotations for s in row.spans] == [(8, 13)]
    left = all_but_sources(tmp_path / "tables")
    assert b"Smith" not in left


def test_an_output_that_cannot_be_written_fails_the_run(spark: Any, tmp_path: Path) -> None:
    write_sources(tmp_path, SERIES)
    config = make_run_config(tmp_path)
    (tmp_path / "out").write_text("a file where the folder should be")
    with pytest.raises(JobError, match="the output cannot be written"):
        run_config(config)
    assert rows(spark, tmp_path, "instances") == []


def test_an_object_of_others_is_never_overwritten(spark: Any, tmp_path: Path) -> None:
    write_sources(tmp_path, {"a/1": SERIES["a/1.dcm"]})
    run(tmp_path)
    (written,) = (tmp_path / "out").rglob("*.dcm")
    written.write_bytes(b"somebody else's")
    tables = (tmp_path / "tables").rename(tmp_path / "kept")
    run(tmp_path, "r2")
    (row,) = rows(spark, tmp_path, "instances")
    assert (row.status, row.reason_code) == ("quarantined", "output_conflict")
    assert written.read_bytes() == b"somebody else's" and tables.exists()


def test_the_next_run_tries_an_unreadable_source_again(spark: Any, tmp_path: Path) -> None:
    write_sources(tmp_path, {"a/1": SERIES["a/1.dcm"]})
    config = make_run_config(tmp_path)
    (tmp_path / "in/a/1").rename(tmp_path / "away")
    with pytest.raises(JobError, match=r"no source .* \(FileNotFoundError\); check that it"):
        run_config(config)
    assert [row.outcome for row in rows(spark, tmp_path, "runs")] == ["failed"]
    assert [row.reason_code for row in rows(spark, tmp_path, "instances")] == ["unreadable_source"]
    (tmp_path / "away").rename(tmp_path / "in/a/1")
    run(tmp_path, "r2")
    status = sorted(row.status for row in rows(spark, tmp_path, "instances"))
    assert status == ["deidentified", "quarantined"]


def test_a_resumed_run_has_one_row(spark: Any, tmp_path: Path) -> None:
    write_sources(tmp_path, {"a/1": SERIES["a/1.dcm"], "a/0": SERIES["a/1.dcm"]})
    run(tmp_path, "nightly", named=True)
    write_sources(tmp_path, {"a/2": SERIES["a/2.dcm"], "a/3": ""})
    run(tmp_path, "nightly", named=True)
    (row,) = rows(spark, tmp_path, "runs")
    assert row.run_id == "nightly" and row.counts == {
        "seen": 4, "deidentified": 3, "filtered": 1, "quarantined": 0, "skipped": 0,
    }  # fmt: skip
    objects = (tmp_path / "out").rglob("*.dcm")
    assert row.bytes_out == sum(path.stat().st_size for path in objects)
    sources = sorted((tmp_path / "in").rglob("*"))
    assert row.bytes_in == sum(path.stat().st_size for path in sources if path.is_file())
    found = sorted(row.batch for row in rows(spark, tmp_path, "instances"))
    assert found == [0, 0, 1, 1]
    with pytest.raises(UsageError, match="other rules, stages or namespace"):
        run(tmp_path, "nightly", named=True, parameters={"namespace": "another"})


def test_a_run_that_is_resumed_after_a_kill_counts_both_attempts(
    spark: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_batches(monkeypatch, files=3, tasks=1)
    write_sources(tmp_path, SERIES)
    commit = Tables.commit_files

    def die(self: Tables, table: str, *arguments: Any) -> None:
        commit(self, table, *arguments)
        if table == "instances":
            raise SystemExit("killed")

    with monkeypatch.context() as patch:
        patch.setattr(Tables, "commit_files", die)
        with pytest.raises(SystemExit):
            run(tmp_path, "nightly", named=True)
    with pytest.raises(UsageError, match="other rules, stages or namespace"):
        run(tmp_path, "nightly", named=True, parameters={"namespace": "another"})
    run(tmp_path, "nightly", named=True)
    (row,) = rows(spark, tmp_path, "runs")
    assert (row.counts["seen"], row.counts["deidentified"], row.counts["skipped"]) == (6, 6, 0)


def test_the_last_line_of_a_run_that_fails_counts_what_it_committed(
    spark: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    small_batches(monkeypatch, files=3, tasks=1)
    write_sources(tmp_path, SERIES)
    batches = []

    def full(table: str) -> None:
        batches.append(table)
        if batches.count("audit") == 2:
            raise OSError(errno.ENOSPC, "no space", "/a/path/with/a/name")

    before_commits(monkeypatch, full)
    with pytest.raises(
        JobError, match="failed: No space left on device; free some space, then run"
    ):
        run(tmp_path)
    summary = parse_summary(capfd.readouterr().out)
    assert (summary["run_id"], summary["seen"], summary["deidentified"]) == ("r1", 3, 3)
    assert "No space left" in summary["error"] and "name" not in summary["error"]


def test_a_crash_of_a_worker_costs_one_object_with_texts_as_well(
    spark: Any, tmp_path: Path
) -> None:
    die = {"b/die.dcm": "1.1 1.2 1.8 die at once", "b/scan.dcm": "1.1 1.2 1.9 die in scan"}
    write_sources(tmp_path, SERIES | die)

    def annotate(session: Any, frame: Any) -> Any:
        kinds = "begin: INT, end: INT, entity: STRING, engine: STRING, confidence: DOUBLE"
        none = f"from_json('[]', 'ARRAY<STRUCT<{kinds}, fine: STRING>>')"
        return frame.selectExpr("text_id", f"{none} AS spans")

    assert run(tmp_path, text_model=TextModel(annotate, "v1")) == 0
    reasons = sorted(row.reason_code for row in rows(spark, tmp_path, "instances"))
    assert reasons == [""] * 6 + ["decoder_crash"] * 2
    assert len(list((tmp_path / "out").rglob("*.dcm"))) == 6


def test_an_object_beyond_a_limit_costs_only_itself(spark: Any, tmp_path: Path) -> None:
    bad = {f"a/{word}.dcm": f"1.1 1.2 1.8.{len(word)} {word}" for word in ("hang", "fill", "spin")}
    write_sources(tmp_path, SERIES | bad)
    assert run(tmp_path, limits=ObjectLimits(1.0, 1 << 30)) == 0
    reasons = sorted(row.reason_code for row in rows(spark, tmp_path, "instances"))
    assert reasons == [""] * 6 + ["object_memory", "object_timeout", "object_timeout"]
    assert len(list((tmp_path / "out").rglob("*.dcm"))) == 6
