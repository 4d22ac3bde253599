"""Entries of ``pixels.regions`` in a rules file."""

import pytest

from safelight.rules import RulesError, load_rules, parse_rules
from safelight.rules.describe import describe
from safelight.rules.pixel_regions import DeviceName

HEAD = "name: mine\nversion: 1\nprofile: basic\n"
WHEN = "when: {Modality: {equals: US}}"


def parse(entry, more=""):
    return parse_rules(f"{HEAD}pixels: {{regions: [{{{entry}}}]{more}}}\n", "mine")


def test_boxes_of_a_device_are_read():
    (entry,) = parse(
        "device: {manufacturer: [A, B], model: C}, mask: [[1, 2, 3, 4]]"
    ).pixels.regions
    assert entry.device == DeviceName(("A", "B"), ("C",))
    assert (entry.action, entry.boxes, entry.condition) == ("mask", ((1, 2, 3, 4),), None)
    assert entry.source == "mine pixels.regions[0]"


@pytest.mark.parametrize(
    ("kept", "boxes"), [("ultrasound_regions", ()), ("[[0, 0, 9, 9]]", ((0, 0, 9, 9),))]
)
def test_what_is_kept_is_read(kept, boxes):
    (entry,) = parse(f"{WHEN}, keep: {kept}").pixels.regions
    assert (entry.action, entry.boxes) == ("keep", boxes)


@pytest.mark.parametrize(
    ("entry", "part"),
    [
        ("mask: [[0, 0, 1, 1]]", "a device or a condition"),
        (WHEN, "either mask"),
        (f"{WHEN}, mask: [[0, 0, 1, 1]], keep: ultrasound_regions", "either mask"),
        (f"{WHEN}, mask: ultrasound_regions", "a list for mask"),
        (f"{WHEN}, mask: []", "at least one box"),
        (f"{WHEN}, keep: []", "at least one box"),
        (f"{WHEN}, mask: [[0, 0, 1]]", r"\[x, y, width, height\]"),
        (f"{WHEN}, mask: [[0, 0, 0, 1]]", "from 1 to 65535"),
        (f"{WHEN}, mask: [[-1, 0, 1, 1]]", "from 0 to 65535"),
        (f"{WHEN}, keep: ultrasound_region", "did you mean ultrasound_regions"),
        (f"{WHEN}, boxes: [[0, 0, 1, 1]]", "boxes is unknown"),
        ("device: {}, mask: [[0, 0, 1, 1]]", "a manufacturer"),
        ("device: {model: '--'}, mask: [[0, 0, 1, 1]]", "a letter or a digit"),
        ("when: {this: {equals: US}}, mask: [[0, 0, 1, 1]]", "instead of this"),
    ],
)
def test_an_invalid_entry_is_an_error(entry, part):
    with pytest.raises(RulesError, match=part) as caught:
        parse(entry)
    assert caught.value.line == 4


def test_regions_without_a_check_of_pixels_are_an_error():
    with pytest.raises(RulesError, match="check: true"):
        parse(f"{WHEN}, keep: ultrasound_regions", ", check: false")


def test_regions_of_the_extended_rules_remain(tmp_path):
    (tmp_path / "base.yaml").write_text(
        HEAD + f"pixels: {{regions: [{{{WHEN}, keep: ultrasound_regions}}]}}\n"
    )
    own = tmp_path / "own.yaml"
    own.write_text(
        "name: own\nversion: 1\nextends: base.yaml\n"
        "pixels: {regions: [{device: {model: X}, mask: [[0, 0, 1, 1]]}]}\n"
    )
    sources = [entry.source for entry in load_rules(own).pixels.regions]
    assert sources == ["own pixels.regions[0]", "mine pixels.regions[0]"]


def test_regions_change_the_hash_and_rules_without_them_keep_theirs():
    without = parse_rules(HEAD, "mine")
    hashes = {
        without.hash,
        parse(f"{WHEN}, keep: ultrasound_regions").hash,
        parse(f"{WHEN}, keep: [[0, 0, 1, 1]]").hash,
        parse(f"{WHEN}, mask: [[0, 0, 1, 1]]").hash,
        parse("device: {model: X}, mask: [[0, 0, 1, 1]]").hash,
        parse("device: {manufacturer: X}, mask: [[0, 0, 1, 1]]").hash,
    }
    assert len(hashes) == 6
    assert parse_rules(HEAD + "pixels: {regions: []}\n", "mine").hash == without.hash


def test_regions_are_described():
    text = describe(parse(f"device: {{model: X}}, {WHEN}, mask: [[1, 2, 3, 4]]"))
    assert "Where model is X and Modality is US: 3 x 4 at 1, 2 is masked." in text
    text = describe(parse(f"{WHEN}, keep: ultrasound_regions"))
    assert "the ultrasound regions (0018,6011) are kept, and all else is masked." in text
