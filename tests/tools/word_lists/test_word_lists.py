"""Files of word lists."""

from __future__ import annotations

import gzip
from pathlib import Path

from tools.word_lists import read_lower_lines, write_list


def test_a_list_has_one_entry_per_line(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    write_list(path, ["Ä", "b"])
    assert path.read_text("utf-8") == "Ä\nb\n"
    assert read_lower_lines(path) == {"ä", "b"}


def test_a_compressed_list_has_the_same_bytes_each_time(tmp_path: Path) -> None:
    first, second = tmp_path / "a.txt.gz", tmp_path / "b.txt.gz"
    write_list(first, ["x"])
    write_list(second, ["x"])
    assert first.read_bytes() == second.read_bytes()
    assert gzip.decompress(first.read_bytes()) == b"x\n"
