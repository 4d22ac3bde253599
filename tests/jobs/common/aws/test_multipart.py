from __future__ import annotations

import pytest

from jobs.common.aws.multipart import MultipartError, is_multipart, join_parts, split_parts

CONTENTS = [b"one", b"", b"\r\n--two--\r\n\r\n", bytes(range(256))]


@pytest.mark.parametrize("count", range(len(CONTENTS) + 1))
def test_parts_come_back_as_they_were(count: int) -> None:
    content_type, body = join_parts(CONTENTS[:count], "application/dicom")
    assert is_multipart(content_type)
    assert split_parts(content_type, body) == CONTENTS[:count]


def test_every_cut_of_a_body_is_noticed() -> None:
    content_type, body = join_parts(CONTENTS, "application/dicom")
    for length in range(len(body) - 4):
        with pytest.raises(MultipartError):
            split_parts(content_type, body[:length])


def test_a_type_without_a_boundary_is_an_error() -> None:
    with pytest.raises(MultipartError):
        split_parts("multipart/related", b"--x--")
    assert not is_multipart("application/dicom")


def test_a_preamble_and_unquoted_boundaries_are_read() -> None:
    body = b"preamble\r\n--b\r\nA: b\r\n\r\n1\r\n--b\r\nA: b\r\n\r\n2\r\n--b--"
    assert split_parts("multipart/related; boundary=b; type=x", body) == [b"1", b"2"]
