from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from botocore.exceptions import ClientError

from jobs.aws.submit.launchers.base import describe_place, is_earlier, start_run
from jobs.common.cli.errors import JobError


def _fail(code: str) -> Callable[..., Any]:
    def operation(**parameters: object) -> None:
        raise ClientError({"Error": {"Code": code, "Message": "DOE^JANE"}}, "Operation")

    return operation


@pytest.mark.parametrize(("minutes", "earlier"), [(0, False), (4, False), (6, True)])
def test_small_differences_of_clocks_do_not_count(minutes: int, earlier: bool) -> None:
    assert is_earlier(datetime.now(timezone.utc) - timedelta(minutes=minutes)) == earlier


def test_denied_start_names_the_permissions() -> None:
    with pytest.raises(
        JobError, match=r"^it failed \(AccessDeniedException\); allow the caller x$"
    ):
        start_run("it failed", "x", _fail("AccessDeniedException"), {})


def test_other_errors_have_the_advice_of_their_code() -> None:
    with pytest.raises(JobError, match="request a higher quota") as raised:
        start_run("it failed", "x", _fail("ServiceQuotaExceededException"), {})
    assert "JANE" not in str(raised.value)


def test_only_permission_to_describe_may_be_missing() -> None:
    assert describe_place("it failed", _fail("AccessDeniedException")) == {}
    with pytest.raises(JobError, match="ResourceNotFoundException"):
        describe_place("it failed", _fail("ResourceNotFoundException"))
