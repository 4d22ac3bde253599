from __future__ import annotations

from pathlib import Path

import pytest

from tools.distribution.assemble import assemble, check_interpreter
from tools.distribution.environment import base_interpreter


@pytest.mark.parametrize(
    ("interpreter", "message"),
    [("python3", "relative path"), ("/usr/bin/python3.9", "environment of Python 3.9")],
)
def test_an_interpreter_that_does_not_fit_is_refused(interpreter: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        check_interpreter(interpreter)


def test_a_distribution_without_jars_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="make jars"):
        assemble(tmp_path / "dist", base_interpreter(), jars=[])
    assert not (tmp_path / "dist").exists()
