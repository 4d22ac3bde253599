from __future__ import annotations

import re
from random import Random

from tools.train_text_model.regions import fill_shape, read_regions, read_shapes


def test_a_shape_is_filled_with_digits_and_capitals() -> None:
    text = fill_shape("@@# #@~-x", Random(1))
    assert re.fullmatch(r"[A-Z]{2}\d \d[A-Z][A-Z\d]-x", text)


def test_every_region_has_values_of_each_kind() -> None:
    for region in read_regions("train"):
        assert region.towns and region.districts and region.streets
        assert region.given and region.surnames
        assert region.phones and region.hosts and region.addresses and region.hospitals


def test_the_halves_have_no_surname_in_common() -> None:
    for training, test in zip(read_regions("train"), read_regions("test"), strict=True):
        assert not set(training.surnames) & set(test.surnames)


def test_shapes_of_identifiers_and_of_look_alikes_differ() -> None:
    assert not set(read_shapes("identifiers")) & set(read_shapes("look_alikes"))
