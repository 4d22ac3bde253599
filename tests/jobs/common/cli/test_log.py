from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from jobs.common.cli.log import _HANDLER as HANDLER
from jobs.common.cli.log import (
    add_log_context,
    configure_log,
    log_error,
    log_event,
    set_line_guard,
)


@pytest.fixture(autouse=True)
def text_format() -> Iterator[None]:
    guard = HANDLER.around_line
    yield
    set_line_guard(guard)
    configure_log("text")


def test_a_text_line_is_the_sentence_alone(capsys: pytest.CaptureFixture[str]) -> None:
    configure_log("text", run_id="r1")
    log_event("batch_committed", "batch 3 committed", batch=3)
    assert capsys.readouterr() == ("", "batch 3 committed\n")


def test_a_json_line_has_event_run_and_fields(capsys: pytest.CaptureFixture[str]) -> None:
    configure_log("json", command="deidentify")
    add_log_context(run_id="r1")
    log_event("batch_committed", "batch 3\ncommitted", batch=3, reasons={"truncated": 2})
    (line,) = capsys.readouterr().err.splitlines()
    fields = json.loads(line)
    assert fields.pop("time").endswith("+00:00")
    assert fields == {
        "level": "info",
        "event": "batch_committed",
        "message": "batch 3\ncommitted",
        "command": "deidentify",
        "run_id": "r1",
        "batch": 3,
        "reasons": {"truncated": 2},
    }


def test_an_error_has_its_own_level(capsys: pytest.CaptureFixture[str]) -> None:
    configure_log("json")
    log_error("run_failed", "the disk is full; free some space")
    assert json.loads(capsys.readouterr().err)["level"] == "error"


def test_a_percent_sign_in_a_sentence_is_no_placeholder(
    capsys: pytest.CaptureFixture[str],
) -> None:
    log_event("note", "100%s done")
    assert capsys.readouterr().err == "100%s done\n"


@pytest.mark.parametrize("write", [log_event, log_error])
def test_a_field_outside_of_the_allow_list_is_refused(write: object) -> None:
    with pytest.raises(ValueError, match="source_uri"):
        write("note", "text", source_uri="s3://b/doe.dcm")  # type: ignore[operator]


def test_a_line_is_written_within_the_guard(capsys: pytest.CaptureFixture[str]) -> None:
    @contextmanager
    def guard() -> Iterator[None]:
        log.append(capsys.readouterr().err)
        yield
        log.append(capsys.readouterr().err)

    log: list[str] = []
    set_line_guard(guard)
    log_event("note", "text")
    assert log == ["", "text\n"]


def test_a_closed_stderr_does_not_end_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    with open("/dev/null", "w") as closed:
        pass
    monkeypatch.setattr("sys.stderr", closed)
    log_event("note", "text")
