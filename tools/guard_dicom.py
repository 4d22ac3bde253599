"""Refuse DICOM objects outside ``tests/data``, so that no patient's scan enters the repository."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

_ALLOWED_FOLDERS = ("tests/data/",)
_SUFFIXES = (".dcm", ".dicom", ".ima")
_PREAMBLE_BYTES = 128
_SIGNATURE = b"DICM"


def is_dicom(path: Path) -> bool:
    """Return whether a file has the DICOM prefix (PS3.10, section 7.1) or a usual suffix."""
    if path.suffix.lower() in _SUFFIXES:
        return True
    with path.open("rb") as file:
        return file.read(_PREAMBLE_BYTES + len(_SIGNATURE))[_PREAMBLE_BYTES:] == _SIGNATURE


def find_misplaced(names: list[str]) -> list[str]:
    """Return the DICOM files that may not be committed."""
    outside = (name for name in names if not name.startswith(_ALLOWED_FOLDERS))
    return [name for name in outside if Path(name).is_file() and is_dicom(Path(name))]


def main(names: list[str]) -> int:
    """Check the given files, or all tracked files; return the exit code."""
    if not names:
        listed = subprocess.run(["git", "ls-files", "-z"], capture_output=True, check=False)
        names = [name for name in listed.stdout.decode().split("\0") if name]
    found = find_misplaced(names)
    for name in found:
        print(
            f"{name} is a DICOM object: move it to tests/data and add its licence", file=sys.stderr
        )
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
