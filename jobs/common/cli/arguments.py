"""Declare the arguments that several commands share."""

from __future__ import annotations

import argparse
import math
import re
import threading

#: Defaults of the limits of one object. Text detection in a cine loop takes some minutes.
DEFAULT_OBJECT_SECONDS = 1800.0
DEFAULT_OBJECT_MEMORY_BYTES = 4 << 30

#: Smallest limit of memory: a decoder needs some of it for any object.
_MIN_OBJECT_MEMORY_BYTES = 64 << 20


#: Store of the mapping in a Delta table.
DELTA_STORE = "delta"


def add_key(parser: argparse.ArgumentParser, *, required: bool = True) -> None:
    """Add the key and the namespace."""
    parser.add_argument(
        "--key",
        required=required,
        metavar="KEYREF",
        help="reference to a key of at least 32 bytes in hex, base64 or raw, or to a key ring: "
        "file:PATH, env:NAME, aws-secretsmanager:NAME[#VERSION] or aws-kms:URI; see docs/keys.md",
    )
    parser.add_argument(
        "--namespace",
        type=parse_name,
        default="default",
        help="project or recipient; pseudonyms of two namespaces cannot be linked "
        "(default: %(default)s)",
    )


def add_tables(parser: argparse.ArgumentParser, *, required: bool = True) -> None:
    """Add the folders of the Delta tables."""
    parser.add_argument("--tables", required=required, metavar="URI", help="folder of Delta tables")
    parser.add_argument(
        "--mapping",
        metavar="URI",
        help="folder of the restricted tables `mapping` and `sources` (default: --tables)",
    )


def add_mapping_store(parser: argparse.ArgumentParser) -> None:
    """Add the store of the mapping; see docs/mapping.md."""
    parser.add_argument(
        "--mapping-store",
        type=parse_mapping_store,
        default=DELTA_STORE,
        metavar="STORE",
        help="store of the pairs of originals and pseudonyms: delta for the table `mapping`, or "
        "dynamodb:TABLE; `sources` is a Delta table in any case (default: %(default)s)",
    )


def add_output(parser: argparse.ArgumentParser, content: str) -> None:
    """Add the output folder and what is done about its existing content.

    Parameters
    ----------
    parser : argparse.ArgumentParser
        Parser of the command; the arguments are added to it.
    content : str
        Content of the folder, for the help text.
    """
    parser.add_argument("--output", required=True, metavar="URI", help=f"folder of the {content}")
    parser.add_argument(
        "--versioned-output",
        action="store_true",
        help="write to a folder below --output whose name is the beginning of the hash of the "
        "rules, so that other rules do not meet the same names",
    )
    parser.add_argument(
        "--check-output",
        choices=("size", "sha256", "off"),
        default="size",
        help="compare the outputs that the tables record with --output, and make missing and "
        "damaged ones again; sha256 reads all of them (default: %(default)s)",
    )


def add_input(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that name the sources; see docs/sources.md."""
    parser.add_argument(
        "--input",
        nargs="+",
        default=[],
        metavar="URI",
        help="file, folder with all files below it, or glob; a path, file://, s3:// or s3a://; for "
        "images also healthimaging://DATASTORE-ID, a data store of AWS HealthImaging",
    )
    parser.add_argument(
        "--manifest",
        nargs="+",
        default=[],
        metavar="URI",
        help="files that name objects one by one: text with one URI per line, CSV or Parquet with "
        "uri or bucket and key (optional: version_id, size, etag); or a folder or glob of them",
    )
    parser.add_argument(
        "--inventory",
        nargs="+",
        default=[],
        metavar="URI",
        help="manifest.json of an S3 Inventory in CSV, ORC or Parquet",
    )
    parser.add_argument(
        "--since",
        metavar="TIME|RUN",
        help="list only objects modified since this time (ISO 8601) or this run; last-run is the "
        "newest finished run of the same inputs and settings",
    )
    parser.add_argument(
        "--allow-empty", action="store_true", help="accept an input without objects"
    )


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
    parser.add_argument(
        "--accept-lint",
        nargs="+",
        default=[],
        metavar="CODE",
        help="accept errors of `safelight rules lint` with these codes; the run records it",
    )
    for stage in stages:
        parser.add_argument(
            f"--{stage}",
            choices=("on", "off"),
            default="on",
            help=f"turn the {stage} stage on or off (default: %(default)s)",
        )


def add_run(parser: argparse.ArgumentParser) -> None:
    """Add the run ID, the lease, the limits of an object, and Spark's arguments."""
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
    add_object_limits(parser)
    add_metrics(parser)
    add_spark(parser)


def add_object_limits(parser: argparse.ArgumentParser, is_check: bool = False) -> None:
    """Add the limits of time and memory of one object.

    Parameters
    ----------
    parser : ArgumentParser
    is_check : bool
        Whether the command checks outputs, which are then unchecked and not quarantined.
    """
    outcomes = ("unchecked",) * 2 if is_check else (
        "quarantined as object_timeout", "quarantined as object_memory",
    )  # fmt: skip
    parser.add_argument(
        "--object-seconds",
        type=_parse_seconds,
        default=DEFAULT_OBJECT_SECONDS,
        metavar="SECONDS",
        help="time that one object, or one piece of a large file of notes, may take in each step; "
        f"one that takes longer is {outcomes[0]} (default: %(default)s)",
    )
    parser.add_argument(
        "--object-memory",
        type=_parse_bytes,
        default=DEFAULT_OBJECT_MEMORY_BYTES,
        metavar="BYTES",
        help="memory that one object may need in addition to its own bytes, such as 800M or 6G; "
        f"one that needs more is {outcomes[1]} "
        f"(default: {DEFAULT_OBJECT_MEMORY_BYTES >> 30}G)",
    )


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
    add_endpoint(parser)
    add_log(parser)


def add_endpoint(parser: argparse.ArgumentParser) -> None:
    """Add the endpoint of S3-compatible storage."""
    parser.add_argument(
        "--endpoint-url",
        metavar="URL",
        help="endpoint of S3-compatible storage, for sources, outputs and tables, on driver and "
        "executors (default: AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, else Amazon S3)",
    )


def add_log(parser: argparse.ArgumentParser) -> None:
    """Add the format of the log."""
    parser.add_argument(
        "--log-format",
        choices=("text", "json"),
        default="text",
        help="log lines on stderr: sentences, or one JSON object a line with event, run ID, stage, "
        "batch and source ID (default: %(default)s)",
    )


def add_metrics(parser: argparse.ArgumentParser) -> None:
    """Add the destinations of the metrics."""
    parser.add_argument(
        "--metrics",
        metavar="FILE",
        help="file for counters in the text format of Prometheus, replaced after each batch",
    )
    parser.add_argument(
        "--metrics-cloudwatch",
        metavar="NAMESPACE",
        help="namespace of CloudWatch for the same counters",
    )


def parse_mapping_store(text: str) -> str:
    """Return the name of a store of the mapping.

    Raises
    ------
    argparse.ArgumentTypeError
        If it is neither ``delta`` nor a DynamoDB table.
    """
    if text != DELTA_STORE and not re.fullmatch(r"dynamodb:[A-Za-z0-9_.-]{3,255}", text):
        raise argparse.ArgumentTypeError("must be delta or dynamodb:TABLE")
    return text


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


def _parse_seconds(text: str) -> float:
    """Return a positive number of seconds."""
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds <= threading.TIMEOUT_MAX:
        raise argparse.ArgumentTypeError("must be a number of seconds above 0")
    return seconds


def _parse_bytes(text: str) -> int:
    """Return a number of bytes; the suffixes K, M, G and T are powers of 1024."""
    match = re.fullmatch(r"(\d{1,15})([KMGT]?)B?", text.upper())
    size = int(match[1]) << (10 * " KMGT".index(match[2] or " ")) if match else 0
    if not _MIN_OBJECT_MEMORY_BYTES <= size < 1 << 62:
        raise argparse.ArgumentTypeError(
            f"must be a number of bytes of at least {_MIN_OBJECT_MEMORY_BYTES >> 20}M, such as 4G"
        )
    return size


def _parse_master(text: str) -> str:
    """Return a Spark master URL of a known form."""
    if not re.fullmatch(r"local(\[.+\])?|yarn|(spark|k8s|mesos)://.+", text):
        raise argparse.ArgumentTypeError("must be local[N], yarn, spark://… or k8s://…")
    return text
