from __future__ import annotations

from pathlib import Path

import pytest

from jobs.common.spark.class_archive import archive_options, archive_prefix, complete_name


def _install_java(home: Path, release: str) -> Path:
    (home / "bin").mkdir(parents=True)
    (home / "bin" / "java").touch()
    (home / "release").write_text(release)
    return home


@pytest.fixture
def prefix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("JAVA_HOME", str(_install_java(tmp_path / "jdk", "17.0.15")))
    prefix = archive_prefix()
    assert prefix is not None
    return prefix


def _write_archive(folder: Path, prefix: str) -> Path:
    archive = folder / "new"
    archive.write_bytes(bytes(1000))
    return archive.rename(folder / complete_name(prefix, archive))


def test_a_complete_archive_is_used(tmp_path: Path, prefix: str) -> None:
    archive = _write_archive(tmp_path, prefix)
    assert f"-XX:SharedArchiveFile={archive}" in archive_options(tmp_path)


def test_no_archive_needs_no_option(tmp_path: Path, prefix: str) -> None:
    assert archive_options(tmp_path) == []


def test_a_truncated_archive_is_not_used(tmp_path: Path, prefix: str) -> None:
    archive = _write_archive(tmp_path, prefix)
    archive.write_bytes(bytes(999))
    assert archive_options(tmp_path) == []


def test_the_archive_of_another_java_is_not_used(
    tmp_path: Path, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _write_archive(tmp_path, prefix)
    monkeypatch.setenv("JAVA_HOME", str(_install_java(tmp_path / "other", "17.0.16")))
    assert archive_options(tmp_path) == []


def test_a_missing_java_has_no_archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    assert archive_prefix() is None
    assert archive_options(tmp_path) == []


def test_the_folder_of_an_archive_may_have_a_space(tmp_path: Path, prefix: str) -> None:
    folder = tmp_path / "a folder"
    folder.mkdir()
    archive = _write_archive(folder, prefix)
    assert archive_options(folder)[0] == f"-XX:SharedArchiveFile={archive}"
