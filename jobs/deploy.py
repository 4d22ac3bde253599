r"""Deploy Safelight on AWS: buckets, keys, roles, network, compute, trigger, schedule, ingress.

For example:
  safelight deploy --dry-run --output rendered/
  safelight deploy --name safelight --parameters parameters.yaml --distribution dist/

The stacks of conf/aws are deployed by CloudFormation: first a bucket for templates, code and the
distribution, then the root stack by a change set, then one stack per partner and recipient of the
file of parameters. The same command again changes what differs. A change that would replace or
remove a bucket, a table, a KMS key, a secret or a data store is refused. docs/aws.md is the guide
for a new account, with costs and the way back.

--dry-run needs no account: it checks the parameters, and writes what would be uploaded to --output.
--no-execute creates the bucket and the change sets only, for a review in CloudFormation.

exit codes: 0 done, 1 the deployment failed, 2 an argument is wrong. The last line on stdout is one
JSON object: outputs of the root stack, or with --dry-run its parameters and files.
"""

from __future__ import annotations

import argparse
import re
import sys


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    from jobs.common.cli import arguments

    parser.add_argument(
        "--name",
        type=_parse_name,
        default="safelight",
        help="name of the stack and beginning of the names of all resources; unique per account, "
        "also between regions (default: %(default)s)",
    )
    parser.add_argument(
        "--parameters",
        metavar="FILE",
        help="YAML file with parameters of conf/aws/main.yaml, `partners` and `recipients`",
    )
    parser.add_argument(
        "--distribution",
        metavar="FOLDER",
        help="folder that `make dist` makes; without it, ImageUri in --parameters names an image",
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="render and check only, without an account"
    )
    parser.add_argument(
        "--output", metavar="FOLDER", help="folder for the rendered files of --dry-run"
    )
    parser.add_argument(
        "--no-execute",
        action="store_true",
        help="create the change sets without executing them",
    )
    parser.add_argument(
        "--allow-replacement",
        action="store_true",
        help="accept changes that replace or remove resources that hold data",
    )
    parser.add_argument(
        "--conf", metavar="FILE", help="YAML file with defaults for these arguments"
    )
    arguments.add_log(parser)


def run(given: argparse.Namespace) -> int:
    """Deploy."""
    from jobs.aws.deploy.deployment import deploy

    return deploy(given)


def _parse_name(text: str) -> str:
    """Return a name that can begin the names of all resources."""
    if not re.fullmatch(r"[a-z][a-z0-9-]{1,14}", text):
        raise argparse.ArgumentTypeError(
            "must have 2 to 15 lower-case letters, digits and dashes, and begin with a letter"
        )
    return text


if __name__ == "__main__":
    from jobs.cli import main

    sys.exit(main(["deploy", *sys.argv[1:]]))
