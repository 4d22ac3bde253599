from __future__ import annotations

from pydicom.dataset import Dataset

from benchmarks.midi_b.element_paths import digest_pixels, list_values


def test_paths_have_items_and_creators() -> None:
    dataset, item = Dataset(), Dataset()
    item.ReferencedSOPInstanceUID = "1.2.3"
    dataset.PatientName = "DOE^JANE"
    dataset.ReferencedImageSequence = [Dataset(), item]
    dataset.private_block(0x0019, "Siemens MR Header", create=True).add_new(0x0C, "IS", "1000")
    assert list_values(dataset) == {
        "<(0008,1140)>": "",
        "<(0008,1140)>[<0001>]<(0008,1155)>": "1.2.3",
        "<(0010,0010)>": "DOE^JANE",
        "<(0019,0010)>": "Siemens MR Header",
        '<(0019,"SIEMENS MR HEADER",0c)>': "1000",
    }


def test_pixels_are_digested_as_stored() -> None:
    dataset = Dataset()
    assert digest_pixels(dataset) == ""
    dataset.PixelData = b"\0\1"
    assert digest_pixels(dataset) == "441077cc9e57554dd476bdfb8b8b8102"
