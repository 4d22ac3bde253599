"""Write a PDF of one picture a page, with its words as invisible text (ISO 32000-1)."""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from safelight.documents.pdf.invisible_text import InvisibleFonts
from safelight.documents.pdf.text_layer import PageWord
from safelight.pixels.models import Picture

#: A page that is larger after lossless compression is a photograph and is written as JPEG.
_MAX_LOSSLESS_BYTES = 2_000_000
_JPEG_QUALITY = 90


@dataclass(frozen=True)
class RasterPage:
    """One page of the document.

    Attributes
    ----------
    picture : numpy.ndarray
        uint8, (rows, columns, 3), RGB.
    width, height : float
        Size on paper in points (1/72 inch).
    words : sequence of PageWord
        Words for the text layer; boxes in pixels of the picture.
    """

    picture: Picture
    width: float
    height: float
    words: Sequence[PageWord] = ()


def _compress_picture(picture: Picture) -> tuple[bytes, str, str]:
    """Return the compressed samples, their filter and their color space."""
    space = "/DeviceRGB"
    if (picture[..., 0] == picture[..., 1]).all() and (picture[..., 1] == picture[..., 2]).all():
        picture, space = np.ascontiguousarray(picture[..., 0]), "/DeviceGray"
    data = zlib.compress(picture.tobytes(), 9)
    if len(data) <= _MAX_LOSSLESS_BYTES:
        return data, "/FlateDecode", space
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "JPEG", quality=_JPEG_QUALITY)
    return buffer.getvalue(), "/DCTDecode", space


def write_raster_pdf(pages: Iterable[RasterPage]) -> bytes:
    """Return the document, without metadata, links and attachments, in one revision.

    Equal pages give equal bytes.
    """
    pages = list(pages)
    objects: list[bytes] = [b"", b""]  # the catalog and the page tree come first
    fonts = InvisibleFonts(word.text for page in pages for word in page.words)
    font_resources = ""
    if any(page.words for page in pages):
        numbers = [len(objects) + 1 + 3 * index for index in range(fonts.count)]
        objects += fonts.objects(len(objects) + 1)
        entries = " ".join(f"/F{index} {number} 0 R" for index, number in enumerate(numbers))
        font_resources = f"/Font << {entries} >> "
    kids = []
    for page in pages:
        rows, columns = page.picture.shape[:2]
        data, filter_name, space = _compress_picture(page.picture)
        number = len(objects) + 1
        size = f"{page.width:.2f} {page.height:.2f}"
        scale = f"{page.width:.2f} 0 0 {page.height:.2f} 0 0"
        content = f"q {scale} cm /P Do Q".encode()
        if page.words:
            content += b"\n" + fonts.content(page.words, page.width / columns, page.height)
        objects += [
            (
                f"<< /Type /XObject /Subtype /Image /Width {columns} /Height {rows} "
                f"/ColorSpace {space} /BitsPerComponent 8 /Filter {filter_name} "
                f"/Length {len(data)} >>\nstream\n"
            ).encode()
            + data
            + b"\nendstream",
            f"<< /Length {len(content)} >>\nstream\n".encode() + content + b"\nendstream",
            (
                f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {size}] /Contents {number + 1} 0 R "
                f"/Resources << {font_resources}/XObject << /P {number} 0 R >> >> >>"
            ).encode(),
        ]
        kids.append(f"{number + 2} 0 R")
    objects[0] = b"<< /Type /Catalog /Pages 2 0 R >>"
    objects[1] = f"<< /Type /Pages /Count {len(kids)} /Kids [{' '.join(kids)}] >>".encode()
    return _assemble(objects)


def _assemble(objects: list[bytes]) -> bytes:
    """Return the file with header, objects, cross-reference table and trailer."""
    output = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(output))
        output += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    start = len(output)
    output += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    for offset in offsets:
        output += f"{offset:010d} 00000 n \n".encode()
    output += (
        f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n"
    ).encode()
    return bytes(output)
