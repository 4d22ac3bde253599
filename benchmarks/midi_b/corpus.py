"""Generate the corpus: DICOM objects with planted PHI, and their answer key."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from benchmarks.midi_b.answer_key import Check, InstanceAnswers, write_answer_key
from benchmarks.midi_b.contents import fill_content
from benchmarks.midi_b.element_paths import digest_pixels
from benchmarks.midi_b.examination import Examination, draw_examination, load_modalities
from benchmarks.midi_b.modules import (
    fill_equipment,
    fill_image,
    fill_patient,
    fill_private,
    fill_series,
    fill_study,
    fill_technical,
    fill_texts,
)
from benchmarks.midi_b.object_builder import ObjectBuilder
from benchmarks.midi_b.people import load_parts, make_patient
from benchmarks.midi_b.pictures import fill_pixels

#: Languages of the patients; the half of them is English, as in the challenge.
_ENGLISH_SHARE = 0.5
_IMPLICIT_SHARE = 0.15
_KINDS_PER_PATIENT = 3


def generate_corpus(folder: Path, seed: int, patients: int) -> int:
    """Write the objects to ``folder/objects`` and the key to ``folder/answers.db``.

    The kinds of objects are used in turn, so that the corpus has all of them.

    Parameters
    ----------
    folder : Path
    seed : int
    patients : int

    Returns
    -------
    int
        Number of objects.
    """
    objects = folder / "objects"
    objects.mkdir(parents=True, exist_ok=True)
    answers: list[InstanceAnswers] = []
    for dataset, instance in _generate(seed, patients):
        dataset.save_as(objects / f"{len(answers):05d}.dcm", enforce_file_format=True)
        answers.append(instance)
    write_answer_key(folder / "answers.db", answers)
    return len(answers)


def _generate(seed: int, patients: int) -> Iterator[tuple[Dataset, InstanceAnswers]]:
    kinds = list(load_modalities())
    languages = [language for language in load_parts() if language != "en"]
    for number in range(patients):
        draw = random.Random(f"{seed}/{number}")
        language = "en" if draw.random() < _ENGLISH_SHARE else draw.choice(languages)
        patient = make_patient(draw, language)
        for turn in range(_KINDS_PER_PATIENT):
            kind = kinds[(number * _KINDS_PER_PATIENT + turn) % len(kinds)]
            exam = draw_examination(draw, patient, kind)
            for instance in range(exam.spec["instances"]):
                yield make_object(exam, instance + 1)


def make_object(exam: Examination, number: int) -> tuple[Dataset, InstanceAnswers]:
    """Return an object of an examination, and its checks.

    Parameters
    ----------
    exam : Examination
    number : int
        Instance Number.
    """
    dataset, checks = Dataset(), list[Check]()
    dataset.file_meta = FileMetaDataset()
    implicit = exam.chance(_IMPLICIT_SHARE)
    syntax = ImplicitVRLittleEndian if implicit else ExplicitVRLittleEndian
    dataset.file_meta.TransferSyntaxUID = syntax
    if exam.patient.encoding:
        dataset.SpecificCharacterSet = exam.patient.encoding.split("\\")
    builder = ObjectBuilder(dataset, checks)
    sop_class, sop_uid = str(exam.spec["sop_class"]), exam.make_uid()
    builder.require("SOPClassUID", sop_class)
    builder.uid("SOPInstanceUID", sop_uid)
    fill_patient(builder, exam)
    fill_study(builder, exam)
    fill_series(builder, exam)
    fill_equipment(builder, exam)
    fill_texts(builder, exam)
    fill_image(builder, exam, number)
    builder.keep_all(exam.spec.get("keep", {}).items())
    fill_technical(builder, exam)
    fill_content(builder, exam)
    fill_private(builder, exam)
    fill_pixels(builder, exam)
    dataset.file_meta.MediaStorageSOPClassUID = UID(sop_class)
    dataset.file_meta.MediaStorageSOPInstanceUID = UID(sop_uid)
    return dataset, InstanceAnswers(
        modality=str(dataset.Modality),
        sop_class_uid=sop_class,
        patient_id=exam.patient.patient_id,
        study_uid=exam.study_uid,
        series_uid=exam.series_uid,
        sop_uid=sop_uid,
        digest=digest_pixels(dataset),
        checks=tuple(checks),
    )
