"""Test that names of columns and members that may be PHI are replaced."""

from __future__ import annotations

import json

import pytest

from safelight.notes.tables.new_names import is_plain_name, rename
from tests.notes.helpers import clean, text_of


@pytest.mark.parametrize("name", ["", "patient_id", "wbc (10^9/L)"[:3], "Age (years)", "Pt. Name"])
def test_names_of_schemas_stay(name: str) -> None:
    assert is_plain_name(name)


@pytest.mark.parametrize(
    "name", ["Zyxquandary", "Mary Smith", "=cmd|' /C calc'!A0", "note " * 20, "@note", "-note"]
)
def test_other_names_may_be_phi(name: str) -> None:
    assert not is_plain_name(name)


def test_a_new_name_is_the_position_and_distinct() -> None:
    names = ["column_2", "Zyxquandary", "Quimbleton", "mine"]
    assert list(rename([*names, "Wobbletina"], {"Wobbletina"}, "column").values()) == [
        "column_2", "column_2_", "column_3", "mine", "Wobbletina",
    ]  # fmt: skip


def test_the_header_of_a_table_has_the_new_names() -> None:
    data = "patient_id,Wobbletina Zyxquandary,text\nP1,3,fine\n"
    assert text_of(clean(data, "csv")).startswith("patient_id,column_2,text\n")


def test_columns_that_the_user_names_keep_their_names() -> None:
    data = "patient_id,Wobbletina,Zyxquandary\nP1,by Quimbleton,of Oduyaforth\n"
    new = text_of(
        clean(data, "csv", text_columns=("Wobbletina",), columns=(("Zyxquandary", "text"),))
    )
    header, row = new.splitlines()
    assert header == "patient_id,Wobbletina,Zyxquandary" and row.endswith("by [NAME],of [NAME]")


def test_nested_members_have_new_names() -> None:
    row = {"patient_id": "P1", "text": "fine", "labs": {"Zyxquandary": {"Quimbleton": 1, "na": 2}}}
    new = json.loads(text_of(clean(json.dumps(row) + "\n", "jsonl")))
    assert new["labs"] == {"member_1": {"member_1": 1, "na": 2}}


def test_many_members_take_linear_time() -> None:
    row = {f"item_{n}": n for n in range(9000)}
    new = json.loads(text_of(clean(json.dumps({"text": "fine", **row}) + "\n", "jsonl")))
    assert len(new) == 9001
