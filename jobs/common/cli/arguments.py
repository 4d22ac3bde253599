"""The arguments that jobs share."""

from __future__ import annotations

import argparse
import re


def add_key(parser: argparse.ArgumentParser) -> None:
    """The key and the namespace."""
    parser.add_argument(
        "--key",
        required=True,
        metavar="KEYREF",
        help="file:PATH, env:NAME or aws-secretsmanager:NAME of a secret of at least 32 bytes, "
        "in hex, base64 or raw",
    )
    parser.add_argument(
        "--namespace",
        type=plain_name,
        default="default",
        help="project or recipient; pseudonyms of two namespaces cannot be linked "
        "(default: %(default)s)",
    )


def add_tables(parser: argparse.ArgumentParser) -> None:
    """Where the Delta tables stand."""
    parser.add_argument("--tables", required=True, metavar="URI", help="folder of Delta tables")
    parser.add_argument(
        "--mapping",
        metavar="URI",
        help="folder of the restricted tables `mapping` and `sources` (default: --tables)",
    )


def add_input(parser: argparse.ArgumentParser) -> None:
    """What to read."""
    parser.add_argument(
        "--input",
        nargs="+",
        default=[],
        metavar="URI",
        help="file, folder (all below it) or glob; a path, file://, s3:// or s3a://",
    )
    parser.add_argument("--manifest", metavar="URI", help="text file with one URI a line")


def add_stages(
    parser: argparse.ArgumentParser, stages: tuple[str, ...] = ("pixels", "text")
) -> None:
    """Which rules, and which stages."""
    parser.add_argument(
        "--rules",
        default="research",
        metavar="NAME|URI",
        help="a shipped rule set (basic, research) or a YAML file (default: %(default)s)",
    )
    for stage in stages:
        parser.add_argument(
            f"--{stage}",
            choices=("on", "off"),
            default="on",
            help=f"leave the {stage} stage out (default: %(default)s)",
        )


def add_run(parser: argparse.ArgumentParser) -> None:
    """How to run."""
    parser.add_argument(
        "--run-id",
        type=plain_name,
        metavar="ID",
        help="name of the run (default: a new one); one that is there goes on",
    )
    parser.add_argument(
        "--lease", metavar="TABLE", help="DynamoDB table for the lease of tables on S3"
    )
    parser.add_argument(
        "--fail-on-quarantine",
        action="store_true",
        help="exit with 3 if an object was quarantined",
    )
    add_spark(parser)


def add_spark(parser: argparse.ArgumentParser) -> None:
    """How to start Spark."""
    parser.add_argument(
        "--master", type=_master, help="Spark master (default: spark-submit's, else local[*])"
    )
    parser.add_argument(
        "--spark-conf",
        nargs="+",
        action="extend",
        default=[],
        metavar="K=V",
        help="Spark settings",
    )
    parser.add_argument(
        "--conf", metavar="FILE", help="YAML file with defaults for these arguments"
    )


def plain_name(text: str) -> str:
    """A name that may stand in tables, keys and file names, spelled in one way only.

    Raises
    ------
    argparse.ArgumentTypeError
        If it has other characters or is too long.
    """
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", text):
        raise argparse.ArgumentTypeError(
            "takes up to 64 letters, digits, dots, dashes and underscores"
        )
    return text


def _master(text: str) -> str:
    if not re.fullmatch(r"local(\[.+\])?|yarn|(spark|k8s|mesos)://.+", text):
        raise argparse.ArgumentTypeError("takes local[N], yarn, spark://… or k8s://…")
    return text
