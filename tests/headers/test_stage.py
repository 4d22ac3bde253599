"""What the header stage says of the object as a whole."""

from __future__ import annotations

import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import UID

from tests.headers.objects import deidentify, make_object


def test_the_file_meta_names_the_instance_that_the_data_set_names() -> None:
    new, result = deidentify(make_object())
    assert new.file_meta.MediaStorageSOPInstanceUID == new.SOPInstanceUID == result.sop_uid


def test_a_well_known_instance_keeps_its_uid_in_the_file_meta_too() -> None:
    # The standard registers SOP instances of its own, such as its colour palettes (PS3.6, A).
    fall = UID("1.2.840.10008.1.5.5")
    new, result = deidentify(make_object(SOPInstanceUID=fall))
    assert new.file_meta.MediaStorageSOPInstanceUID == new.SOPInstanceUID == result.sop_uid == fall


@pytest.mark.parametrize(
    ("name", "kept"),
    [("PERFUSION^MCA", True), ("PANCREAS", True), ("HEADNECK^ONE", True),
     ("HARGREAVE^TOMAS", False)],
)
def test_a_code_string_stays_if_the_name_is_a_word_that_nobody_bears(name: str, kept: bool) -> None:
    value = name.partition("^")[0]
    new, _ = deidentify(make_object(PatientName=name, BodyPartExamined=value))
    assert (new.get("BodyPartExamined") == value) is kept


def test_a_dummied_number_has_as_many_values_as_it_had() -> None:
    item = Dataset()
    item.ReferencedWaveformChannels = [1, 3]  # pairs, by its value multiplicity of 2-2n
    item.UnformattedTextValue = "of HARGREAVE"
    ds = make_object(
        SOPClassUID="1.2.840.10008.5.1.4.1.1.9.1.1", WaveformAnnotationSequence=Sequence([item])
    )
    new, _ = deidentify(ds, "basic")
    assert list(new.WaveformAnnotationSequence[0].ReferencedWaveformChannels) == [0, 0]
