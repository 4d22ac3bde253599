from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from deltalake import DeltaTable

from jobs.common.cli.log import LogFormat, configure_log
from jobs.common.delta.rows import StoredSpan
from jobs.common.delta.schemas import table_schema
from jobs.common.delta.tables.delta_folder import DeltaFolder
from jobs.common.delta.tables.table_set import Tables
from jobs.common.run import annotations
from jobs.common.run.annotation_macs import annotation_mac
from jobs.common.run.annotations import TextModel, annotate_batch, to_spans
from jobs.common.storage.location import Location
from safelight.records import Span
from tests.jobs.runs import fake_config

SPANS = (
    "array(named_struct('begin', 8, 'end', 13, 'entity', 'NAME', 'engine', 'ner', "
    "'confidence', 0.9D, 'fine', 'PATIENT'))"
)
CONFIG = fake_config()
FOUND = (Span(8, 13, "NAME", "ner", 0.9, "PATIENT"),)


class CountingModel:
    """A text model that finds the same span in each text."""

    def __init__(self) -> None:
        self.texts: list[int] = []

    def __call__(self, spark: Any, texts: Any) -> Any:
        self.texts.append(texts.count())
        return texts.selectExpr("text_id", f"{SPANS} AS spans")


@pytest.fixture
def tables(spark: Any, tmp_path: Path) -> Tables:
    return Tables(spark, Location("", str(tmp_path)))


def scanned(tables: Tables, *hashes: str) -> Any:
    rows = [([(text_hmac, f"text of {text_hmac}")],) for text_hmac in hashes]
    schema = "texts ARRAY<STRUCT<text_hmac: STRING, text: STRING>>"
    return tables.spark.createDataFrame(rows, schema)


def annotate(tables: Tables, model: TextModel, *hashes: str, collect: bool = True) -> Any:
    """Return the spans by hash, collected by the driver or not."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(annotations, "SHARED_MAX_TEXTS", 50_000 if collect else 0)
        found = annotate_batch(tables, scanned(tables, *hashes), model, CONFIG)
    assert isinstance(found, dict) == collect
    return found if collect else {row.text_hmac: to_spans(row.spans) for row in found.collect()}


@pytest.mark.parametrize("collect", [True, False])
def test_each_distinct_text_is_annotated_once(tables: Tables, collect: bool) -> None:
    count = CountingModel()
    model = TextModel(count, "v1")
    assert annotate(tables, model, "a", "b", "a", collect=collect) == {"a": FOUND, "b": FOUND}
    assert annotate(tables, model, "b", "c", collect=collect) == {"b": FOUND, "c": FOUND}
    assert [n for n in count.texts if n] == [2, 1]


def test_both_ways_share_one_table(tables: Tables) -> None:
    count = CountingModel()
    model = TextModel(count, "v1")
    annotate(tables, model, "a", collect=True)
    assert annotate(tables, model, "a", collect=False) == {"a": FOUND}
    assert [n for n in count.texts if n] == [1]


def test_another_version_of_the_model_annotates_again(tables: Tables) -> None:
    count = CountingModel()
    annotate(tables, TextModel(count, "v1"), "a")
    annotate(tables, TextModel(count, "v2"), "a")
    assert count.texts == [1, 1]


def write_rows(tables: Tables, table: str, *rows: dict[str, Any]) -> None:
    folder = DeltaFolder(Location("", tables.path(table)))
    folder.append(pa.Table.from_pylist(list(rows), table_schema("annotations")))


def stored_row(text_hmac: str, version: str = "v1", **changes: Any) -> dict[str, Any]:
    """Return an authentic row without spans, with changes made afterwards."""
    mac = annotation_mac(CONFIG.pseudonyms(), text_hmac, version, [])
    row = {"text_hmac": text_hmac, "pipeline_version": version, "key_id": "k", "spans": []}
    return {**row, "mac": mac, **changes}


@pytest.mark.parametrize("collect", [True, False])
def test_annotations_of_the_table_decisions_are_reused(tables: Tables, collect: bool) -> None:
    write_rows(tables, "decisions", stored_row("old"))
    count = CountingModel()
    found = annotate(tables, TextModel(count, "v1"), "old", "new", collect=collect)
    assert found == {"old": (), "new": FOUND}
    assert [n for n in count.texts if n] == [1]
    added = DeltaTable(tables.path("annotations")).to_pyarrow_table()
    assert added["text_hmac"].to_pylist() == ["new"]


@pytest.mark.parametrize("collect", [True, False])
@pytest.mark.parametrize(
    "row",
    [
        stored_row("a", mac=None),
        stored_row("a", mac="0" * 64),
        {**stored_row("b"), "text_hmac": "a"},
        {**stored_row("a", "v0"), "pipeline_version": "v1"},
    ],
)
def test_a_row_that_is_not_authentic_is_reported_and_not_used(
    tables: Tables, collect: bool, row: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    write_rows(tables, "annotations", row)
    configure_log(LogFormat.TEXT)
    assert annotate(tables, TextModel(CountingModel(), "v1"), "a", collect=collect) == {"a": FOUND}
    assert "1 rows of the table annotations were changed" in capsys.readouterr().err


@pytest.mark.parametrize("collect", [True, False])
def test_a_span_that_was_removed_is_found_again(tables: Tables, collect: bool) -> None:
    model = TextModel(CountingModel(), "v1")
    annotate(tables, model, "a", collect=collect)
    (row,) = DeltaTable(tables.path("annotations")).to_pyarrow_table().to_pylist()
    shutil.rmtree(tables.path("annotations"))
    write_rows(tables, "annotations", {**row, "spans": []})
    again = Tables(tables.spark, Location("", str(Path(tables.path("annotations")).parent)))
    assert annotate(again, model, "a", collect=collect) == {"a": FOUND}


def test_a_stored_span_without_a_subtype_is_a_span() -> None:
    stored = StoredSpan(1, 2, "NAME", "ner", 0.5, None)
    assert to_spans([stored]) == (Span(1, 2, "NAME", "ner", 0.5, ""),)
    assert to_spans(None) == ()
