"""Write a PDF that holds one picture a page, and the words in it as text (ISO 32000-1)."""

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

#: Above this size a page is written with JPEG: a scanned photograph, not lines and letters.
_LOSSLESS_BYTES = 2_000_000
_JPEG_QUALITY = 90


@dataclass(frozen=True)
class RasterPage:
    """One page.

    Attributes
    ----------
    picture : numpy.ndarray
        uint8, (rows, columns, 3), RGB.
    width, height : float
        Size on paper in points, 1/72 inch.
    words : sequence of PageWord
        To be found by a search; places in pixels of the picture.
    """

    picture: Picture
    width: float
    height: float
    words: Sequence[PageWord] = ()


def _image(picture: Picture) -> tuple[bytes, str, str]:
    """Compressed samples, their filter and their colour space."""
    space = "/DeviceRGB"
    if (picture[..., 0] == picture[..., 1]).all() and (picture[..., 1] == picture[..., 2]).all():
        picture, space = np.ascontiguousarray(picture[..., 0]), "/DeviceGray"
    data = zlib.compress(picture.tobytes(), 9)
    if len(data) <= _LOSSLESS_BYTES:
        return data, "/FlateDecode", space
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "JPEG", quality=_JPEG_QUALITY)
    return buffer.getvalue(), "/DCTDecode", space


def write_raster_pdf(pages: Iterable[RasterPage]) -> bytes:
    """The document: deterministic bytes, no metadata, no links, no attachments, one revision."""
    pages = list(pages)
    objects: list[bytes] = [b"", b""]  # the catalog and the page tree come first
    fonts = InvisibleFonts(word.text for page in pages for word in page.words)
    named = ""
    if any(page.words for page in pages):
        numbers = [len(objects) + 1 + 3 * index for index in range(fonts.count)]
        objects += fonts.objects(len(objects) + 1)
        entries = " ".join(f"/F{index} {number} 0 R" for index, number in enumerate(numbers))
        named = f"/Font << {entries} >> "
    kids = []
    for page in pages:
        rows, columns = page.picture.shape[:2]
        data, filtered, space = _image(page.picture)
        number = len(objects) + 1
        size = f"{page.width:.2f} {page.height:.2f}"
        scale = f"{page.width:.2f} 0 0 {page.height:.2f} 0 0"
        content = f"q {scale} cm /P Do Q".encode()
        if page.words:
            content += b"\n" + fonts.content(page.words, page.width / columns, page.height)
        objects += [
            (
                f"<< /Type /XObject /Subtype /Image /Width {columns} /Height {rows} "
                f"/ColorSpace {space} /BitsPerComponent 8 /Filter {filtered} "
                f"/Length {len(data)} >>\nstream\n"
            ).encode()
            + data
            + b"\nendstream",
            f"<< /Length {len(content)} >>\nstream\n".encode() + content + b"\nendstream",
            (
                f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {size}] /Contents {number + 1} 0 R "
                f"/Resources << {named}/XObject << /P {number} 0 R >> >> >>"
            ).encode(),
        ]
        kids.append(f"{number + 2} 0 R")
    objects[0] = b"<< /Type /Catalog /Pages 2 0 R >>"
    objects[1] = f"<< /Type /Pages /Count {len(kids)} /Kids [{' '.join(kids)}] >>".encode()
    return _assembled(objects)


def _assembled(objects: list[bytes]) -> bytes:
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
