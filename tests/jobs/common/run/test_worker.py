from __future__ import annotations

import gc
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jobs.common.delta.arrow_rows import decode_rows, encode_rows
from jobs.common.delta.rows import StoredSpan
from jobs.common.images.plugin import ImagePlugin
from jobs.common.run.annotation_macs import TEXT_PURPOSE
from jobs.common.run.outputs import OutputError
from jobs.common.run.task_recorder import decode_claims
from jobs.common.run.work_items import (
    AnnotatedItem,
    BatchContext,
    ScannedItem,
    TaskReport,
    TextSpans,
)
from jobs.common.run.worker import ArrowTask, deidentify_task, rebuild_task, scan_task
from jobs.common.sources.discovery import SourceRequest, list_sources
from jobs.common.sources.listing import LocalListing
from jobs.common.sources.packing import PackingLimits, pack
from jobs.common.spark.object_limits import ObjectLimits
from safelight.records import Span
from tests.jobs.fake_deidentifier import FakeDeidentifier
from tests.jobs.runs import fake_config, no_session, write_sources

PLUGIN = ImagePlugin(FakeDeidentifier)


@pytest.fixture(autouse=True)
def unfreeze() -> Iterator[None]:
    """Undo the freezing of objects, which is meant for the processes of workers."""
    yield
    gc.unfreeze()


@pytest.fixture
def context(tmp_path: Path) -> BatchContext:
    return make_context(tmp_path)


def make_context(place: Path, text: bool = True) -> BatchContext:
    tables = str(place / "tables")
    return BatchContext(
        fake_config(text), str(place / "out"), tables, tables, "r1", 0, "fake", ObjectLimits()
    )


def packed(place: Path, contents: dict[str, str]) -> list[pa.RecordBatch]:
    """Return one packed task with sources for the fake de-identifier."""
    write_sources(place, contents)
    listing = list_sources(SourceRequest((f"{place}/in",)), no_session)
    listing = listing.with_source_ids(fake_config().pseudonyms())
    assert isinstance(listing, LocalListing)
    tasks = pack(listing, PackingLimits(1 << 30, 100, 1), PLUGIN.list_items)
    return [pa.record_batch({"items": pa.array([task.items], pa.binary())}) for task in tasks]


def report_of(task: ArrowTask, batches: list[pa.RecordBatch]) -> TaskReport:
    (report,) = decode_rows(TaskReport, task(batches))
    return report


def rows(place: Path, report: TaskReport, table: str) -> list[dict[str, Any]]:
    files = [f"{place}/tables/{table}/{file.path}" for file in report.files if file.table == table]
    return [row for file in files for row in pq.read_table(file).to_pylist()]


def scan(context: BatchContext, batches: list[pa.RecordBatch]) -> list[ScannedItem]:
    return list(decode_rows(ScannedItem, scan_task(PLUGIN, context)(batches)))


def annotated(scanned: ScannedItem, spans: list[TextSpans] | None = None) -> list[pa.RecordBatch]:
    return [encode_rows(AnnotatedItem, [AnnotatedItem(scanned.scanned, spans, None)])]


def test_an_object_is_written_and_recorded(context: BatchContext, tmp_path: Path) -> None:
    task = deidentify_task(PLUGIN, context)
    report = report_of(task, packed(tmp_path, {"a": "1.1 1.2 1.3 words"}))
    (instance,) = rows(tmp_path, report, "instances")
    (path,) = (tmp_path / "out").rglob("*.dcm")
    assert (instance["status"], instance["output_uri"]) == ("deidentified", str(path))
    tables = {name: len(rows(tmp_path, report, name)) for name in ("sources", "audit", "findings")}
    assert tables == {"sources": 1, "audit": 2, "findings": 1}


def test_the_report_counts_and_claims_what_was_written(
    context: BatchContext, tmp_path: Path
) -> None:
    task = deidentify_task(PLUGIN, context)
    report = report_of(task, packed(tmp_path, {"a": "1.1 1.2 1.3 words", "b": "1 2 3 raise"}))
    counts = {(o.status, o.reason_code): o.count for o in report.outcomes}
    assert counts == {("deidentified", ""): 1, ("quarantined", "internal_error"): 1}
    claims = decode_claims([report])
    assert claims is not None and claims["written"].to_pylist() == ["new"]
    assert [entry.reason_code for entry in report.quarantined] == ["internal_error"]


def test_a_task_that_replaces_outputs_writes_no_rows(tmp_path: Path) -> None:
    batches = packed(tmp_path, {"a": "1.1 1.2 1.3 words"})
    first = make_context(tmp_path)
    report_of(deidentify_task(PLUGIN, first), batches)
    again = BatchContext(**(vars(first) | {"replaces_outputs": True}))
    report = report_of(deidentify_task(PLUGIN, again), batches)
    claims = decode_claims([report])
    assert report.files == []
    assert claims is not None and claims["written"].to_pylist() == ["new"]


def test_an_unexpected_error_becomes_a_row_without_its_message(
    context: BatchContext, tmp_path: Path
) -> None:
    task = deidentify_task(PLUGIN, context)
    report = report_of(task, packed(tmp_path, {"a": "1.1 1.2 1.3 raise SECRET"}))
    (instance,) = rows(tmp_path, report, "instances")
    assert instance["reason_code"] == "internal_error" and "SECRET" not in instance["reason"]


def test_an_output_that_cannot_be_written_is_raised(context: BatchContext, tmp_path: Path) -> None:
    batches = packed(tmp_path, {"a": "1.1 1.2 1.3 words"})
    (tmp_path / "out").write_text("a file where a folder should be")
    with pytest.raises(OutputError):
        report_of(deidentify_task(PLUGIN, context), batches)


def test_rows_that_cannot_be_written_are_raised(context: BatchContext, tmp_path: Path) -> None:
    batches = packed(tmp_path, {"a": "1.1 1.2 1.3 words"})
    (tmp_path / "tables").write_text("a file where a folder should be")
    with pytest.raises(OutputError, match="ENOTDIR"):
        report_of(deidentify_task(PLUGIN, context), batches)


def test_texts_are_scanned_with_their_hashes(context: BatchContext, tmp_path: Path) -> None:
    (scanned,) = scan(context, packed(tmp_path, {"a": "1.1 1.2 1.3 seen by Smith"}))
    names = context.deidentifier.pseudonyms()
    assert [(entry.text_hmac, entry.text) for entry in scanned.texts] == [
        (names.hexdigest(TEXT_PURPOSE, "seen by Smith"), "seen by Smith")
    ]


@pytest.mark.parametrize("is_broadcast", [True, False])
def test_annotated_spans_are_replaced_in_the_object(
    context: BatchContext, tmp_path: Path, is_broadcast: bool
) -> None:
    (scanned,) = scan(context, packed(tmp_path, {"a": "1.1 1.2 1.3 seen by Smith"}))
    text_hmac = scanned.texts[0].text_hmac
    if is_broadcast:
        shared = {text_hmac: [Span(8, 13, "NAME", "ner")]}
        report_of(rebuild_task(PLUGIN, context, lambda: shared), annotated(scanned))
    else:
        spans = [TextSpans(text_hmac, [StoredSpan(8, 13, "NAME", "ner", 0.9, None)])]
        report_of(rebuild_task(PLUGIN, context), annotated(scanned, spans))
    (path,) = (tmp_path / "out").rglob("*.dcm")
    assert path.read_bytes().endswith(b"seen by *")


def test_a_source_that_cannot_be_scanned_ends_with_its_reason(
    context: BatchContext, tmp_path: Path
) -> None:
    (scanned,) = scan(context, packed(tmp_path, {"a": "no fields"}))
    assert scanned.texts == []
    report = report_of(rebuild_task(PLUGIN, context, dict), annotated(scanned))
    (instance,) = rows(tmp_path, report, "instances")
    assert instance["reason_code"] == "internal_error"


def test_objects_of_an_isolated_batch_end_alone(context: BatchContext, tmp_path: Path) -> None:
    batches = packed(tmp_path, {"a": "1.1 1.2 1.3.1 words", "b": "1.1 1.2 1.3.2 die"})
    isolated = replace(context, isolated=True)
    report = report_of(deidentify_task(PLUGIN, isolated), batches)
    assert {(entry.status, entry.reason_code) for entry in report.outcomes} == {
        ("deidentified", ""),
        ("quarantined", "decoder_crash"),
    }
