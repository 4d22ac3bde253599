"""Version of the tables of the standard."""

import re

from safelight.standard import get_data_version


def test_the_data_version_is_a_hash():
    assert re.fullmatch("[0-9a-f]{64}", get_data_version())


def test_the_data_version_is_unchanged():
    """A change makes all existing outputs obsolete, so it must be intended."""
    assert get_data_version() == "4f77136846a3bf3cb5a5e57a716df6e1c329265f536c6c42ac495a2852fd7a74"
