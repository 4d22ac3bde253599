"""Read the counts that a command prints on the last line of stdout."""

from __future__ import annotations

import json
from typing import Any


def parse_summary(printed: str) -> dict[str, Any]:
    """Return the JSON object on the last line of what a command has printed."""
    return dict(json.loads(printed.splitlines()[-1]))
