"""Copy de-identified objects to a release folder, with a manifest and a row of the release.

example:
  safelight export --tables tables/ --output releases/ --release 2024-05 --modality CT MR
  safelight export --tables tables/ --output s3://partner/ --release knees \\
      --rules research --where "body_part_examined = 'KNEE' AND study_date >= '20200101'"

Objects come from `catalog`; what was quarantined is not in it. Each is read, must have the
SHA-256 that its row speaks of, and is written to OUTPUT/RELEASE/study/series/instance.dcm; then
OUTPUT/RELEASE/manifest.csv names all of them, and the table `releases` has one row. A release is
whole or it is not there: if one object is missing or is another one, there is neither manifest
nor row. A release is made once: the same command finds it done, and other arguments need another
name. One that was killed is finished by the same command.

--where takes a condition in Spark SQL over the columns of `catalog`. An object that stands in the
tables in more than one form, made by other rules or for another namespace, has to be told apart
by --rules or --namespace.

exit codes: 0 done, 1 the release could not be made, 2 a wrong argument. The last line on stdout
is one JSON object with the counts.
"""

from __future__ import annotations

import argparse
import sys


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    from jobs.common.cli import arguments

    parser.add_argument("--tables", required=True, metavar="URI", help="folder of Delta tables")
    parser.add_argument("--output", required=True, metavar="URI", help="folder of the releases")
    parser.add_argument(
        "--release", required=True, type=arguments.parse_name, metavar="NAME",
        help="name of the release and of its folder",
    )  # fmt: skip
    parser.add_argument(
        "--rules", metavar="NAME|URI", help="only objects that these rules made (default: all)"
    )
    parser.add_argument(
        "--namespace", type=arguments.parse_name, help="only objects of this one (default: all)"
    )
    parser.add_argument(
        "--modality", nargs="+", default=[], metavar="CODE", help="only these (default: all)"
    )
    parser.add_argument("--where", metavar="SQL", help="only where this holds in `catalog`")
    parser.add_argument(
        "--lease", metavar="TABLE", help="DynamoDB table for the lease of tables on S3"
    )
    arguments.add_spark(parser)


def run(given: argparse.Namespace) -> int:
    """Select, copy, record."""
    from jobs.common.export.release import Releasing, prepare

    return Releasing(prepare(given)).run()


if __name__ == "__main__":
    from jobs.cli import main

    sys.exit(main(["export", *sys.argv[1:]]))
