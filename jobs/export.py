r"""Copy de-identified objects to a release folder, with a manifest and a row in `releases`.

For example:
  safelight export --tables tables/ --output releases/ --release 2024-05 --modality CT MR
  safelight export --tables tables/ --output s3://partner/ --release knees \
      --rules research --where "body_part_examined = 'KNEE' AND study_date >= '20200101'"

The objects are selected from `catalog`, which holds no quarantined object. An object that
`safelight verify` has not found clean since it was made is refused: the release is made without it,
and the last line counts it as `unverified`. If no object is left, no release is made.
--include-unverified releases such objects too; the row of the release and its statement record it.
Each object is read, its SHA-256 is compared with its row, and it is written to
OUTPUT/RELEASE/study/series/instance.dcm.
Then OUTPUT/RELEASE/manifest.csv lists all objects, and the table `releases` gets one row. A release
is complete or it does not exist: if one object is missing or differs, neither the manifest nor the
row is written. A release is made once: the same command finds it done, and other arguments need
another name. To resume an export that was killed, run the same command again.

With --recipient, the objects get UIDs, identifiers and dates of the recipient, by a second pass
with --key over the de-identified objects, and the release holds only what the recipient does not
have. Two recipients cannot join their pseudonyms; identical pixels can always be linked. --k
generalises age, sex and other quasi-identifiers, and holds patients back, until each class has so
many patients. The folder OUTPUT/RECIPIENT/RELEASE then also holds catalog.parquet and
statement.json. OUTPUT/RECIPIENT/current.json lists the complete releases, and the Delta table
OUTPUT/RECIPIENT/catalog has a row for each of their objects.

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
    verified = parser.add_mutually_exclusive_group()
    verified.add_argument(
        "--verified-only", action="store_true",
        help="only objects that `safelight verify` has found clean since they were made (this is "
        "the default)",
    )  # fmt: skip
    verified.add_argument(
        "--include-unverified",
        action="store_true",
        help="also objects that were not found clean; the release records it",
    )
    parser.add_argument(
        "--lease", metavar="TABLE", help="DynamoDB table for the lease of tables on S3"
    )
    _add_recipient(parser)
    arguments.add_spark(parser)


def _add_recipient(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of a release to a recipient."""
    from jobs.common.cli import arguments
    from jobs.common.export.recipient.options import (
        DEFAULT_MAX_SUPPRESSED,
        DEFAULT_QUASI_IDENTIFIERS,
    )

    parser.add_argument(
        "--recipient", type=arguments.parse_name, metavar="NAME",
        help="give the objects pseudonyms of this recipient, and release only what it does not "
        "have; needs --key",
    )  # fmt: skip
    parser.add_argument(
        "--key", metavar="KEYREF", help="key from which the pseudonyms of recipients are derived"
    )
    parser.add_argument(
        "--mapping", metavar="URI", help="folder of the restricted tables (default: --tables)"
    )
    parser.add_argument(
        "--k", type=_parse_k, metavar="N",
        help="release a patient only if at least N patients have the same quasi-identifiers; they "
        "are generalised to reach it (default: no limit)",
    )  # fmt: skip
    parser.add_argument(
        "--max-suppressed", type=_parse_share, default=DEFAULT_MAX_SUPPRESSED, metavar="SHARE",
        help="share of the patients that is held back rather than that all are generalised further "
        "(default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--quasi-identifiers", nargs="+", default=list(DEFAULT_QUASI_IDENTIFIERS),
        metavar="COLUMN", help="columns of `catalog` (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--sensitive", default="study_description", metavar="COLUMN",
        help="column of `catalog` for l-diversity and t-closeness (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--keep-private", action="store_true",
        help="keep private elements, whose values may link the releases of two recipients",
    )  # fmt: skip
    parser.add_argument(
        "--population", type=_parse_population, metavar="N",
        help="number of patients from whom those of `catalog` come, such as all patients of the "
        "hospital; the statement then estimates how many are unique among them",
    )  # fmt: skip
    parser.add_argument(
        "--dicomdir",
        action="store_true",
        help="name the objects as a File-set (PS3.10) requires, and write a DICOMDIR",
    )


def _parse_k(text: str) -> int:
    if not text.isdecimal() or not 2 <= int(text) <= 100_000:
        raise argparse.ArgumentTypeError("must be a number from 2 to 100000")
    return int(text)


def _parse_population(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError("must be a number of patients")
    return int(text)


def _parse_share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise argparse.ArgumentTypeError("must be a number from 0 to 1")
    return share


def run(given: argparse.Namespace) -> int:
    """Select the objects, copy them and record the release."""
    from jobs.common.export.job import ExportJob
    from jobs.common.export.plan import plan_release
    from jobs.common.export.recipient.job import RecipientExportJob

    plan = plan_release(given)
    if plan.recipient is not None:
        return RecipientExportJob(plan, plan.recipient).run()
    return ExportJob(plan).run()


if __name__ == "__main__":
    from jobs.cli import main

    sys.exit(main(["export", *sys.argv[1:]]))
