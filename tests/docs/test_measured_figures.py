"""The figures in the README are those of the pages that it links to."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
_LINK = re.compile(r"\[[^\]]*\]\(([^)]+)\)")
_NUMBER = re.compile(r"\d[\d,.]*\d|\d")


def read_rows() -> list[str]:
    """Return the rows of the table of measured figures."""
    readme = (ROOT / "README.md").read_text("utf-8")
    section = readme.split("\n## Measured\n")[1].split("\n## ")[0]
    return [line for line in section.splitlines() if line.startswith("| [")]


def find_missing(row: str) -> list[str]:
    """Return the numbers of the row that its page does not have."""
    page = (ROOT / _LINK.findall(row)[0]).read_text("utf-8")
    known = set(_NUMBER.findall(page))
    return [number for number in _NUMBER.findall(_LINK.sub("", row)) if number not in known]


def test_the_table_has_rows() -> None:
    assert len(read_rows()) >= 5


@pytest.mark.parametrize("row", read_rows(), ids=lambda row: _LINK.findall(row)[0])
def test_figures_stand_in_the_linked_page(row: str) -> None:
    assert find_missing(row) == []


def test_a_wrong_figure_is_found() -> None:
    row = read_rows()[0].replace("516", "517.25")
    assert find_missing(row) == ["517.25"]
