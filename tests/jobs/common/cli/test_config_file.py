from __future__ import annotations

from pathlib import Path

import pytest

from jobs.common.cli.config_file import insert_config
from jobs.common.cli.errors import UsageError

OPTIONS = {
    "notes": frozenset({"--known", "--text", "--conf", "--fail-on-quarantine"}),
    "deidentify": frozenset({"--pixels", "--text", "--conf"}),
}


def insert(tmp_path: Path, text: str, command: str = "notes") -> list[str]:
    (tmp_path / "site.yaml").write_text(text)
    return insert_config([command, "--conf", str(tmp_path / "site.yaml")], OPTIONS)[1:-2]


def test_arguments_of_the_file_come_before_those_of_the_command_line(tmp_path: Path) -> None:
    assert insert(tmp_path, "known: k.csv") == ["--known", "k.csv"]


def test_arguments_of_other_commands_are_left_out(tmp_path: Path) -> None:
    assert insert(tmp_path, "pixels: off\nknown: k.csv") == ["--known", "k.csv"]


def test_on_and_off_are_read_as_words(tmp_path: Path) -> None:
    assert insert(tmp_path, "pixels: on\ntext: off", "deidentify") == [
        "--pixels", "on", "--text", "off",
    ]  # fmt: skip


def test_a_switch_has_no_value(tmp_path: Path) -> None:
    assert insert(tmp_path, "fail_on_quarantine: true") == ["--fail-on-quarantine"]


def test_an_unknown_argument_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no command takes pixles"):
        insert(tmp_path, "pixles: off")


def test_a_syntax_error_names_its_line(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="line 2"):
        insert(tmp_path, "text: off\npixels: [")


def test_a_list_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="must map"):
        insert(tmp_path, "- text")
