"""A new icon image, made from pixels that are known to be clean (PS3.3, C.7.6.1.1.6)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_sequence
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRBigEndian, ImplicitVRLittleEndian

from safelight.dicom.quiet_logging import silence_pydicom

ICON_IMAGE_SEQUENCE = 0x00880200

#: Longer side of an icon, in pixels.
SIZE = 64


def make_icon(shown: npt.NDArray[np.uint8], transfer_syntax: str) -> tuple[str, bytes]:
    """The value of Icon Image Sequence for a picture of a clean frame.

    Parameters
    ----------
    shown : ndarray
        (rows, columns) grey or (rows, columns, 3) RGB, 8 bits, black is 0.
    transfer_syntax : str
        UID that the object is written in.

    Returns
    -------
    tuple
        ``SQ`` and the bytes of its one item.
    """
    image = Image.fromarray(shown).convert("L")  # icons know no true colour
    image.thumbnail((SIZE, SIZE))
    small = np.asarray(image)
    item = Dataset()
    item.SamplesPerPixel = 1
    item.PhotometricInterpretation = "MONOCHROME2"
    item.Rows, item.Columns = small.shape
    item.BitsAllocated = item.BitsStored = 8
    item.HighBit = 7
    item.PixelRepresentation = 0
    implicit = transfer_syntax == ImplicitVRLittleEndian
    raw = small.tobytes() + b"\0" * (small.size % 2)
    item.add(DataElement(0x7FE00010, "OW" if implicit else "OB", raw))
    stream = DicomBytesIO()
    stream.is_implicit_VR = implicit
    stream.is_little_endian = transfer_syntax != ExplicitVRBigEndian
    with silence_pydicom():
        write_sequence(
            stream, DataElement(ICON_IMAGE_SEQUENCE, "SQ", Sequence([item])), ["iso8859"]
        )
    return "SQ", stream.getvalue()
