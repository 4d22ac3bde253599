from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jobs.common.delta.arrow_rows import decode_rows, encode_rows
from jobs.common.delta.rows import StoredSpan
from jobs.common.notes.facts import facts_task
from jobs.common.notes.plugin import NotesBuilder, NotesPlugin
from jobs.common.run.work_items import (
    AnnotatedItem,
    BatchContext,
    FactsRow,
    ScannedItem,
    TaskReport,
    TextSpans,
)
from jobs.common.run.worker import rebuild_task, scan_task
from jobs.common.sources.discovery import SourceRequest, list_sources
from jobs.common.sources.packing import PackingLimits, pack
from jobs.common.spark.deidentifier_factory import DeidentifierConfig
from jobs.common.spark.object_limits import ObjectLimits
from safelight.notes.options import NotesOptions
from safelight.rules import load_rules
from tests.jobs.conftest import KEY
from tests.jobs.runs import no_session

RULES = load_rules("research")
CONFIG = DeidentifierConfig(RULES, RULES.hash, KEY, "default", pixels=False, text=True)
BUILD = NotesBuilder(NotesOptions(issuer="site"), 2024)
PLUGIN = NotesPlugin(BUILD, "f")


@pytest.fixture
def context(tmp_path: Path) -> BatchContext:
    out, tables = str(tmp_path / "out"), str(tmp_path / "tables")
    return BatchContext(CONFIG, out, tables, tables, "r1", 0, "research", ObjectLimits())


def packed(place: Path, name: str, content: str, conflict: bool = False) -> list[pa.RecordBatch]:
    path = place / name
    path.write_text(content)
    listing = list_sources(SourceRequest((str(path),)), no_session)

    def list_items(sources: pa.Table) -> pa.Table:
        items = PLUGIN.list_items(sources)
        number = items.column_names.index("conflict")
        return items.set_column(number, "conflict", pa.array([conflict] * len(items)))

    listing = listing.with_source_ids(CONFIG.pseudonyms())
    tasks = pack(listing, PackingLimits(1 << 30, 100, 1), list_items)
    return [pa.record_batch({"items": pa.array([task.items], pa.binary())}) for task in tasks]


def scan(context: BatchContext, batches: list[pa.RecordBatch]) -> ScannedItem:
    (scanned,) = decode_rows(ScannedItem, scan_task(PLUGIN, context)(batches))
    return scanned


def rebuild(
    context: BatchContext, scanned: ScannedItem, spans: list[TextSpans] | None = None
) -> TaskReport:
    rows = encode_rows(AnnotatedItem, [AnnotatedItem(scanned.scanned, spans, None)])
    (report,) = decode_rows(TaskReport, rebuild_task(PLUGIN, context)([rows]))
    return report


def only(context: BatchContext, report: TaskReport, table: str) -> dict[str, Any]:
    (file,) = (file for file in report.files if file.table == table)
    (row,) = pq.read_table(f"{context.tables}/{table}/{file.path}").to_pylist()
    return dict(row)


def test_equal_builders_are_one_key_of_a_cache() -> None:
    assert hash(NotesBuilder(NotesOptions(issuer="site"), 2024)) == hash(BUILD)
    assert NotesBuilder(NotesOptions(issuer="site"), 2025) != BUILD


def test_a_builder_builds_with_the_rules_and_options_of_the_run() -> None:
    deidentifier = BUILD(CONFIG)
    assert deidentifier.rules is RULES and deidentifier.options.issuer == "site"


def test_a_scan_has_the_texts_of_a_piece(context: BatchContext, tmp_path: Path) -> None:
    scanned = scan(context, packed(tmp_path, "a.txt", "seen by Smith"))
    assert [entry.text for entry in scanned.texts] == ["seen by Smith"]


def test_facts_are_those_of_patients_of_other_pieces(context: BatchContext, tmp_path: Path) -> None:
    patient = '{"resourceType": "Patient", "id": "p-1", "name": [{"family": "Zyxwell"}]}\n'
    batches = facts_task(PLUGIN, context)(packed(tmp_path, "a.ndjson", patient))
    facts = list(decode_rows(FactsRow, batches))
    values = {value.text for row in facts for value in row.known or ()}
    assert any("Zyxwell" in text for text in values)


def test_annotated_spans_are_replaced(context: BatchContext, tmp_path: Path) -> None:
    scanned = scan(context, packed(tmp_path, "a.txt", "seen by Smith"))
    spans = [TextSpans(scanned.texts[0].text_hmac, [StoredSpan(8, 13, "NAME", "ner", 0.9, None)])]
    report = rebuild(context, scanned, spans)
    (path,) = (tmp_path / "out").rglob("*.txt")
    assert path.read_text() == "seen by [NAME]"
    assert only(context, report, "notes")["output_uri"] == str(path)
    assert only(context, report, "notes_findings")["entity"] == "NAME"
    assert [(o.status, o.count) for o in report.outcomes] == [("deidentified", 1)]


@pytest.mark.parametrize(
    ("name", "conflict", "status", "reason_code"),
    [
        ("a.bin", False, "filtered", "not_notes"),
        ("a.txt", True, "quarantined", "output_conflict"),
    ],
)
def test_a_refused_piece_is_recorded_with_its_reason(
    context: BatchContext,
    tmp_path: Path,
    name: str,
    conflict: bool,
    status: str,
    reason_code: str,
) -> None:
    scanned = scan(context, packed(tmp_path, name, "text", conflict))
    assert scanned.texts == []
    report = rebuild(context, scanned)
    file = only(context, report, "note_files")
    assert (file["status"], file["reason_code"]) == (status, reason_code)
    assert [(o.status, o.reason_code) for o in report.outcomes] == [(status, reason_code)]
    assert not (tmp_path / "out").exists()
