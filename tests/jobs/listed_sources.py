"""List the sources of tests as objects."""

from __future__ import annotations

from jobs.common.sources import discovery
from jobs.common.storage.backend import Source
from tests.jobs.runs import no_session


def list_sources(*inputs: str) -> list[Source]:
    """Return the sources that inputs name."""
    listing = discovery.list_sources(discovery.SourceRequest(inputs, allow_empty=True), no_session)
    assert isinstance(listing, discovery.LocalListing)
    return list(listing.sources())
