from __future__ import annotations

from collections.abc import Iterator

import pytest

from jobs.common.aws import healthimaging_rates
from jobs.common.aws.healthimaging_rates import ACTION_RATES, action_bucket
from jobs.common.cli.errors import UsageError


@pytest.fixture(autouse=True)
def fresh_buckets() -> Iterator[None]:
    action_bucket.cache_clear()
    yield
    action_bucket.cache_clear()


def test_every_action_has_a_bucket_of_its_documented_rate() -> None:
    for action, (rate, burst) in ACTION_RATES.items():
        bucket = action_bucket(action)
        assert (bucket._rate, bucket._burst) == (rate, burst)
    assert action_bucket("GetImageFrame") is action_bucket("GetImageFrame")


def test_a_raised_limit_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(healthimaging_rates.FACTOR_VARIABLE, "4")
    assert action_bucket("GetDICOMInstance")._rate == 200


@pytest.mark.parametrize("text", ["0", "-1", "fast", "nan"])
def test_a_wrong_factor_is_refused(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(healthimaging_rates.FACTOR_VARIABLE, text)
    with pytest.raises(UsageError, match="must be a positive number"):
        action_bucket("GetDICOMInstance")
