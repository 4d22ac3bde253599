from __future__ import annotations

import os
import pwd
from pathlib import Path

import pytest

from jobs.common.access_log import caller
from jobs.common.access_log.caller import identify_caller
from jobs.common.cli.errors import JobError

USER = pwd.getpwuid(os.getuid()).pw_name


@pytest.fixture(autouse=True)
def no_login(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    path = tmp_path / "loginuid"
    monkeypatch.setattr(caller, "_LOGIN_UID_FILE", path)
    return path


def test_the_user_is_that_of_the_process_not_of_its_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME", "SUDO_USER"):
        monkeypatch.setenv(name, "another")
    found = identify_caller(uses_aws=False)
    assert (found.os_user, found.aws_caller) == (f"{USER} (uid {os.getuid()})", "")


def test_the_user_of_the_login_is_recorded_as_well(no_login: Path) -> None:
    no_login.write_text("54321")
    assert identify_caller(uses_aws=False).os_user.endswith(", login uid 54321")


class FailingClient:
    """Client of STS without valid credentials."""

    def get_caller_identity(self) -> dict[str, str]:
        from botocore.exceptions import NoCredentialsError

        raise NoCredentialsError()


def test_a_caller_whom_aws_does_not_name_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caller, "get_client", lambda _: FailingClient())
    with pytest.raises(JobError, match="access log must record"):
        identify_caller(uses_aws=True)


def test_aws_names_the_caller(bucket: str) -> None:
    assert identify_caller(uses_aws=True).aws_caller.startswith("arn:aws:sts::")
