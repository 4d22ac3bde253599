from __future__ import annotations

import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from safelight.rules import load_rules
from tests.headers.objects import make_deidentifier, make_object, to_bytes

SECRET = "ACME SECRET"


def collect(ds: Dataset, rules: str = "research") -> frozenset[str]:
    return make_deidentifier(rules).scan(to_bytes(ds)).texts


def test_cleaned_and_rechecked_texts_are_collected() -> None:
    ds = make_object(SeriesDescription="AXIAL", ManufacturerModelName="Ingenia")
    assert collect(ds) == {"AXIAL", "Ingenia"}


def test_each_value_is_one_text() -> None:
    assert collect(make_object(SoftwareVersions=["V2.1", "by Ockham"])) == {"V2.1", "by Ockham"}


def test_removed_text_is_not_collected() -> None:
    assert "AXIAL" not in collect(make_object(SeriesDescription="AXIAL"), "basic")


def test_text_in_items_is_collected() -> None:
    item = Dataset()
    item.SeriesDescription = "CORONAL"
    assert "CORONAL" in collect(make_object(ReferencedImageSequence=Sequence([item])))


def test_text_in_character_set_of_an_item_is_decoded() -> None:
    item = Dataset()
    item.SpecificCharacterSet, item.SeriesDescription = "ISO_IR 192", "für"
    ds = make_object(SpecificCharacterSet="ISO_IR 100", ReferencedImageSequence=Sequence([item]))
    assert "für" in collect(ds)


def test_private_text_that_is_not_safe_is_not_collected() -> None:
    ds = make_object()
    ds.private_block(0x0011, SECRET, create=True).add_new(1, "LO", "of Ockham")
    assert "of Ockham" not in collect(ds)


def test_safe_private_text_is_collected() -> None:
    ds = make_object()
    ds.private_block(0x0019, "GEMS_ACQU_01", create=True).add_new(0x9C, "LO", "EFGRE3D")
    assert "EFGRE3D" in collect(ds)


@pytest.mark.parametrize("name", ["research", "basic"])
def test_writer_asks_for_no_other_text(name: str) -> None:
    item = Dataset()
    item.CodeMeaning, item.SeriesDescription = "like Ockham", "SAGITTAL"
    ds = make_object(
        SeriesDescription="AXIAL", StationName="CT01", ImageType=["ORIGINAL", "OCKHAMLIKE"],
        ProcedureCodeSequence=Sequence([item]),
    )  # fmt: skip
    deidentifier = make_deidentifier(load_rules(name))
    data = to_bytes(ds)
    scan = deidentifier.scan(data)
    spans = {text: [] for text in scan.texts}
    without = deidentifier.rebuild(data, scan, spans)
    more = deidentifier.rebuild(data, scan, {**spans, "CT01": [], "ORIGINAL": []})
    assert without.data is not None and without.data == more.data
