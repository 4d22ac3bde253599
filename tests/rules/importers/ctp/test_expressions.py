"""Boolean expressions of CTP filter and pixel scripts."""

import json

import pytest

from safelight.rules.importers.ctp.expressions import convert_expression
from safelight.rules.parsing.conditions import parse_condition
from safelight.rules.parsing.yaml_node import parse_document

OBJECT = {"Modality": "CT", "ImageType": "DERIVED\\SCREEN SAVE", "Rows": "512",
          "(0029,1010)": "x", "(6000,0022)": "Object Graphics"}  # fmt: skip


def is_met(text):
    condition = parse_condition(parse_document(json.dumps(convert_expression(text)), "test"))
    return condition.is_met(lambda reference: OBJECT.get(reference, ""))


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('Modality.equals("CT")', True),
        ('Modality.equals("ct")', False),
        ('Modality.equalsIgnoreCase("ct")', True),
        ('Modality.equals("C")', False),
        ('[0008,0008].contains("SAVE")', True),
        ('![0008,0008].contains("SAVE")', False),
        ('[0008,0008].contains("save")', False),
        ('[0008,0008].containsIgnoreCase("save")', True),
        ('[0018,1012].equals("")', True),
        ('Modality.startsWith("C") * Rows.isLessThan("600")', True),
        ('Modality.endsWith("R") + Rows.isGreaterThan("600")', False),
        ('Modality.matches("[CM].")', True),
        ('Modality.matches("C")', False),
        ('Modality.equals("MR") * Rows.equals("1") + Modality.equals("CT")', True),
        ('Modality.equals("CT") + Modality.equals("MR") * Rows.equals("1")', True),
        ('(Modality.equals("CT") + Modality.equals("MR")) * Rows.equals("1")', False),
        ('!(Modality.equals("MR") + Rows.equals("1"))', True),
        ('ImageType.contains("DERIVED\\SCREEN")', True),
        ('Rows.matches("[1-9]\\d{2,}")', True),
        ('Rows.matches("[1-9]\\d{3,}")', False),
        ('[0029,1010].equals("x")', True),
        ('[6000,0022].contains("Graphics")', True),
        ('ManufacturersModelName.contains("x")', False),
        ('!NoSuchName.equals("")', False),
        ("true.", True),
        ("false.", False),
        ('/* a */ Modality.equals("CT") // b', True),
    ],
)
def test_expressions(expression, expected):
    assert is_met(expression) is expected


@pytest.mark.parametrize(
    "expression",
    ["", "Modality", 'Modality.equals("CT") Rows.equals("1")', 'Modality.resembles("x")',
     '(Modality.equals("CT")', "!" * 99, "(" * 999,
     'Rows.isLessThan("x")'],
)  # fmt: skip
def test_other_expressions_are_an_error(expression):
    with pytest.raises(ValueError, match="expression|parenthesis|unknown|number"):
        convert_expression(expression)
