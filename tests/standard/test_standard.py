"""Version of the tables of the standard."""

import re

from safelight.standard import get_data_version


def test_the_data_version_is_a_hash():
    assert re.fullmatch("[0-9a-f]{64}", get_data_version())


def test_the_data_version_is_unchanged():
    """A change makes all existing outputs obsolete, so it must be intended."""
    assert get_data_version() == "5c3c82bdb8b5fa19120fcf197ed96b7e185ab04ea221a9bfc30fe1e49b3a48e0"
