"""Strict access to YAML."""

import pytest

from safelight.rules.parsing.yaml_node import RulesError, parse_document


def read(text):
    return parse_document(text, "a.yaml").as_mapping(None)


@pytest.mark.parametrize(
    ("text", "method", "value"),
    [
        ("a: word", "as_text", "word"),
        ("a: 007", "as_text", "007"),
        ("a: yes", "as_boolean", True),
        ("a: 1_000", "as_integer", 1000),
        ("a: 0.5", "as_fraction", 0.5),
    ],
)
def test_a_scalar_is_read_with_its_type(text, method, value):
    assert getattr(read(text).require("a"), method)() == value


@pytest.mark.parametrize(
    ("text", "method"),
    [
        ("a: [1]", "as_text"),
        ("a: null", "as_text"),
        ("a: 'true'", "as_boolean"),
        ("a: 1.5", "as_integer"),
        ("a: 1.5", "as_fraction"),
        ("a: word", "as_list"),
    ],
)
def test_another_type_is_an_error(text, method):
    with pytest.raises(RulesError, match=r"line 1, column \d+: expected"):
        getattr(read(text).require("a"), method)()


def test_a_single_value_is_a_list_of_one():
    assert [node.as_text() for node in read("a: x").require("a").as_list_or_single()] == ["x"]


def test_an_error_has_the_line_of_its_node():
    with pytest.raises(RulesError) as caught:
        read("a: 1\nb: x").require("b").as_integer()
    assert str(caught.value) == "a.yaml, line 2, column 4: expected an integer for b"


def test_an_entry_of_a_list_is_labelled_with_its_index():
    with pytest.raises(RulesError, match=r"an integer for a\[1\]"):
        read("a: [1, x]").require("a").as_list()[1].as_integer()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\na: 2", "the key a only once"),
        ("c: 1", "c is unknown"),
        ("- a", "to have a, b"),
    ],
)
def test_a_mapping_has_each_allowed_key_once(text, message):
    with pytest.raises(RulesError, match=message):
        parse_document(text, "a.yaml").as_mapping(("a", "b"))


@pytest.mark.parametrize("text", ["", "a: [", "a: *b", "\t"])
def test_an_invalid_document_is_an_error(text):
    with pytest.raises(RulesError):
        parse_document(text, "a.yaml")
