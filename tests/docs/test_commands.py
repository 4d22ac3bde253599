"""The command lines of all pages and notebooks have known commands and arguments."""

from __future__ import annotations

import argparse
import json
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from jobs.cli import build_parser, split_passed_arguments

ROOT = Path(__file__).parents[2]
_BLOCK = re.compile(r"^ {4,}(?:\.venv/bin/)?safelight (.*(?:(?<=\\)\n.*)*)", re.MULTILINE)
_EXAMPLE = re.compile(r"^ +safelight (.*(?:(?<=\\)\n.*)*)", re.MULTILINE)
_INLINE = re.compile(r"`safelight\s+([^`]+)`")
#: A part that the reader fills in, or text about the grammar of the command.
_OPEN = re.compile(r"…|\.\.\.|[\[\]|]|\b(?:ARN|COMMAND)\b")


class Command(NamedTuple):
    """A command line without its first word, and the page that shows it."""

    page: str
    text: str


def _read_page(path: Path) -> str:
    text = path.read_text("utf-8")
    if path.suffix != ".ipynb":
        return text
    cells = json.loads(text)["cells"]
    return "\n".join("".join(cell["source"]) for cell in cells)


def _list_commands(pattern: re.Pattern[str]) -> Iterator[Command]:
    listed = subprocess.run(
        ["git", "ls-files", "*.md", "*.ipynb"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    for page in sorted(set(listed) - {"CHANGELOG.md"}):
        for match in pattern.finditer(_read_page(ROOT / page)):
            yield Command(page, match[1].replace("\\\n", " "))


def _name(command: Command) -> str:
    return f"{command.page}: {' '.join(command.text.split()[:3])}"


def _split(text: str) -> list[str]:
    return shlex.split(re.split(r" [<>] ", text)[0], comments=True)


def _find_parser(words: list[str]) -> argparse.ArgumentParser:
    """Return the parser of the last sub-command of a command line."""
    parser = build_parser()
    for word in words:
        choices = [a.choices for a in parser._actions if isinstance(a, argparse._SubParsersAction)]
        if not choices or word.startswith("-") or _OPEN.search(word):
            return parser
        assert word in choices[0], f"unknown command: {word}"
        parser = choices[0][word]
    return parser


@pytest.mark.parametrize("command", _list_commands(_BLOCK), ids=_name)
def test_a_command_line_of_a_page_is_accepted(command: Command) -> None:
    words, passed = split_passed_arguments(_split(command.text))
    for part in filter(None, (words, passed)):
        if any(map(_OPEN.search, part)):
            _check_options(part)
        else:
            build_parser().parse_args(part)


@pytest.mark.parametrize("command", _list_commands(_INLINE), ids=_name)
def test_a_command_in_a_sentence_is_known(command: Command) -> None:
    words, passed = split_passed_arguments(_split(command.text))
    _check_options(words)
    _check_options(passed or [])


def _check_options(words: list[str]) -> None:
    known = _find_parser(words)._option_string_actions
    given = {word.strip("[](),").partition("=")[0] for word in words}
    assert {word for word in given if word.startswith("--")} <= known.keys()


def _list_parsers(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    yield parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for inner in action.choices.values():
                yield from _list_parsers(inner)


def _list_examples() -> Iterator[Command]:
    for parser in _list_parsers(build_parser()):
        for match in _EXAMPLE.finditer(parser.epilog or ""):
            yield Command(parser.prog, match[1].replace("\\\n", " "))


@pytest.mark.parametrize("command", _list_examples(), ids=_name)
def test_an_example_of_the_help_is_accepted(command: Command) -> None:
    words, passed = split_passed_arguments(_split(command.text))
    build_parser().parse_args(words)
    if passed:
        build_parser().parse_args(passed)


def test_most_commands_have_examples() -> None:
    commands = {example.page.split()[1] for example in _list_examples()}
    assert len(commands) >= 10


def test_pages_have_commands() -> None:
    assert {"README.md", "docs/keys.md", "conf/rules/README.md"} <= {
        command.page for command in _list_commands(_BLOCK)
    }
