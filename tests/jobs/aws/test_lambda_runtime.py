from __future__ import annotations

from pathlib import Path

import pytest

from tests.jobs.aws.lambda_runtime import FunctionError, lambda_function

CODE = """
import os

def handle(event, context):
    if event == "fail":
        raise ValueError("the sentence")
    print("invoked")
    return {"event": event, "name": context.function_name, "given": os.environ["GIVEN"],
            "milliseconds": context.get_remaining_time_in_millis() > 0}
"""


def test_a_handler_answers_or_raises_in_its_own_process(tmp_path: Path) -> None:
    (tmp_path / "function.py").write_text(CODE)
    variables = {"GIVEN": "value"}
    with lambda_function("function.handle", tmp_path, tmp_path, variables) as function:
        assert function.invoke({"number": 1}) == {
            "event": {"number": 1},
            "name": "safelight-trigger",
            "given": "value",
            "milliseconds": True,
        }
        with pytest.raises(FunctionError, match="the sentence"):
            function.invoke("fail")
        assert function.invoke(None)["event"] is None
        assert function.log.count("invoked") == 2


def test_a_missing_handler_is_reported(tmp_path: Path) -> None:
    with lambda_function("absent.handle", tmp_path, tmp_path, {}) as function:
        with pytest.raises(AssertionError, match="absent"):
            function.invoke({})
