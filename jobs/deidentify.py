"""De-identify DICOM objects: a folder or a bucket in, objects and Delta tables out.

example:
  safelight deidentify --input scans/ --output clean/ --tables tables/ --key file:key.hex

Work goes in tasks of at most 64 MB or 200 objects (a larger object is a task of its own) and
in batches of tasks that are committed one by one; a run that was killed is finished by the
same command. A worker holds one object at a time, and on S3 up to 32 MB that it fetches
ahead: give it three times the size of the largest object. In the driver, a listing of a million
objects takes about 300 MB and the rows of a batch, of at most 512 tasks, up to 400 MB.

exit codes: 0 done (quarantined objects included), 1 the run failed, 2 a wrong argument,
3 objects were quarantined and --fail-on-quarantine was given. The last line on stdout is
one JSON object with the counts; of a run that failed, of what it had committed, and `error`.
"""

from __future__ import annotations

import argparse
import sys


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    from jobs.common.cli import arguments

    arguments.add_input(parser)
    parser.add_argument("--output", required=True, metavar="URI", help="folder of the objects")
    arguments.add_tables(parser)
    arguments.add_key(parser)
    arguments.add_stages(parser)
    arguments.add_run(parser)


def run(given: argparse.Namespace) -> int:
    """Check everything that can be checked, then run."""
    from jobs.common.images.job import ImageJob
    from jobs.common.run.run_config import prepare

    return ImageJob(prepare(given)).run()


if __name__ == "__main__":
    from jobs.cli import main

    sys.exit(main(["deidentify", *sys.argv[1:]]))
