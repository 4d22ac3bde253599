from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from benchmarks.midi_b.answer_key import (
    Check,
    CheckAction,
    InstanceAnswers,
    read_answer_key,
    write_answer_key,
)
from benchmarks.midi_b.burned_in_text import draw_text
from benchmarks.midi_b.element_paths import digest_pixels
from benchmarks.midi_b.report import group_by_series, write_report
from benchmarks.midi_b.scorer import Mappings, read_mappings, score

MAPPINGS = Mappings({"1.2.3": "2.25.3", "1.2.9": "2.25.9"}, {"MRN1": "PSEUDONYM"})
NAME, DATE, UID, PATIENT_ID = (
    "<(0010,0010)>", "<(0008,0020)>", "<(0020,000d)>", "<(0010,0020)>",
)  # fmt: skip


def make_output(**values: str) -> Dataset:
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.SOPClassUID, dataset.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.7", "2.25.3"
    frame = np.zeros((60, 300), np.uint8)
    draw_text(frame, "MARGARET DELGADO", 10, 10, 24)
    dataset.Rows, dataset.Columns = frame.shape
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated = dataset.BitsStored = 8
    dataset.HighBit, dataset.PixelRepresentation = 7, 0
    dataset.PixelData = frame.tobytes()
    for keyword, value in values.items():
        setattr(dataset, keyword, value)
    return dataset


def run(folder: Path, check: Check, output: Dataset | None) -> bool:
    answers = InstanceAnswers("OT", "1.2", "MRN1", "1.2.1", "1.2.2", "1.2.3", "", (check,))
    (folder / "out").mkdir(parents=True)
    write_answer_key(folder / "answers.db", [answers])
    if output is not None:
        output.save_as(folder / "out" / "1.dcm", enforce_file_format=True)
    (result,) = score(folder / "answers.db", folder / "out", MAPPINGS)
    return result.passed


RETAINED, NOTNULL, KEPT = (
    CheckAction.TAG_RETAINED, CheckAction.TEXT_NOTNULL, CheckAction.TEXT_RETAINED,
)  # fmt: skip
REMOVED, SHIFTED, CHANGED = (
    CheckAction.TEXT_REMOVED, CheckAction.DATE_SHIFTED, CheckAction.UID_CHANGED,
)  # fmt: skip
SAME_UID, SAME_ID = CheckAction.UID_CONSISTENT, CheckAction.PATID_CONSISTENT


@pytest.mark.parametrize(
    ("action", "path", "value", "output", "passed", "passed_without_output"),
    [
        (RETAINED, NAME, "X", {"PatientName": ""}, True, False),
        (RETAINED, NAME, "X", {}, False, False),
        (NOTNULL, NAME, "X", {"PatientName": ""}, False, False),
        (NOTNULL, NAME, "X", {"PatientName": "Y"}, True, False),
        (KEPT, NAME, "A B", {"PatientName": "B A"}, True, False),
        (KEPT, NAME, "A B", {}, False, False),
        (REMOVED, NAME, "JANE", {"PatientName": "jane"}, False, True),
        (REMOVED, NAME, "JANE", {}, True, True),
        (SHIFTED, DATE, "20200102", {"StudyDate": "20200102"}, False, True),
        (SHIFTED, DATE, "20200102", {"StudyDate": "20190102"}, True, True),
        (CHANGED, UID, "1.2.9", {"StudyInstanceUID": "1.2.9"}, False, True),
        (CHANGED, UID, "1.2.9", {}, True, True),
        (SAME_UID, UID, "1.2.9", {"StudyInstanceUID": "2.25.9"}, True, False),
        (SAME_UID, UID, "1.2.9", {"StudyInstanceUID": "2.25.8"}, False, False),
        (SAME_UID, UID, "1.2.8", {"StudyInstanceUID": "2.25.8"}, False, False),
        (SAME_ID, PATIENT_ID, "MRN1", {"PatientID": "PSEUDONYM"}, True, False),
        (SAME_ID, PATIENT_ID, "MRN1", {"PatientID": "OTHER"}, False, False),
    ],
)
def test_a_check_of_an_element(
    tmp_path: Path, action: CheckAction, path: str, value: str,
    output: dict[str, str], passed: bool, passed_without_output: bool,
) -> None:  # fmt: skip
    check = Check(action, path, "name", value, value)
    assert run(tmp_path / "with", check, make_output(**output)) is passed
    assert run(tmp_path / "without", check, None) is passed_without_output


def test_pixels_are_retained_if_their_bytes_are(tmp_path: Path) -> None:
    output = make_output()
    kept = Check(CheckAction.PIXELS_RETAINED, "", "", "", digest_pixels(output))
    other = Check(CheckAction.PIXELS_RETAINED, "", "", "", "0" * 32)
    assert run(tmp_path / "kept", kept, output)
    assert not run(tmp_path / "other", other, output)


def blacken(dataset: Dataset) -> None:
    dataset.PixelData = bytes(len(dataset.PixelData))


@pytest.mark.parametrize(("change", "passed"), [(lambda _: None, False), (blacken, True)])
def test_burned_in_text_is_hidden_if_ocr_does_not_read_it(
    tmp_path: Path, change: Callable[[Dataset], None], passed: bool
) -> None:
    planted = {"text": "MARGARET DELGADO", "top_left": [10, 10], "bottom_right": [280, 40]}
    output = make_output()
    change(output)
    check = Check(CheckAction.PIXELS_HIDDEN, "", "", "", json.dumps(planted))
    assert run(tmp_path, check, output) is passed


def test_an_answer_key_is_read_as_it_was_written(tmp_path: Path) -> None:
    checks = (
        Check(CheckAction.TEXT_REMOVED, NAME, "PatientName", "A<B", "A<B", "hipaa:HIPAA-A"),
        Check(CheckAction.PIXELS_RETAINED, "", "", "", "d" * 32, "tcia:P15-PIX-K"),
    )
    answers = InstanceAnswers("CT", "1.2", "M", "1.1", "1.2", "1.3", "d", checks)
    write_answer_key(tmp_path / "answers.db", [answers])
    assert list(read_answer_key(tmp_path / "answers.db")) == [answers]


def test_the_first_of_two_pseudonyms_counts(tmp_path: Path) -> None:
    (tmp_path / "uid_mapping.csv").write_text("id_old,id_new\n1,2\n1,3\n")
    (tmp_path / "patid_mapping.csv").write_text('id_old,id_new\n"A, B",C\n')
    assert read_mappings(tmp_path) == Mappings({"1": "2"}, {"A, B": "C"})


def test_a_series_fails_if_one_instance_fails(tmp_path: Path) -> None:
    check = Check(CheckAction.TAG_RETAINED, NAME, "PatientName", "X")
    instances = [
        InstanceAnswers("CT", "1.2", "MRN1", "1.2.1", "1.2.2", uid, "", (check,))
        for uid in ("1.2.3", "1.2.4")
    ]
    write_answer_key(tmp_path / "answers.db", instances)
    (tmp_path / "out").mkdir()
    make_output(PatientName="").save_as(tmp_path / "out" / "1.dcm", enforce_file_format=True)
    results = list(score(tmp_path / "answers.db", tmp_path / "out", MAPPINGS))
    assert [result.passed for result in results] == [True, False]
    assert group_by_series(results) == [(CheckAction.TAG_RETAINED, False)]
    write_report(tmp_path, results, 2, "command")
    assert "| all | 2 | 1 | 50.000 % | 1 | 1 | 0.000 % |" in (tmp_path / "midi_b.md").read_text()
    assert "CT,tag_retained,PatientName" in (tmp_path / "midi_b_failures.csv").read_text()
