from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from nlp_pipelines.model_labels import LABELS
from tests.tools.train_text_model.small_pools import small_pools
from tools.evaluate_text_model.testset import TEMPLATES as TEST_TEMPLATES
from tools.train_text_model.dataset import TEMPLATES
from tools.train_text_model.slots import Slots, TrainingSlots
from tools.train_text_model.templates import expand, generate, read_grammar, render

FILES = sorted(TEMPLATES.glob("*.txt")) + sorted(TEST_TEMPLATES.glob("*.txt"))


def slots_of(path: Path) -> Slots:
    """Return the slots that a template file is filled with."""
    return (TrainingSlots if path.parent == TEMPLATES else Slots)(small_pools(), Random(1))


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parts[-3]}-{path.stem}")
def test_every_line_of_a_template_file_can_be_filled(path: Path) -> None:
    slots = slots_of(path)
    grammar = read_grammar(path)
    for lines in grammar.sections.values():
        for line in lines:
            for _ in range(3):
                document = render(line, slots, grammar.kind)
                for span in document.spans:
                    assert f"B-{span.label}" in LABELS
                    assert document.text[span.begin : span.end].strip()


@pytest.mark.parametrize("path", [p for p in FILES if p.stem.startswith("negatives")])
def test_hard_negatives_have_no_spans(path: Path) -> None:
    slots = slots_of(path)
    grammar = read_grammar(path)
    assert all(not generate(grammar, slots).spans for _ in range(300))


def test_a_template_before_the_first_section_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("{name}\n[line 1-1]\n")
    with pytest.raises(ValueError, match="precedes the first section"):
        read_grammar(tmp_path / "x.txt")


def test_a_labelled_value_may_hold_slots_and_alternatives() -> None:
    slots = Slots(small_pools(), Random(1))
    document = render("near [[LOCATION:<St|Old> {last} Road]], {first} [x]]", slots, "x")
    place, name = document.spans
    assert (place.label, name.label) == ("LOCATION", "NAME")
    assert document.text[: place.begin] == "near "
    assert document.text[place.begin : place.end].endswith(" Road")
    assert document.text.endswith(" [x]]")


def test_alternatives_may_be_nested() -> None:
    texts = {expand("<a|b<c|d>>\\n", Random(seed)) for seed in range(50)}
    assert texts == {"a\n", "bc\n", "bd\n"}


def test_escapes_of_line_breaks_and_tabs_are_replaced() -> None:
    assert expand(r"<K|K>\t4.1\nNa", Random(1)) == "K\t4.1\nNa"
