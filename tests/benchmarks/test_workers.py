from __future__ import annotations

from pathlib import Path

from benchmarks.workers import write_notes, write_pixels


def test_notes_differ(tmp_path: Path) -> None:
    write_notes(tmp_path / "notes", 20)
    texts = {path.read_text() for path in (tmp_path / "notes").iterdir()}
    assert len(texts) == 20


def test_pictures_differ(tmp_path: Path) -> None:
    write_pixels(tmp_path / "pixels", 3)
    assert len({path.read_bytes() for path in (tmp_path / "pixels").iterdir()}) == 3
