from __future__ import annotations

from jobs.common.cli.exit_codes import ExitCode


def test_exit_codes_are_those_of_the_documentation() -> None:
    assert {code.name: code.value for code in ExitCode} == {
        "DONE": 0, "FAILED": 1, "USAGE": 2, "QUARANTINED": 3,
    }  # fmt: skip
