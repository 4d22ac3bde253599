"""Every observed device gives its outcome and its boxes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.pixels.devices.catalog import (
    CatalogError,
    DeviceCatalog,
    load_shipped_catalog,
    match_device,
    outside_boxes,
)
from safelight.pixels.geometry import Box
from tools.device_catalog import convert_recipe, format_catalog, read_observations

DATA = Path(__file__).parents[2] / "data"
OBSERVED = read_observations(DATA / "devices.jsonl.gz")
RECIPE = (DATA / "devices-deid-recipe.txt").read_text("utf-8")


def asked(header: dict[str, str]) -> Callable[[str], str]:
    return lambda keyword: header.get(keyword, "")


def test_every_observation_gives_exactly_its_outcome_and_boxes() -> None:
    wrong = []
    for number, observed in enumerate(OBSERVED):
        decision = match_device(asked(observed["tags"]))
        assert decision is not None, number
        boxes = [list(box) for box in decision.boxes]
        if (decision.action, boxes) != (observed["do"], observed["boxes"]):
            wrong.append(number)
    assert len(OBSERVED) == 946
    assert wrong == []


def holds(outer: Sequence[int], inner: Sequence[int]) -> bool:
    (x, y, w, h), (left, top, width, height) = outer, inner
    return x <= left and y <= top and left + width <= x + w and top + height <= y + h


def test_every_label_of_the_recipe_gives_its_boxes() -> None:
    rules = list(convert_recipe(RECIPE))
    assert len(rules) == 105
    for rule in rules:
        header: dict[str, str] = {}
        for clause in rule["all"]:
            keyword, words = next(iter(clause.items()))
            header[keyword] = "\\".join(filter(None, [header.get(keyword), str(words[0])]))
        if header.get("Rows") and header["Rows"].count("\\"):
            pytest.fail("a label asks for two sizes at once")
        decision = load_shipped_catalog().match(asked(header))
        assert decision is not None and decision.action in ("scrub", "deny"), rule["name"]
        if decision.action == "scrub":  # an observed device may know better and hide more
            assert all(any(holds(b, box) for b in decision.boxes) for box in rule["boxes"]), rule


def test_the_shipped_catalog_is_what_the_observations_make() -> None:
    import safelight.pixels.devices.catalog as module

    content = Path(module.__file__).with_name("devices.yaml").read_text("utf-8")
    assert content.endswith("\n".join(format_catalog(OBSERVED, RECIPE)) + "\n")


def test_a_rule_applies_to_new_images_but_not_to_other_sizes_of_its_boxes() -> None:
    header = {
        "Manufacturer": "acuson",
        "ManufacturerModelName": "Sequoia",
        "Modality": "US",
        "Rows": "768",
        "Columns": "1024",
        "SeriesNumber": "77",
    }
    decision = match_device(asked(header))
    assert decision is not None and decision.boxes == ((0, 0, 1024, 40),)
    header["Rows"] = "769"
    assert match_device(asked(header)) is None


def test_an_unknown_device_has_no_decision() -> None:
    assert match_device(lambda keyword: "") is None


def test_classes_join_their_boxes_and_the_strictest_action_wins() -> None:
    classes = [
        {"name": "a", "all": [{"Modality": ["US"]}], "do": "scrub", "boxes": [[0, 0, 5, 5]]},
        {"name": "b", "all": [{"Rows": [480]}], "do": "scrub", "boxes": [[9, 9, 5, 5]]},
        {"name": "c", "all": [{"StationName": ["CART"]}], "do": "deny"},
    ]
    catalog_of_classes = DeviceCatalog({"classes": classes})
    header = {"Modality": "US", "Rows": "480"}
    decision = catalog_of_classes.match(asked(header))
    assert decision is not None
    assert (decision.action, decision.boxes) == ("scrub", ((0, 0, 5, 5), (9, 9, 5, 5)))
    header["StationName"] = "cart 7"
    decision = catalog_of_classes.match(asked(header))
    assert decision is not None and decision.action == "deny"


@pytest.mark.parametrize(
    "rule",
    [
        {"do": "hide"},
        {"do": "scrub", "boxes": [[0, 0, 5]]},
        {"do": "allow", "boxes": [[0, 0, 5, 5]]},
    ],
)
def test_a_rule_that_cannot_be_meant_is_refused(rule: dict[str, object]) -> None:
    with pytest.raises(CatalogError):
        DeviceCatalog({"devices": [{"manufacturer": "M", "model": "X", "rules": [rule]}]})


BOXES = st.tuples(*(st.integers(0, 40) for _ in range(2)), *(st.integers(1, 40) for _ in range(2)))


@given(st.lists(BOXES, max_size=4))
def test_outside_boxes_cover_all_but_the_holes_once(boxes: list[tuple[int, ...]]) -> None:
    holes = [Box(*box) for box in boxes]
    kept = np.zeros((30, 40), np.int64)
    for x, y, w, h in boxes:
        kept[y : y + h, x : x + w] = 1
    covered = np.zeros_like(kept)
    for x, y, w, h in outside_boxes(holes, 30, 40):
        assert x >= 0 and y >= 0 and x + w <= 40 and y + h <= 30
        covered[y : y + h, x : x + w] += 1
    assert (covered + kept == 1).all()
