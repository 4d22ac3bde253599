"""Version of the tables of the standard."""

import re

from safelight.standard import get_data_version


def test_the_data_version_is_a_hash():
    assert re.fullmatch("[0-9a-f]{64}", get_data_version())


def test_the_data_version_is_unchanged():
    """A change makes all existing outputs obsolete, so it must be intended."""
    assert get_data_version() == "4ae17a8caba1dd487ddb6004c4fb88559dc4fe033038e9db50be165026d840fa"
