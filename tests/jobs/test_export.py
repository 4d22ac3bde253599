"""A release is complete or does not exist, is made once, and holds no quarantined object."""

from __future__ import annotations

import csv
import hashlib
import io
from pathlib import Path
from typing import Any

import pytest

from jobs.cli import main
from jobs.common.spark import session as session_module
from tests.jobs.releases import mark_verified
from tests.jobs.runs import fake_config, rows, run, write_sources
from tests.jobs.summaries import parse_summary

SOURCES = {
    "a.dcm": "1.1 1.2 1.3.1 plain words",
    "b.dcm": "1.1 1.2 1.3.2 other words",
    "twin.dcm": "1.1 1.2 1.3.1 plain words",
    "raise.dcm": "1.1 1.2 1.3.3 raise me",
    "unlike.dcm": "1.1 1.2 1.3.2 words of its own",
}


@pytest.fixture
def place(spark: Any, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Path:
    write_sources(tmp_path, SOURCES)
    assert run(tmp_path) == 0
    mark_verified(tmp_path, map(str, (tmp_path / "out").rglob("*.dcm")))
    capfd.readouterr()
    return tmp_path


def export(place: Path, *arguments: str, name: str = "first") -> int:
    return main(
        ["export", "--tables", f"{place}/tables", "--output", f"{place}/releases",
         "--release", name, *arguments]
    )  # fmt: skip


def objects(place: Path, name: str = "first") -> dict[str, bytes]:
    folder = place / "releases" / name
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*.dcm")}


def test_a_release_holds_the_deidentified_objects_and_is_made_once(
    spark: Any,
    place: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert export(place) == 0
    printed = parse_summary(capfd.readouterr().out)
    assert (printed["objects"], printed["copied"], printed["skipped"]) == (2, 2, 0)
    copied = objects(place)
    assert copied == {
        str(p.relative_to(place / "out")): p.read_bytes() for p in (place / "out").rglob("*.dcm")
    }
    manifest = (place / "releases" / "first" / "manifest.csv").read_text()
    listed = list(csv.DictReader(io.StringIO(manifest)))
    assert {row["path"]: row["sha256"] for row in listed} == {
        path: hashlib.sha256(data).hexdigest() for path, data in copied.items()
    }
    assert all(row["path"] == f"{row['study_uid']}/{row['series_uid']}/{row['sop_uid']}.dcm"
               for row in listed)  # fmt: skip
    [row] = rows(spark, place, "releases")
    assert (row.release, row.objects, row.bytes) == ("first", 2, sum(map(len, copied.values())))
    assert row.manifest_sha256 == hashlib.sha256(manifest.encode()).hexdigest()

    monkeypatch.setattr(session_module, "session", lambda *_: pytest.fail("Spark was started"))
    assert export(place) == 0
    again = parse_summary(capfd.readouterr().out)
    assert (again["skipped"], again["bytes"]) == (2, printed["bytes"])
    assert export(place, "--modality", "MR") == 2
    assert "other arguments" in capfd.readouterr().err
    (place / "releases" / "first" / "manifest.csv").write_text(manifest + "x")
    assert export(place) == 1
    assert "manifest" in capfd.readouterr().err


def test_conditions_select_objects(
    spark: Any, place: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    one = rows(spark, place, "catalog")[0].sop_uid
    where = ("--where", f"sop_uid = '{one}'", "--modality", "CT")
    assert export(place, *where) == 0
    assert [Path(path).stem for path in objects(place)] == [one]
    for name, arguments in {
        "none": ["--modality", "MR"],
        "rules": ["--rules", "basic"],
        "namespace": ["--namespace", "other"],
        "sql": ["--where", "no_column = 1"],
        "words": ["--where", "not even SQL"],
    }.items():
        assert export(place, *arguments, name=name) == 2
        assert not (place / "releases" / name / "manifest.csv").exists()
    assert [row.release for row in rows(spark, place, "releases")] == ["first"]
    assert "catalog" in capfd.readouterr().err


def test_an_object_that_differs_from_its_row_stops_the_release(
    spark: Any, place: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    changed, gone = sorted((place / "out").rglob("*.dcm"))
    before = changed.read_bytes(), gone.read_bytes()
    changed.write_bytes(before[0] + b"!")
    gone.unlink()
    assert export(place) == 1
    printed = capfd.readouterr().err
    assert "1 objects differ" in printed and "1 objects cannot be read" in printed
    assert not (place / "releases" / "first" / "manifest.csv").exists()
    assert rows(spark, place, "releases") == []
    # What a killed call had copied counts, as far as it is the same; what else is there does not.
    changed.write_bytes(before[0])
    gone.write_bytes(before[1])
    stray = place / "releases" / "first" / "stray.dcm"
    stray.parent.mkdir(parents=True, exist_ok=True)
    stray.write_bytes(b"of somebody")
    assert export(place) == 1
    assert "1 other files" in capfd.readouterr().err
    stray.unlink()
    assert export(place) == 0
    printed_last = parse_summary(capfd.readouterr().out)
    assert (printed_last["copied"], printed_last["skipped"]) == (0, 2)


def test_an_object_in_two_versions_must_be_selected(
    spark: Any, place: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    from dataclasses import replace

    from jobs.common.storage.location import parse_uri

    write_sources(place, {"a.dcm": "1.1 1.2 1.3.1 now in other words"})
    engine = replace(fake_config(), rules_hash="i" * 64)
    assert run(place, "r2", deidentifier=engine, output=parse_uri(f"{place}/out2")) == 0
    assert export(place, "--include-unverified") == 2
    assert "in several versions" in capfd.readouterr().err
    mark_verified(place, map(str, (place / "out2").rglob("*.dcm")))
    assert export(place, "--where", "run_id = 'r2'") == 0


def test_an_object_that_is_not_verified_is_refused(
    spark: Any, place: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    first, second = sorted(map(str, (place / "out").rglob("*.dcm")))
    mark_verified(place, [first], "findings")
    assert export(place, "--verified-only") == 0
    captured = capfd.readouterr()
    printed = parse_summary(captured.out)
    assert (printed["objects"], printed["unverified"]) == (1, 1)
    assert "1 objects were refused" in captured.err and "1 findings" in captured.err
    assert [Path(path).name for path in objects(place)] == [Path(second).name]

    mark_verified(place, [second], "unchecked")
    assert export(place, name="none") == 2
    assert "no selected object is clean (1 findings; 1 unchecked)" in capfd.readouterr().err
    assert export(place, "--include-unverified", name="all") == 0
    assert len(objects(place, "all")) == 2
    [row] = [row for row in rows(spark, place, "releases") if row.release == "all"]
    assert row.parameters["unverified"] == "included"
    with pytest.raises(SystemExit):
        export(place, "--include-unverified", "--verified-only", name="both")


def test_overlapping_folders_are_refused(place: Path) -> None:
    inside = ["export", "--tables", f"{place}/tables", "--release", "r", "--output"]
    assert main([*inside, f"{place}/tables/releases"]) == 2
    assert main([*inside, f"{place}/out/releases"]) == 2
    assert main(["export", "--tables", f"{place}/in", "--release", "r", "--output", "x"]) == 2
