"""Runs on S3 behind a proxy that breaks requests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.faults.outcomes import Outcome, assert_consistent, assert_equal, read_outcome
from tests.faults.runs import Place, Run, complete, run
from tests.faults.s3_proxy import (
    CREDENTIALS_PATH,
    Breakage,
    CredentialSource,
    S3Proxy,
    running_proxy,
)


@contextmanager
def broken(
    place: Place, *breakages: Breakage, credentials: CredentialSource | None = None
) -> Iterator[tuple[Place, S3Proxy]]:
    """Let the runs of a place use a proxy."""
    upstream = place.environment["AWS_ENDPOINT_URL"]
    with running_proxy(upstream, *breakages, credentials=credentials) as proxy:
        environment = place.environment | {"AWS_ENDPOINT_URL": proxy.endpoint}
        yield place.changed(environment=environment), proxy


def run_broken(place: Place, *breakages: Breakage) -> Run:
    """Run once through the proxy; each breakage must have happened."""
    with broken(place, *breakages) as (behind, _):
        done = run(behind)
    unused = [breakage for breakage in breakages if not breakage.hits]
    assert not unused, f"these breakages have not happened: {unused}\n{done.stderr}"
    return done


def assert_completed(place: Place, expected: Outcome) -> None:
    assert_consistent(place)
    assert_equal(read_outcome(place), expected)


def test_a_run_survives_what_s3_does_on_a_bad_day(
    place_on_s3: Place, undisturbed_on_s3: Outcome
) -> None:
    done = run_broken(
        place_on_s3,
        Breakage("InternalError", "GET HEAD PUT", share=0.05, seed=1),
        Breakage("SlowDown", "GET PUT", share=0.05, seed=2),
        Breakage("reset", "GET", "/in/", share=0.2, seed=3),
        Breakage("lost", "PUT", "/out/", share=0.2, seed=4),
        Breakage("lost", "PUT", "/tables/", share=0.1, seed=5),
        Breakage("slow", "GET", "/in/", share=0.2, seed=6),
    )
    assert done.code == 0, done.stdout + done.stderr
    assert_completed(place_on_s3, undisturbed_on_s3)


BREAKAGES = {
    "errors-of-the-listing": Breakage("InternalError", "GET", r"^/[^/]+/?$", times=3),
    "errors-of-reads": Breakage("InternalError", "GET", "/in/", share=0.3),
    "errors-of-writes": Breakage("InternalError", "PUT", "/out/", share=0.3),
    "errors-of-tables": Breakage("InternalError", "GET PUT HEAD", "/tables/", share=0.2),
    "a-burst-of-throttling": Breakage("SlowDown", "GET PUT", first=30, times=12),
    # A read is tried four times: one of 2,000 still fails.
    "resets-of-reads": Breakage("reset", "GET", "/in/", share=0.15),
    "resets-of-tables": Breakage("reset", "GET", "/tables/", share=0.1),
    "slow-reads": Breakage("slow", "GET", "/in/"),
    "lost-answers-to-writes": Breakage("lost", "PUT", "/out/", share=0.4),
    "lost-answers-to-commits": Breakage("lost", "PUT", "/_delta_log/", share=0.4),
    "lost-answers-to-data-files": Breakage("lost", "PUT", r"/tables/.*parquet$", share=0.4),
    "lost-answers-to-the-lease": Breakage("lost", "PUT", "_lease", share=0.5),
}


@pytest.mark.long
@pytest.mark.parametrize("name", BREAKAGES)
def test_a_run_survives_a_single_kind_of_fault(
    place_on_s3: Place, undisturbed_on_s3: Outcome, name: str
) -> None:
    done = run_broken(place_on_s3, BREAKAGES[name])
    assert done.code == 0, done.stdout + done.stderr
    assert_completed(place_on_s3, undisturbed_on_s3)


@pytest.mark.long
@pytest.mark.parametrize("folder", ["/out/", "/tables/"])
def test_a_read_only_bucket_ends_the_run_and_the_next_run_completes_it(
    place_on_s3: Place, undisturbed_on_s3: Outcome, folder: str
) -> None:
    done = run_broken(place_on_s3, Breakage("AccessDenied", "PUT POST DELETE", folder))
    assert done.code == 1
    assert "AccessDenied" in done.summary["error"] and "permission" in done.summary["error"]
    complete(place_on_s3)
    assert_completed(place_on_s3, undisturbed_on_s3)


@pytest.mark.long
def test_credentials_that_are_renewed_may_expire(
    place_on_s3: Place, undisturbed_on_s3: Outcome
) -> None:
    source = CredentialSource(seconds=6)
    with broken(place_on_s3, credentials=source) as (behind, proxy):
        environment = {
            name: value
            for name, value in behind.environment.items()
            if name not in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
        }
        environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = proxy.endpoint + CREDENTIALS_PATH
        complete(behind.changed(environment=environment))
    assert source.issued > 1
    assert_completed(place_on_s3, undisturbed_on_s3)


@pytest.mark.long
def test_credentials_that_expire_end_the_run_with_a_sentence(
    place_on_s3: Place, undisturbed_on_s3: Outcome
) -> None:
    done = run_broken(place_on_s3, Breakage("ExpiredToken", first=45))
    assert done.code == 1
    assert "ExpiredToken" in done.summary["error"] and "credentials" in done.summary["error"]
    complete(place_on_s3)
    assert_completed(place_on_s3, undisturbed_on_s3)
