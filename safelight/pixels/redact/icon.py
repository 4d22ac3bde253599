"""Make a new icon image from pixels that are known to be clean (PS3.3, C.7.6.1.1.6)."""

from __future__ import annotations

import numpy as np
from PIL import Image
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_sequence
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRBigEndian, ImplicitVRLittleEndian

from safelight.dicom.quiet_logging import silence_pydicom
from safelight.pixels.models import Picture
from safelight.pixels.thresholds import ICON_MAX_SIDE_PIXELS

ICON_IMAGE_SEQUENCE = 0x00880200


def make_icon(picture: Picture, transfer_syntax: str) -> tuple[str, bytes]:
    """Return the value of Icon Image Sequence for a picture of a clean frame.

    Parameters
    ----------
    picture : ndarray
        (rows, columns) gray or (rows, columns, 3) RGB, 8 bits, black is 0.
    transfer_syntax : str
        UID of the transfer syntax in which the object is written.

    Returns
    -------
    tuple
        ``SQ`` and the bytes of its one item.
    """
    image = Image.fromarray(picture).convert("L")  # an icon has no true color
    image.thumbnail((ICON_MAX_SIDE_PIXELS, ICON_MAX_SIDE_PIXELS))
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
