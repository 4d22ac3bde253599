"""The commands of docs/healthimaging-sources.md have valid arguments."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from jobs.cli import build_parser
from jobs.common.storage.healthimaging_uri import parse_healthimaging_uri

PAGE = (Path(__file__).parents[2] / "docs" / "healthimaging-sources.md").read_text("utf-8")
COMMANDS = re.findall(r"^ {4}safelight (.*)$", PAGE, re.MULTILINE)
URIS = re.findall(r"`(healthimaging://ID[^`]*)`", PAGE)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_is_accepted(command: str) -> None:
    words = [word for word in shlex.split(command) if word != "…"]
    if words[0] == "deidentify":
        words += ["--key", "file:key.hex"]
    build_parser().parse_args(words)


def test_the_page_has_commands() -> None:
    assert len(COMMANDS) == 3


@pytest.mark.parametrize("uri", URIS)
def test_a_uri_is_accepted(uri: str) -> None:
    parse_healthimaging_uri(uri.replace("ID", "0" * 32, 1).replace("UID", "1.2"))
