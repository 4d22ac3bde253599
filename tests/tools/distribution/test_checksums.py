from __future__ import annotations

import subprocess
from pathlib import Path

from tools.distribution.checksums import list_checksums


def test_checksums_are_read_by_sha256sum(tmp_path: Path) -> None:
    (tmp_path / "jars").mkdir()
    for name in ("b.jar", "a.jar"):
        (tmp_path / "jars" / name).write_text(name)
    text = list_checksums(tmp_path, (tmp_path / "jars").iterdir())
    assert [line.split("  ")[1] for line in text.splitlines()] == ["jars/a.jar", "jars/b.jar"]
    subprocess.run(["sha256sum", "--check", "-"], input=text, text=True, cwd=tmp_path, check=True)
