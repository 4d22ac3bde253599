from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from jobs.common.mapping_store import backoff
from jobs.common.mapping_store.backoff import MappingStoreError, call


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return the waits, which take no time."""
    seconds: list[float] = []
    monkeypatch.setattr(backoff.time, "sleep", seconds.append)
    return seconds


class Operation:
    """An operation that fails a number of times."""

    def __init__(self, failures: int, code: str = "ThrottlingException"):
        self.failures = failures
        self.calls = 0
        self._code = code

    def __call__(self, **parameters: Any) -> dict[str, Any]:
        self.calls += 1
        if self.calls <= self.failures:
            raise ClientError({"Error": {"Code": self._code, "Message": "JANE DOE"}}, "PutItem")
        return parameters


def test_a_throttled_request_is_repeated_until_it_succeeds(waits: list[float]) -> None:
    operation = Operation(4)
    assert call("t", operation, Key=1) == {"Key": 1}
    assert operation.calls == 5 and len(waits) == 4


def test_the_waits_grow_to_a_bound(waits: list[float]) -> None:
    call("t", Operation(9))
    assert max(waits[:1]) <= 0.5 < max(waits) <= 20


def test_a_request_that_stays_throttled_is_given_up(waits: list[float]) -> None:
    with pytest.raises(MappingStoreError, match=r"^t ThrottlingException$"):
        call("t", Operation(10**6))
    assert backoff.GIVE_UP_SECONDS <= sum(waits) <= backoff.GIVE_UP_SECONDS + 20


def test_another_error_is_not_repeated(waits: list[float]) -> None:
    operation = Operation(1, "AccessDeniedException")
    with pytest.raises(MappingStoreError) as raised:
        call("t", operation)
    assert (raised.value.code, operation.calls, waits) == ("AccessDeniedException", 1, [])
    assert "JANE" not in str(raised.value)
