"""Clean three-dimensional models: STL, and Wavefront OBJ and MTL (PS3.3, sections A.85 and C.35).

The numbers of a model are kept. Its texts, which the software or a person may have written, are
removed: the header of STL, comments, names of objects, groups, materials and files.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator

import numpy as np

from safelight.records import Reason, Refusal

STL = "model/stl"
OBJ = "model/obj"
MTL = "model/mtl"

#: Layout of binary STL: a header, the number of triangles, and the triangles, each of which has
#: twelve numbers (normal and corners) and a count of attribute bytes.
_STL_HEADER_BYTES = 80
_TRIANGLE = np.dtype([("vectors", "<f4", 12), ("attributes", "<u2")])

#: Statements of OBJ and MTL that are kept with their numbers.
_OBJ_STATEMENTS = frozenset(
    (b"v", b"vt", b"vn", b"vp", b"f", b"l", b"p", b"s", b"deg", b"bmat", b"step", b"curv",
     b"curv2", b"surf", b"parm", b"trim", b"hole", b"scrv", b"sp", b"end", b"cstype")
)  # fmt: skip
_MTL_STATEMENTS = frozenset(
    (b"Ka", b"Kd", b"Ks", b"Ke", b"Tf", b"Tr", b"d", b"Ns", b"Ni", b"illum", b"sharpness",
     b"Pr", b"Pm", b"Ps", b"Pc", b"Pcr", b"aniso", b"anisor")
)  # fmt: skip

#: Keywords among the numbers of a statement.
_WORDS = frozenset(
    (b"off", b"u", b"v", b"rat", b"bmatrix", b"bezier", b"bspline", b"cardinal", b"taylor",
     b"xyz", b"spectral", b"-halo")
)  # fmt: skip

_MAX_NUMBER_CHARACTERS = 32
_NUMBER = re.compile(rb"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,3})?")
_CORNER = re.compile(rb"-?\d{1,9}(?:/(?:-?\d{1,9})?){0,2}")


def can_clean(media_type: str) -> bool:
    """Return whether a MIME type is that of a model.

    Parameters
    ----------
    media_type : str
        MIME type in lower case, without parameters.
    """
    return media_type in _CLEANERS


def clean_surface_model(data: bytes, media_type: str) -> bytes:
    """Return a model without its texts.

    Parameters
    ----------
    data : bytes
        The document.
    media_type : str
        One for which :func:`can_clean` is true.

    Returns
    -------
    bytes

    Raises
    ------
    Refusal
        ``ENCAPSULATED_DOCUMENT`` if the document is not a model of this type.
    """
    return _CLEANERS[media_type](data)


def _refuse(media_type: str) -> Refusal:
    return Refusal(
        Reason.ENCAPSULATED_DOCUMENT,
        f"the encapsulated document is not a valid {media_type}; review it manually, or let the "
        "rules remove it",
    )


def _clean_stl(data: bytes) -> bytes:
    """Return binary STL without its header and attribute bytes."""
    start = _STL_HEADER_BYTES + 4
    count = int.from_bytes(data[_STL_HEADER_BYTES:start], "little")
    stop = start + count * _TRIANGLE.itemsize
    if len(data) < start or not stop - 1 <= len(data) <= stop + 1:  # one byte may be padding
        raise _refuse(STL)
    triangles = np.frombuffer(data[:stop].ljust(stop, b"\0"), _TRIANGLE, count, start).copy()
    if not np.isfinite(triangles["vectors"]).all():
        raise _refuse(STL)
    triangles["attributes"] = 0
    return b"".join((bytes(_STL_HEADER_BYTES), data[_STL_HEADER_BYTES:start], triangles.tobytes()))


def _clean_obj(data: bytes) -> bytes:
    """Return OBJ without comments and names; a name is replaced by the number of its statement."""
    counts = {b"o": 0, b"g": 0}
    lines: list[bytes] = []
    for name, values in _read_statements(data):
        if name in counts:
            counts[name] += 1
            lines.append(b"%s %s%d" % (name, name, counts[name]))
        elif name in _OBJ_STATEMENTS and all(map(_is_value, values)):
            lines.append(b" ".join((name, *values)))
        elif name in _OBJ_STATEMENTS:
            raise _refuse(OBJ)
    return _join(lines, OBJ)


def _clean_mtl(data: bytes) -> bytes:
    """Return MTL without comments and files; a material is named by the number of its statement."""
    count = 0
    lines: list[bytes] = []
    for name, values in _read_statements(data):
        if name == b"newmtl":
            count += 1
            lines.append(b"newmtl material%d" % count)
        elif name in _MTL_STATEMENTS and all(map(_is_value, values)):
            lines.append(b" ".join((name, *values)))
        elif name in _MTL_STATEMENTS:
            raise _refuse(MTL)
    return _join(lines, MTL)


def _read_statements(data: bytes) -> Iterator[tuple[bytes, list[bytes]]]:
    """Yield the name and the values of each statement; a backslash continues a line."""
    for line in data.replace(b"\\\r\n", b" ").replace(b"\\\n", b" ").splitlines():
        name, *values = line.partition(b"#")[0].split() or [b""]
        if name:
            yield name, values


def _is_value(value: bytes) -> bool:
    """Return whether a value is a number, a corner of a face, or a keyword."""
    if value in _WORDS or _CORNER.fullmatch(value):
        return True
    if len(value) > _MAX_NUMBER_CHARACTERS or not _NUMBER.fullmatch(value):
        return False
    return math.isfinite(float(value))


def _join(lines: list[bytes], media_type: str) -> bytes:
    """Return the statements as a document; raise Refusal if none is left."""
    if not lines:
        raise _refuse(media_type)
    return b"\n".join(lines) + b"\n"


_CLEANERS: dict[str, Callable[[bytes], bytes]] = {
    STL: _clean_stl,
    "application/sla": _clean_stl,
    OBJ: _clean_obj,
    MTL: _clean_mtl,
}
