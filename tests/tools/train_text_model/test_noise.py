from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tools.train_text_model.small_pools import small_pools
from tools.train_text_model.dataset import TEMPLATES
from tools.train_text_model.noise import crop, disturb, drop_punctuation, misspell
from tools.train_text_model.slots import Slots
from tools.train_text_model.templates import Document, Gold, generate, read_grammar

NOTE = Document("Seen (today) by Ann Lee, MD; Bo D. Ek, RN, at home", (
    Gold(16, 23, "NAME"), Gold(29, 37, "NAME")), "nursing")  # fmt: skip
VALUES = {NOTE.text[span.begin : span.end] for span in NOTE.spans}


@settings(deadline=None)
@given(st.integers())
def test_noise_keeps_labels_on_their_values(seed: int) -> None:
    rng = Random(seed)
    document = generate(read_grammar(TEMPLATES / "screens.txt"), Slots(small_pools(), rng))
    noisy = disturb(document, rng)
    assert len(noisy.spans) == len(document.spans)
    for before, after in zip(document.spans, noisy.spans):
        old, new = document.text[before.begin : before.end], noisy.text[after.begin : after.end]
        assert sum(map(str.isalnum, new)) >= sum(map(str.isalnum, old)) > 0


def test_punctuation_outside_values_is_dropped() -> None:
    assert drop_punctuation(NOTE).text == "Seen today by Ann Lee MD Bo D. Ek RN at home"


@pytest.mark.parametrize("seed", range(20))
def test_misspelling_leaves_values_unchanged(seed: int) -> None:
    noisy = misspell(NOTE, Random(seed), 0.5)
    assert {noisy.text[s.begin : s.end] for s in noisy.spans} == VALUES


@pytest.mark.parametrize("seed", range(60))
def test_a_cropped_document_has_the_labels_of_its_values(seed: int) -> None:
    piece = crop(NOTE, Random(seed))
    held = [value for value in ("Ann Lee", "Bo D. Ek") if value in piece.text]
    assert [piece.text[s.begin : s.end] for s in piece.spans] == held
    assert piece.text in NOTE.text
    assert not piece.text.startswith(("Lee", "D.", "Ek"))
