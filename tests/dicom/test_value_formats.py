from __future__ import annotations

import pytest

from safelight.dicom.value_formats import can_hold


@pytest.mark.parametrize(
    ("vr", "text"),
    [
        ("DA", "20190312"), ("TM", "101112.5"), ("DT", "20190312101112+0100"), ("DT", "2019"),
        ("AS", "058Y"), ("IS", "-12"), ("DS", "1.5e3\\2"), ("UI", "1.2.840.10008.1.2"),
        ("CS", "ORIGINAL\\PRIMARY"), ("LO", "x" * 64), ("LT", "a\\b"), ("PN", "A^B=" + "x" * 64),
        ("UR", "urn:oid:1.2"), ("DA", ""),
        ("US", "1"), ("SS", "-7\\8"), ("FD", "1.5e3"), ("FL", ""), ("UV", str(2**64 - 1)),
    ],
)  # fmt: skip
def test_value_that_fits(vr: str, text: str) -> None:
    assert can_hold(vr, text)


@pytest.mark.parametrize(
    ("vr", "text"),
    [
        ("DA", "today"), ("DA", "20191312"), ("TM", "2511"), ("AS", "58"), ("IS", "1.5"),
        ("DS", "abc"), ("UI", "hello"), ("UI", "1..2"), ("UI", "1." + "2" * 64), ("CS", "lower"),
        ("LO", "x" * 65), ("SH", "x" * 17), ("PN", "x" * 65), ("US", "-1"), ("SQ", "x"),
        ("US", "65536"), ("SL", "1.5"), ("FD", "nan"), ("FL", "1e300"), ("UL", "abc"),
        ("LO", "a\x00b"), ("UR", "two words"),
    ],
)  # fmt: skip
def test_value_that_does_not_fit(vr: str, text: str) -> None:
    assert not can_hold(vr, text)
