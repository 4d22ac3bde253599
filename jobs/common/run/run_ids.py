"""Generate the ID of a run."""

from __future__ import annotations

from datetime import datetime, timezone
from uuid import uuid4


def new_run_id() -> str:
    """Return an ID that sorts by the time of its generation."""
    return f"{datetime.now(timezone.utc):%Y%m%dT%H%M%SZ}-{uuid4().hex[:8]}"
