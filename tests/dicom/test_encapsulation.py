from __future__ import annotations

from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.dicom.encapsulation import encapsulate_frames, has_false_offsets, index_frames
from safelight.records import Reason, Refusal

CODESTREAM = st.binary(max_size=20).map(lambda tail: b"\xff\xd8" + tail)
FRAMES = st.lists(st.lists(st.binary(max_size=9), max_size=2), min_size=1, max_size=5)


def pieces(data: bytes, found: tuple[tuple[int, int], ...]) -> bytes:
    return b"".join(data[at : at + length] for at, length in found)


@given(st.lists(CODESTREAM, min_size=1, max_size=6), st.booleans(), st.booleans())
def test_encapsulated_frames_are_found_again(
    frames: list[bytes], basic: bool, extended: bool
) -> None:
    encapsulated = encapsulate_frames([[frame] for frame in frames], basic, extended)
    offsets = (
        [] if encapsulated.offsets is None else memoryview(encapsulated.offsets).cast("Q").tolist()
    )
    found = index_frames(encapsulated.value, 0, len(frames), offsets)
    padded = [frame + b"\0" * (len(frame) % 2) for frame in frames]
    assert [pieces(encapsulated.value, fragments) for fragments in found.frames] == padded
    assert found.end == len(encapsulated.value)
    if extended:
        assert encapsulated.lengths is not None
        lengths = memoryview(encapsulated.lengths).cast("Q").tolist()
        assert lengths == [len(frame) for frame in frames]
        assert not found.basic_table
    else:
        assert found.basic_table == basic


@given(FRAMES, st.booleans())
def test_fragments_of_a_frame_are_grouped(rest: list[list[bytes]], basic: bool) -> None:
    frames = [[b"\xff\xd8\xff\xe0", *(b"\0" + tail for tail in tails)] for tails in rest]
    encapsulated = encapsulate_frames(frames, basic, False)
    found = index_frames(encapsulated.value, 0, len(frames))
    assert [len(f) for f in found.frames] == [len(f) for f in frames]


def test_wrong_basic_offset_table_is_ignored() -> None:
    frames = [b"\xff\xd8\x01\x02", b"\xff\xd8\x03\x04"]
    value = encapsulate_frames([[f] for f in frames], True, False).value
    assert value[8:16] == pack("<II", 0, 12)
    found = index_frames(value[:12] + pack("<I", 13) + value[16:], 0, 2)
    assert [found_length for ((_, found_length),) in found.frames] == [4, 4]


@pytest.mark.parametrize("frames", [1, 2, 3])
def test_undeclared_frames_are_indexed(frames: int) -> None:
    value = encapsulate_frames([[b"\xff\xd8ab"]] * 3, False, False).value
    assert len(index_frames(value, 0, frames).frames) == 3


@pytest.mark.parametrize(("stated", "present"), [(4, 3), (1, 1002)])
def test_too_few_or_too_many_frames_are_refused(stated: int, present: int) -> None:
    value = encapsulate_frames([[b"\xff\xd8ab"]] * present, False, False).value
    with pytest.raises(Refusal) as refused:
        index_frames(value, 0, stated)
    assert refused.value.reason is Reason.MALFORMED


@pytest.mark.parametrize("cut", [1, 8, 9, 12, 20])
def test_missing_delimiter_is_refused(cut: int) -> None:
    value = encapsulate_frames([[b"\xff\xd8ab"], [b"\xff\xd8cd"]], True, False).value
    with pytest.raises(Refusal) as refused:
        index_frames(value[:-cut], 0, 2)
    assert refused.value.reason is Reason.TRUNCATED


def test_element_between_fragments_is_refused() -> None:
    with pytest.raises(Refusal) as refused:
        index_frames(b"\xfe\xff\x00\xe0\0\0\0\0" + b"\x10\0\x10\0\x04\0\0\0abcd", 0, 1)
    assert refused.value.reason is Reason.MALFORMED


def test_pixel_data_without_fragment_is_refused() -> None:
    with pytest.raises(Refusal) as refused:
        index_frames(encapsulate_frames([[]], False, False).value, 0, 1)
    assert refused.value.reason is Reason.UNDECODABLE_PIXELS


def test_odd_fragment_is_padded() -> None:
    assert b"\x04\0\0\0abc\0" in encapsulate_frames([[b"abc"]], False, False).value


def test_tables_of_the_encoder_have_no_false_offsets() -> None:
    for basic, extended in ((False, False), (True, False), (False, True)):
        built = encapsulate_frames([[b"ab", b"cd"], [b"efg"]], basic, extended)
        index = index_frames(built.value, 0, 1 if not (basic or extended) else 3)
        assert not has_false_offsets(
            built.value, 0, index, built.offsets or b"", built.lengths or b""
        )


@pytest.mark.parametrize("size", [4, 5, 8, 12])
def test_text_in_an_offset_table_is_not_an_offset(size: int) -> None:
    built = encapsulate_frames([[b"\xff\xd8ab"], [b"\xff\xd8cd"]], False, False).value
    index = index_frames(built, 0, 2)
    text = b"Doe^Jane 123"[:size]
    assert has_false_offsets(built, 0, index, text)
    assert has_false_offsets(built, 0, index, b"", text)
    value = built[:4] + pack("<I", size) + text + built[8:]
    assert has_false_offsets(value, 0, index_frames(value, 0, 2))
