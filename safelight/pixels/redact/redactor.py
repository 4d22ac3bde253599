"""Mask boxes in pixel data and change nothing else, as far as the codec allows.

The transfer syntax is kept if there is an encoder for it; then frames without a mask keep their
bytes. Otherwise all pixel data become native in Explicit VR Little Endian, and the result says so.
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
from safelight.dicom.tags import EXTENDED_OFFSET_TABLE, EXTENDED_OFFSET_TABLE_LENGTHS, PIXEL_DATA
from safelight.pixels.codecs import codestream_metadata, decoders
from safelight.pixels.codecs.codestream_headers import read_lossy_method
from safelight.pixels.codecs.encoders import ENCODERS, LOSSY
from safelight.pixels.codecs.jpeg.huffman import UnsupportedJpegError
from safelight.pixels.dicom import native_frames
from safelight.pixels.dicom.native_frames import Array
from safelight.pixels.frames.frame_source import FrameSource
from safelight.pixels.models import ElementEdits
from safelight.pixels.redact import jpeg_blocks
from safelight.pixels.redact.painting import Fill, covered_pixels, paint_boxes
from safelight.records import Refusal

PHOTOMETRIC_INTERPRETATION = 0x00280004
PLANAR_CONFIGURATION = 0x00280006
LOSSY_COMPRESSION = 0x00282110
LOSSY_RATIO = 0x00282112
LOSSY_METHOD = 0x00282114

#: Lossy Image Compression Method (PS3.3, C.7.6.1.1.5.1) of the syntaxes in ``LOSSY``.
_LOSSY_METHODS: dict[str, str] = {
    JPEGLSNearLossless: "ISO_14495_1",
    JPEG2000: "ISO_15444_1",
}

#: Bytes that give a value even length (PS3.5, section 7.1.1).
_PADDING_MAX_BYTES = 1

#: Boxes to fill by frame number.
Fills = Mapping[int, Sequence[Fill]]


@dataclass(frozen=True)
class RedactedPixelData:
    """Replacement elements for the redacted pixel data.

    Attributes
    ----------
    elements : dict
        Tag → (VR, value bytes in the byte order of the object), or ``None`` to remove the
        element. An encapsulated value includes its items and the sequence delimiter.
    transfer_syntax : str or None
        New transfer syntax UID; ``None`` if it is unchanged.
    method : str
        ``native``, ``blocks`` (coefficients of touched JPEG blocks), ``lossless``, ``lossy``,
        ``comments`` (only metadata of codestreams or false offsets were removed) or
        ``decompressed``; empty if nothing was changed.
    frames_with_metadata : int
        Number of frames whose codestreams held metadata, which were removed.
    cleared_bytes : int
        Number of bytes after the last native frame that were set to zero.
    has_new_offsets : bool
        Whether offset tables held other values than offsets, and were written again.
    """

    elements: ElementEdits = field(default_factory=dict)
    transfer_syntax: str | None = None
    method: str = ""
    frames_with_metadata: int = 0
    cleared_bytes: int = 0
    has_new_offsets: bool = False


class _NoEncoderError(Exception):
    """Raised if the object cannot keep its transfer syntax."""


def redact_frames(
    source: FrameSource, fills: Fills, lossy: bool = False, clear: int = 0
) -> RedactedPixelData:
    """Mask boxes in the frames of an object.

    Parameters
    ----------
    source : FrameSource
    fills : mapping of int to sequence of Fill
        Frames without boxes are unchanged.
    lossy : bool
        Encode masked frames of JPEG 2000 and near-lossless JPEG-LS with loss. Otherwise they
        are encoded without loss, which their transfer syntaxes allow.
    clear : int
        Bit mask of the bits to clear in all allocated words, for overlays embedded there.

    Returns
    -------
    RedactedPixelData

    Raises
    ------
    Refusal
        UNDECODABLE_PIXELS or NO_DECODER if a frame to mask cannot be decoded.
    """
    wanted = {i: boxes for i, boxes in fills.items() if boxes and 0 <= i < source.frame_count}
    with_metadata = _find_frames_with_metadata(source)
    trailing = _count_bytes_to_clear(source)
    has_new_offsets = source.has_false_offsets
    if not (wanted or clear or with_metadata or trailing or has_new_offsets):
        return RedactedPixelData()
    if source.encapsulated is None:
        return _mask_native(source, wanted, clear, trailing)
    count = len(with_metadata)
    if clear:  # no codec except RLE keeps bits beyond the stored ones
        return replace(_decompress(source, wanted), frames_with_metadata=count)
    try:
        redacted = _mask_encapsulated(source, wanted, lossy, with_metadata)
    except _NoEncoderError:
        redacted = _decompress(source, wanted)
    return replace(redacted, frames_with_metadata=count, has_new_offsets=has_new_offsets)


def _count_bytes_to_clear(source: FrameSource) -> int:
    """Return the number of bytes after the last native frame; 0 if all are zero or padding."""
    count = source.trailing_bytes
    if source.element is None or count <= _PADDING_MAX_BYTES:
        return 0
    if source.has_swapped_bytes:
        count &= ~1  # the padding byte precedes the last pixel in its word
    end = source.element.start + source.element.length
    return count if any(source.data[end - count : end]) else 0


def _mask_native(source: FrameSource, fills: Fills, clear: int, trailing: int) -> RedactedPixelData:
    """Return native pixel data with masks, and zeros after the last frame."""
    element = source.element
    assert element is not None
    if source.info.bits_allocated == 1 or source.has_swapped_bytes:
        value = _mask_bits(source, fills)
    else:
        value = b"".join(_mask_frames(source, fills))
    if clear:
        value = _clear_bits(value, source, clear)
    if trailing:
        value = value[:-trailing] + bytes(trailing)
    return RedactedPixelData(
        {element.tag: (element.vr, value)}, None, "native", cleared_bytes=trailing
    )


def _mask_frames(source: FrameSource, fills: Fills) -> Iterator[bytes | memoryview]:
    """Yield the value in pieces, so that only masked frames and the result are copied."""
    assert source.element is not None
    view = memoryview(source.data)
    at, end = source.element.start, source.element.start + source.element.length
    for i in sorted(fills):
        raw = source.read_fragments(i)[0]
        begin = source.element.start + i * len(raw)
        yield view[at:begin]
        yield native_frames.replace_pixels(
            raw,
            _paint(source, i, fills[i], source.info.photometric),
            covered_pixels(fills[i], source.info),
            source.info,
            source.big_endian,
        )
        at = begin + len(raw)
    yield view[at:end]


def _clear_bits(value: bytes, source: FrameSource, clear: int) -> bytes:
    """Return a native value with some bits of its words cleared; bytes after them are kept."""
    size = source.info.bits_allocated // 8
    words = np.frombuffer(value, f"{'>' if source.big_endian else '<'}u{size}", len(value) // size)
    kept = words & words.dtype.type(~clear & (1 << 8 * size) - 1)
    return bytes(kept.astype(words.dtype)) + value[words.nbytes :]


def _mask_bits(source: FrameSource, fills: Fills) -> bytes:
    """Return a native value whose frames begin within a byte or are in byte-swapped words."""
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
            _paint(source, i, boxes, source.info.photometric),
            covered_pixels(boxes, source.info),
            source.info,
        )
        whole = np.unpackbits(np.frombuffer(frame, np.uint8), bitorder="little")
        bits[i * size : (i + 1) * size] = whole[:size]
    value = np.packbits(bits, bitorder="little")
    if source.has_swapped_bytes:
        value = value.view("u2").byteswap()
    return value.tobytes()


def _paint(source: FrameSource, i: int, boxes: Sequence[Fill], photometric: str) -> Array:
    """Return the stored values of a frame with masks."""
    return paint_boxes(source.read_frame(i), boxes, source.info, photometric)


def _find_frames_with_metadata(source: FrameSource) -> list[int]:
    """Return the frames whose codestreams hold metadata that is removed."""
    if source.encapsulated is None:
        return []
    return [
        i
        for i in range(source.frame_count)
        if codestream_metadata.find_metadata(source.read_raw_frame(i))
    ]


def _mask_encapsulated(
    source: FrameSource, fills: Fills, lossy: bool, with_metadata: Sequence[int]
) -> RedactedPixelData:
    """Return encapsulated pixel data: masked frames encoded again, others with their fragments."""
    assert source.encapsulated is not None
    in_blocks = source.transfer_syntax in (JPEGBaseline8Bit, JPEGExtended12Bit)
    if in_blocks:
        new = {i: _mask_blocks(source, i, boxes) for i, boxes in fills.items()}
    else:
        new = {i: _encode_masked(source, i, boxes, lossy) for i, boxes in fills.items()}
    masked = len(new)
    size = sum(map(len, new.values()))
    for i in with_metadata:
        new[i] = codestream_metadata.remove_metadata(new.get(i) or source.read_raw_frame(i))
    built = encapsulation.encapsulate_frames(
        ([new[i]] if i in new else source.read_fragments(i) for i in range(source.frame_count)),
        source.encapsulated.basic_table,
        source.encapsulated.extended_table,
    )
    elements: ElementEdits = {PIXEL_DATA: ("OB", built.value)}
    if built.offsets is not None and built.lengths is not None:
        elements[EXTENDED_OFFSET_TABLE] = ("OV", built.offsets)
        elements[EXTENDED_OFFSET_TABLE_LENGTHS] = ("OV", built.lengths)
    elif source.has_false_offsets:
        elements[EXTENDED_OFFSET_TABLE] = elements[EXTENDED_OFFSET_TABLE_LENGTHS] = None
    is_lossy = lossy and source.transfer_syntax in LOSSY and masked > 0
    if source.info.photometric == "YBR_ICT" and not is_lossy and masked == source.frame_count:
        elements[PHOTOMETRIC_INTERPRETATION] = _code_string("YBR_RCT")
    if is_lossy:
        method = _LOSSY_METHODS[source.transfer_syntax]
        elements |= _make_lossy_elements(source, size / masked, method)
    method = "blocks" if in_blocks else "lossy" if is_lossy else "lossless"
    return RedactedPixelData(elements, None, method if masked else "comments")


def _mask_blocks(source: FrameSource, i: int, boxes: Sequence[Fill]) -> bytes:
    """Return a JPEG frame that is masked in its coefficients, decoded once as a check."""
    raw, info = source.read_raw_frame(i), source.info
    try:
        edited = jpeg_blocks.mask_jpeg_blocks(
            raw, boxes, info, decoders.is_color_transformed(raw, info)
        )
        decoders.decode_frame(edited, info)
    except (UnsupportedJpegError, Refusal):
        raise _NoEncoderError from None
    return edited


def _encode_masked(source: FrameSource, i: int, boxes: Sequence[Fill], lossy: bool) -> bytes:
    """Return a masked frame, encoded and, unless it is lossy, decoded once as a check."""
    encoder = ENCODERS.get(source.transfer_syntax)
    if encoder is None:
        raise _NoEncoderError
    raw = source.read_raw_frame(i)
    info = source.info
    values = paint_boxes(source.read_frame(i), boxes, info, decoders.decoded_photometric(raw, info))
    is_lossy = lossy and source.transfer_syntax in LOSSY
    try:
        encoded = encoder(raw, values, info, is_lossy)
        if not is_lossy and not np.array_equal(decoders.decode_frame(encoded, info), values):
            raise _NoEncoderError
    except Refusal:
        raise _NoEncoderError from None
    except MemoryError:
        raise
    except Exception as error:  # each library raises its own errors
        raise _NoEncoderError from error
    return encoded


def _decompress(source: FrameSource, fills: Fills) -> RedactedPixelData:
    """Return all frames as native pixel data with masks; one frame is decoded at a time."""
    photometric = source.photometric
    if photometric in ("YBR_FULL_422", "YBR_PARTIAL_422"):
        photometric = photometric[:-4]  # decoders return the chroma of each pixel
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
    elements: ElementEdits = {
        PIXEL_DATA: ("OB" if info.bits_allocated <= 8 else "OW", value.getvalue()),
        EXTENDED_OFFSET_TABLE: None,
        EXTENDED_OFFSET_TABLE_LENGTHS: None,
    }
    if photometric != source.info.photometric:
        elements[PHOTOMETRIC_INTERPRETATION] = _code_string(photometric)
    if info.samples > 1:
        elements[PLANAR_CONFIGURATION] = ("US", b"\0\0")
    if source.encapsulated is not None and not source.info.lossy:
        elements |= _declare_lossy_frames(source)
    return RedactedPixelData(elements, str(ExplicitVRLittleEndian), "decompressed")


def _declare_lossy_frames(source: FrameSource) -> ElementEdits:
    """Return the elements of Lossy Image Compression if the process of a frame is lossy."""
    methods = (read_lossy_method(source.read_raw_frame(i)) for i in range(source.frame_count))
    method = next(filter(None, methods), "")
    if not method:
        return {}
    total = sum(len(f) for i in range(source.frame_count) for f in source.read_fragments(i))
    return _make_lossy_elements(source, total / source.frame_count, method)


def _make_lossy_elements(source: FrameSource, frame_size: float, method: str) -> ElementEdits:
    """Return the elements of Lossy Image Compression, with earlier compressions listed first."""
    ratio = native_frames.frame_bytes(replace(source.info, photometric="RGB")) / max(
        1.0, frame_size
    )
    ratios = [source.get_text("LossyImageCompressionRatio"), f"{ratio:.4g}"]
    methods = [source.get_text("LossyImageCompressionMethod"), method]
    return {
        LOSSY_COMPRESSION: _code_string("01"),
        LOSSY_RATIO: ("DS", _to_even_bytes("\\".join(filter(None, ratios)))),
        LOSSY_METHOD: ("CS", _to_even_bytes("\\".join(filter(None, methods)))),
    }


def _to_even_bytes(text: str) -> bytes:
    """Return a text padded to even length (PS3.5, section 6.2)."""
    return text.encode("ascii", "replace") + b" " * (len(text) % 2)


def _code_string(text: str) -> tuple[str, bytes]:
    """Return an element value of VR CS."""
    return ("CS", _to_even_bytes(text))
