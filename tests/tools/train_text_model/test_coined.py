from __future__ import annotations

from random import Random

import pytest

from tests.tools.train_text_model.small_pools import small_pools
from tools.train_text_model.coined import COINERS, scale
from tools.train_text_model.slots import Slots


@pytest.mark.parametrize("kind", sorted(COINERS))
def test_every_kind_of_term_can_be_coined(kind: str) -> None:
    slots = Slots(small_pools(), Random(1))
    coined = {COINERS[kind](slots) for _ in range(20)}
    assert len(coined) > 1 and all(text.strip() for text in coined)


def test_a_scale_has_a_name_and_a_noun_or_a_grade() -> None:
    slots = Slots(small_pools(), Random(1))
    scales = [scale(slots) for _ in range(50)]
    assert len(set(scales)) > 10 and all(" " in text for text in scales)
