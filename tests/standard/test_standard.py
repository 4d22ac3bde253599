"""Version of the tables of the standard."""

import re

from safelight.standard import get_data_version


def test_the_data_version_is_a_hash():
    assert re.fullmatch("[0-9a-f]{64}", get_data_version())


def test_the_data_version_is_unchanged():
    """A change makes all existing outputs obsolete, so it must be intended."""
    assert get_data_version() == "955880bfb375f720cc273689a7faccf88a5b819984eeb0f0937d64f23b781ab1"
