"""Test gzip files."""

from __future__ import annotations

import gzip

import pytest

from safelight.notes.gzip_files import compress, decompress, is_gzipped, name_without_gz
from safelight.records import Reason, Refusal

DATA = b"a" * 5000


def test_names_of_compressed_files_end_in_gz() -> None:
    assert is_gzipped("A.CSV.GZ") and not is_gzipped("a.csv")
    assert name_without_gz("a.csv.gz") == name_without_gz("a.csv") == "a.csv"


def test_compressed_data_can_be_decompressed() -> None:
    assert decompress(compress(DATA)) == decompress(gzip.compress(DATA)) == DATA


def test_equal_data_give_equal_bytes() -> None:
    assert compress(DATA) == compress(DATA)


@pytest.mark.parametrize("broken", [compress(DATA)[:-9], b"not gzip", compress(DATA)[:8]])
def test_a_damaged_file_is_refused(broken: bytes) -> None:
    with pytest.raises(Refusal) as refused:
        decompress(broken)
    assert refused.value.reason is Reason.MALFORMED


def test_a_file_that_is_too_large_is_refused() -> None:
    with pytest.raises(Refusal) as refused:
        decompress(compress(DATA), 4999)
    assert refused.value.reason is Reason.TOO_LARGE
