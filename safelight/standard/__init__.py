"""Tables of the DICOM standard on which rule sets are based, with typed loaders.

`confidentiality` has PS3.15 Table E.1-1, `options` CID 7050, `private_elements` the safe private
elements, `iod` attributes and Types by IOD, and `attribute_categories` technical vocabulary and
class UIDs. The files in ``data`` are made by ``tools/standard_tables``.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path


@lru_cache(maxsize=1)
def get_data_version() -> str:
    """Return the SHA-256 of all tables, in hexadecimal.

    Names and bytes of the files count, comments included, because the hash of a rule set uses
    it: another hash makes existing outputs obsolete.
    """
    digest = hashlib.sha256()
    folder = Path(__file__).parent / "data"
    for path in sorted(p for p in folder.iterdir() if p.suffix in (".csv", ".gz", ".yaml")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
