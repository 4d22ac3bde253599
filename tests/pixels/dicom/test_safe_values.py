"""Header values are read without an exception, whatever they hold."""

from __future__ import annotations

import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from safelight.pixels.dicom.safe_values import (
    read_integer,
    read_items,
    read_number,
    read_text,
    read_values,
)


def dataset_of(keyword: str, value: object) -> Dataset:
    dataset = Dataset()
    setattr(dataset, keyword, value)
    return dataset


def test_a_missing_value_is_the_default() -> None:
    assert read_number(Dataset(), "RescaleSlope", 2.0) == 2.0


def test_the_first_of_several_values_is_read() -> None:
    assert read_integer(dataset_of("PixelSpacing", [3, 4]), "PixelSpacing") == 3


@pytest.mark.parametrize("value", ["nan", "abc", ""])
def test_a_value_that_is_not_a_number_is_the_default(value: str) -> None:
    assert read_integer(dataset_of("Manufacturer", value), "Manufacturer", 7) == 7


def test_values_are_joined_by_a_backslash() -> None:
    assert read_text(dataset_of("ImageType", ["A", "B"]), "ImageType") == "A\\B"


def test_the_content_of_a_sequence_is_not_text() -> None:
    item = dataset_of("PatientName", "HOLM")
    assert read_text(dataset_of("ReferencedImageSequence", Sequence([item])),
                     "ReferencedImageSequence") == "present"  # fmt: skip


def test_an_attribute_that_is_not_a_sequence_has_no_items() -> None:
    assert read_items(dataset_of("Manufacturer", "X"), "Manufacturer") == []


def test_an_empty_attribute_has_no_values() -> None:
    assert read_values(dataset_of("Manufacturer", ""), "Manufacturer") == []
