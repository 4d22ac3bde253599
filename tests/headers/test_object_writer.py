from __future__ import annotations

import pytest

from safelight.headers import edit_cache, object_writer, private_writer
from tests.headers.objects import deidentify, make_deidentifier, make_object, read, to_bytes


def test_cached_edits_are_not_shared_by_patients() -> None:
    first_object, second_object = make_object(), make_object(PatientID="OTHER1")
    deidentifier = make_deidentifier()
    first = read(deidentifier.deidentify(to_bytes(first_object)).data)
    second = read(deidentifier.deidentify(to_bytes(second_object)).data)
    alone = read(make_deidentifier().deidentify(to_bytes(second_object)).data)
    assert second == alone and first.StudyDate != second.StudyDate


def test_full_cache_does_not_change_output(monkeypatch: pytest.MonkeyPatch) -> None:
    data = to_bytes(make_object())
    expected = make_deidentifier().deidentify(data).data
    monkeypatch.setattr(edit_cache, "CACHE_MAX_ENTRIES", 1)
    deidentifier = make_deidentifier()
    assert [deidentifier.deidentify(data).data for _ in range(2)] == [expected, expected]


def test_uncached_long_element_does_not_change_output(monkeypatch: pytest.MonkeyPatch) -> None:
    data = to_bytes(make_object())
    expected = make_deidentifier().deidentify(data).data
    for module in (object_writer, private_writer):
        monkeypatch.setattr(module, "CACHED_ELEMENT_MAX_BYTES", 0)
    assert make_deidentifier().deidentify(data).data == expected


def test_unchanged_pixel_data_keeps_its_bytes() -> None:
    pixels = bytes(range(256)) * 2
    new, _ = deidentify(make_object(Rows=16, Columns=16, PixelData=pixels))
    assert new.PixelData == pixels


def test_second_occurrence_of_replaced_element_is_removed() -> None:
    header = b"\x12\x00\x62\x00CS"  # Patient Identity Removed, which each output states
    data = to_bytes(make_object(Rows=1, Columns=1, PixelData=b"\1\2"))
    result = make_deidentifier().deidentify(data + header + b"\x02\x00NO")
    assert result.data is not None and result.data.count(header) == 1
