from __future__ import annotations

import pytest

from safelight.dicom.encoding import EXPLICIT_BIG, EXPLICIT_LITTLE, LONG_VRS, SHORT_VRS
from safelight.headers.dummy_values import make_dummy_value


@pytest.mark.parametrize("vr", sorted((LONG_VRS | SHORT_VRS) - {"SQ"}))
def test_every_vr_has_a_dummy_value(vr: str) -> None:
    assert make_dummy_value(vr, EXPLICIT_LITTLE)


@pytest.mark.parametrize(
    ("vr", "expected"), [("US", b"\0\0"), ("FD", b"\0" * 8), ("PN", b"ANONYMOUS"), ("AS", b"000Y")]
)
def test_dummy_value_fits_its_vr(vr: str, expected: bytes) -> None:
    assert make_dummy_value(vr, EXPLICIT_BIG) == expected
