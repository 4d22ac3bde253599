from __future__ import annotations

from pathlib import Path

import pytest
from pydicom import dcmread

from benchmarks.midi_b.answer_key import CheckAction, read_answer_key
from benchmarks.midi_b.corpus import generate_corpus
from benchmarks.midi_b.element_paths import digest_pixels, list_values
from benchmarks.midi_b.examination import load_modalities
from benchmarks.midi_b.text_match import are_all_retained
from safelight.dicom.parser import parse

PATIENTS = 9


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    generate_corpus(folder, seed=7, patients=PATIENTS)
    return folder


def test_the_corpus_has_all_kinds_of_objects_and_all_checks(corpus: Path) -> None:
    answers = list(read_answer_key(corpus / "answers.db"))
    classes = {str(kind["sop_class"]) for kind in load_modalities().values()}
    assert {instance.sop_class_uid for instance in answers} == classes
    assert {check.action for one in answers for check in one.checks} == set(CheckAction)


def test_each_object_can_be_parsed_and_holds_what_its_checks_say(corpus: Path) -> None:
    paths = sorted((corpus / "objects").iterdir())
    answers = list(read_answer_key(corpus / "answers.db"))
    assert len(paths) == len(answers)
    for path, instance in zip(paths, answers):
        parse(path.read_bytes())
        dataset = dcmread(path)
        values = list_values(dataset)
        assert instance.digest == digest_pixels(dataset)
        implicit = dataset.file_meta.TransferSyntaxUID.is_implicit_VR
        for check in instance.checks:
            if implicit and '"' in check.path:
                continue  # the VR of private elements is unknown
            if check.path:
                assert check.path in values, check.name
            if check.action is CheckAction.TEXT_RETAINED:
                assert are_all_retained(values[check.path], check.action_text), check.name
            if check.action in (CheckAction.DATE_SHIFTED, CheckAction.UID_CHANGED):
                assert check.value in values[check.path], check.name


def test_a_seed_gives_the_same_objects(corpus: Path, tmp_path: Path) -> None:
    generate_corpus(tmp_path, seed=7, patients=1)
    for path in (tmp_path / "objects").iterdir():
        assert path.read_bytes() == (corpus / "objects" / path.name).read_bytes()
