"""Check outputs independently of the engine, against their tables and their originals.

example:
  safelight verify --input clean/ --tables tables/
  safelight verify --input clean/ --tables tables/ --rules research --key file:key.hex

Every object must have its row and every row its object, with the same SHA-256; every object
must be free of identifiers. With --rules, what an object claims to have kept must be what the
rules provide for. Files of notes are checked in the same way: no text of theirs may have the
shape of something that identifies, unless the --rules let it stand. With --key, the originals
are found by the table `sources` and read again: then no identifying value of an original may
stand in its output, UIDs must map one to one, the dates of a patient must have moved together,
in images and in notes, and pixels that nothing was masked in must be the same bytes.

exit codes: 0 clean, 1 something was found, 2 the check could not run. The last line on stdout
is one JSON object with the counts; --report writes each finding, without any value.
"""

from __future__ import annotations

import argparse
import sys


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    from jobs.common.cli import arguments

    parser.add_argument("--input", required=True, metavar="URI", help="folder of the outputs")
    arguments.add_tables(parser)
    parser.add_argument(
        "--rules", metavar="NAME|URI", help="the rules of the run (default: believe the objects)"
    )
    parser.add_argument(
        "--key", metavar="KEYREF", help="key of the run: compare with the originals as well"
    )
    parser.add_argument(
        "--namespace",
        type=arguments.parse_name,
        default="default",
        help="namespace of the run (default: %(default)s)",
    )
    parser.add_argument(
        "--ocr", choices=("on", "off"), default="off",
        help="read the pixels with Tesseract as well; slow (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument("--report", metavar="FILE", help="CSV file for the findings")
    arguments.add_spark(parser)


def run(given: argparse.Namespace) -> int:
    """Check, print the counts, say by the exit code whether all is clean."""
    from jobs.common.cli.errors import JobError, UsageError
    from jobs.common.verification.job import Verification, prepare

    try:
        return Verification(prepare(given)).run()
    except JobError as failure:  # 1 means that something was found
        raise UsageError(str(failure)) from failure


if __name__ == "__main__":
    from jobs.cli import main

    sys.exit(main(["verify", *sys.argv[1:]]))
