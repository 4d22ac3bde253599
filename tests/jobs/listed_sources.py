"""List the sources of tests as objects."""

from __future__ import annotations

from jobs.common.sources.discovery import list_input
from jobs.common.storage.backend import Source


def list_sources(*inputs: str) -> list[Source]:
    """Return the sources that inputs name."""
    return [source for text in inputs for source in list_input(text).sources()]
