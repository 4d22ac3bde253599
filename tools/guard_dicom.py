"""Refuse DICOM objects outside tests/data: a patient's scan must not enter the history."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ALLOWED = ("tests/data/",)
PREAMBLE = 128


def is_dicom(path: Path) -> bool:
    """Whether a file starts as PS3.10 says, or is named as DICOM files are."""
    if path.suffix.lower() in (".dcm", ".dicom", ".ima"):
        return True
    with path.open("rb") as file:
        return file.read(PREAMBLE + 4)[PREAMBLE:] == b"DICM"


def offenders(names: list[str]) -> list[str]:
    """The files that may not be committed."""
    outside = (name for name in names if not name.startswith(ALLOWED))
    return [name for name in outside if Path(name).is_file() and is_dicom(Path(name))]


def main(names: list[str]) -> int:
    """Check the given files, or all that are tracked."""
    if not names:
        listed = subprocess.run(["git", "ls-files", "-z"], capture_output=True, check=False)
        names = [name for name in listed.stdout.decode().split("\0") if name]
    found = offenders(names)
    for name in found:
        print(f"{name}: DICOM objects belong in tests/data, with their licence", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
