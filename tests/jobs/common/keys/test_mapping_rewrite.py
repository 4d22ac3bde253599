from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jobs.common.cli.errors import JobError
from jobs.common.keys.mapping_rewrite import RewriteCounts, rewrite_mapping
from jobs.common.keys.resealing import Resealer
from jobs.common.secrets.key_material import KeyMaterial
from jobs.common.secrets.key_ring import KeyRing, RingKey, make_key
from jobs.common.secrets.kms_envelope import DataKeys
from tests.faults.leak_hunt import find_statistics
from tests.jobs.common.keys.mapping_tables import (
    add_originals,
    open_tables,
    read_originals,
    read_rows,
)

KEY = bytes(range(40))
BEFORE = KeyMaterial(KeyRing((RingKey(KEY),)))
AFTER = KeyMaterial(BEFORE.ring.with_sealing_key(make_key()))
ONLY_NEW = KeyMaterial(KeyRing((RingKey(KEY),), AFTER.ring.sealing_keys[:1]))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for night in range(3):
        add_originals(tmp_path, BEFORE, [f"47{night}{n}" for n in range(4)])
    return tmp_path


def rewrite(folder: Path | str, material: KeyMaterial) -> RewriteCounts:
    return rewrite_mapping(open_tables(folder), Resealer(material))


def test_all_originals_are_sealed_again_and_nothing_else_changes(folder: Path) -> None:
    before = read_rows(folder)
    originals = read_originals(folder, BEFORE)
    assert rewrite(folder, AFTER) == RewriteCounts(12, 12)
    after = read_rows(folder)
    for rows in (before, after):
        sealed = {row.pop("original_encrypted") for row in rows}
        assert len(sealed) == 12
    assert before == after
    assert read_originals(folder, AFTER) == originals
    assert not find_statistics(folder)


def test_a_second_rewrite_changes_no_file(folder: Path) -> None:
    rewrite(folder, AFTER)
    files = open_tables(folder).folder("mapping").data_files()
    assert rewrite(folder, AFTER) == RewriteCounts(12, 0)
    assert open_tables(folder).folder("mapping").data_files() == files


def test_a_rewrite_that_was_killed_is_completed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    class Dying(Resealer):
        calls = 0

        def reseal_rows(self, rows: Any) -> Any:
            self.calls += 1
            if self.calls == 2:
                raise Killed
            return super().reseal_rows(rows)

    with pytest.raises(Killed):
        rewrite_mapping(open_tables(folder), Dying(AFTER))
    assert len(read_originals(folder, AFTER)) == 12
    assert rewrite(folder, AFTER) == RewriteCounts(12, 8)
    assert len(read_originals(folder, AFTER)) == 12


def test_an_original_that_does_not_open_fails_and_changes_nothing(folder: Path) -> None:
    rewrite(folder, AFTER)
    other = KeyMaterial(BEFORE.ring.with_sealing_key(make_key()))
    with pytest.raises(JobError, match="earlier keys"):
        rewrite(folder, other)
    assert len(read_originals(folder, AFTER)) == 12


def test_files_of_a_compacted_table_are_rewritten(folder: Path) -> None:
    open_tables(folder).folder("mapping").compact(1 << 27)
    assert rewrite(folder, AFTER) == RewriteCounts(12, 12)
    assert len(read_originals(folder, ONLY_NEW)) == 12


def test_a_table_on_s3_moves_to_data_keys(bucket: str, kms_key: str) -> None:
    folder = f"s3://{bucket}/tables"
    add_originals(folder, BEFORE, ["4711", "4712"])
    material = KeyMaterial(BEFORE.ring, DataKeys(kms_key))
    assert rewrite(folder, material) == RewriteCounts(2, 2)
    assert read_originals(folder, material) == ["4711", "4712"]
    with pytest.raises(JobError, match="earlier keys"):
        read_originals(folder, BEFORE)
