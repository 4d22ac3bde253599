"""Boxes that the entries of ``pixels.regions`` mask."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.pixels.devices.region_entries import find_entry_boxes, select_region_entries
from safelight.pixels.dicom.image_module import UltrasoundRegion
from safelight.pixels.geometry import Box
from safelight.records import Reason, Refusal, Status
from safelight.rules.conditions import Comparison
from safelight.rules.pixel_regions import DeviceName, RegionEntry

IS_ULTRASOUND = Comparison("Modality", "equals", ("US",))
ROWS, COLUMNS = 40, 60


def entry(action="mask", boxes=((0, 0, 9, 9),), device=None, condition=None):
    return RegionEntry(action, boxes, device or DeviceName(), condition, "mine pixels.regions[0]")


def info(*regions):
    found = tuple(UltrasoundRegion(Box(*box), 1, 1, 0) for box in regions)
    return SimpleNamespace(rows=ROWS, columns=COLUMNS, regions=found)


def covered(boxes):
    mask = np.zeros((ROWS, COLUMNS), bool)
    for box in boxes:
        mask[box.slices] = True
    return mask


@pytest.mark.parametrize(
    ("device", "header", "is_selected"),
    [
        (DeviceName(("Acme, Inc.",)), {"Manufacturer": "ACME INC"}, True),
        (DeviceName(("ACME", "B"), ("Echo-5",)), {"Manufacturer": "b",
         "ManufacturerModelName": "ECHO 5"}, True),
        (DeviceName(("ACME",), ("Echo 5",)), {"Manufacturer": "ACME"}, False),
        (DeviceName(("ACME",)), {}, False),
    ],
)  # fmt: skip
def test_devices_are_compared_without_case_and_punctuation(device, header, is_selected):
    selected = select_region_entries([entry(device=device)], lambda name: header.get(name, ""))
    assert bool(selected) == is_selected


def test_device_and_condition_must_both_be_met():
    both = entry(device=DeviceName(("ACME",)), condition=IS_ULTRASOUND)
    header = {"Manufacturer": "ACME", "Modality": "CT"}
    assert not select_region_entries([both], lambda name: header.get(name, ""))
    header["Modality"] = "US"
    assert select_region_entries([both], lambda name: header.get(name, "")) == (both,)


def test_boxes_of_all_entries_are_masked():
    entries = [entry(), entry(boxes=((0, 0, 9, 9), (5, 5, 2, 2)))]
    assert find_entry_boxes(entries, info()) == (Box(0, 0, 9, 9), Box(5, 5, 2, 2))


@given(
    st.lists(
        st.tuples(*(st.integers(0, 70) for _ in range(2)), *(st.integers(1, 70) for _ in range(2))),
        min_size=1,
        max_size=4,
    ),
    st.booleans(),
)
def test_exactly_the_pixels_outside_what_is_kept_are_masked(boxes, in_header):
    kept = covered([Box(*box) for box in boxes])
    entries = [entry("keep", () if in_header else tuple(boxes))]
    found = info(*boxes) if in_header else info()
    beyond = in_header and any(x + w > COLUMNS + 1 or y + h > ROWS + 1 for x, y, w, h in boxes)
    if kept.any() and not beyond:
        assert (covered(find_entry_boxes(entries, found)) == ~kept).all()
    else:
        with pytest.raises(Refusal):
            find_entry_boxes(entries, found)


@pytest.mark.parametrize(
    ("one", "regions", "part"),
    [
        (entry("keep", ()), (), "no ultrasound region"),
        (entry("keep", ()), ((COLUMNS, 0, 1, 5),), "no ultrasound region"),
        (entry("keep", ((0, ROWS, 5, 5),)), ((0, 0, 5, 5),), "no region to keep"),
        (entry("keep", ()), ((0, 0, COLUMNS + 2, 5),), "extends beyond"),
        (entry("keep", ()), ((0, 0, 5, 5), (0, 0, 5, ROWS + 2)), "extends beyond"),
    ],
)
def test_an_object_of_which_nothing_would_remain_is_quarantined(one, regions, part):
    with pytest.raises(Refusal, match=part) as caught:
        find_entry_boxes([one], info(*regions))
    assert (caught.value.reason, caught.value.status) == (
        Reason.FILTERED_BY_RULE,
        Status.QUARANTINED,
    )


def test_a_region_may_end_one_pixel_beyond_the_frame():
    boxes = find_entry_boxes([entry("keep", ())], info((10, 5, COLUMNS - 9, ROWS - 4)))
    assert covered(boxes).sum() == ROWS * COLUMNS - (COLUMNS - 10) * (ROWS - 5)
