from __future__ import annotations

import pytest

from jobs.common.cli.progress_bar import progress_bar


def test_nothing_is_printed_if_stderr_is_not_a_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with progress_bar(10) as advance:
        advance(10)
    assert capsys.readouterr() == ("", "")


def test_a_terminal_shows_the_number_of_objects(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    with progress_bar(10) as advance:
        advance(10)
    assert "10/10" in capsys.readouterr().err
