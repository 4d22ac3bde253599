"""The URIs of docs/healthimaging-sources.md are accepted."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from jobs.common.storage.healthimaging_uri import parse_healthimaging_uri

PAGE = (Path(__file__).parents[2] / "docs" / "healthimaging-sources.md").read_text("utf-8")
URIS = re.findall(r"`(healthimaging://ID[^`]*)`", PAGE)


@pytest.mark.parametrize("uri", URIS)
def test_a_uri_is_accepted(uri: str) -> None:
    parse_healthimaging_uri(uri.replace("ID", "0" * 32, 1).replace("UID", "1.2"))
