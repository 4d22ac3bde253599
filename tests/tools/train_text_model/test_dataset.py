"""The generators of training and test documents."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp_pipelines.model_labels import LABELS
from tools.evaluate_text_model.testset import TEMPLATES as TEST_TEMPLATES
from tools.train_text_model import spoken
from tools.train_text_model.carriers import clauses
from tools.train_text_model.dataset import TEMPLATES, examples, mixed
from tools.train_text_model.mixes import MIXES
from tools.train_text_model.noise import crop, disturb, drop_punctuation, misspell
from tools.train_text_model.pools import Pools, in_split, words
from tools.train_text_model.slots import Slots
from tools.train_text_model.templates import Document, Gold, generate, read_grammar, render

FILES = sorted(TEMPLATES.glob("*.txt")) + sorted(TEST_TEMPLATES.glob("*.txt"))


def small_pools() -> Pools:
    names = ["Kowalczyk", "Okonkwo", "Rose"]
    plain = ("drugs", "anatomy", "findings", "eponyms", "vendors", "models", "sequences",
             "trials", "genes", "abbreviations", "signs", "organisms", "supplies", "kin", "service",
             "symptom", "lang")  # fmt: skip
    return Pools(
        "train", names, names, ["Anna"], ["Otto"], ["Ada"], names, names, ["Zoë"], ["Oak"],
        ["Lane"], [("Duluth", "MN", "Saint Louis")], ["Mercy Hospital"], ["Acme"], ["Kenya"],
        ["librarian"], ["maple"], ["DMC"], ["Acme Mills"],
        {name: words(name, "train") for name in plain}
        | {"med": ["hilum"], "clause": ["No fever today."]},
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


@pytest.mark.parametrize("path", [p for p in FILES if p.stem.startswith("negatives")])
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


NOTE = Document("Seen (today) by Ann Lee, MD; Bo D. Ek, RN, at home", (
    Gold(16, 23, "NAME"), Gold(29, 37, "NAME")), "nursing")  # fmt: skip


@pytest.mark.parametrize("seed", range(40))
def test_slips_and_cuts_leave_values_as_they_are(seed: int) -> None:
    values = {NOTE.text[s.begin : s.end] for s in NOTE.spans}
    rng = Random(seed)
    for noisy in (drop_punctuation(NOTE), misspell(NOTE, rng, 0.5), crop(NOTE, rng)):
        assert {noisy.text[s.begin : s.end] for s in noisy.spans} <= values
    assert drop_punctuation(NOTE).text == "Seen today by Ann Lee MD Bo D. Ek RN at home"
    assert len(misspell(NOTE, rng, 0.5).spans) == 2


def test_a_piece_of_a_document_has_all_labels_of_its_values() -> None:
    for seed in range(60):
        piece = crop(NOTE, Random(seed))
        held = [value for value in ("Ann Lee", "Bo D. Ek") if value in piece.text]
        assert [piece.text[s.begin : s.end] for s in piece.spans] == held
        assert piece.text in NOTE.text
        assert not piece.text.startswith(("Lee", "D.", "Ek"))


def test_every_template_file_is_trained_on() -> None:
    read = {name for mix in MIXES for name in mix.counts}
    assert read == {path.stem for path in TEMPLATES.glob("*.txt")}


def test_lines_of_different_files_stand_side_by_side() -> None:
    grammars = [read_grammar(TEMPLATES / f"{name}.txt") for name in ("nursing", "forms")]
    documents = [mixed(grammars, Slots(small_pools(), Random(seed))) for seed in range(20)]
    assert len({document.text for document in documents}) == 20
    for document in documents:
        assert all(document.text[s.begin : s.end].strip() for s in document.spans)


def test_numbers_and_days_in_words() -> None:
    assert spoken.number(96, "-") == "ninety-six"
    assert spoken.number(104) == "one hundred four"
    assert spoken.ordinal(31) == "thirty first"
    said = {spoken.day(Random(seed), date(2009, 5, 12)) for seed in range(300)}
    assert "may twelfth two thousand nine" in said
    assert "five twelve" in said


def test_clauses_hold_no_name_and_no_profession(tmp_path: Path) -> None:
    for folder, name, column in (
        ("text-aci-bench", "train.csv", "note"),
        ("text-mts-dialog", "MTS-Dialog-TrainingSet.csv", "section_text"),
    ):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / name).write_text(
            f'{column}\n"He has no fever today. Keith has no fever today. He works as a fever '
            'nurse. No fever since Keith came. No fever since May."\n'
        )
    ordinary = {"he", "has", "no", "fever", "today", "works", "nurse", "since", "came", "may"}
    assert clauses(tmp_path, "train", ordinary) == ["He has no fever today."]


def test_labels_of_tokens() -> None:
    document = Document("seen by Ann Lee, MD", (Gold(8, 15, "NAME"),), "x")
    [example] = examples(document)
    assert example.tokens == ("seen", "by", "Ann", "Lee", ",", "MD")
    assert [LABELS[i] for i in example.labels] == ["O", "O", "B-NAME", "I-NAME", "O", "O"]
