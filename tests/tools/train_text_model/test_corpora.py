from __future__ import annotations

import json
from pathlib import Path

from tools.train_text_model.corpora import IGNORED, read_corpora


def test_tags_of_the_corpora_become_our_labels(tmp_path: Path) -> None:
    (tmp_path / "ner-wnut17").mkdir()
    (tmp_path / "ner-wnut17" / "wnut17train.conll").write_text(
        "Ann B-person\nLee I-person\nplays O\nat O\nAcme B-corporation\n\n"
    )
    folder = tmp_path / "text-presidio-research"
    folder.mkdir()
    span = {"entity_type": "AGE", "entity_value": "45", "start_position": 0, "end_position": 2}
    (folder / "synth_dataset_v2.json").write_text(
        json.dumps([{"full_text": "45 years", "spans": [span]}])
    )
    sentence, age = read_corpora(tmp_path)
    labels = [(sentence.text[s.begin : s.end], s.label) for s in sentence.spans]
    assert labels == [("Ann Lee", "NAME"), ("Acme", IGNORED)]
    assert age.spans == ()
