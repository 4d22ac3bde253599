"""The program of the process in which GDCM decodes frames; it imports nothing but GDCM."""

from __future__ import annotations

import json
import os
import sys
from typing import IO

#: Bytes of the size before each part of a request and a response.
_SIZE_BYTES = 8


def decode(
    *,
    frame: bytes,
    syntax: str,
    rows: int,
    columns: int,
    samples: int,
    photometric: str,
    planar: int,
    allocated: int,
    stored: int,
    signed: bool,
) -> bytes | None:
    """Decode one frame to native bytes; ``None`` if GDCM cannot decode it.

    Parameters
    ----------
    frame : bytes
        The codestream of one frame.
    syntax : str
        Transfer syntax UID of the codestream.
    rows, columns : int
        Size of the frame in pixels.
    samples : int
        Samples per Pixel.
    photometric : str
        Photometric Interpretation.
    planar : int
        Planar Configuration: 0 by pixel, 1 by plane; used only for several samples.
    allocated : int
        Bits Allocated.
    stored : int
        Bits Stored; the high bit is ``stored - 1``.
    signed : bool
        Pixel Representation: True for two's complement.

    Returns
    -------
    bytes or None
        Allocated words of the frame in row order.

    Raises
    ------
    ImportError
        If GDCM is not installed.
    """
    import gdcm

    fragment = gdcm.Fragment()
    fragment.SetByteStringValue(frame)
    fragments = gdcm.SequenceOfFragments.New()
    fragments.AddFragment(fragment)
    element = gdcm.DataElement(gdcm.Tag(0x7FE0, 0x0010))
    element.SetValue(fragments.__ref__())
    image = gdcm.Image()
    image.SetNumberOfDimensions(2)
    image.SetDimensions((columns, rows, 1))
    image.SetDataElement(element)
    kind = gdcm.PhotometricInterpretation.GetPIType(photometric)
    image.SetPhotometricInterpretation(gdcm.PhotometricInterpretation(kind))
    if samples > 1:
        image.SetPlanarConfiguration(planar)
    image.SetTransferSyntax(gdcm.TransferSyntax(gdcm.TransferSyntax.GetTSType(syntax)))
    image.SetPixelFormat(gdcm.PixelFormat(samples, allocated, stored, stored - 1, int(signed)))
    buffer = image.GetBuffer()
    # The wrapper of GDCM returns bytes as a str of surrogates.
    return None if buffer is None else bytes(buffer.encode("utf-8", "surrogateescape"))


def serve(requests: IO[bytes], responses: IO[bytes]) -> None:
    """Decode the frames of requests until the input ends.

    Each request has two parts, and each response one; the size of a part, in 8 bytes, precedes it.
    A response without bytes means that the frame cannot be decoded.

    Parameters
    ----------
    requests : binary file
        For each frame the other arguments of ``decode`` in JSON, and the codestream.
    responses : binary file
        Receives the result of ``decode`` for each request; it is flushed after each.
    """
    while head := _read_part(requests):
        frame = _read_part(requests)
        try:
            response = decode(frame=frame, **json.loads(head))
        except Exception:  # the errors of the wrapper may quote the object
            response = None
        responses.write(len(response or b"").to_bytes(_SIZE_BYTES, "big"))
        responses.write(response or b"")
        responses.flush()


def _read_part(requests: IO[bytes]) -> bytes:
    """Return the next part of a request; empty at the end of the input."""
    return requests.read(int.from_bytes(requests.read(_SIZE_BYTES), "big"))


if __name__ == "__main__":
    # Output that the library prints must not be mixed with the responses.
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    serve(sys.stdin.buffer, out)
