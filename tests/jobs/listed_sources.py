"""List the sources of tests as objects."""

from __future__ import annotations

from typing import Any

from jobs.common.sources import discovery
from jobs.common.storage.backend import Source


def list_sources(*inputs: str) -> list[Source]:
    """Return the sources that inputs name."""
    listing = discovery.list_sources(
        discovery.SourceRequest(inputs, allow_empty=True), _start_no_session
    )
    assert isinstance(listing, discovery.LocalListing)
    return list(listing.sources())


def _start_no_session() -> Any:
    raise AssertionError("the driver holds the sources of tests")
