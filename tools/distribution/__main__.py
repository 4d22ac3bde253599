"""Make the folder ``dist/``.

python -m tools.distribution --python /usr/bin/python3.11
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tools.check_wheel import ROOT
from tools.distribution.assemble import assemble
from tools.distribution.environment import base_interpreter


def main() -> int:
    """Read the arguments and make the distribution."""
    parser = argparse.ArgumentParser(prog="tools.distribution", description=__doc__)
    parser.add_argument(
        "--python",
        default=base_interpreter(),
        metavar="PATH",
        help="Python interpreter on the machines of the cluster (default: %(default)s)",
    )
    parser.add_argument(
        "--output", type=Path, default=ROOT / "dist", metavar="FOLDER", help="folder to write"
    )
    given = parser.parse_args()
    try:
        assemble(given.output, given.python)
    except ValueError as error:
        parser.error(str(error))
    archive = given.output / "environment.tar.gz"
    print(
        f"{given.output}: environment.tar.gz {archive.stat().st_size / 1e6:.0f} MB; see README.md"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
