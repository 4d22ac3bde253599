from __future__ import annotations

from tools.train_text_model.dataset import TEMPLATES
from tools.train_text_model.mixes import FIRST_STAGE, SECOND_STAGE


def test_every_template_file_is_used() -> None:
    used = {name for mix in (*FIRST_STAGE, *SECOND_STAGE) for name in mix.counts}
    assert used == {path.stem for path in TEMPLATES.glob("*.txt")}


def test_the_second_stage_has_documents_of_each_file_of_the_first() -> None:
    for first, second in zip(FIRST_STAGE, SECOND_STAGE, strict=True):
        assert set(first.counts) < set(second.counts)
        assert all(second.counts.values())
