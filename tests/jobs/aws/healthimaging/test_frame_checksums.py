from __future__ import annotations

import zlib
from pathlib import Path

import pydicom
import pytest
from pydicom.pixels import iter_pixels

from jobs.aws.healthimaging.frame_checksums import are_equal, compute_checksums
from safelight.pixels.frames.frame_source import FrameSource
from tests.jobs.aws.dicom_files import make_dicom

DATA = Path(__file__).parents[3] / "data" / "dicom"


def test_each_frame_of_a_native_object_has_its_checksum() -> None:
    found = compute_checksums(FrameSource.from_bytes(make_dicom("2.25.1", frames=3)))
    sums = [zlib.crc32(bytes([7 + n, 0]) * 32) for n in range(3)]
    assert are_equal(found, sums)
    assert not are_equal(found, sums[:2]) and not are_equal(found, [*sums[:2], sums[2] ^ 1])


@pytest.mark.parametrize(
    "name",
    [
        "emri_small_jpeg_2k_lossless.dcm",
        "emri_small_jpeg_ls_lossless.dcm",
        "OBXXXX1A_rle.dcm",
        "JLSN_RGB_ILV0.dcm",
    ],
)
def test_a_compressed_frame_has_the_checksum_of_its_decoded_pixels(name: str) -> None:
    """The stand-in decodes by pydicom, which shares no code with ours but the codecs."""
    path = DATA / name
    found = compute_checksums(FrameSource.from_bytes(path.read_bytes()))
    sums = [zlib.crc32(pixels.tobytes()) for pixels in iter_pixels(path, raw=True)]
    assert are_equal(found, sums)


def test_an_object_without_pixels_has_no_checksums() -> None:
    ds = pydicom.dcmread(DATA / "OBXXXX1A_rle.dcm")
    del ds.PixelData
    buffer = pydicom.filebase.DicomBytesIO()
    ds.save_as(buffer)
    assert compute_checksums(FrameSource.from_bytes(buffer.getvalue())) == []
