from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from jobs.common.images.tasks import BatchContext, SourceItem, decode_scan
from jobs.common.images.worker import deidentify_task, rebuild_task, scan_task
from jobs.common.run.outputs import OutputError
from jobs.common.spark.row_buffer import Payload, concat_payloads
from jobs.common.storage.listing import list_sources
from safelight.records import Result, Span
from tests.jobs.fake_deidentifier import FakeDeidentifier
from tests.jobs.runs import fake_config, write_sources


@pytest.fixture(autouse=True)
def unfreeze() -> Iterator[None]:
    """Undo the freezing of objects, which is meant for the processes of workers."""
    yield
    gc.unfreeze()


@pytest.fixture
def context(tmp_path: Path) -> BatchContext:
    return BatchContext(
        fake_config(), str(tmp_path / "out"), "r1", 0, "fake", build=FakeDeidentifier
    )


def list_items(place: Path, contents: dict[str, str]) -> list[SourceItem]:
    write_sources(place, contents)
    return [
        SourceItem(position, f"s{position}", source.uri, source.size, source.version)
        for position, source in enumerate(list_sources([f"{place}/in"]))
    ]


def rows(payloads: list[Payload], table: str) -> list[dict[str, Any]]:
    found: pa.Table | None = concat_payloads(payloads, table)
    return [] if found is None else found.to_pylist()


def test_an_object_is_written_and_recorded(context: BatchContext, tmp_path: Path) -> None:
    items = list_items(tmp_path, {"a": "1.1 1.2 1.3 words"})
    payloads = list(deidentify_task(context)(items))
    (instance,) = rows(payloads, "instances")
    (path,) = (tmp_path / "out").rglob("*.dcm")
    assert (instance["status"], instance["output_uri"]) == ("deidentified", str(path))
    assert (instance["written"], instance["position"]) == ("new", 0)
    tables = {table: len(rows(payloads, table)) for table in ("sources", "audit", "findings")}
    assert tables == {"sources": 1, "audit": 2, "findings": 1}


def test_an_unexpected_error_becomes_a_row_without_its_message(
    context: BatchContext, tmp_path: Path
) -> None:
    items = list_items(tmp_path, {"a": "1.1 1.2 1.3 raise SECRET"})
    (instance,) = rows(list(deidentify_task(context)(items)), "instances")
    assert instance["reason_code"] == "internal_error" and "SECRET" not in instance["reason"]


def test_an_output_that_cannot_be_written_is_raised(context: BatchContext, tmp_path: Path) -> None:
    items = list_items(tmp_path, {"a": "1.1 1.2 1.3 words"})
    (tmp_path / "out").write_text("a file where a folder should be")
    with pytest.raises(OutputError):
        list(deidentify_task(context)(items))


def test_texts_are_scanned_with_their_hashes(context: BatchContext, tmp_path: Path) -> None:
    items = list_items(tmp_path, {"a": "1.1 1.2 1.3 seen by Smith"})
    (scanned,) = scan_task(context)(items)
    names = context.deidentifier.pseudonyms()
    assert scanned.source == items[0]
    assert [tuple(entry) for entry in scanned.texts] == [
        (names.hexdigest("text", "seen by Smith"), "seen by Smith")
    ]


def test_annotated_spans_are_replaced_in_the_object(context: BatchContext, tmp_path: Path) -> None:
    items = list_items(tmp_path, {"a": "1.1 1.2 1.3 seen by Smith"})
    scans = list(scan_task(context)(items))
    spans = {scans[0].texts[0].text_hmac: [Span(8, 13, "NAME", "ner")]}
    list(rebuild_task(context, lambda: spans)(scans))
    (path,) = (tmp_path / "out").rglob("*.dcm")
    assert path.read_bytes().endswith(b"seen by *")


def test_a_source_that_cannot_be_scanned_ends_as_its_result(
    context: BatchContext, tmp_path: Path
) -> None:
    items = list_items(tmp_path, {"a": "no fields"})
    (scanned,) = scan_task(context)(items)
    assert isinstance(decode_scan(scanned.scan), Result) and scanned.texts == []
    (instance,) = rows(list(rebuild_task(context, dict)([scanned])), "instances")
    assert instance["reason_code"] == "internal_error"
