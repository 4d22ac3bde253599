"""Frames of a DICOM object, one at a time, without decoding or copying what is not asked for."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import replace
from hashlib import blake2b
from typing import Any

import numpy as np

from safelight.dicom.encapsulation import FrameIndex, index_frames
from safelight.dicom.encoding import EXPLICIT_BIG_UID, NATIVE_UIDS, UNDEFINED
from safelight.dicom.parser import ParsedObject, parse
from safelight.dicom.quiet_logging import silence_pydicom
from safelight.pixels.codecs import decoders
from safelight.pixels.dicom import native_frames
from safelight.pixels.dicom.dataset import make_dataset
from safelight.pixels.dicom.image_module import read_pixel_info
from safelight.pixels.dicom.native_frames import Array
from safelight.pixels.dicom.pixel_element import KINDS, PixelElement, find_pixel_element
from safelight.pixels.dicom.safe_values import read_text, read_values
from safelight.records import Reason, Refusal


class FrameSource:
    """The frames of one object.

    Parameters
    ----------
    parsed : ParsedObject

    Attributes
    ----------
    data : bytes
        The bytes that ``parsed`` refers to; the inflated data set of a deflated object.
    dataset : Dataset
        Everything before the pixel data.
    has_pixels : bool
        Whether there is a pixel data element with a value.
    info : PixelInfo
    element : PixelElement or None

    Raises
    ------
    Refusal
        MALFORMED, TRUNCATED, TOO_LARGE or UNKNOWN_CHARACTER_SET, or UNDECODABLE_PIXELS if the
        pixel data cannot be split into the declared frames.
    """

    def __init__(self, parsed: ParsedObject):
        self.transfer_syntax = parsed.transfer_syntax
        self.data = parsed.data
        self.big_endian = not parsed.encoding.little
        self.element, end = find_pixel_element(parsed)
        try:
            with silence_pydicom():
                self.dataset = make_dataset(parsed, parsed.elements[:end])
                kind = KINDS[self.element.tag] if self.element else "integer"
                self.info = read_pixel_info(self.dataset, self.transfer_syntax, kind)
        except Refusal:
            raise
        except Exception as error:  # pydicom raises many kinds for broken data sets
            raise Refusal(
                Reason.MALFORMED, f"the data set cannot be read ({type(error).__name__})"
            ) from None
        self.has_pixels = self.element is not None
        self._encapsulated: FrameIndex | None = None
        self._frame_bits = 0
        raw = self.dataset.get((0x7FE0, 0x0001))
        self._offsets = raw.value if raw is not None and isinstance(raw.value, bytes) else b""
        if self.element is not None:
            self._cut(self.element)

    @classmethod
    def from_bytes(cls, data: bytes) -> FrameSource:
        """Parse an object and return its frames; see :func:`safelight.dicom.parser.parse`."""
        return cls(parse(data))

    def with_elements(
        self, elements: Mapping[int, tuple[str, bytes] | None], transfer_syntax: str | None
    ) -> FrameSource:
        """The frames as they go out: those of replaced pixel data, read from its bytes.

        Parameters
        ----------
        elements : mapping
            Tag → (VR, value bytes); see :func:`safelight.pixels.redact.redactor.redact_frames`.
        transfer_syntax : str or None
            The new one; ``None`` when it stays.
        """
        if self.element is None or elements.get(self.element.tag) is None:
            return self
        new = copy(self)
        vr, new.data = elements[self.element.tag]  # type: ignore[misc]
        new.transfer_syntax = transfer_syntax or self.transfer_syntax
        new.big_endian = new.transfer_syntax == EXPLICIT_BIG_UID
        length = len(new.data) if new.transfer_syntax in NATIVE_UIDS else UNDEFINED
        new.element = PixelElement(self.element.tag, vr, 0, length)
        new._offsets = elements[0x7FE00001][1] if elements.get(0x7FE00001) else b""  # type: ignore[index]
        new.info = replace(self.info, transfer_syntax=new.transfer_syntax)
        if photometric := elements.get(0x00280004):
            new.info = replace(new.info, photometric=photometric[1].decode().strip())
        if elements.get(0x00280006):
            new.info = replace(new.info, planar=0)
        new._encapsulated, new._frame_bits = None, 0
        new._cut(new.element)
        return new

    def _cut(self, element: PixelElement) -> None:
        """Find where each frame is, and refuse what does not fit the header."""
        info = self.info
        if not (info.rows and info.columns):
            raise Refusal(Reason.MALFORMED, "pixel data stands without Rows and Columns")
        encapsulated = self.transfer_syntax not in NATIVE_UIDS
        if encapsulated != (element.length == UNDEFINED):
            raise Refusal(
                Reason.UNDECODABLE_PIXELS,
                "pixel data is native where the transfer syntax says encapsulated, or the "
                "other way round",
            )
        if encapsulated:
            self._encapsulated = index_frames(
                self.data, element.start, info.frames, self._extended_offsets()
            )
            return
        full = replace(info, photometric="YBR_FULL")
        if (
            native_frames.is_subsampled(info)
            and element.length >= native_frames.frame_bytes(full) * info.frames
        ):
            # Says 4:2:2 and is not: the length tells what it is.
            info = self.info = full
        self._frame_bits = native_frames.frame_bits(info)
        expected = (self._frame_bits * info.frames + 7) // 8
        if element.length < expected:
            raise Refusal(
                Reason.TRUNCATED,
                f"pixel data has {element.length} of {expected} bytes; fetch it again",
            )
        if (element.length - expected) * 8 >= max(self._frame_bits, 16):
            raise Refusal(
                Reason.MALFORMED,
                f"pixel data has {element.length} bytes where the header declares {expected}; "
                "correct Number of Frames, since undeclared frames are looked at by nobody",
            )

    def _extended_offsets(self) -> list[int]:
        whole = self._offsets[: len(self._offsets) & ~7]
        return [int(offset) for offset in np.frombuffer(whole, "<u8")]

    @property
    def frame_count(self) -> int:
        """Number of frames; 0 without pixel data."""
        return self.info.frames if self.has_pixels else 0

    @property
    def encapsulated(self) -> FrameIndex | None:
        """Fragments by frame, or nothing for native pixel data."""
        return self._encapsulated

    @property
    def photometric(self) -> str:
        """Photometric interpretation of what :meth:`frame` gives.

        Differs from ``info.photometric`` where a codec undoes its colour transformation
        (YBR_RCT, YBR_ICT → RGB) or the codestream contradicts the header.
        """
        if self._encapsulated is None:
            return self.info.photometric
        return decoders.decoded_photometric(self.read_raw_frame(0), self.info)

    @property
    def has_swapped_bytes(self) -> bool:
        """Whether 8-bit pixels stand in byte-swapped words (big endian OW)."""
        return (
            self.big_endian
            and self.element is not None
            and self.element.vr == "OW"
            and self.info.bits_allocated <= 8
        )

    def _span(self, i: int) -> tuple[int, int, int]:
        """First byte, byte after the last and bit in the first byte of a native frame."""
        assert self.element is not None
        first = i * self._frame_bits
        start = self.element.start
        return start + first // 8, start + (first + self._frame_bits + 7) // 8, first % 8

    def _native(self, i: int) -> memoryview:
        """The bytes of a native frame, moved to a byte border and without its neighbours' bits."""
        begin, end, bit = self._span(i)
        if self.has_swapped_bytes:
            assert self.element is not None
            # Words are counted from the start of the value; a frame may begin within one.
            skew = (begin - self.element.start) & 1
            piece = np.frombuffer(self.data[begin - skew : end + (end - begin + skew) % 2], "u2")
            view = memoryview(piece.byteswap().tobytes())[skew : skew + end - begin]
        else:
            view = memoryview(self.data)[begin:end]
        if self._frame_bits % 8 == 0:
            return view
        bits = np.unpackbits(np.frombuffer(view, np.uint8), bitorder="little")
        return memoryview(
            np.packbits(bits[bit : bit + self._frame_bits], bitorder="little").tobytes()
        )

    def read_fragments(self, i: int) -> list[memoryview]:
        """The fragments of a compressed frame; the frame's bytes as one for a native one."""
        if not 0 <= i < self.frame_count:
            raise IndexError(f"frame {i} of {self.frame_count}")
        if self._encapsulated is None:
            return [self._native(i)]
        view = memoryview(self.data)
        return [view[at : at + length] for at, length in self._encapsulated.frames[i]]

    def read_raw_frame(self, i: int) -> bytes:
        """The bytes of a frame as they stand, compressed or native."""
        return b"".join(self.read_fragments(i))

    def hash_frame(self, i: int) -> bytes:
        """Equal for frames of equal bytes; nothing is decoded. 16 bytes."""
        digest = blake2b(digest_size=16)
        for fragment in self.read_fragments(i):
            digest.update(fragment)
        return digest.digest()

    def read_frame(self, i: int) -> Array:
        """Stored values of one frame, (rows, columns) or (rows, columns, samples).

        Unused bits are dropped, the sign is extended; colours as :attr:`photometric` says,
        chroma of every pixel. May be a read-only view.

        Raises
        ------
        Refusal
            NO_DECODER or UNDECODABLE_PIXELS.
        """
        if self._encapsulated is not None:
            return decoders.decode_frame(self.read_raw_frame(i), self.info)
        return native_frames.unpack_frame(self.read_fragments(i)[0], self.info, self.big_endian)

    def text(self, keyword: str) -> str:
        """A header value as text, several joined by a backslash, empty if missing."""
        with silence_pydicom():
            return read_text(self.dataset, keyword)

    def values(self, keyword: str) -> list[Any]:
        """The values of a header attribute; none if missing or unreadable."""
        with silence_pydicom():
            return read_values(self.dataset, keyword)
