"""Allow lists of clinical terms."""

from __future__ import annotations

import bz2
import pickle
from pathlib import Path

import pytest

from tools.word_lists.clinical_lists import (
    _collect_drugs,
    _collect_unambiguous_names,
    _is_unambiguous,
)


@pytest.mark.parametrize(
    ("eponym", "expected"), [("Babinski", True), ("Foley", False), ("Foley's", False)]
)
def test_an_eponym_that_is_a_name_is_ambiguous(eponym: str, expected: bool) -> None:
    assert _is_unambiguous(eponym, {"foley"}) is expected


def test_names_that_are_words_are_left_out() -> None:
    rows = _collect_unambiguous_names({"ottoline", "rose"}, {"quillfeather", "ottoline"})
    assert rows == ["ottoline,B", "quillfeather,S"]


def test_drugs_need_a_source_and_must_not_be_words(tmp_path: Path) -> None:
    path = tmp_path / "drugs.pkl.bz2"
    content = {
        "drug_variant_to_canonical": {
            "Zorbutalol": ["zorbutalol"],
            "Unsourced": ["unsourced"],
            "water": ["water"],
        },
        "drug_canonical_to_data": {
            "zorbutalol": {"drugbank_id": "DB00264"},
            "water": {"drugbank_id": "DB09145"},
        },
    }
    with bz2.open(path, "wb") as file:
        pickle.dump(content, file)
    assert _collect_drugs(path, set()) == ["zorbutalol"]
