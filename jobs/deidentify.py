r"""De-identify DICOM objects from folders or buckets and record what was done in Delta tables.

For example:
  safelight deidentify --input scans/ --output clean/ --tables tables/ --key file:key.hex
  safelight deidentify --inventory s3://inventories/scans/daily/2026-11-30T01-00Z/manifest.json \
      --output s3://research/clean/ --tables s3://research/tables/ --key env:SAFELIGHT_KEY

The work is cut into tasks of at most 64 MB or 200 objects; a larger object is a task of its own.
Batches of tasks are committed one by one. To resume a run that was killed, run the same command
again. A worker holds one object at a time, and reads up to 32 MB ahead on S3: give it three times
the size of the largest object. The driver needs about 180 bytes of memory per listed object, up to
two million objects; above that, the cluster holds the listing.

exit codes: 0 done (quarantined objects included), 1 the run failed, 2 an argument is wrong,
3 objects were quarantined and --fail-on-quarantine was given. The last line on stdout is one JSON
object with the counts. If the run failed, it holds the counts of what was committed, and `error`.
"""

from __future__ import annotations

import argparse
import sys


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    from jobs.common.cli import arguments

    arguments.add_input(parser)
    arguments.add_output(parser, "objects")
    arguments.add_tables(parser)
    arguments.add_mapping_store(parser)
    arguments.add_key(parser)
    arguments.add_stages(parser)
    arguments.add_run(parser)


def run(given: argparse.Namespace) -> int:
    """Check the arguments, then run the job."""
    from jobs.common.images.plugin import ImagePlugin
    from jobs.common.run.job import Job
    from jobs.common.run.run_config import prepare, run_session

    with run_session("deidentify", given) as spark:
        return Job(prepare(given, spark), ImagePlugin(), spark).run()


if __name__ == "__main__":
    from jobs.cli import main

    sys.exit(main(["deidentify", *sys.argv[1:]]))
