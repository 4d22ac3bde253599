"""Entry point for ``spark-submit``: it takes the arguments of the ``safelight`` command."""

import sys

from jobs.cli import main

if __name__ == "__main__":
    sys.exit(main())
