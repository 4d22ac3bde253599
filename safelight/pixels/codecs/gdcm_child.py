"""The program of the process in which GDCM decodes frames; it imports nothing but GDCM."""

from __future__ import annotations

import os
import pickle
import sys
from typing import IO, Any


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
    """Decode the frames of pickled requests until the input ends.

    Each response is the pickled result of ``decode``, or a pickled ``None`` if the frame cannot be
    decoded.

    Parameters
    ----------
    requests : binary file
        Pickled dictionaries of the arguments of ``decode``.
    responses : binary file
        Receives one pickled response for each request; it is flushed after each.
    """
    while True:
        try:
            request: dict[str, Any] = pickle.load(requests)
        except EOFError:
            return
        try:
            response = decode(**request)
        except Exception:  # the errors of the wrapper may quote the object
            response = None
        pickle.dump(response, responses, pickle.HIGHEST_PROTOCOL)
        responses.flush()


if __name__ == "__main__":
    # Output that the library prints must not be mixed with the responses.
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    serve(sys.stdin.buffer, out)
