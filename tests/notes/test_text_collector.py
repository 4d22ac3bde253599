"""Test the collection of the texts of a record."""

from __future__ import annotations

from safelight.notes.field_actions import FieldOp, FieldRule
from safelight.notes.text_collector import TextCollector


def test_values_of_text_fields_are_collected() -> None:
    collector = TextCollector()
    assert collector.visit_value(FieldRule(FieldOp.TEXT), "a note", "x") == "a note"
    assert collector.texts == {"a note"}


def test_values_of_other_fields_are_not_collected() -> None:
    collector = TextCollector()
    collector.visit_value(FieldRule(FieldOp.DATE), "2020-01-02", "x")
    assert collector.texts == set()


def test_segments_are_collected_as_one_text() -> None:
    collector = TextCollector()
    assert collector.visit_text(["one", "two"], ["x", "y"]) == ["one", "two"]
    assert collector.texts == {"one\ntwo"}


def test_a_document_of_an_unsupported_type_has_no_texts() -> None:
    collector = TextCollector()
    assert collector.visit_document(b"GIF89a", "image/gif", "x") is None
    assert collector.texts == set()
