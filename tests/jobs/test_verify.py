"""Verify the outputs and tables of the main job."""

from __future__ import annotations

import csv
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from deltalake import DeltaTable
from pydicom import dcmread

from jobs.cli import main
from tests.headers.objects import KEY, make_object, to_bytes
from tests.jobs.summaries import parse_summary


@pytest.fixture(scope="module")
def run(spark: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """De-identify three sources of one patient once for all tests."""
    place = tmp_path_factory.mktemp("run")
    (place / "in").mkdir()
    (place / "key.hex").write_text(KEY.hex())
    for number in range(3):
        uid = f"1.2.826.0.1.3680043.8.498.{number}"
        ds = make_object(InstanceNumber=number, SOPInstanceUID=uid)
        (place / "in" / f"{number}.dcm").write_bytes(to_bytes(ds))
    arguments = ["--input", f"{place}/in", "--output", f"{place}/out", "--pixels", "off"]
    arguments += ["--tables", f"{place}/tables", "--key", f"file:{place}/key.hex"]
    arguments += ["--text", "off"]
    assert main(["deidentify", *arguments]) == 0
    return place


@pytest.fixture
def done(run: Path, tmp_path: Path) -> Path:
    """Copy the outputs and tables, so that a test may change them."""
    shutil.copytree(run / "out", tmp_path / "out")
    shutil.copytree(run / "tables", tmp_path / "tables")
    return tmp_path


@pytest.fixture
def key(run: Path) -> str:
    return f"file:{run}/key.hex"


def verify(place: Path, *arguments: str) -> int:
    return main(
        ["verify", "--input", f"{place}/out", "--tables", f"{place}/tables",
         "--report", f"{place}/report.csv", *arguments]
    )  # fmt: skip


def findings(place: Path) -> set[tuple[str, str]]:
    with open(place / "report.csv", newline="", encoding="utf-8") as file:
        return {(row["check"], row["detail"]) for row in csv.DictReader(file)}


def objects(place: Path) -> list[Path]:
    return sorted((place / "out").rglob("*.dcm"))


def test_a_clean_run_is_clean_alone_and_against_its_originals(
    done: Path, key: str, capfd: pytest.CaptureFixture[str]
) -> None:
    capfd.readouterr()
    assert verify(done, "--key", key, "--rules", "research") == 0
    summary = parse_summary(capfd.readouterr().out)
    assert (summary["checked"], summary["compared"], summary["findings"]) == (3, 3, 0)
    assert (summary["not_compared"], summary["unchecked"]) == (0, 0)
    # The rules of the run are others than those that it is checked by.
    assert verify(done, "--rules", "basic") == 1


def find_names(spark: Any, texts: Any) -> Any:
    """Annotate each word that begins with Q, as a text model annotates names."""
    from pyspark.sql import functions as F

    from nlp_pipelines.annotate import SPANS_TYPE

    def find(text: str) -> list[tuple[int, int, str, str, float, str]]:
        return [(m.start(), m.end(), "NAME", "ner", 0.9, "") for m in re.finditer(r"Q\w+", text)]

    return texts.select("text_id", F.udf(find, SPANS_TYPE)("text").alias("spans"))


def test_a_text_model_finds_names_that_no_list_has(
    done: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = objects(done)[0]
    ds = dcmread(path)
    ds.ConvolutionKernel = "for Quimbleton"
    ds.save_as(path)
    monkeypatch.setattr("nlp_pipelines.annotate.annotate_texts", find_names)
    detail = "has a name of a person, as the text model reads it"
    assert verify(done) == 1
    assert ("text", detail) not in findings(done)
    assert verify(done, "--text-model", "on") == 1
    assert ("text", detail) in findings(done)
    rows = DeltaTable(str(done / "tables" / "verification")).to_pyarrow_table().to_pylist()
    assert {row["text_model"] for row in rows} == {False, True}


def test_a_folder_without_a_text_model_is_refused(done: Path) -> None:
    assert verify(done, "--text-model", str(done)) == 2


def test_objects_and_rows_must_match(done: Path) -> None:
    changed, gone, moved = objects(done)
    changed.write_bytes(changed.read_bytes() + b"\0\0")
    stray = done / "out" / "1" / "2" / "3.dcm"
    stray.parent.mkdir(parents=True)
    moved.rename(stray)
    gone.unlink()
    assert verify(done) == 1
    assert findings(done) >= {
        ("tables", "differs from its row (SHA-256)"),
        ("tables", "has a row, but is missing"),
        ("tables", "has no row in `instances` or `note_files`"),
    }


def test_a_leak_is_found_by_the_original_and_reported_without_its_value(
    done: Path, key: str, capfd: pytest.CaptureFixture[str]
) -> None:
    one = objects(done)[0]
    one.write_bytes(one.read_bytes() + b"\x09\x00\x01\x10LO\x0a\x00Hargreave ")
    capfd.readouterr()
    assert verify(done, "--key", key) == 1
    assert {check for check, _ in findings(done)} >= {"leak", "tables"}
    captured = capfd.readouterr()
    printed = captured.out + captured.err + (done / "report.csv").read_text()
    assert "hargreave" not in printed.lower() and "/in/" not in printed


def test_objects_that_disagree_on_a_uid_are_found(done: Path, key: str) -> None:
    first, second = (path.read_bytes() for path in objects(done)[:2])
    series = objects(done)[0].parent.name.encode()
    assert series in second
    other = series[:-1] + (b"1" if series[-1:] != b"1" else b"2")
    objects(done)[0].write_bytes(first.replace(series, other))
    assert verify(done, "--key", key) == 1
    assert ("uid_link", "the same original has another UID elsewhere") in findings(done)
    assert {outcome for _, outcome, _, _ in read_outcomes(done)} == {"findings"}


def test_a_changed_or_missing_original_is_reported(run: Path, done: Path, key: str) -> None:
    original = run / "in" / "1.dcm"
    aside = original.rename(run / "aside.dcm")
    try:
        assert verify(done, "--key", key) == 1
    finally:
        aside.rename(original)
    assert findings(done) == {("tables", "the original cannot be read, or has changed")}


def test_a_verification_that_cannot_run_exits_with_two(spark: Any, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "x.dcm").write_bytes(b"")
    assert verify(tmp_path) == 2
    assert verify(tmp_path, "--rules", "no-such-rules") == 2
    assert verify(tmp_path, "--key", "env:NOT_SET_ANYWHERE") == 2


def test_a_key_of_no_run_cannot_be_compared(
    done: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "other.hex").write_text(bytes(range(7, 39)).hex())
    assert verify(done, "--key", f"file:{tmp_path}/other.hex") == 2
    assert "give --key and --namespace of their run" in capfd.readouterr().err


def read_outcomes(place: Path) -> set[tuple[str, str, int, bool]]:
    rows = DeltaTable(f"{place}/tables/verification").to_pyarrow_table().to_pylist()
    return {
        (Path(row["output_uri"]).stem, row["outcome"], row["findings"], row["compared"])
        for row in rows
    }


def test_the_outcome_of_each_object_is_recorded(done: Path, key: str) -> None:
    first, second, third = objects(done)
    first.unlink()
    second.write_bytes(second.read_bytes() + b"\0\0")
    assert verify(done, "--key", key) == 1
    assert read_outcomes(done) == {
        (first.stem, "findings", 1, False),
        (second.stem, "findings", 1, True),
        (third.stem, "clean", 0, True),
    }


def test_a_sample_is_written_for_a_person(done: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert verify(done, "--sample", "2", "--worklist", f"{done}/list.csv") == 0
    with open(done / "list.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len({row["object"] for row in rows} & {str(path) for path in objects(done)}) == 2
    captured = capfd.readouterr()
    assert "2 objects of the worklist" in captured.err
    assert parse_summary(captured.out)["not_compared"] == 3
    assert "(95% confidence)" in captured.err
    assert verify(done, "--sample", "1", "--worklist", f"{done}/x.csv", "--confidence", "0.99") == 0
    assert "fewer than 99.00% of all objects have some (99% confidence)" in capfd.readouterr().err


def test_a_worklist_needs_a_sample_and_a_confidence_is_below_one(done: Path) -> None:
    assert verify(done, "--worklist", f"{done}/list.csv") == 2
    for text in ("1", "0.2", "95"):
        with pytest.raises(SystemExit) as ended:
            verify(done, "--sample", "2", "--confidence", text)
        assert ended.value.code == 2


def test_originals_are_compared_without_a_key(
    run: Path, done: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert verify(done, "--originals", f"{run}/in") == 0
    summary = parse_summary(capfd.readouterr().out)
    assert (summary["compared"], summary["not_compared"], summary["findings"]) == (3, 0, 0)


def test_copied_originals_are_found_by_the_end_of_their_path(
    run: Path, done: Path, key: str, capfd: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(run / "in", done / "copy" / "in")
    one = objects(done)[0]
    one.write_bytes(one.read_bytes() + b"\x09\x00\x01\x10LO\x0a\x00Hargreave ")
    assert verify(done, "--originals", f"{done}/copy") == 1
    assert {check for check, _ in findings(done)} >= {"leak", "tables"}
    assert parse_summary(capfd.readouterr().out)["compared"] == 3
    assert verify(done, "--originals", f"{done}/copy/in", "--key", key) == 1
    assert parse_summary(capfd.readouterr().out)["compared"] == 3


def test_originals_are_found_by_the_key_where_sources_is_missing(
    run: Path, done: Path, key: str, capfd: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree(done / "tables" / "sources")
    assert verify(done, "--originals", f"{run}/in") == 2
    assert "below --originals" in capfd.readouterr().err
    assert verify(done, "--originals", f"{run}/in", "--key", key) == 0
    assert parse_summary(capfd.readouterr().out)["compared"] == 3


def test_a_folder_without_the_originals_cannot_be_compared(done: Path) -> None:
    (done / "empty").mkdir()
    assert verify(done, "--originals", f"{done}/empty") == 2


def test_links_of_objects_contradict_without_a_key(run: Path, done: Path) -> None:
    first = objects(done)[0]
    series = first.parent.name.encode()
    other = series[:-1] + (b"1" if series[-1:] != b"1" else b"2")
    first.write_bytes(first.read_bytes().replace(series, other))
    assert verify(done, "--originals", f"{run}/in") == 1
    assert ("uid_link", "the same original has another UID elsewhere") in findings(done)
