"""The parts of the DICOM standard that rules are made of: data and typed loaders.

``confidentiality`` PS3.15 Table E.1-1 · ``options`` CID 7050 · ``private`` safe private
elements · ``iod`` attributes and Types by IOD · ``vocabulary`` technical text and class UIDs.
``build`` makes the data files again from their sources.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path


@lru_cache(maxsize=1)
def get_data_version() -> str:
    """SHA-256 over the shipped tables, in hexadecimal."""
    digest = hashlib.sha256()
    folder = Path(__file__).parent / "data"
    for path in sorted(p for p in folder.iterdir() if p.suffix in (".csv", ".gz", ".yaml")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
