from __future__ import annotations

from collections.abc import Sequence

import pytest

from tools.train_text_model.dataset import TEMPLATES
from tools.train_text_model.mixes import FIRST_STAGE, SECOND_STAGE, THIRD_STAGE, Mix


def test_every_template_file_is_used() -> None:
    used = {name for mix in (*FIRST_STAGE, *SECOND_STAGE, *THIRD_STAGE) for name in mix.counts}
    assert used == {path.stem for path in TEMPLATES.glob("*.txt")}


@pytest.mark.parametrize(
    ("before", "after"), [(FIRST_STAGE, SECOND_STAGE), (SECOND_STAGE, THIRD_STAGE)]
)
def test_a_stage_has_documents_of_each_file_of_the_stage_before(
    before: Sequence[Mix], after: Sequence[Mix]
) -> None:
    for first, second in zip(before, after, strict=True):
        assert set(first.counts) < set(second.counts)
        assert all(second.counts.values())
