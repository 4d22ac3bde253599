from __future__ import annotations

from random import Random

import pytest

from nlp_pipelines.model_labels import ENTITIES
from tests.tools.train_text_model.small_pools import small_pools
from tools.train_text_model.slots import Slots, TrainingSlots
from tools.train_text_model.slots.world import WorldSlots

PREFIX = "_fill_"
SLOTS = sorted(name.removeprefix(PREFIX) for name in dir(WorldSlots) if name.startswith(PREFIX))


@pytest.mark.parametrize("slot", SLOTS)
def test_every_slot_has_a_value_and_one_label(slot: str) -> None:
    slots = WorldSlots(small_pools(), Random(1))
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


@pytest.mark.parametrize("slot", [s for s in SLOTS if s != "country"] + ["supplies", "signs"])
def test_a_broader_slot_has_the_label_of_the_slot_that_it_replaces(slot: str) -> None:
    broader, plain = (kind(small_pools(), Random(1)) for kind in (TrainingSlots, WorldSlots))
    assert {broader.fill(slot)[1] for _ in range(50)} == {plain.fill(slot)[1]}
