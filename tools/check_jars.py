"""Compare the jars of a folder with their SHA-256, before anything loads them.

Usage: ``python tools/check_jars.py CHECKSUMS FOLDER``; the file is one of ``sha256sum``. It uses
nothing but the standard library, because it runs before the packages are installed.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path


def find_defects(checksums: Path, folder: Path) -> list[str]:
    """Return a sentence for each jar that is missing, changed or not listed.

    Parameters
    ----------
    checksums : Path
        Lines of a digest in hexadecimal, two spaces and a name.
    folder : Path
        Folder of the jars; other files in it are ignored.
    """
    lines = checksums.read_text(encoding="ascii").splitlines()
    expected = {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.glob("*.jar")
    }
    missing = [f"{name} is missing" for name in sorted(expected.keys() - found.keys())]
    unknown = [f"{name} is not listed" for name in sorted(found.keys() - expected.keys())]
    changed = [
        f"{name} has another checksum"
        for name in sorted(expected.keys() & found.keys())
        if expected[name] != found[name]
    ]
    return missing + unknown + changed


def main(checksums: str, folder: str) -> int:
    """Print the defects; return 1 if there is one."""
    defects = find_defects(Path(checksums), Path(folder))
    for defect in defects:
        print(f"{defect}; remove the folder and get the jars again", file=sys.stderr)
    return int(bool(defects))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
