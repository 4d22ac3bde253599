from __future__ import annotations

import re
from importlib import resources

import pytest

from safelight.pixels import thresholds

NAMES = [name for name in vars(thresholds) if name.isupper()]


def read_sources():
    folder = resources.files("safelight.pixels")
    paths = [path for path in folder.rglob("*.py") if path.name != "thresholds.py"]
    return "\n".join(path.read_text("utf-8") for path in paths)


def test_every_threshold_is_used():
    used = set(re.findall(r"\w+", read_sources()))
    assert [name for name in NAMES if name not in used] == []


@pytest.mark.parametrize("name", [n for n in NAMES if n.endswith(("_CONFIDENCE", "_SHARE"))])
def test_confidences_and_shares_are_fractions(name):
    assert 0 <= getattr(thresholds, name) <= 1
