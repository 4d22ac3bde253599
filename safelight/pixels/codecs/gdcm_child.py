"""What the child of ``isolated.py`` runs, as a program of its own: it imports GDCM and no more."""

from __future__ import annotations

import os
import pickle
import sys
from typing import IO, Any


def decode(
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
    """Decode one frame to native bytes; nothing if GDCM cannot."""
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
    # GDCM hands bytes over as a str of surrogates.
    return None if buffer is None else bytes(buffer.encode("utf-8", "surrogateescape"))


def serve(questions: IO[bytes], answers: IO[bytes]) -> None:
    """Answer frames until the input ends."""
    while True:
        try:
            question: dict[str, Any] = pickle.load(questions)
        except EOFError:
            return
        try:
            answer = decode(**question)
        except Exception:  # what GDCM's wrapper raises is not told; the frame cannot be decoded
            answer = None
        pickle.dump(answer, answers, pickle.HIGHEST_PROTOCOL)
        answers.flush()


if __name__ == "__main__":
    # What the library prints must not end up between the answers.
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    serve(sys.stdin.buffer, out)
