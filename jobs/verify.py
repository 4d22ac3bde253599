"""Verify outputs independently of the engine, against their tables and their originals.

For example:
  safelight verify --input clean/ --tables tables/
  safelight verify --input clean/ --tables tables/ --rules research --key file:key.hex
  safelight verify --input clean/ --tables tables/ --originals archive/

--input is the --output of runs, or the folder of releases to one recipient. Every object must have
a row and every row an object, with the same SHA-256. Every object must be free of the values that
PS3.15, Table E.1-1 removes, whatever the rules, and its labels must agree with its elements. With
--rules, what an object says that it retained must be what the rules retain. Texts are searched for
the shapes of identifiers and, by lists of names that the engine does not use, for names of persons.
With --text-model, a text model also reads the texts of elements: it finds names that no list has,
and sometimes takes another word for one. Files of notes are verified in the same way, except for
what the rules keep, and without a text model.

With --key, the originals are located by the table `sources` and read again. With --originals, they
are read from that folder, which is the input of the run or a copy of it; `sources` relates them to
the outputs. Then no identifying value of an original may occur in its output, UIDs must map one to
one, the dates of a patient must be shifted by the same number of days in images and notes, and
pixel data without a mask must have the same bytes.

Content that could not be checked is `unchecked`, not a finding, and the report names its object:
an encoding without a decoder, pages of a PDF that only --ocr on reads, objects beyond the limits.
Pixel data that cannot be decoded are a finding if their original can be decoded, or if their pixels
were masked.

The table `verification` gets the outcome of each object and each file of notes: clean, findings or
unchecked. --sample N draws N random objects for a person to look at. If none of 299 shows an
identity, fewer than 1 % of all objects do, with a confidence of 95 %; --confidence 0.99 needs 459.

exit codes: 0 clean, 1 there are findings, 2 the verification could not run, or no output could be
compared with --key or --originals. The last line on stdout is one JSON object with the counts;
--report writes each finding, without any value.
"""

from __future__ import annotations

import argparse
import sys


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    from jobs.common.cli import arguments

    parser.add_argument("--input", required=True, metavar="URI", help="folder of the outputs")
    arguments.add_tables(parser)
    parser.add_argument(
        "--rules",
        metavar="NAME|URI",
        help="rules of the run (default: trust what the objects say that they retained)",
    )
    parser.add_argument(
        "--key", metavar="KEYREF", help="key of the run; also compares with the originals"
    )
    parser.add_argument(
        "--originals", metavar="URI",
        help="folder of the originals; also compares with them",
    )  # fmt: skip
    parser.add_argument(
        "--namespace",
        type=arguments.parse_name,
        default="default",
        help="namespace of the run (default: %(default)s)",
    )
    parser.add_argument(
        "--ocr", choices=("on", "off"), default="off",
        help="also read the pixels with Tesseract, which is slow (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--text-model", default="off", metavar="on|off|FOLDER",
        help="also read the texts of elements with the text model that ships, or with the one in "
        "a folder (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument("--report", metavar="FILE", help="CSV file for the findings")
    parser.add_argument(
        "--sample", type=_parse_sample, default=0, metavar="N",
        help="number of random objects for a person to look at",
    )  # fmt: skip
    parser.add_argument(
        "--worklist", metavar="FILE",
        help="CSV file for the objects of --sample (default: worklist.csv)",
    )  # fmt: skip
    parser.add_argument(
        "--confidence", type=_parse_confidence, default=0.95, metavar="P",
        help="confidence of the risk that --sample proves, between 0.5 and 1 "
        "(default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--lease", metavar="TABLE", help="DynamoDB table for the lease of tables on S3"
    )
    arguments.add_object_limits(parser, is_check=True)
    arguments.add_spark(parser)


def _parse_sample(text: str) -> int:
    """Return a number of objects."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError("give a number of objects")
    return int(text)


def _parse_confidence(text: str) -> float:
    """Return a confidence, which is a probability below 1."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0.5 <= value < 1:
        raise argparse.ArgumentTypeError("give a number from 0.5 to below 1, such as 0.99")
    return value


def run(given: argparse.Namespace) -> int:
    """Verify the outputs and print the counts; the exit code says whether they are clean."""
    from jobs.common.cli.errors import JobError, UsageError
    from jobs.common.verification.job import VerificationJob
    from jobs.common.verification.plan import plan_verification

    try:
        return VerificationJob(plan_verification(given)).run()
    except JobError as failure:  # exit code 1 means that there are findings
        raise UsageError(str(failure)) from failure


if __name__ == "__main__":
    from jobs.cli import main

    sys.exit(main(["verify", *sys.argv[1:]]))
