from __future__ import annotations

from random import Random

import pytest

from nlp_pipelines.model_labels import ENTITIES
from tests.tools.train_text_model.small_pools import small_pools
from tools.train_text_model.slots import Slots

SLOTS = sorted(name.removeprefix("_fill_") for name in dir(Slots) if name.startswith("_fill_"))


@pytest.mark.parametrize("slot", SLOTS)
def test_every_slot_has_a_value_and_one_label(slot: str) -> None:
    slots = Slots(small_pools(), Random(1))
    filled = [slots.fill(slot) for _ in range(50)]
    assert all(value.strip() for value, _ in filled)
    assert len({label for _, label in filled}) == 1
    assert filled[0][1] is None or filled[0][1] in ENTITIES


def test_a_word_list_is_a_slot_without_label() -> None:
    value, label = Slots(small_pools(), Random(1)).fill("anatomy")
    assert value and label is None


def test_an_unknown_slot_is_refused() -> None:
    with pytest.raises(KeyError):
        Slots(small_pools(), Random(1)).fill("nothing")
