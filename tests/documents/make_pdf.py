"""Write small PDF files for the tests."""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np


def make_pdf(
    lines: list[str],
    picture: np.ndarray[Any, np.dtype[np.uint8]] | None = None,
    rotate: int = 0,
) -> bytes:
    """Return a PDF of one A5 page with lines of Helvetica 14 and, below them, a gray picture.

    Like many real files it also has content that is not visible: metadata, a script, an
    annotation, hidden text and text outside the page.
    """
    secret = "(SMITHSON HIDDEN)"
    content = ["BT /F 14 Tf 40 550 Td 24 TL"]
    content += [f"({line}) Tj T*" for line in lines]
    content += [f"3 Tr {secret} Tj ET", f"BT /F 14 Tf 900 900 Td {secret} Tj ET"]
    extra = ""
    objects: dict[int, bytes] = {}
    if picture is not None:
        rows, columns = picture.shape
        content.append("q 340 0 0 100 40 100 cm /P Do Q")
        extra = "/XObject << /P 8 0 R >>"
        data = zlib.compress(picture.tobytes())
        objects[8] = (
            f"<< /Type /XObject /Subtype /Image /Width {columns} /Height {rows} /ColorSpace "
            f"/DeviceGray /BitsPerComponent 8 /Filter /FlateDecode /Length {len(data)} >>\n"
            "stream\n"
        ).encode() + data + b"\nendstream"  # fmt: skip
    stream = "\n".join(content).encode("latin-1")
    objects |= {
        1: b"<< /Type /Catalog /Pages 2 0 R /OpenAction << /S /JavaScript /JS "
        b"(app.alert\\('SMITHSON'\\)) >> >>",
        2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        3: f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 420 595] /Rotate {rotate} /Contents 5 0 R "
        f"/Resources << /Font << /F 4 0 R >> {extra} >> /Annots [6 0 R] >>".encode(),
        4: b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        5: f"<< /Length {len(stream)} >>\nstream\n".encode() + stream + b"\nendstream",
        6: b"<< /Type /Annot /Subtype /Text /Rect [10 10 30 30] /Contents (SMITHSON note) >>",
        7: b"<< /Title (Report on SMITHSON^JOHN) /Author (Dr. Secret) >>",
    }
    output = b"%PDF-1.4\n"
    for number in sorted(objects):
        output += f"{number} 0 obj\n".encode() + objects[number] + b"\nendobj\n"
    return output + b"trailer\n<< /Root 1 0 R /Info 7 0 R >>\n%%EOF\n"
