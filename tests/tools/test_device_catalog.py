"""Device catalog from observations and a recipe."""

from __future__ import annotations

from typing import Any

import pytest

from tools.device_catalog import convert_recipe, format_catalog, make_device_rules

RECIPE = """FORMAT dicom
LABEL Dose report (CT)
  contains Modality CT
  + contains Manfacturer ACME+X1
  coordinates 10,20,110,70
LABEL Burned in
  contains BurnedInAnnotation YES
%header
"""


def observe(action: str, boxes: list[list[int]], **tags: str) -> dict[str, Any]:
    header = {"Manufacturer": "ACME", "ManufacturerModelName": "X1", "Modality": "CT"} | tags
    return {"tags": header, "do": action, "boxes": boxes}


def test_a_rule_has_the_fewest_distinct_values() -> None:
    (rule,) = make_device_rules([observe("allow", [], Rows="512")])
    assert rule == {"when": {"Modality": "CT"}, "do": "allow"}


def test_a_box_needs_the_size_of_the_image() -> None:
    (rule,) = make_device_rules([observe("scrub", [[0, 0, 9, 9]], Rows="512", Columns="256")])
    assert rule["when"] == {"Modality": "CT", "Rows": 512, "Columns": 256}


def test_contradicting_observations_are_an_error() -> None:
    with pytest.raises(ValueError, match="contradict"):
        list(make_device_rules([observe("allow", []), observe("scrub", [[0, 0, 1, 1]])]))


def test_a_label_with_coordinates_becomes_a_rule() -> None:
    (rule,) = convert_recipe(RECIPE)
    assert rule == {
        "name": "Dose report",
        "all": [{"Modality": ["CT"]}, {"Manufacturer": ["ACME"]}, {"Manufacturer": ["X1"]}],
        "do": "scrub",
        "boxes": [[10, 20, 100, 50]],
    }


def test_values_that_yaml_would_change_are_quoted() -> None:
    lines = list(format_catalog([observe("allow", [], Modality="No")], ""))
    assert "      - {when: {Modality: 'No'}, do: allow}" in lines
