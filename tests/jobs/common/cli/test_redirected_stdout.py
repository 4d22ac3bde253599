from __future__ import annotations

import os

import pytest

from jobs.common.cli.redirected_stdout import restore_stdout, stdout_redirected


def test_stdout_is_stderr_in_the_block(capfd: pytest.CaptureFixture[str]) -> None:
    with stdout_redirected():
        os.write(1, b"of a library\n")
    os.write(1, b"summary\n")
    assert capfd.readouterr() == ("summary\n", "of a library\n")


def test_last_words_are_on_stdout(capfd: pytest.CaptureFixture[str]) -> None:
    with stdout_redirected():
        restore_stdout()
        os.write(1, b"summary\n")
    assert capfd.readouterr() == ("summary\n", "")


def test_nothing_is_restored_outside_of_a_block(capfd: pytest.CaptureFixture[str]) -> None:
    restore_stdout()
    os.write(1, b"summary\n")
    assert capfd.readouterr().out == "summary\n"
