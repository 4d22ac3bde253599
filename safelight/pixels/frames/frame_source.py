"""Read the frames of an object one at a time, without decoding or copying the others."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import replace
from hashlib import blake2b
from typing import Any

import numpy as np

from safelight.dicom.encapsulation import (
    MAX_UNDECLARED_FRAMES,
    FrameIndex,
    has_false_offsets,
    index_frames,
)
from safelight.dicom.encoding import EXPLICIT_BIG_UID, NATIVE_UIDS, UNDEFINED
from safelight.dicom.parser import ParsedObject, parse
from safelight.dicom.quiet_logging import silence_pydicom
from safelight.dicom.tags import EXTENDED_OFFSET_TABLE, EXTENDED_OFFSET_TABLE_LENGTHS
from safelight.pixels.codecs import decoders
from safelight.pixels.dicom import native_frames
from safelight.pixels.dicom.dataset import make_dataset
from safelight.pixels.dicom.image_module import read_pixel_info
from safelight.pixels.dicom.native_frames import Array
from safelight.pixels.dicom.pixel_element import KINDS, PixelElement, find_pixel_element
from safelight.pixels.dicom.safe_values import read_text, read_values
from safelight.records import Reason, Refusal

_PHOTOMETRIC_INTERPRETATION = 0x00280004
_PLANAR_CONFIGURATION = 0x00280006


class FrameSource:
    """The frames of one object.

    Parameters
    ----------
    parsed : ParsedObject

    Attributes
    ----------
    data : bytes
        The bytes of ``parsed``: the whole object, or the inflated data set of a deflated one.
    transfer_syntax : str
        UID.
    big_endian : bool
    dataset : Dataset
        All elements before the pixel data.
    has_pixels : bool
        Whether there is a pixel data element with a value.
    info : PixelInfo
    element : PixelElement or None

    Raises
    ------
    Refusal
        MALFORMED, TRUNCATED or UNKNOWN_CHARACTER_SET, or UNDECODABLE_PIXELS if the pixel data
        cannot be split into the declared frames.
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
        except (Refusal, MemoryError):
            raise
        except Exception as error:  # pydicom raises many kinds for broken data sets
            raise Refusal(
                Reason.MALFORMED,
                f"the data set cannot be read ({type(error).__name__}); repair the source",
            ) from None
        self.has_pixels = self.element is not None
        self._encapsulated: FrameIndex | None = None
        self._frame_bits = 0
        self._offsets = parsed.raw(EXTENDED_OFFSET_TABLE)
        self._lengths = parsed.raw(EXTENDED_OFFSET_TABLE_LENGTHS)
        if self.element is not None:
            self._locate_frames(self.element)

    @classmethod
    def from_bytes(cls, data: bytes) -> FrameSource:
        """Parse an object and return its frames; see :func:`safelight.dicom.parser.parse`."""
        return cls(parse(data))

    def with_elements(
        self, elements: Mapping[int, tuple[str, bytes] | None], transfer_syntax: str | None
    ) -> FrameSource:
        """Return the frames of the object after its elements are replaced, read from new bytes.

        Parameters
        ----------
        elements : mapping
            Tag → (VR, value bytes); see :func:`safelight.pixels.redact.redactor.redact_frames`.
        transfer_syntax : str or None
            New transfer syntax UID; ``None`` if it is unchanged.
        """
        pixel_data = None if self.element is None else elements.get(self.element.tag)
        if self.element is None or pixel_data is None:
            return self
        new = copy(self)
        vr, new.data = pixel_data
        new.transfer_syntax = transfer_syntax or self.transfer_syntax
        new.big_endian = new.transfer_syntax == EXPLICIT_BIG_UID
        length = len(new.data) if new.transfer_syntax in NATIVE_UIDS else UNDEFINED
        new.element = PixelElement(self.element.tag, vr, 0, length)
        offsets = elements.get(EXTENDED_OFFSET_TABLE)
        new._offsets = offsets[1] if offsets else b""
        new._lengths = b""
        new.info = replace(self.info, transfer_syntax=new.transfer_syntax)
        if photometric := elements.get(_PHOTOMETRIC_INTERPRETATION):
            new.info = replace(new.info, photometric=photometric[1].decode().strip())
        if elements.get(_PLANAR_CONFIGURATION):
            new.info = replace(new.info, planar=0)
        new._encapsulated, new._frame_bits = None, 0
        new._locate_frames(new.element)
        return new

    def _locate_frames(self, element: PixelElement) -> None:
        """Find the position of each frame; raise Refusal if the data contradict the header."""
        info = self.info
        if not (info.rows and info.columns):
            raise Refusal(
                Reason.MALFORMED, "pixel data has no Rows and Columns; correct it at the source"
            )
        encapsulated = self.transfer_syntax not in NATIVE_UIDS
        if encapsulated != (element.length == UNDEFINED):
            raise Refusal(
                Reason.UNDECODABLE_PIXELS,
                "pixel data is native and the transfer syntax encapsulated, or the other way "
                "round; correct it at the source",
            )
        if encapsulated:
            self._encapsulated = index_frames(
                self.data, element.start, info.frames, self._extended_offsets()
            )
            self.info = replace(info, frames=len(self._encapsulated.frames))
            return
        full = replace(info, photometric="YBR_FULL")
        if (
            native_frames.is_subsampled(info)
            and element.length >= native_frames.frame_bytes(full) * info.frames
        ):
            # The length shows that the chroma is not subsampled as the header says.
            info = self.info = full
        self._frame_bits = native_frames.frame_bits(info)
        expected = (self._frame_bits * info.frames + 7) // 8
        if element.length < expected:
            raise Refusal(
                Reason.TRUNCATED,
                f"pixel data has {element.length} of {expected} bytes; fetch the object again",
            )
        if (element.length - expected) * 8 >= max(self._frame_bits, 16):
            self._count_undeclared_frames(element, expected)

    def _count_undeclared_frames(self, element: PixelElement, expected: int) -> None:
        """Count whole frames that the header does not declare, so that they are checked too."""
        frames = element.length * 8 // self._frame_bits
        if frames - self.info.frames > MAX_UNDECLARED_FRAMES:
            raise Refusal(
                Reason.MALFORMED,
                f"pixel data has {element.length} bytes and the header declares {expected}; "
                "correct Rows, Columns and Number of Frames at the source",
            )
        self.info = replace(self.info, frames=frames)

    def _extended_offsets(self) -> list[int]:
        """Return the values of Extended Offset Table (7FE0,0001)."""
        whole = self._offsets[: len(self._offsets) & ~7]
        return [int(offset) for offset in np.frombuffer(whole, "<u8")]

    @property
    def frame_count(self) -> int:
        """Number of frames; 0 without pixel data."""
        return self.info.frames if self.has_pixels else 0

    @property
    def trailing_bytes(self) -> int:
        """Number of bytes after the last native frame, which no reader displays."""
        if self.element is None or self._encapsulated is not None:
            return 0
        return self.element.length - (self._frame_bits * self.info.frames + 7) // 8

    @property
    def has_false_offsets(self) -> bool:
        """Return whether an offset table has other values than those of the frames."""
        if self.element is None or self._encapsulated is None:
            return False
        return has_false_offsets(
            self.data, self.element.start, self._encapsulated, self._offsets, self._lengths
        )

    @property
    def encapsulated(self) -> FrameIndex | None:
        """Fragments by frame; ``None`` for native pixel data."""
        return self._encapsulated

    @property
    def photometric(self) -> str:
        """Photometric interpretation of the values that :meth:`read_frame` returns.

        It differs from ``info.photometric`` if a codec reverses its color transformation
        (YBR_RCT, YBR_ICT → RGB) or if the codestream contradicts the header.
        """
        if self._encapsulated is None:
            return self.info.photometric
        return decoders.decoded_photometric(self.read_raw_frame(0), self.info)

    @property
    def has_swapped_bytes(self) -> bool:
        """Return whether 8-bit pixels are in byte-swapped words (big endian OW)."""
        return (
            self.big_endian
            and self.element is not None
            and self.element.vr == "OW"
            and self.info.bits_allocated <= 8
        )

    def _native_position(self, i: int) -> tuple[int, int, int]:
        """Return the first byte, the byte after the last, and the first bit of a native frame."""
        assert self.element is not None
        first = i * self._frame_bits
        start = self.element.start
        return start + first // 8, start + (first + self._frame_bits + 7) // 8, first % 8

    def _read_native(self, i: int) -> memoryview:
        """Return the bytes of a native frame, aligned to bytes, without bits of other frames."""
        begin, end, bit = self._native_position(i)
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
        """Return the fragments of a compressed frame; for a native frame all bytes as one."""
        if not 0 <= i < self.frame_count:
            raise IndexError(f"frame {i} of {self.frame_count}")
        if self._encapsulated is None:
            return [self._read_native(i)]
        view = memoryview(self.data)
        return [view[at : at + length] for at, length in self._encapsulated.frames[i]]

    def read_raw_frame(self, i: int) -> bytes:
        """Return the bytes of a frame, compressed or native."""
        return b"".join(self.read_fragments(i))

    def hash_frame(self, i: int) -> bytes:
        """Return a digest of the bytes of a frame, 16 bytes; nothing is decoded."""
        digest = blake2b(digest_size=16)
        for fragment in self.read_fragments(i):
            digest.update(fragment)
        return digest.digest()

    def read_frame(self, i: int) -> Array:
        """Return the stored values of one frame.

        Returns
        -------
        ndarray
            (rows, columns) or (rows, columns, samples). Unused bits are dropped, the sign is
            extended, and each pixel has its chroma. Colors are in :attr:`photometric`. It may be
            a read-only view.

        Raises
        ------
        Refusal
            NO_DECODER or UNDECODABLE_PIXELS.
        """
        if self._encapsulated is not None:
            return decoders.decode_frame(self.read_raw_frame(i), self.info)
        return native_frames.unpack_frame(self.read_fragments(i)[0], self.info, self.big_endian)

    def get_text(self, keyword: str) -> str:
        """Return a header value as text: values joined by a backslash, empty if missing."""
        with silence_pydicom():
            return read_text(self.dataset, keyword)

    def get_values(self, keyword: str) -> list[Any]:
        """Return the values of a header attribute; none if it is missing or unreadable."""
        with silence_pydicom():
            return read_values(self.dataset, keyword)
