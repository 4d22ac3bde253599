"""Identify the caller of a command, without trusting its environment variables."""

from __future__ import annotations

import os
import pwd
from dataclasses import dataclass
from pathlib import Path

from jobs.common.aws.clients import get_client, request

#: Login of the session, which the kernel keeps across ``su`` and ``sudo``.
_LOGIN_UID_FILE = Path("/proc/self/loginuid")

#: User ID of a process without a login, in ``_LOGIN_UID_FILE``.
_NO_LOGIN_UID = 2**32 - 1


@dataclass(frozen=True)
class Caller:
    """Identity of the caller.

    Attributes
    ----------
    os_user : str
        User of the process as the operating system knows it, and the user of the login if it is
        another one.
    aws_caller : str
        ARN of the identity whose credentials AWS accepted; empty if AWS is not used.
    """

    os_user: str
    aws_caller: str


def identify_caller(uses_aws: bool) -> Caller:
    """Return the identity of the caller.

    Parameters
    ----------
    uses_aws : bool
        Whether the command uses a service of AWS, which then names the caller (STS
        GetCallerIdentity; this operation needs no permission).

    Raises
    ------
    JobError
        If AWS does not name the caller.
    """
    return Caller(_name_os_user(), _name_aws_caller() if uses_aws else "")


def _name_os_user() -> str:
    user = _name_user(os.getuid())
    login = _read_login_uid()
    return user if login in (os.getuid(), _NO_LOGIN_UID) else f"{user}, login {_name_user(login)}"


def _name_user(uid: int) -> str:
    try:
        return f"{pwd.getpwuid(uid).pw_name} (uid {uid})"
    except KeyError:  # a container may run under a user ID without a name
        return f"uid {uid}"


def _read_login_uid() -> int:
    try:
        return int(_LOGIN_UID_FILE.read_text())
    except (OSError, ValueError):  # not Linux, or a kernel without audit
        return _NO_LOGIN_UID


def _name_aws_caller() -> str:
    sentence = "AWS does not name the caller, whom the access log must record"
    return str(request(sentence, get_client("sts").get_caller_identity)["Arn"])
