"""Read settings of Spark from a file. This module uses the standard library only."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.abc import Traversable


def read_conf(path: Traversable) -> dict[str, str]:
    """Return the settings of a file in the format of spark-defaults.conf: name, space, value."""
    settings = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        name, _, value = line.strip().partition(" ")
        if name and not name.startswith("#"):
            settings[name] = value.strip()
    return settings
