from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from jobs.common.delta.tables.table_set import Tables
from jobs.common.mapping_store.listing import list_pairs
from jobs.common.storage.location import parse_uri
from tests.jobs.test_midi_b import PAIRS

ROW = PAIRS[0]


@pytest.mark.parametrize(
    ("other", "expected"),
    [({}, 2), ({"namespace": "other"}, 1), ({"key_id": "other"}, 1), ({"kind": "name"}, 1)],
)
def test_pairs_of_the_namespace_the_keys_and_the_kinds_are_listed(
    other: dict[str, str], expected: int, tmp_path: Path
) -> None:
    folder = parse_uri(str(tmp_path))
    tables = Tables(lambda: pytest.fail("Spark was started"), folder)
    tables.append_rows([ROW, replace(ROW, **other)])
    pairs = list(list_pairs(folder, None, "default", [ROW.key_id], ["study_uid", "uid"]))
    assert pairs == [ROW] * expected
