"""Put masks into an object's pixel data and change nothing else that the codec does not force.

Same transfer syntax when there is an encoder for it; frames without a mask keep their bytes.
Otherwise the whole pixel data becomes native Explicit VR Little Endian, and that is said.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from io import BytesIO

import numpy as np
from pydicom.uid import (
    JPEG2000,
    ExplicitVRLittleEndian,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLSNearLossless,
)

from safelight.dicom import encapsulation
from safelight.pixels.codecs import codestream_metadata, decoders
from safelight.pixels.codecs.encoders import ENCODERS, LOSSY
from safelight.pixels.codecs.jpeg.huffman import UnsupportedJpegError
from safelight.pixels.dicom import native_frames
from safelight.pixels.dicom.native_frames import Array
from safelight.pixels.frames.frame_source import FrameSource
from safelight.pixels.redact import jpeg_blocks
from safelight.pixels.redact.painting import Fill, covered_pixels, paint_boxes
from safelight.records import Refusal

PIXEL_DATA = 0x7FE00010
EXTENDED_OFFSETS = 0x7FE00001
EXTENDED_LENGTHS = 0x7FE00002
PHOTOMETRIC_INTERPRETATION = 0x00280004
PLANAR_CONFIGURATION = 0x00280006
LOSSY_COMPRESSION = 0x00282110
LOSSY_RATIO = 0x00282112
LOSSY_METHOD = 0x00282114

#: Lossy Image Compression Method (PS3.3, C.7.6.1.1.5.1).
_METHODS = {
    JPEGBaseline8Bit: "ISO_10918_1",
    JPEGExtended12Bit: "ISO_10918_1",
    JPEGLSNearLossless: "ISO_14495_1",
    JPEG2000: "ISO_15444_1",
}

Fills = Mapping[int, Sequence[Fill]]
"""Frame → its boxes."""


@dataclass(frozen=True)
class RedactedPixelData:
    """What replaces what in the object.

    Attributes
    ----------
    elements : dict
        Tag → (VR, value bytes in the object's byte order), or ``None`` to remove it. An
        encapsulated value holds its items and the sequence delimiter.
    transfer_syntax : str or None
        The new one; ``None`` when it stays.
    how : str
        ``native``, ``blocks`` (coefficients of touched JPEG blocks), ``lossless``, ``lossy``,
        ``comments`` (only what codestreams carry besides their image is gone) or
        ``decompressed``; empty when nothing was to do.
    """

    elements: dict[int, tuple[str, bytes] | None] = field(default_factory=dict)
    transfer_syntax: str | None = None
    how: str = ""


class _NoEncoder(Exception):
    """This object cannot keep its transfer syntax."""


def redact_frames(
    source: FrameSource, fills: Fills, lossy: bool = False, clear: int = 0
) -> RedactedPixelData:
    """Mask boxes in an object's frames.

    Parameters
    ----------
    source : FrameSource
    fills : mapping of int to sequence of Fill
        Frames that are not named, or have no boxes, are not touched.
    lossy : bool
        Whether JPEG 2000 and near-lossless JPEG-LS frames may lose once more; otherwise they
        are encoded losslessly, which their transfer syntaxes allow.
    clear : int
        Mask of bits to clear in all allocated words, for overlays embedded there.

    Raises
    ------
    Refusal
        When a frame that is to be masked cannot be decoded.
    """
    wanted = {i: boxes for i, boxes in fills.items() if boxes and 0 <= i < source.frame_count}
    soiled = _soiled(source)
    if not (wanted or clear or soiled):
        return RedactedPixelData()
    if source.encapsulated is None:
        return _in_place(source, wanted, clear)
    if clear:  # no codec but RLE is meant to keep bits beyond the stored ones
        return _decompressed(source, wanted)
    try:
        return _same_syntax(source, wanted, lossy, soiled)
    except _NoEncoder:
        return _decompressed(source, wanted)


def _in_place(source: FrameSource, fills: Fills, clear: int) -> RedactedPixelData:
    """Native pixel data, edited where it stands."""
    element = source.element
    assert element is not None
    if source.info.bits_allocated == 1 or source.has_swapped_bytes:
        value = _edited_whole(source, fills)
    else:
        value = b"".join(_edited_frames(source, fills))
    if clear:
        value = _cleared(value, source, clear)
    return RedactedPixelData({element.tag: (element.vr, value)}, None, "native")


def _edited_frames(source: FrameSource, fills: Fills) -> Iterator[bytes | memoryview]:
    """The value in pieces, so that only masked frames and the result are copies."""
    assert source.element is not None
    view = memoryview(source.data)
    at, end = source.element.start, source.element.start + source.element.length
    for i in sorted(fills):
        raw = source.read_fragments(i)[0]
        begin = source.element.start + i * len(raw)
        yield view[at:begin]
        yield native_frames.replace_pixels(
            raw,
            _painted(source, i, fills[i], source.info.photometric),
            covered_pixels(fills[i], source.info),
            source.info,
            source.big_endian,
        )
        at = begin + len(raw)
    yield view[at:end]


def _cleared(value: bytes, source: FrameSource, clear: int) -> bytes:
    """A native value without some bits of its words; what is left over behind them stays."""
    size = source.info.bits_allocated // 8
    words = np.frombuffer(value, f"{'>' if source.big_endian else '<'}u{size}", len(value) // size)
    kept = words & words.dtype.type(~clear & (1 << 8 * size) - 1)
    return bytes(kept.astype(words.dtype)) + value[words.nbytes :]


def _edited_whole(source: FrameSource, fills: Fills) -> bytes:
    """Frames that begin within a byte or stand in swapped words: all bits laid out at once."""
    assert source.element is not None
    start = source.element.start
    value = np.frombuffer(source.data, np.uint8, source.element.length, start)
    if source.has_swapped_bytes:
        value = value.view("u2").byteswap().view(np.uint8)
    bits = np.unpackbits(value, bitorder="little")
    size = native_frames.frame_bits(source.info)
    for i, boxes in fills.items():
        frame = native_frames.replace_pixels(
            source.read_fragments(i)[0],
            _painted(source, i, boxes, source.info.photometric),
            covered_pixels(boxes, source.info),
            source.info,
        )
        whole = np.unpackbits(np.frombuffer(frame, np.uint8), bitorder="little")
        bits[i * size : (i + 1) * size] = whole[:size]
    value = np.packbits(bits, bitorder="little")
    if source.has_swapped_bytes:
        value = value.view("u2").byteswap()
    return value.tobytes()


def _painted(source: FrameSource, i: int, boxes: Sequence[Fill], photometric: str) -> Array:
    return paint_boxes(source.read_frame(i), boxes, source.info, photometric)


def _soiled(source: FrameSource) -> list[int]:
    """Frames whose codestreams carry more than their image."""
    if source.encapsulated is None:
        return []
    return [
        i
        for i in range(source.frame_count)
        if codestream_metadata.find_metadata(source.read_raw_frame(i))
    ]


def _same_syntax(
    source: FrameSource, fills: Fills, lossy: bool, soiled: Sequence[int]
) -> RedactedPixelData:
    """Masked frames encoded again, all others with their own fragments."""
    assert source.encapsulated is not None
    in_blocks = source.transfer_syntax in (JPEGBaseline8Bit, JPEGExtended12Bit)
    one = _blocks if in_blocks else _frame
    new = {i: one(source, i, boxes, lossy) for i, boxes in fills.items()}
    masked = len(new)
    size = sum(map(len, new.values()))
    for i in soiled:
        new[i] = codestream_metadata.remove_metadata(new.get(i) or source.read_raw_frame(i))
    built = encapsulation.encapsulate_frames(
        ([new[i]] if i in new else source.read_fragments(i) for i in range(source.frame_count)),
        source.encapsulated.basic_table,
        source.encapsulated.extended_table,
    )
    elements: dict[int, tuple[str, bytes] | None] = {PIXEL_DATA: ("OB", built.value)}
    if built.offsets is not None and built.lengths is not None:
        elements[EXTENDED_OFFSETS] = ("OV", built.offsets)
        elements[EXTENDED_LENGTHS] = ("OV", built.lengths)
    loses = lossy and source.transfer_syntax in LOSSY and masked > 0
    if source.info.photometric == "YBR_ICT" and not loses and masked == source.frame_count:
        elements[PHOTOMETRIC_INTERPRETATION] = _cs("YBR_RCT")
    if loses:
        elements |= _lossy_elements(source, size / masked)
    how = "blocks" if in_blocks else "lossy" if loses else "lossless"
    return RedactedPixelData(elements, None, how if masked else "comments")


def _blocks(source: FrameSource, i: int, boxes: Sequence[Fill], lossy: bool) -> bytes:
    """One masked JPEG frame, edited in its coefficients and decoded to be sure."""
    raw, info = source.read_raw_frame(i), source.info
    try:
        edited = jpeg_blocks.mask_jpeg_blocks(
            raw, boxes, info, decoders.is_color_transformed(raw, info)
        )
        decoders.decode_frame(edited, info)
    except (UnsupportedJpegError, Refusal):
        raise _NoEncoder from None
    return edited


def _frame(source: FrameSource, i: int, boxes: Sequence[Fill], lossy: bool) -> bytes:
    """One masked frame, encoded and, unless it loses, decoded again to be sure."""
    encoder = ENCODERS.get(source.transfer_syntax)
    if encoder is None:
        raise _NoEncoder
    raw = source.read_raw_frame(i)
    info = source.info
    values = paint_boxes(source.read_frame(i), boxes, info, decoders.decoded_photometric(raw, info))
    loses = lossy and source.transfer_syntax in LOSSY
    try:
        encoded = encoder(raw, values, info, loses)
        if not loses and not np.array_equal(decoders.decode_frame(encoded, info), values):
            raise _NoEncoder
    except Refusal:
        raise _NoEncoder from None
    except Exception as error:  # what an encoder raises is up to each library
        raise _NoEncoder from error
    return encoded


def _decompressed(source: FrameSource, fills: Fills) -> RedactedPixelData:
    """All frames native, one decoded at a time into the growing value."""
    photometric = source.photometric
    if photometric in ("YBR_FULL_422", "YBR_PARTIAL_422"):
        photometric = photometric[:-4]  # decoders give each pixel its chroma
    info = replace(
        source.info, photometric=photometric, planar=0, transfer_syntax=str(ExplicitVRLittleEndian)
    )
    everything = np.ones((info.rows, info.columns), np.bool_)
    blank = bytes(native_frames.frame_bytes(info))
    value = BytesIO()
    if info.bits_allocated == 1:
        bits = [
            paint_boxes(source.read_frame(i), fills.get(i, ()), info, photometric).ravel()
            for i in range(source.frame_count)
        ]
        value.write(np.packbits(np.concatenate(bits) != 0, bitorder="little").tobytes())
    else:
        for i in range(source.frame_count):
            values = paint_boxes(source.read_frame(i), fills.get(i, ()), info, photometric)
            value.write(native_frames.replace_pixels(blank, values, everything, info))
    if value.tell() % 2:
        value.write(b"\0")
    elements: dict[int, tuple[str, bytes] | None] = {
        PIXEL_DATA: ("OB" if info.bits_allocated <= 8 else "OW", value.getvalue()),
        EXTENDED_OFFSETS: None,
        EXTENDED_LENGTHS: None,
    }
    if photometric != source.info.photometric:
        elements[PHOTOMETRIC_INTERPRETATION] = _cs(photometric)
    if info.samples > 1:
        elements[PLANAR_CONFIGURATION] = ("US", b"\0\0")
    if source.transfer_syntax in _METHODS and not source.info.lossy:
        mean = sum(len(f) for i in range(source.frame_count) for f in source.read_fragments(i))
        elements |= _lossy_elements(source, mean / source.frame_count)
    return RedactedPixelData(elements, str(ExplicitVRLittleEndian), "decompressed")


def _lossy_elements(source: FrameSource, frame_size: float) -> dict[int, tuple[str, bytes] | None]:
    """Say that there was a loss, and after it those losses that were said before."""
    ratio = native_frames.frame_bytes(replace(source.info, photometric="RGB")) / max(
        1.0, frame_size
    )
    ratios = [source.text("LossyImageCompressionRatio"), f"{ratio:.4g}"]
    methods = [source.text("LossyImageCompressionMethod"), _METHODS[source.transfer_syntax]]  # type: ignore[index]
    return {
        LOSSY_COMPRESSION: _cs("01"),
        LOSSY_RATIO: ("DS", _even("\\".join(filter(None, ratios)))),
        LOSSY_METHOD: ("CS", _even("\\".join(filter(None, methods)))),
    }


def _even(text: str) -> bytes:
    return text.encode("ascii", "replace") + b" " * (len(text) % 2)


def _cs(text: str) -> tuple[str, bytes]:
    return ("CS", _even(text))
