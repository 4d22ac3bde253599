from __future__ import annotations

from pathlib import Path

from pydicom import dcmread

from benchmarks.small_objects import write_small_objects


def test_objects_have_distinct_uids_and_share_series(tmp_path: Path) -> None:
    size = write_small_objects(tmp_path, 70)
    paths = list(tmp_path.rglob("*.dcm"))
    objects = [dcmread(path) for path in paths]
    assert len({each.SOPInstanceUID for each in objects}) == 70
    assert len({each.SeriesInstanceUID for each in objects}) == 2
    assert sum(path.stat().st_size for path in paths) == size


def test_the_same_number_gives_the_same_bytes(tmp_path: Path) -> None:
    write_small_objects(tmp_path / "a", 128)
    write_small_objects(tmp_path / "b", 64, first=64)
    (first,) = (tmp_path / "a").rglob("0000001/000.dcm")
    (second,) = (tmp_path / "b").rglob("000.dcm")
    assert first.read_bytes() == second.read_bytes()
