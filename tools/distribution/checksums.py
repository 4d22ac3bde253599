"""List files with their checksums, in the format of ``sha256sum --check``."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path


def list_checksums(folder: Path, files: Iterable[Path]) -> str:
    """Return one line per file: SHA-256 and the path relative to a folder.

    Parameters
    ----------
    folder : Path
        Folder to which the paths are relative.
    files : iterable of Path
        Files below the folder.
    """
    return "".join(f"{_digest(path)}  {path.relative_to(folder)}\n" for path in sorted(files))


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        digest = hashlib.sha256()
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
