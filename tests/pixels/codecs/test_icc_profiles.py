"""Only whole ICC profiles are taken for ICC profiles."""

from __future__ import annotations

import pytest
from PIL import ImageCms

from safelight.pixels.codecs.icc_profiles import is_profile

PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def test_a_profile_is_one() -> None:
    assert is_profile(PROFILE)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"Doe^Jane" * 40,
        PROFILE[:-1],
        PROFILE + b"Doe^Jane",
        (len(PROFILE) + 8).to_bytes(4, "big") + PROFILE[4:] + b"Doe^Jane",
        PROFILE[:36] + b"Jane" + PROFILE[40:],
        PROFILE[:128] + b"\xff\xff\xff\xff" + PROFILE[132:],
        PROFILE[:128] + bytes(4) + PROFILE[132:],
    ],
)
def test_other_bytes_are_not_a_profile(data: bytes) -> None:
    assert not is_profile(data)
