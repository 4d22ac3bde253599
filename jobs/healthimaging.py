r"""Import outputs into AWS HealthImaging, show the imports, delete patients, or copy originals out.

For example:
  safelight healthimaging import --tables s3://tables/ --staging s3://clean/imports/ \
      --datastore ID --role arn:aws:iam::ACCOUNT:role/NAME
  safelight healthimaging import --tables tables/ --staging staging/ --datastore ID --stow
  safelight healthimaging status --tables s3://tables/ --datastore ID
  safelight healthimaging delete --tables s3://tables/ --datastore ID --patients FILE --reason TEXT
  safelight healthimaging export --datastore ID --output s3://raw/from-store/

`import` takes the de-identified objects that the table `instances` records and the table `imports`
does not have yet, checks each one, copies them in chunks to --staging, and starts one import job
per chunk. The results are rows of `imports`. An instance with a warning, with other frames than
the output, or in an image set that is not primary is held (`released = false`). The same command
resumes an import that was killed. --stow sends small imports without a job.

`delete` deletes all image sets of patients, given by their pseudonyms, with all versions, and keeps
these patients out of later imports. The pace is that of the service, 0.25 image sets a second.

`export` copies all instances of a data store as files, for many runs over the same originals: from
S3 they are read faster. Each path names one version, so that the same command resumes an export and
copies only what is new. Paths hold UIDs: they are as confidential as the data store.

exit codes: 0 done, 1 the command failed, 2 an argument is wrong, 3 with --fail-on-held and an
instance that is held, refused or failed. The last line on stdout is one JSON object with the
counts.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the sub-commands and their arguments."""
    commands = parser.add_subparsers(dest="healthimaging_command", required=True, metavar="WHAT")
    _add_import(_add_command(commands, "import", "Import de-identified objects."))
    status = _add_command(commands, "status", "Show the imports and the import jobs.")
    status.add_argument(
        "--held", action="store_true", help="also list each held instance with its gates"
    )
    delete = _add_command(commands, "delete", "Delete the image sets of patients.")
    delete.add_argument(
        "--patient", nargs="+", default=[], metavar="PSEUDONYM", help="pseudonyms of patients"
    )
    delete.add_argument(
        "--patients", metavar="URI", help="text file with one pseudonym of a patient per line"
    )
    delete.add_argument("--reason", required=True, metavar="TEXT", help="reason for the record")
    _add_lease(delete)
    _add_export(_add_store_command(commands, "export", "Copy the instances of a data store."))


def _add_command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], name: str, summary: str
) -> argparse.ArgumentParser:
    """Add one sub-command that uses the tables."""
    one = _add_store_command(commands, name, summary)
    one.add_argument("--tables", required=True, metavar="URI", help="folder of Delta tables")
    return one


def _add_store_command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], name: str, summary: str
) -> argparse.ArgumentParser:
    """Add one sub-command with the arguments that all have."""
    from jobs.common.cli import arguments

    one = commands.add_parser(name, help=summary, description=summary, allow_abbrev=False)
    one.add_argument("--datastore", required=True, metavar="ID", help="ID of the data store")
    one.add_argument(
        "--region", metavar="NAME", help="region of the data store (default: AWS_REGION)"
    )
    arguments.add_endpoint(one)
    arguments.add_log(one)
    return one


def _add_lease(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--lease", metavar="TABLE", help="DynamoDB table for the lease of tables on S3"
    )


def _add_import(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``import``."""
    _add_import_folders(parser)
    _add_import_selection(parser)
    _add_import_method(parser)
    _add_import_gates(parser)
    _add_import_limits(parser)
    _add_lease(parser)


def _add_import_folders(parser: argparse.ArgumentParser) -> None:
    """Add where import jobs read and write, and with which role."""
    parser.add_argument(
        "--staging", required=True, metavar="URI",
        help="folder for the input and the results of import jobs, on S3 unless --stow is given; "
        "files are removed once they are recorded, results are kept",
    )  # fmt: skip
    parser.add_argument(
        "--role", metavar="ARN",
        help="role with which HealthImaging reads and writes --staging",
    )  # fmt: skip


def _add_import_selection(parser: argparse.ArgumentParser) -> None:
    """Add the conditions on the objects of an import."""
    from jobs.common.cli import arguments

    parser.add_argument(
        "--rules", metavar="NAME|URI",
        help="only objects de-identified by these rules (default: all)",
    )  # fmt: skip
    parser.add_argument(
        "--namespace", type=arguments.parse_name,
        help="only objects of this namespace (default: all)",
    )  # fmt: skip
    parser.add_argument(
        "--release", type=arguments.parse_name, metavar="NAME",
        help="only objects of this release of `safelight export` (default: all)",
    )  # fmt: skip
    parser.add_argument(
        "--recipient", type=arguments.parse_name, metavar="NAME",
        help="objects of the releases to this recipient, or of the one that --release names",
    )  # fmt: skip
    parser.add_argument(
        "--retry-failed", action="store_true",
        help="import again what failed or was refused before",
    )  # fmt: skip
    parser.add_argument(
        "--retry-held", action="store_true",
        help="import held instances again, as new versions, and judge them by the current policy",
    )  # fmt: skip


def _add_import_method(parser: argparse.ArgumentParser) -> None:
    """Add how objects reach the data store, and whether the command waits for it."""
    parser.add_argument(
        "--stow", action="store_true",
        help="send the objects by STOW-RS instead of import jobs; for small imports",
    )  # fmt: skip
    parser.add_argument(
        "--in-place", action="store_true",
        help="import folders that hold nothing else where they are, without a copy; no run may "
        "write to the output meanwhile",
    )  # fmt: skip
    parser.add_argument(
        "--no-wait", action="store_true",
        help="start the jobs and return; the next import records their results",
    )  # fmt: skip


def _add_import_gates(parser: argparse.ArgumentParser) -> None:
    """Add which imported instances are held."""
    parser.add_argument(
        "--warning-policy", nargs="+", default=[], metavar="TYPE=gate|note",
        help="hold instances with a type of warning, or note it only; see docs/aws.md",
    )  # fmt: skip
    parser.add_argument(
        "--frame-checksums", choices=("on", "off"), default="on",
        help="compare the checksums of all frames with those of the data store "
        "(default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--warning-search", choices=("on", "off"), default="on",
        help="search the data store for instances with a warning (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--fail-on-held", action="store_true",
        help="exit with code 3 if an instance is held, refused or failed",
    )  # fmt: skip


def _add_import_limits(parser: argparse.ArgumentParser) -> None:
    """Add the limits of an import."""
    parser.add_argument(
        "--job-files", type=_parse_count(5000), default=5000, metavar="N",
        help="files of one import job (default: %(default)s, the quota of the service)",
    )  # fmt: skip
    parser.add_argument(
        "--jobs", type=_parse_count(1000), default=100, metavar="N",
        help="import jobs at one time (default: %(default)s, the quota of the service; 20 in "
        "ap-southeast-2)",
    )  # fmt: skip
    parser.add_argument(
        "--threads", type=_parse_count(256), default=8, metavar="N",
        help="objects that are checked and copied at one time (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--poll-seconds", type=_parse_seconds, default=5.0, metavar="SECONDS",
        help="time before the first question about a job; later ones wait longer "
        "(default: %(default)s)",
    )  # fmt: skip


def _add_export(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``export``."""
    parser.add_argument(
        "--output", required=True, metavar="URI",
        help="folder of the files STUDY/SERIES/IMAGE-SET-VERSION/INSTANCE.dcm",
    )  # fmt: skip
    parser.add_argument(
        "--manifest", metavar="URI",
        help="CSV file for the paths of the current versions, for --manifest of deidentify",
    )  # fmt: skip
    parser.add_argument(
        "--retrieve", choices=("dicomweb", "frames"), default="dicomweb",
        help="copy files of the service, or build them from metadata and frames, which is faster "
        "(default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--threads", type=_parse_count(256), default=16, metavar="N",
        help="instances that are copied at one time (default: %(default)s)",
    )  # fmt: skip


def _parse_count(most: int) -> Callable[[str], int]:
    """Return a parser of numbers from 1 to ``most``."""

    def parse(text: str) -> int:
        if not text.isdecimal() or not 1 <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"must be a number from 1 to {most}")
        return int(text)

    return parse


def _parse_seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 < seconds <= 3600:
        raise argparse.ArgumentTypeError("must be a number of seconds above 0, at most 3600")
    return seconds


def run(given: argparse.Namespace) -> int:
    """Run one sub-command."""
    if given.healthimaging_command == "import":
        from jobs.aws.healthimaging.imports.importer import Importer
        from jobs.aws.healthimaging.imports.plan import plan_import

        return Importer(plan_import(given)).run()
    if given.healthimaging_command == "export":
        from jobs.aws.healthimaging.export import Export, plan_export

        return Export(plan_export(given)).run()
    if given.healthimaging_command == "delete":
        from jobs.aws.healthimaging.deletion import Deletion, plan_deletion

        return Deletion(plan_deletion(given)).run()
    from jobs.aws.healthimaging.status import plan_status, show_status

    return show_status(plan_status(given))


if __name__ == "__main__":
    from jobs.cli import main

    sys.exit(main(["healthimaging", *sys.argv[1:]]))
