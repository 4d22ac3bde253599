from __future__ import annotations

from tools.train_text_model.dataset import TEMPLATES
from tools.train_text_model.mixes import MIXES


def test_every_template_file_is_used() -> None:
    used = {name for mix in MIXES for name in mix.counts}
    assert used == {path.stem for path in TEMPLATES.glob("*.txt")}
