from __future__ import annotations

from pathlib import Path

from jobs.common.delta.tables.folders import TableFolders
from jobs.common.storage.location import Location


def test_restricted_tables_are_in_their_own_folder() -> None:
    folders = TableFolders(Location("", "/tables"), Location("", "/restricted"))
    assert folders.path("audit") == "/tables/audit"
    assert folders.path("mapping") == "/restricted/mapping"


def test_folder_of_a_table_in_another_store_is_never_read(tmp_path: Path) -> None:
    (tmp_path / "mapping").write_text("not a folder")
    folders = TableFolders(Location("", str(tmp_path)), elsewhere={"mapping"})
    assert folders.is_elsewhere("mapping") and not folders.exists("mapping")


def test_new_folders_of_originals_are_for_this_user_only(tmp_path: Path) -> None:
    folders = TableFolders(Location("", str(tmp_path)))
    (tmp_path / "sources").mkdir(mode=0o755)
    folders.protect(["sources", "mapping"])
    assert (tmp_path / "mapping").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "sources").stat().st_mode & 0o777 == 0o755
    assert not folders.exists("mapping")
