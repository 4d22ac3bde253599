from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from jobs.common.delta.rows import MappingRow
from jobs.common.mapping_store.items import (
    decode_item,
    encode_item,
    make_key,
)

ROW = MappingRow("r1", 2, "study-a", "uid", b"sealed", "ff" * 32, "2.25.7", "P1", "k1")


@given(pseudonym=st.text(min_size=1, max_size=20), patient=st.text(max_size=20))
def test_an_item_holds_its_row(pseudonym: str, patient: str) -> None:
    row = replace(ROW, pseudonym=pseudonym, patient_pseudonym=patient)
    assert decode_item(encode_item(row)) == row


def test_an_item_without_a_patient_is_not_in_the_index_by_patient() -> None:
    assert "patient" in encode_item(ROW)
    assert "patient" not in encode_item(replace(ROW, patient_pseudonym=""))


def test_parts_of_a_key_cannot_be_moved_to_the_next_part() -> None:
    first = replace(ROW, pseudonym="a/b", patient_pseudonym="c")
    second = replace(ROW, pseudonym="a", patient_pseudonym="b/c")
    assert make_key(first) != make_key(second)
