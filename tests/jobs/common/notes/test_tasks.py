from __future__ import annotations

from dataclasses import replace

from jobs.common.delta.arrow_rows import arrow_schema
from jobs.common.notes.tasks import (
    AnnotatedPiece,
    NotesBatchContext,
    NotesBuilder,
    PieceItem,
    ScannedPiece,
)
from jobs.common.spark.deidentifier_factory import DeidentifierConfig
from safelight.notes.options import NotesOptions
from safelight.rules import load_rules
from tests.jobs.conftest import KEY

RULES = load_rules("basic")
CONFIG = DeidentifierConfig(RULES, RULES.hash, KEY, "default", pixels=False, text=False)
BUILD = NotesBuilder(NotesOptions(issuer="site"), 2024)
CONTEXT = NotesBatchContext(CONFIG, BUILD, "/out", "r1", 0, "basic", "f")
NAMES = CONFIG.pseudonyms()


def test_equal_builders_are_one_key_of_a_cache() -> None:
    assert hash(NotesBuilder(NotesOptions(issuer="site"), 2024)) == hash(BUILD)
    assert NotesBuilder(NotesOptions(issuer="site"), 2025) != BUILD


def test_a_builder_builds_with_the_rules_and_options_of_the_run() -> None:
    deidentifier = BUILD(CONFIG)
    assert deidentifier.rules is RULES and deidentifier.options.issuer == "site"


def test_a_table_keeps_its_name_in_later_batches() -> None:
    later = replace(CONTEXT, batch=7, run_id="r2")
    assert later.table_name("/t", NAMES) == CONTEXT.table_name("/t", NAMES)


def test_a_table_of_other_settings_has_another_name() -> None:
    other = replace(CONTEXT, fields_hash="g")
    assert other.table_name("/t", NAMES) != CONTEXT.table_name("/t", NAMES)


def test_rows_of_a_table_are_kept_by_run() -> None:
    assert CONTEXT.parts_folder("s0", NAMES).endswith("-r1")
    assert "s0" not in CONTEXT.parts_folder("s0", NAMES)


def test_later_stages_add_columns_to_the_piece() -> None:
    names = arrow_schema(PieceItem).names
    assert arrow_schema(ScannedPiece).names == [*names, "texts", "patients"]
    assert arrow_schema(AnnotatedPiece).names == [*names, "spans", "facts"]


def test_a_piece_does_not_show_its_uri() -> None:
    item = PieceItem(
        0, "s0", "/doe-jane.txt", 1, "v", "txt", 1, 1, 0, 1, 0, 0, 1, [], "", False, None,
        "", "",
    )  # fmt: skip
    assert "jane" not in repr(item)
    assert "jane" not in repr(ScannedPiece(**item_fields(item), texts=[], patients=["jane"]))


def item_fields(item: PieceItem) -> dict[str, object]:
    return {name: getattr(item, name) for name in arrow_schema(PieceItem).names}
