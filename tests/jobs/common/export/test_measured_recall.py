from __future__ import annotations

import re
from pathlib import Path

from jobs.common.export.measured_recall import BURNED_IN_TEXT

ROOT = Path(__file__).parents[4]


def test_the_recall_is_that_of_the_benchmark() -> None:
    text = (ROOT / BURNED_IN_TEXT.benchmark).read_text()
    found = re.search(r"Recall ([\d.]+), .* mean of (\d+) conditions with (\d+) objects", text)
    assert found is not None
    assert float(found[1]) == BURNED_IN_TEXT.recall
    assert int(found[2]) * int(found[3]) == BURNED_IN_TEXT.objects
    condition, recall = re.findall(r"^\| ([^|]+) \| ([\d.]+) \|", text, re.MULTILINE)[0]
    assert (condition, float(recall)) == (
        BURNED_IN_TEXT.worst_condition, BURNED_IN_TEXT.worst_recall,
    )  # fmt: skip
