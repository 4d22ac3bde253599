from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from jobs.common.delta.arrow_rows import arrow_schema, decode_rows, encode_rows, to_record
from jobs.common.delta.rows import StoredSpan
from jobs.common.notes.pieces import split_source
from jobs.common.notes.tasks import (
    AnnotatedPiece,
    FactsRow,
    NotesBatchContext,
    NotesBuilder,
    PieceItem,
    ScannedPiece,
    TextSpans,
)
from jobs.common.notes.worker import facts_task, rebuild_task, scan_task
from jobs.common.spark.deidentifier_factory import DeidentifierConfig
from jobs.common.spark.object_limits import ObjectLimits
from jobs.common.storage.listing import list_sources
from safelight.notes.deidentifier import NotesDeidentifier
from safelight.notes.formats import FilePart
from safelight.notes.options import NotesOptions
from safelight.rules import load_rules
from tests.jobs.conftest import KEY

RULES = load_rules("research")
ITEM_FIELDS = frozenset(arrow_schema(PieceItem).names)


@pytest.fixture
def context(tmp_path: Path) -> NotesBatchContext:
    config = DeidentifierConfig(RULES, RULES.hash, KEY, "default", pixels=False, text=True)
    build = NotesBuilder(NotesOptions(), 2024)
    return NotesBatchContext(config, build, str(tmp_path / "out"), "r1", 0, "research", "f")


def list_item(tmp_path: Path, name: str, content: str, conflict: bool = False) -> PieceItem:
    path = tmp_path / name
    path.write_text(content)
    (source,) = list_sources([str(path)])
    (piece,) = split_source(source, NotesOptions(), 1 << 20)
    return piece.to_item(0, "s0", conflict)


def rebuild(context: NotesBatchContext, item: PieceItem, **more: Any) -> list[dict[str, Any]]:
    """Return the combined output of the task for one piece."""
    piece = AnnotatedPiece(**to_record(item), **{"spans": None, "facts": None} | more)
    batches = rebuild_task(context)([encode_rows(AnnotatedPiece, [piece])])
    return [row for batch in batches for row in batch.to_pylist()]


def only(rows: list[dict[str, Any]], table: str) -> dict[str, Any]:
    (found,) = [row[table] for row in rows if row[table] is not None]
    return dict(found)


def test_a_scan_has_the_texts_of_a_piece(context: NotesBatchContext, tmp_path: Path) -> None:
    item = list_item(tmp_path, "a.txt", "seen by Smith")
    batches = scan_task(context)([encode_rows(PieceItem, [item])])
    (scanned,) = decode_rows(ScannedPiece, batches)
    assert [entry.text for entry in scanned.texts] == ["seen by Smith"]
    assert scanned.uri == item.uri


def test_a_scan_of_other_files_has_no_texts(context: NotesBatchContext, tmp_path: Path) -> None:
    item = list_item(tmp_path, "a.bin", "seen by Smith")
    batches = scan_task(context)([encode_rows(PieceItem, [item])])
    (scanned,) = decode_rows(ScannedPiece, batches)
    assert scanned.texts == []


def test_facts_are_those_of_patients_of_other_pieces(
    context: NotesBatchContext, tmp_path: Path
) -> None:
    patient = '{"resourceType": "Patient", "id": "p-1", "name": [{"family": "Zyxwell"}]}\n'
    item = list_item(tmp_path, "a.ndjson", patient)
    batches = facts_task(context)([encode_rows(PieceItem, [item])])
    facts = list(decode_rows(FactsRow, batches))
    values = {value.text for row in facts for value in row.known or ()}
    assert any("Zyxwell" in text for text in values)


def test_annotated_spans_are_replaced(context: NotesBatchContext, tmp_path: Path) -> None:
    item = list_item(tmp_path, "a.txt", "seen by Smith")
    text_hmac = context.deidentifier.pseudonyms().hexdigest("text", "seen by Smith")
    spans = [TextSpans(text_hmac, [StoredSpan(8, 13, "NAME", "ner", 0.9, None)])]
    rows = rebuild(context, item, spans=spans)
    (path,) = (tmp_path / "out").rglob("*.txt")
    assert path.read_text() == "seen by [NAME]"
    assert only(rows, "notes")["output_uri"] == str(path)
    assert only(rows, "notes_findings")["entity"] == "NAME"


def hang(*_: Any) -> None:
    time.sleep(3600)


def test_a_scan_beyond_a_limit_is_recorded_without_another_try(
    context: NotesBatchContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = replace(context, limits=ObjectLimits(0.2))
    item = list_item(tmp_path, "a.txt", "seen by Smith")
    with monkeypatch.context() as patch:
        patch.setattr(NotesDeidentifier, "scan", hang)
        batches = list(scan_task(context)([encode_rows(PieceItem, [item])]))
    (scanned,) = decode_rows(ScannedPiece, batches)
    file = only(rebuild(context, PieceItem(**item_fields(scanned))), "note_files")
    assert (file["status"], file["reason_code"]) == ("quarantined", "object_timeout")


def test_a_piece_beyond_a_limit_costs_only_itself(
    context: NotesBatchContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = replace(context, limits=ObjectLimits(0.2))
    bad, good = (list_item(tmp_path, name, name) for name in ("bad.txt", "good.txt"))
    whole = NotesDeidentifier.rebuild

    def some_hang(self: NotesDeidentifier, part: FilePart, *more: Any) -> Any:
        return hang() if part.data == b"bad.txt" else whole(self, part, *more)

    monkeypatch.setattr(NotesDeidentifier, "rebuild", some_hang)
    codes = [only(rebuild(context, item), "note_files")["reason_code"] for item in (bad, good)]
    assert codes == ["object_timeout", ""]


def test_facts_beyond_a_limit_are_none(
    context: NotesBatchContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = replace(context, limits=ObjectLimits(0.2))
    monkeypatch.setattr(NotesDeidentifier, "find_patient_facts", hang)
    item = list_item(tmp_path, "a.ndjson", "{}")
    assert list(facts_task(context)([encode_rows(PieceItem, [item])])) == []


def item_fields(piece: PieceItem) -> dict[str, Any]:
    return {name: value for name, value in to_record(piece).items() if name in ITEM_FIELDS}


@pytest.mark.parametrize(
    ("name", "conflict", "status", "reason_code"),
    [
        ("a.bin", False, "filtered", "not_notes"),
        ("a.txt", True, "quarantined", "output_conflict"),
    ],
)
def test_a_refused_piece_is_recorded_with_its_reason(
    context: NotesBatchContext,
    tmp_path: Path,
    name: str,
    conflict: bool,
    status: str,
    reason_code: str,
) -> None:
    rows = rebuild(context, list_item(tmp_path, name, "text", conflict))
    file = only(rows, "note_files")
    assert (file["status"], file["reason_code"]) == (status, reason_code)
    assert not (tmp_path / "out").exists()
