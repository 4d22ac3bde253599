"""Declare the arguments that several commands share."""

from __future__ import annotations

import argparse
import re


def add_key(parser: argparse.ArgumentParser) -> None:
    """Add the key and the namespace."""
    parser.add_argument(
        "--key",
        required=True,
        metavar="KEYREF",
        help="reference to a secret of at least 32 bytes in hex, base64 or raw: file:PATH, "
        "env:NAME or aws-secretsmanager:NAME",
    )
    parser.add_argument(
        "--namespace",
        type=parse_name,
        default="default",
        help="project or recipient; pseudonyms of two namespaces cannot be linked "
        "(default: %(default)s)",
    )


def add_tables(parser: argparse.ArgumentParser) -> None:
    """Add the folders of the Delta tables."""
    parser.add_argument("--tables", required=True, metavar="URI", help="folder of Delta tables")
    parser.add_argument(
        "--mapping",
        metavar="URI",
        help="folder of the restricted tables `mapping` and `sources` (default: --tables)",
    )


def add_input(parser: argparse.ArgumentParser) -> None:
    """Add the input and the manifest."""
    parser.add_argument(
        "--input",
        nargs="+",
        default=[],
        metavar="URI",
        help="file, folder with all files below it, or glob; a path, file://, s3:// or s3a://",
    )
    parser.add_argument("--manifest", metavar="URI", help="text file with one URI per line")


def add_stages(
    parser: argparse.ArgumentParser, stages: tuple[str, ...] = ("pixels", "text")
) -> None:
    """Add the rule set and a switch for each stage.

    Parameters
    ----------
    parser : argparse.ArgumentParser
        Parser of the command; the arguments are added to it.
    stages : tuple of str
        Names of the stages of the command; each gets an argument ``--NAME on|off``.
    """
    parser.add_argument(
        "--rules",
        default="research",
        metavar="NAME|URI",
        help="shipped rule set (basic, research) or YAML file (default: %(default)s)",
    )
    for stage in stages:
        parser.add_argument(
            f"--{stage}",
            choices=("on", "off"),
            default="on",
            help=f"turn the {stage} stage on or off (default: %(default)s)",
        )


def add_run(parser: argparse.ArgumentParser) -> None:
    """Add the run ID, the lease, the exit code on quarantine, and Spark's arguments."""
    parser.add_argument(
        "--run-id",
        type=parse_name,
        metavar="ID",
        help="run ID (default: generated); an existing ID resumes that run",
    )
    parser.add_argument(
        "--lease", metavar="TABLE", help="DynamoDB table for the lease of tables on S3"
    )
    parser.add_argument(
        "--fail-on-quarantine",
        action="store_true",
        help="exit with code 3 if an object was quarantined",
    )
    add_spark(parser)


def add_spark(parser: argparse.ArgumentParser) -> None:
    """Add Spark's master and settings, and the configuration file."""
    parser.add_argument(
        "--master",
        type=_parse_master,
        help="Spark master (default: that of spark-submit, else local[*])",
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


def parse_name(text: str) -> str:
    """Return a name that is safe in tables, keys and file names.

    Raises
    ------
    argparse.ArgumentTypeError
        If the name has other characters or is too long.
    """
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", text):
        raise argparse.ArgumentTypeError(
            "must have 1 to 64 letters, digits, dots, dashes and underscores, and begin with a "
            "letter or digit"
        )
    return text


def _parse_master(text: str) -> str:
    """Return a Spark master URL of a known form."""
    if not re.fullmatch(r"local(\[.+\])?|yarn|(spark|k8s|mesos)://.+", text):
        raise argparse.ArgumentTypeError("must be local[N], yarn, spark://… or k8s://…")
    return text
