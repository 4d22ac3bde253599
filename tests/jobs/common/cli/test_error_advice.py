from __future__ import annotations

import errno

import pytest

from jobs.common.cli.error_advice import add_advice, advise, find_code, os_error_code


@pytest.mark.parametrize(
    "code",
    ["NoCredentialsError", "NoSuchBucket", "NoSuchKey", "EROFS"],
)
def test_a_lasting_error_is_not_answered_by_another_run(code: str) -> None:
    advice = advise(code)
    assert advice is not None and "run the same command" not in advice


@pytest.mark.parametrize("code", ["SlowDown", "503", "ENOSPC", "ExpiredToken", "AccessDenied"])
def test_an_error_that_can_end_is_answered_by_another_run(code: str) -> None:
    assert str(advise(code)).endswith("run the same command again")


def test_an_unknown_error_gets_no_advice() -> None:
    assert add_advice("it failed", "Odd") == "it failed (Odd)"


def test_a_code_is_found_in_a_message() -> None:
    message = "Generic S3 error: status 403: <Error><Code>AccessDenied</Code></Error>"
    assert find_code(message) == "AccessDenied"
    assert find_code("a value of 503 in the key DOE^JANE") is None


def test_an_error_of_the_operating_system_has_the_name_of_its_number() -> None:
    assert os_error_code(OSError(errno.ENOSPC, "full", "/a/path")) == "ENOSPC"
    assert os_error_code(FileNotFoundError()) == "FileNotFoundError"
