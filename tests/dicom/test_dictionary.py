from __future__ import annotations

import pytest

from safelight.dicom.dictionary import VR_BY_TAG, find_private_vr


@pytest.mark.parametrize(
    ("tag", "vr"),
    [
        (0x00100010, "PN"),
        (0x7FE00010, "OW"),
        (0x60023000, "OB"),  # a repeating group
        (0x00280106, "US"),  # US or SS
        (0x00090000, "UL"),
        (0x00090010, "LO"),
        (0x00091001, "UN"),
        (0x00089999, "UN"),
    ],
)
def test_every_tag_has_a_vr(tag: int, vr: str) -> None:
    assert VR_BY_TAG[tag] == vr


@pytest.mark.parametrize(("creator", "vr"), [("GEMS_ACQU_01", "SL"), ("ACME SECRET", "UN")])
def test_private_vr_depends_on_the_creator(creator: str, vr: str) -> None:
    assert find_private_vr(creator, 0x00191002) == vr
