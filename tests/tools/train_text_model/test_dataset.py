from __future__ import annotations

from random import Random

from nlp_pipelines.model_labels import LABELS
from tests.tools.train_text_model.small_pools import small_pools
from tools.evaluate_text_model.testset import TEMPLATES as TEST_TEMPLATES
from tools.train_text_model.corpora import IGNORED
from tools.train_text_model.dataset import NO_LABEL, TEMPLATES, examples, mixed
from tools.train_text_model.slots import TrainingSlots
from tools.train_text_model.templates import Document, Gold, read_grammar


def test_a_token_has_the_label_of_the_span_that_it_overlaps() -> None:
    document = Document("seen by Ann Lee, MD", (Gold(8, 15, "NAME"),), "x")
    [example] = examples(document)
    assert example.tokens == ("seen", "by", "Ann", "Lee", ",", "MD")
    assert [LABELS[i] for i in example.labels] == ["O", "O", "B-NAME", "I-NAME", "O", "O"]


def test_ignored_spans_have_no_label() -> None:
    [example] = examples(Document("by Acme", (Gold(3, 7, IGNORED),), "x"))
    assert example.labels == (0, NO_LABEL)


def test_mixed_documents_have_lines_of_different_files() -> None:
    grammars = [read_grammar(TEMPLATES / f"{name}.txt") for name in ("nursing", "forms")]
    documents = [mixed(grammars, TrainingSlots(small_pools(), Random(seed))) for seed in range(20)]
    assert len({document.text for document in documents}) == 20
    for document in documents:
        assert all(document.text[s.begin : s.end].strip() for s in document.spans)


def test_templates_of_the_test_set_are_not_used_in_training() -> None:
    training, test = (
        {
            line.strip()
            for path in folder.glob("*.txt")
            for line in path.read_text(encoding="utf-8").splitlines()
            if len(line.split()) > 3 and not line.startswith("#")
        }
        for folder in (TEMPLATES, TEST_TEMPLATES)
    )
    assert not training & test
