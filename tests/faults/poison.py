"""Make objects that attack a parser, a decoder or the memory. Each is small."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from itertools import count
from pathlib import Path

import numpy as np
import pydicom
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import (
    JPEG2000,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)

_CT = "1.2.840.10008.5.1.4.1.1.2"
_UNDEFINED = 0xFFFFFFFF
_NUMBERS = count(1)


def _data_set(**elements: object) -> FileDataset:
    """Return a small CT image with planted names."""
    number = next(_NUMBERS)
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = _CT
    meta.MediaStorageSOPInstanceUID = f"1.2.826.0.1.3680043.8.498.7.{number}"
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds = FileDataset("", {}, file_meta=meta, preamble=bytes(128))
    ds.SOPClassUID = _CT
    ds.SOPInstanceUID = meta.MediaStorageSOPInstanceUID
    ds.StudyInstanceUID, ds.SeriesInstanceUID = "1.2.826.0.1.3680043.8.498.8", "1.2.826.0.1.9"
    ds.PatientName, ds.PatientID, ds.Modality = "CompressedSamples^Poison", "98890234", "CT"
    ds.StudyDate = "20200102"
    ds.Rows = ds.Columns = 8
    ds.BitsAllocated = ds.BitsStored = 8
    ds.HighBit, ds.PixelRepresentation, ds.SamplesPerPixel = 7, 0, 1
    ds.PhotometricInterpretation = "MONOCHROME2"
    ds.PixelData = bytes(64)
    ds["PixelData"].VR = "OB"
    for keyword, value in elements.items():
        setattr(ds, keyword, value)
    return ds


def _encode(ds: Dataset) -> bytes:
    buffer = io.BytesIO()
    pydicom.dcmwrite(buffer, ds, enforce_file_format=True)
    return buffer.getvalue()


def _with_tail(tail: bytes) -> bytes:
    """Return the object without pixel data, followed by raw bytes of further elements."""
    ds = _data_set()
    del ds.PixelData
    return _encode(ds) + tail


def _element(group: int, element: int, vr: bytes, length: int) -> bytes:
    return struct.pack("<HH2sHI", group, element, vr, 0, length)


def _encapsulated(syntax: str, frame: bytes, side: int) -> bytes:
    ds = _data_set(Rows=side, Columns=side)
    ds.file_meta.TransferSyntaxUID = syntax
    ds.PixelData = encapsulate([frame])
    ds["PixelData"].is_undefined_length = True
    return _encode(ds)


def _meta_size(data: bytes) -> int:
    """Return the number of bytes of the preamble and the file meta information."""
    return 144 + int(struct.unpack_from("<I", data, 140)[0])


def deflate_bomb() -> bytes:
    """Return 4 GB of pixel data in 4 MB of deflated data set."""
    ds = _data_set()
    plain = _encode(ds)
    body = plain[_meta_size(plain) : plain.rindex(_element(0x7FE0, 0x10, b"OB", 64))]
    ds.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    deflated = _encode(ds)
    meta = deflated[: _meta_size(deflated)]
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    start = packer.compress(body + _element(0x7FE0, 0x10, b"OB", 0xFFFFFF00))
    start += packer.flush(zlib.Z_FULL_FLUSH)
    megabyte = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    return meta + start + megabyte * 4095 + packer.flush()


def _jpeg(side: int) -> bytes:
    """Return a grey JPEG of 8 x 8 pixels that says it has another size."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.new("L", (8, 8)).save(buffer, "JPEG")
    data = bytearray(buffer.getvalue())
    frame = data.index(b"\xff\xc0")
    data[frame + 5 : frame + 9] = struct.pack(">HH", side, side)
    return bytes(data)


def jpeg_bomb() -> bytes:
    """Return a JPEG of 65500 x 65500 pixels in 1 KB."""
    return _encapsulated(JPEGBaseline8Bit, _jpeg(65500), 65500)


def jpeg_with_another_size() -> bytes:
    """Return an image of 8 x 8 pixels whose JPEG says 65500 x 65500."""
    return _encapsulated(JPEGBaseline8Bit, _jpeg(65500), 8)


def jpeg2000_bomb() -> bytes:
    """Return a 64 x 64 JPEG 2000 codestream that says it has one tile of 65500 x 65500 pixels."""
    from openjpeg.utils import encode_array

    frame = bytearray(encode_array(np.zeros((64, 64), np.uint8)))
    size = frame.index(b"\xff\x51")
    for offset in (6, 10, 22, 26):  # of the image, and of the tile
        struct.pack_into(">I", frame, size + offset, 65500)
    return _encapsulated(JPEG2000Lossless, bytes(frame), 65500)


def jpeg2000_components() -> bytes:
    """Return a JPEG 2000 header of 65535 x 65535 pixels and 16384 components, without data."""
    size = struct.pack(">HIIIIIIII", 0, 65535, 65535, 0, 0, 65535, 65535, 0, 0)
    components = struct.pack(">H", 16384) + b"\x07\x01\x01" * 16384
    segment = size + components
    frame = b"\xff\x4f\xff\x51" + struct.pack(">H", len(segment) + 2) + segment + b"\xff\xd9"
    return _encapsulated(JPEG2000, frame, 65535)


def jpeg_ls_bomb() -> bytes:
    """Return an 8 x 8 JPEG-LS codestream that says it has 65500 x 65500 pixels."""
    import jpeg_ls

    frame = bytearray(jpeg_ls.encode_array(np.zeros((64, 64), np.uint8)))
    header = frame.index(b"\xff\xf7")
    struct.pack_into(">HH", frame, header + 5, 65500, 65500)
    return _encapsulated(JPEGLSLossless, bytes(frame), 65500)


def lossless_jpeg_bomb() -> bytes:
    """Return a lossless JPEG of 65500 x 65500 pixels in 1 KB, which GDCM decodes."""
    frame = bytearray(_jpeg(65500))
    frame[frame.index(b"\xff\xc0") + 1] = 0xC3
    return _encapsulated(JPEGLosslessSV1, bytes(frame), 65500)


def rle_bomb() -> bytes:
    """Return an RLE frame whose runs are longer than the image."""
    frame = struct.pack("<16I", 1, 64, *[0] * 14) + b"\x81\x00" * 200_000
    return _encapsulated(RLELossless, frame, 65535)


def deep_sequences() -> bytes:
    """Return 100,000 sequences inside each other, closed in order."""
    open_ = _element(0x0008, 0x1140, b"SQ", _UNDEFINED) + struct.pack(
        "<HHI", 0xFFFE, 0xE000, _UNDEFINED
    )
    close = struct.pack("<HHI", 0xFFFE, 0xE00D, 0) + struct.pack("<HHI", 0xFFFE, 0xE0DD, 0)
    return _with_tail(open_ * 100_000 + close * 100_000)


def open_sequences() -> bytes:
    """Return 100,000 sequences inside each other that never end."""
    open_ = _element(0x0008, 0x1140, b"SQ", _UNDEFINED) + struct.pack(
        "<HHI", 0xFFFE, 0xE000, _UNDEFINED
    )
    return _with_tail(open_ * 100_000)


def deep_implicit_sequences() -> bytes:
    """Return 100,000 private sequences of unknown type inside each other."""
    ds = _data_set()
    del ds.PixelData
    ds.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
    open_ = struct.pack("<HHI", 0x0009, 0x1010, _UNDEFINED) + struct.pack(
        "<HHI", 0xFFFE, 0xE000, _UNDEFINED
    )
    return _encode(ds) + open_ * 100_000


def _long(vr: bytes) -> Callable[[], bytes]:
    def make() -> bytes:
        return _with_tail(_element(0x4001, 0x1001, vr, 0xFFFFFFF0) + bytes(64))

    return make


def long_item() -> bytes:
    """Return a sequence whose item says it has 4 GB."""
    item = struct.pack("<HHI", 0xFFFE, 0xE000, 0xFFFFFFF0)
    return _with_tail(_element(0x4001, 0x1001, b"SQ", _UNDEFINED) + item + bytes(64))


def long_fragment() -> bytes:
    """Return encapsulated pixel data whose fragment says it has 4 GB."""
    ds = _data_set()
    del ds.PixelData
    ds.file_meta.TransferSyntaxUID = JPEGBaseline8Bit
    items = struct.pack("<HHI", 0xFFFE, 0xE000, 0)
    items += struct.pack("<HHI", 0xFFFE, 0xE000, 0xFFFFFFF0) + bytes(64)
    return _encode(ds) + _element(0x7FE0, 0x10, b"OB", _UNDEFINED) + items


def huge_image() -> bytes:
    """Return an image of 65535 x 65535 pixels with 64 bytes of pixel data."""
    return _encode(_data_set(Rows=65535, Columns=65535))


def endless_frames() -> bytes:
    """Return an image of 2147483647 frames with 64 bytes of pixel data."""
    return _encode(_data_set(NumberOfFrames=2147483647))


def marked(marker: str) -> bytes:
    """Return a good image that holds a marker, for faults that look for it."""
    return _encode(_data_set(ManufacturerModelName=marker))


POISON: dict[str, Callable[[], bytes]] = {
    "deflate-bomb": deflate_bomb,
    "jpeg-bomb": jpeg_bomb,
    "jpeg-with-another-size": jpeg_with_another_size,
    "jpeg2000-bomb": jpeg2000_bomb,
    "jpeg2000-components": jpeg2000_components,
    "jpeg-ls-bomb": jpeg_ls_bomb,
    "lossless-jpeg-bomb": lossless_jpeg_bomb,
    "rle-bomb": rle_bomb,
    "deep-sequences": deep_sequences,
    "open-sequences": open_sequences,
    "deep-implicit-sequences": deep_implicit_sequences,
    "long-text": _long(b"UT"),
    "long-bytes": _long(b"OB"),
    "long-unknown": _long(b"UN"),
    "long-sequence": _long(b"SQ"),
    "long-item": long_item,
    "long-fragment": long_fragment,
    "huge-image": huge_image,
    "endless-frames": endless_frames,
}


def write_poison(folder: Path) -> None:
    """Write all poison below a folder, one file each."""
    folder.mkdir(parents=True)
    for name, make in POISON.items():
        (folder / name).write_bytes(make())
