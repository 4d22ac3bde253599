from __future__ import annotations

from pathlib import Path

from jobs.common.spark.settings_file import read_conf


def test_conf_has_a_name_and_a_value_per_line(tmp_path: Path) -> None:
    path = tmp_path / "spark.conf"
    path.write_text("# a comment\nspark.a  x y\n\nspark.b 1\n")
    assert read_conf(path) == {"spark.a": "x y", "spark.b": "1"}
