"""Declare the arguments of ``safelight submit``."""

from __future__ import annotations

import argparse
import re

from jobs.aws.submit.cluster_sizes import MAX_NODES
from jobs.aws.submit.emr_eks import DEFAULT_RELEASE_LABEL
from jobs.aws.submit.emr_serverless import DEFAULT_TIMEOUT_MINUTES
from jobs.aws.submit.sagemaker import DEFAULT_INSTANCE_TYPE, DEFAULT_VOLUME_GB
from jobs.common.cli import arguments

_ROLE = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+")
_KMS_KEY = re.compile(r"arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key/[A-Za-z0-9-]+")


def add_common(parser: argparse.ArgumentParser, needs_role: bool = True) -> None:
    """Add the arguments that all services have in common.

    Parameters
    ----------
    parser : argparse.ArgumentParser
        Parser of the service; the arguments are added to it.
    needs_role : bool
        Whether a run needs a role of its own.
    """
    parser.add_argument(
        "--role", required=needs_role, type=_parse_role, metavar="ARN", help="role of the run"
    )
    parser.add_argument(
        "--name",
        type=arguments.parse_name,
        metavar="NAME",
        help="name of the run (default: from the command and the run ID)",
    )
    parser.add_argument(
        "--region", metavar="NAME", help="region (default: AWS_REGION or the AWS configuration)"
    )
    parser.add_argument(
        "--tag",
        action="append",
        default=[],
        type=_parse_pair,
        metavar="NAME=VALUE",
        help="tag of the run, for costs, without PHI; may be repeated",
    )
    parser.add_argument(
        "--spark-setting",
        action="append",
        default=[],
        type=_parse_pair,
        metavar="NAME=VALUE",
        help="setting of Spark, which wins over those of conf/spark; may be repeated",
    )
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help="print the request as JSON; nothing is copied or started, and AWS is not called, "
        "except to read --release",
    )
    parser.add_argument(
        "--wait",
        action="store_true",
        help="wait for the end of the run, print its last line, and exit with its exit code",
    )
    arguments.add_endpoint(parser)
    arguments.add_log(parser)


def add_nodes(parser: argparse.ArgumentParser) -> None:
    """Add the number of nodes."""
    parser.add_argument(
        "--nodes",
        type=_parse_nodes,
        default=1,
        metavar="N",
        help="largest number of nodes of 16 vCPU, 1 to 100 (default: %(default)s)",
    )


def add_release(parser: argparse.ArgumentParser, with_image: bool) -> None:
    """Add where the service finds Safelight.

    Parameters
    ----------
    parser : argparse.ArgumentParser
        Parser of the service; the arguments are added to it.
    with_image : bool
        Whether the service may have Safelight in its image.
    """
    parser.add_argument(
        "--distribution",
        metavar="FOLDER",
        help="folder that `make dist` has made; what --staging does not have is copied there",
    )
    parser.add_argument("--staging", metavar="URI", help="folder on S3 for the distribution")
    parser.add_argument(
        "--release", metavar="URI", help="release.json of an earlier copy, instead of both"
    )
    if with_image:
        parser.add_argument(
            "--image",
            action="store_true",
            help="the application uses the image of conf/aws/images/emr, which has Safelight",
        )


def add_logs(parser: argparse.ArgumentParser) -> None:
    """Add the place of the logs."""
    parser.add_argument(
        "--logs", required=True, type=_parse_folder, metavar="URI", help="folder on S3 for logs"
    )
    parser.add_argument("--log-key", type=_parse_kms_key, metavar="ARN", help="KMS key of the logs")


def add_token(parser: argparse.ArgumentParser) -> None:
    """Add the idempotency token."""
    parser.add_argument(
        "--client-token",
        type=arguments.parse_name,
        metavar="TOKEN",
        help="idempotency token (default: the hash of the request); the service starts one run for "
        "all requests with one token: to repeat a run that has failed, give another one",
    )


def add_emr_serverless(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of EMR Serverless."""
    parser.add_argument("--application", required=True, metavar="ID", help="ID of the application")
    add_common(parser)
    add_release(parser, with_image=True)
    add_logs(parser)
    add_nodes(parser)
    add_token(parser)
    parser.add_argument(
        "--disk-key", type=_parse_kms_key, metavar="ARN", help="KMS key of the disks of the workers"
    )
    _add_timeout(parser)
    _add_attempts(parser)
    parser.add_argument(
        "--flex", action="store_true", help="use capacity that may start later and costs less"
    )


def add_emr_ec2(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of EMR on EC2."""
    parser.add_argument("--cluster", required=True, metavar="ID", help="ID of the cluster")
    add_common(parser, needs_role=False)
    add_release(parser, with_image=False)
    add_nodes(parser)


def add_emr_eks(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of EMR on EKS."""
    parser.add_argument(
        "--virtual-cluster", required=True, metavar="ID", help="ID of the virtual cluster"
    )
    add_common(parser)
    parser.add_argument(
        "--image",
        required=True,
        metavar="URI",
        help="image of conf/aws/images/emr, made from the base image of EMR on EKS",
    )
    parser.add_argument(
        "--release-label",
        default=DEFAULT_RELEASE_LABEL,
        metavar="LABEL",
        help="release of EMR, that of the image (default: %(default)s)",
    )
    add_logs(parser)
    add_nodes(parser)
    add_token(parser)
    _add_attempts(parser)


def add_sagemaker(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of SageMaker."""
    add_common(parser)
    parser.add_argument(
        "--image", required=True, metavar="URI", help="image of conf/aws/images/sagemaker"
    )
    parser.add_argument(
        "--staging",
        required=True,
        type=_parse_folder,
        metavar="URI",
        help="folder on S3 for the settings of Spark",
    )
    add_nodes(parser)
    parser.add_argument(
        "--instance-type",
        default=DEFAULT_INSTANCE_TYPE,
        metavar="TYPE",
        help="type of the instances; the settings fit 16 vCPU and 64 GB (default: %(default)s)",
    )
    parser.add_argument(
        "--volume-gb",
        type=_parse_positive,
        default=DEFAULT_VOLUME_GB,
        metavar="N",
        help="size of the volume of an instance (default: %(default)s)",
    )
    parser.add_argument("--volume-key", metavar="ID", help="KMS key of the volumes")
    parser.add_argument(
        "--subnet", nargs="+", default=[], metavar="ID", help="subnets of the instances"
    )
    parser.add_argument(
        "--security-group", nargs="+", default=[], metavar="ID", help="their security groups"
    )
    _add_timeout(parser)


def _add_timeout(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--timeout-minutes",
        type=_parse_positive,
        default=DEFAULT_TIMEOUT_MINUTES,
        metavar="N",
        help="time after which the service ends the run (default: %(default)s)",
    )


def _add_attempts(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--attempts",
        type=_parse_positive,
        default=1,
        metavar="N",
        help="attempts of the run; each later one resumes it (default: %(default)s)",
    )


def _parse_role(text: str) -> str:
    if not _ROLE.fullmatch(text):
        raise argparse.ArgumentTypeError(
            "must be the ARN of a role: arn:aws:iam::ACCOUNT:role/NAME"
        )
    return text


def _parse_kms_key(text: str) -> str:
    if not _KMS_KEY.fullmatch(text):
        raise argparse.ArgumentTypeError(
            "must be the ARN of a KMS key: arn:aws:kms:REGION:ACCOUNT:key/ID"
        )
    return text


def _parse_folder(text: str) -> str:
    if not re.match(r"s3://[^/]", text):
        raise argparse.ArgumentTypeError("must be a folder on S3: s3://BUCKET/FOLDER/")
    return text


def _parse_pair(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not name or not separator:
        raise argparse.ArgumentTypeError("must be NAME=VALUE")
    return name, value


def _parse_positive(text: str) -> int:
    if not re.fullmatch(r"[1-9]\d{0,5}", text):
        raise argparse.ArgumentTypeError("must be a whole number from 1")
    return int(text)


def _parse_nodes(text: str) -> int:
    nodes = _parse_positive(text)
    if nodes > MAX_NODES:
        raise argparse.ArgumentTypeError(f"must be 1 to {MAX_NODES}")
    return nodes
