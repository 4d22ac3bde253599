from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from tools.check_jars import find_defects, main

_LISTED = Path("conf/jars/checksums.sha256")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "a-1.jar").write_bytes(b"a")
    (tmp_path / "lib" / "classes.jsa").write_bytes(b"an archive of classes")
    digest = hashlib.sha256(b"a").hexdigest()
    (tmp_path / "sums").write_text(f"{digest}  a-1.jar\n")
    return tmp_path


def test_listed_jars_have_no_defect(folder: Path) -> None:
    assert main(str(folder / "sums"), str(folder / "lib")) == 0


def test_a_changed_jar_is_a_defect(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "lib" / "a-1.jar").write_bytes(b"b")
    assert main(str(folder / "sums"), str(folder / "lib")) == 1
    assert "a-1.jar has another checksum" in capsys.readouterr().err


def test_missing_and_unknown_jars_are_defects(folder: Path) -> None:
    (folder / "lib" / "a-1.jar").rename(folder / "lib" / "b-1.jar")
    assert find_defects(folder / "sums", folder / "lib") == [
        "a-1.jar is missing",
        "b-1.jar is not listed",
    ]


def test_each_dependency_of_the_pom_has_a_checksum() -> None:
    pom = Path("conf/jars/pom.xml").read_text(encoding="utf-8")
    names = _LISTED.read_text(encoding="ascii")
    assert names.count("\n") >= 20
    for name in ("spark-nlp", "delta-spark", "hadoop-aws", "aws-java-sdk-bundle"):
        assert name in pom and f"  {name}" in names
