"""Show what the trigger on AWS has to do, or make uploads pending again.

For example:
  safelight trigger status
  safelight trigger replay --dead-letters
  safelight trigger replay --failed
  safelight trigger replay --listing s3://my-uploads/in/ --since 2026-11-30T02:00:00Z

The trigger is the Lambda function that starts one run per batch of uploads; see docs/trigger.md. A
replay makes uploads pending, and the trigger makes batches of them. A run skips what was
de-identified before.

exit codes: 0 done, 1 a service refuses a request, 2 an argument is wrong. The last line on stdout
is one JSON object with the counts. No line holds the key of an object.
"""

from __future__ import annotations

import argparse
import json
import sys
from datetime import datetime


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the sub-commands and their arguments."""
    commands = parser.add_subparsers(dest="trigger_command", required=True, metavar="WHAT")

    def command(name: str, summary: str) -> argparse.ArgumentParser:
        return commands.add_parser(name, help=summary, description=summary, allow_abbrev=False)

    _add_deployment(command("status", "Show queues, pending uploads and batches."))
    replay = command("replay", "Make uploads pending again.")
    source = replay.add_mutually_exclusive_group(required=True)
    source.add_argument(
        "--dead-letters",
        action="store_true",
        help="uploads of the dead-letter queue; messages that are not uploads stay there",
    )
    source.add_argument("--failed", action="store_true", help="uploads of failed batches")
    source.add_argument("--listing", metavar="URI", help="objects below a prefix on S3")
    source.add_argument("--inventory", metavar="URI", help="manifest.json of an S3 Inventory")
    replay.add_argument(
        "--bucket", help="bucket of the uploads of dead letters (default: that of the deployment)"
    )
    replay.add_argument(
        "--since", metavar="TIME", help="only objects modified since this time (ISO 8601)"
    )
    replay.add_argument(
        "--until", metavar="TIME", help="only objects modified before this time (ISO 8601)"
    )
    _add_deployment(replay)


def _add_deployment(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that name the deployment."""
    from jobs.common.cli import arguments

    parser.add_argument(
        "--name",
        type=arguments.parse_name,
        default="safelight",
        help="name of the deployment (default: %(default)s)",
    )
    parser.add_argument(
        "--control",
        metavar="URI",
        help="folder of pending uploads and manifests (default: that of the deployment)",
    )
    arguments.add_endpoint(parser)
    arguments.add_log(parser)


def run(given: argparse.Namespace) -> int:
    """Run one sub-command and print its result."""
    if given.trigger_command == "status":
        return _print_status(given)
    return _replay(given)


def _print_status(given: argparse.Namespace) -> int:
    from jobs.aws.trigger.deployment import find_deployment
    from jobs.aws.trigger.status import read_status

    status = read_status(find_deployment(given.name, given.control))
    for line in status.describe():
        print(line)
    print(json.dumps(status.to_json()))
    return 0


def _replay(given: argparse.Namespace) -> int:
    from dataclasses import asdict

    from jobs.aws.trigger import replay
    from jobs.aws.trigger.deployment import find_deployment

    _check_replay(given)
    since, until = _parse_time("--since", given.since), _parse_time("--until", given.until)
    deployment = find_deployment(given.name, given.control, given.bucket)
    if given.dead_letters:
        done = replay.replay_dead_letters(deployment)
    elif given.failed:
        done = replay.replay_failed(deployment)
    elif given.listing:
        done = replay.replay_listing(deployment, given.listing, since, until)
    else:
        done = replay.replay_inventory(deployment, given.inventory, since)
    print(json.dumps(asdict(done)))
    return 0


def _check_replay(given: argparse.Namespace) -> None:
    """Refuse arguments without effect.

    Raises
    ------
    UsageError
    """
    from jobs.common.cli.errors import UsageError
    from jobs.common.storage.location import parse_uri

    if given.bucket and not given.dead_letters:
        raise UsageError("--bucket is for --dead-letters; leave it out")
    if given.since and not (given.listing or given.inventory):
        raise UsageError("--since is for --listing and --inventory; leave it out")
    if given.until and not given.listing:
        raise UsageError("--until is for --listing; leave it out")
    if given.listing and not parse_uri(given.listing).on_s3:
        raise UsageError("--listing must be a prefix on S3; give s3://BUCKET/PREFIX")


def _parse_time(option: str, text: str | None) -> datetime | None:
    """Return a time in UTC.

    Raises
    ------
    UsageError
        If the text is not a time.
    """
    from datetime import timezone

    from jobs.common.cli.errors import UsageError

    if text is None:
        return None
    try:
        time = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        raise UsageError(f"{option} must be a time such as 2026-11-30T02:00:00Z") from None
    return (
        time.replace(tzinfo=timezone.utc) if time.tzinfo is None else time.astimezone(timezone.utc)
    )


if __name__ == "__main__":
    from jobs.cli import main

    sys.exit(main(["trigger", *sys.argv[1:]]))
