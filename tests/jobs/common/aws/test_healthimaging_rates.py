from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from jobs.common.aws import clients, healthimaging_rates
from jobs.common.aws.healthimaging_rates import ACTION_RATES, USED_SHARE, action_bucket
from jobs.common.aws.image_set_api import ImageSetStore
from jobs.common.cli.errors import UsageError
from tests.jobs.aws.dicom_files import make_dicom
from tests.jobs.aws.healthimaging_server import healthimaging
from tests.jobs.s3_servers import environment


@pytest.fixture(autouse=True)
def fresh_buckets() -> Iterator[None]:
    action_bucket.cache_clear()
    yield
    action_bucket.cache_clear()


def test_every_action_has_a_bucket_of_its_documented_rate() -> None:
    for action, (rate, burst) in ACTION_RATES.items():
        bucket = action_bucket(action)
        assert bucket._rate == pytest.approx(rate * USED_SHARE)
        assert bucket._burst == pytest.approx(max(1, burst * USED_SHARE))
    assert action_bucket("GetImageFrame") is action_bucket("GetImageFrame")


def test_a_raised_limit_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(healthimaging_rates.FACTOR_VARIABLE, "4")
    assert action_bucket("GetDICOMInstance")._rate == pytest.approx(200 * USED_SHARE)


def test_no_request_within_the_rates_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with healthimaging(environment("http://127.0.0.1:9", "test", "test"), 1) as server:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        clients.get_client.cache_clear()
        datastore = server.add_store()
        image_set = datastore.add(make_dicom("1.1"))
        store = ImageSetStore(datastore.id, "us-east-1")
        with ThreadPoolExecutor(4) as pool:
            versions = list(pool.map(store.current_version, [image_set.id] * 60))
    clients.get_client.cache_clear()
    assert versions == [1] * 60
    assert server.calls == ["GetImageSet"] * 60


@pytest.mark.parametrize("text", ["0", "-1", "fast", "nan"])
def test_a_wrong_factor_is_refused(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(healthimaging_rates.FACTOR_VARIABLE, text)
    with pytest.raises(UsageError, match="must be a positive number"):
        action_bucket("GetDICOMInstance")
