r"""Copy de-identified objects to a release folder, with a manifest and a row in `releases`.

For example:
  safelight export --tables tables/ --output releases/ --release 2024-05 --modality CT MR
  safelight export --tables tables/ --output s3://partner/ --release knees \
      --rules research --where "body_part_examined = 'KNEE' AND study_date >= '20200101'"

The objects are selected from `catalog`, which holds no quarantined object. Each object is read, its
SHA-256 is compared with its row, and it is written to OUTPUT/RELEASE/study/series/instance.dcm.
Then OUTPUT/RELEASE/manifest.csv lists all objects, and the table `releases` gets one row. A release
is complete or it does not exist: if one object is missing or differs, neither the manifest nor the
row is written. A release is made once: the same command finds it done, and other arguments need
another name. To resume an export that was killed, run the same command again.

--where takes a condition in Spark SQL over the columns of `catalog`. If an object exists in several
versions, made by different rules or for different namespaces, select one by --rules or --namespace.

exit codes: 0 done, 1 the release could not be made, 2 an argument is wrong. The last line on stdout
is one JSON object with the counts.
"""

from __future__ import annotations

import argparse
import sys


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    from jobs.common.cli import arguments

    parser.add_argument("--tables", required=True, metavar="URI", help="folder of Delta tables")
    parser.add_argument("--output", required=True, metavar="URI", help="folder of the releases")
    parser.add_argument(
        "--release", required=True, type=arguments.parse_name, metavar="NAME",
        help="name of the release and of its folder",
    )  # fmt: skip
    parser.add_argument(
        "--rules",
        metavar="NAME|URI",
        help="only objects de-identified by these rules (default: all)",
    )
    parser.add_argument(
        "--namespace",
        type=arguments.parse_name,
        help="only objects of this namespace (default: all)",
    )
    parser.add_argument(
        "--modality",
        nargs="+",
        default=[],
        metavar="CODE",
        help="only objects of these modalities (default: all)",
    )
    parser.add_argument(
        "--where", metavar="SQL", help="only objects whose row in `catalog` meets this condition"
    )
    parser.add_argument(
        "--lease", metavar="TABLE", help="DynamoDB table for the lease of tables on S3"
    )
    arguments.add_spark(parser)


def run(given: argparse.Namespace) -> int:
    """Select the objects, copy them and record the release."""
    from jobs.common.export.job import ExportJob
    from jobs.common.export.plan import plan_release

    return ExportJob(plan_release(given)).run()


if __name__ == "__main__":
    from jobs.cli import main

    sys.exit(main(["export", *sys.argv[1:]]))
