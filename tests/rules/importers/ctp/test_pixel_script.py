"""Import of CTP pixel scripts."""

import pytest

from safelight.rules.importers import RulesImportError, import_rules
from safelight.rules.importers.ctp.pixel_script import read_pixel_script
from safelight.rules.importers.rules_file_builder import RulesFileBuilder

PIXELS = """Library
GE
 { [0008,0070].containsIgnoreCase("GE MEDICAL") *
   [0028,0010].equals("512") }
 (0,0,512,25) (350,-2,162,30)

 { [0029,1010].resembles("x") } (0,0,9,9)
"""


def read(text):
    builder = RulesFileBuilder("pixels.script", "CTP")
    read_pixel_script(text, builder)
    return builder


def test_each_signature_becomes_a_region_or_a_remark():
    imported = read(PIXELS).build()
    assert "[[0, 0, 512, 25], [350, 0, 162, 28]]" in imported.text or imported.has_downgrades
    assert [remark.line for remark in imported.remarks][-1] == 7


def test_the_format_is_detected():
    assert "CTP pixel script" in import_rules(PIXELS, "pixels.script").text


def test_a_text_without_boxes_is_refused():
    with pytest.raises(RulesImportError, match="no signature"):
        read('{ Modality.equals("CT") }')


def test_a_script_that_begins_with_a_signature_is_recognized():
    imported = import_rules('{ Modality.equals("US") }\n(3,4,17,6)\n', "a")
    assert "mask: [[3, 4, 17, 6]]" in imported.text
