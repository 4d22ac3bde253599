r"""Create, check and rotate keys.

For example:
  safelight keys create --key file:key.json
  safelight keys create --key aws-kms:s3://control/key.json --kms-key alias/safelight-restricted
  safelight keys check --key file:key.json --tables tables/
  safelight keys check --key file:key.json --rules my-rules.yaml --namespace study-a
  safelight keys rotate --key file:key.json --tables tables/
  safelight keys reseal --key file:key.json --tables other-tables/
  safelight keys rotate --key aws-kms:s3://control/key.json --tables s3://research/tables/ \
      --mapping-store dynamodb:safelight-mapping

A key ring has the key of the pseudonyms and the sealing keys of the originals in `mapping`.
`rotate` adds a sealing key, keeps the earlier ones, and seals the originals of --tables again.
Pseudonyms change with --new-pseudonyms only. `reseal` does the same for further tables, and
completes a rotation that was interrupted. No key is printed. Spark is not started.

exit codes: 0 done, 1 a table cannot be read or changed, 2 an argument is wrong. The last line on
stdout is one JSON object with the IDs of the keys, which are not secret.
"""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the sub-commands and their arguments."""
    commands = parser.add_subparsers(dest="keys_command", required=True, metavar="WHAT")
    _add_create(commands)
    _add_check(commands)
    rotate = _add_change(
        commands, "rotate", "Add a sealing key, and seal the originals again under it.", False
    )
    rotate.add_argument(
        "--new-pseudonyms",
        action="store_true",
        help="add a key of the pseudonyms as well: later runs process all sources again, under "
        "pseudonyms that cannot be linked with the earlier ones",
    )
    _add_change(commands, "reseal", "Seal the originals again under the current key.", True)


def run(given: argparse.Namespace) -> int:
    """Run one sub-command."""
    from jobs.common.keys import commands

    functions = {
        "create": commands.create,
        "check": commands.check,
        "rotate": commands.rotate,
        "reseal": commands.reseal,
    }
    print(json.dumps(functions[given.keys_command](given)))
    return 0


def _add_command(commands: Any, name: str, summary: str, key: str) -> argparse.ArgumentParser:
    from jobs.common.cli import arguments

    parser = commands.add_parser(name, help=summary, description=summary, allow_abbrev=False)
    parser.add_argument("--key", required=True, metavar="KEYREF", help=key)
    arguments.add_endpoint(parser)
    arguments.add_log(parser)
    return parser  # type: ignore[no-any-return]


def _add_create(commands: Any) -> None:
    create = _add_command(
        commands,
        "create",
        "Create a random key ring in a new file, secret or envelope.",
        "file:PATH, aws-secretsmanager:NAME or aws-kms:URI, which must not exist",
    )
    create.add_argument(
        "--kms-key",
        metavar="ARN",
        help="KMS key (ARN, ID or alias) of the envelope, or of the secret",
    )


def _add_check(commands: Any) -> None:
    from jobs.common.cli import arguments

    check = _add_command(
        commands,
        "check",
        "Read the keys, and count the originals by key.",
        "KEYREF as for the other commands",
    )
    check.add_argument(
        "--rules", metavar="NAME|URI", help="show the prefix of new UIDs under these rules"
    )
    check.add_argument(
        "--namespace",
        type=arguments.parse_name,
        default="default",
        help="namespace of the prefix (default: %(default)s)",
    )
    _add_tables(check, required=False)


def _add_change(commands: Any, name: str, summary: str, required: bool) -> argparse.ArgumentParser:
    parser = _add_command(
        commands, name, summary, "file:PATH, aws-secretsmanager:NAME or aws-kms:URI"
    )
    _add_tables(parser, required)
    parser.add_argument(
        "--lease", metavar="TABLE", help="DynamoDB table for the lease of tables on S3"
    )
    return parser


def _add_tables(parser: argparse.ArgumentParser, required: bool) -> None:
    from jobs.common.cli import arguments

    parser.add_argument("--tables", required=required, metavar="URI", help="folder of Delta tables")
    parser.add_argument(
        "--mapping", metavar="URI", help="folder of the restricted tables (default: --tables)"
    )
    arguments.add_mapping_store(parser)


if __name__ == "__main__":
    from jobs.cli import main

    sys.exit(main(["keys", *sys.argv[1:]]))
