r"""Start a run on EMR Serverless, EMR on EC2, EMR on EKS or SageMaker.

For example:
  safelight submit emr-serverless --application 00f1abc --role arn:aws:iam::123456789012:role/Job \
      --distribution dist/ --staging s3://control/safelight/ --logs s3://control/logs/ --wait -- \
      deidentify --manifest s3://control/batch.csv --output s3://clean/images/ \
      --tables s3://tables/ --mapping s3://restricted/ --key aws-secretsmanager:safelight-key

The command after `--` is that of the run: deidentify, notes, verify or export. It is checked here,
before anything is copied or started. Everyone who may describe the run sees its arguments: give
objects by --manifest or by the prefix of a bucket, because names of uploads may hold PHI. The key
is a reference that the role of the run reads.

exit codes: 0 the run was accepted, 1 the service refused it, 2 an argument is wrong. With --wait,
the exit code is that of the run. The last line on stdout is one JSON object: ID, state and logs, or
with --wait the last line of the run.
"""

from __future__ import annotations

import argparse
import sys


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the services and their arguments."""
    from jobs.aws.submit import arguments

    services = parser.add_subparsers(dest="service", required=True, metavar="SERVICE")

    def service(name: str, summary: str) -> argparse.ArgumentParser:
        return services.add_parser(
            name, help=summary, description=summary, allow_abbrev=False,
            usage=f"safelight submit {name} [OPTIONS] -- COMMAND [ARGUMENTS]",
        )  # fmt: skip

    arguments.add_emr_serverless(service("emr-serverless", "Start a run on EMR Serverless."))
    arguments.add_emr_ec2(service("emr-ec2", "Add a step to a cluster of EMR on EC2."))
    arguments.add_emr_eks(service("emr-eks", "Start a run on EMR on EKS."))
    arguments.add_sagemaker(service("sagemaker", "Start a processing job of SageMaker."))


def run(given: argparse.Namespace) -> int:
    """Submit the run."""
    from jobs.aws.submit.submission import submit

    return submit(given)


if __name__ == "__main__":
    from jobs.cli import main

    sys.exit(main(["submit", *sys.argv[1:]]))
