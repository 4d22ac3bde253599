"""The generators of training and test documents."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp_pipelines.evaluate.testset import TEMPLATES as TEST_TEMPLATES
from nlp_pipelines.labels import LABELS
from nlp_pipelines.train.dataset import TEMPLATES, examples
from nlp_pipelines.train.noise import disturb
from nlp_pipelines.train.pools import Pools, in_split, words
from nlp_pipelines.train.slots import Slots
from nlp_pipelines.train.templates import Document, Gold, generate, read_grammar, render

FILES = sorted(TEMPLATES.glob("*.txt")) + sorted(TEST_TEMPLATES.glob("*.txt"))


def small_pools() -> Pools:
    names = ["Kowalczyk", "Okonkwo", "Rose"]
    plain = ("drugs", "anatomy", "findings", "eponyms", "vendors", "models", "sequences",
             "trials", "genes", "abbreviations", "signs", "organisms", "supplies")  # fmt: skip
    return Pools(
        "train", names, names, ["Anna"], ["Otto"], ["Ada"], names, names, ["Zoë"], ["Oak"],
        ["Lane"], [("Duluth", "MN", "Saint Louis")], ["Mercy Hospital"], ["Acme"], ["Kenya"],
        ["librarian"], ["maple"],
        {name: words(name, "train") for name in plain} | {"med": ["hilum"]},
    )  # fmt: skip


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parts[-3]}-{path.stem}")
def test_every_line_of_a_template_file_can_be_filled(path: Path) -> None:
    slots = Slots(small_pools(), Random(1))
    grammar = read_grammar(path)
    for lines in grammar.sections.values():
        for line in lines:
            for _ in range(3):
                document = render(line, slots, grammar.kind)
                for span in document.spans:
                    assert f"B-{span.label}" in LABELS
                    assert document.text[span.begin : span.end].strip()


@pytest.mark.parametrize("path", [p for p in FILES if p.stem == "negatives"])
def test_hard_negatives_hold_no_entity(path: Path) -> None:
    slots = Slots(small_pools(), Random(1))
    grammar = read_grammar(path)
    assert all(not generate(grammar, slots).spans for _ in range(300))


def test_test_templates_are_not_training_templates() -> None:
    def lines(folder: Path) -> set[str]:
        texts = [path.read_text(encoding="utf-8") for path in folder.glob("*.txt")]
        return {line.strip() for text in texts for line in text.splitlines()
                if len(line.split()) > 3}  # fmt: skip

    assert lines(TEMPLATES) & lines(TEST_TEMPLATES) <= lines(TEMPLATES) & {
        line for line in lines(TEST_TEMPLATES) if line.startswith("#")
    }


@given(st.text(min_size=1))
def test_a_value_is_in_one_half(value: str) -> None:
    assert in_split(value, "train") != in_split(value, "test")


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


def test_labels_of_tokens() -> None:
    document = Document("seen by Ann Lee, MD", (Gold(8, 15, "NAME"),), "x")
    [example] = examples(document)
    assert example.tokens == ("seen", "by", "Ann", "Lee", ",", "MD")
    assert [LABELS[i] for i in example.labels] == ["O", "O", "B-NAME", "I-NAME", "O", "O"]
