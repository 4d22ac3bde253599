"""Describe, lint, plan, compare and import rule sets.

For example:
  safelight rules describe research
  safelight rules lint my-rules.yaml
  safelight rules plan scan.dcm --rules my-rules.yaml
  safelight rules diff research my-rules.yaml
  safelight rules matrix research > matrix.csv
  safelight rules conformance my-rules.yaml
  safelight rules schema > safelight-rules.schema.json
  safelight rules import DicomAnonymizer.script --output my-rules.yaml

exit codes: 0 done, 1 lint found an error or the rule sets differ, 2 an argument is wrong or a file
cannot be read, 3 import --strict lost a part of the file.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable

#: Formats of `rules import`. The importers are loaded only when they are used.
IMPORT_FORMATS = (
    "ctp", "ctp-filter", "ctp-pixels", "deid", "jsl", "karnak", "orthanc", "microsoft",
)  # fmt: skip


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the sub-commands and their arguments."""
    commands = parser.add_subparsers(dest="rules_command", required=True, metavar="WHAT")

    def command(name: str, summary: str) -> argparse.ArgumentParser:
        return commands.add_parser(name, help=summary, description=summary, allow_abbrev=False)

    one = command("describe", "Describe a rule set in plain words.")
    one.add_argument("rules", nargs="?", default="research", metavar="NAME|URI")
    one = command(
        "lint", "Find contradictions and rules without the effect that they seem to have."
    )
    one.add_argument("rules", metavar="NAME|URI")
    one = command(
        "plan",
        "Show what a run does to a file: filters, pixels, text, known values of the patient and "
        "each element, without values.",
    )
    one.add_argument("file", metavar="FILE", help="a DICOM file")
    one.add_argument(
        "--pixels", choices=("on", "off"), default="on", help="read the pixels (default: on)"
    )
    one.add_argument("--rules", default="research", metavar="NAME|URI")
    one = command("diff", "Compare two rule sets: their parts and the operations on attributes.")
    one.add_argument("old", metavar="NAME|URI")
    one.add_argument("new", metavar="NAME|URI")
    one = command("matrix", "Print a CSV table: the operation on each attribute by option.")
    one.add_argument("rules", nargs="?", default="research", metavar="NAME|URI")
    one = command("conformance", "Print the conformance statement of PS3.15, section E.1.3.")
    one.add_argument("rules", nargs="?", default="research", metavar="NAME|URI")
    command("schema", "Print the JSON Schema of rules files, which editors use.")
    one = command("import", "Convert the rules of another tool, and list what was not converted.")
    one.add_argument("file", metavar="FILE")
    one.add_argument(
        "--from", dest="kind", choices=IMPORT_FORMATS, default=None,
        help="format of the file (default: detected)",
    )  # fmt: skip
    one.add_argument("--output", metavar="FILE", help="rules file to write (default: stdout)")
    one.add_argument(
        "--lookup-table", metavar="FILE",
        help="lookup table of a CTP script; its values are written as CSV beside the output",
    )  # fmt: skip
    one.add_argument(
        "--strict", action="store_true",
        help="exit code 3 if a part of the file is lost or keeps less than in the other tool",
    )  # fmt: skip


def run(given: argparse.Namespace) -> int:
    """Run one sub-command."""
    actions: dict[str, Callable[[argparse.Namespace], int]] = {
        "describe": _describe,
        "lint": _lint,
        "plan": _plan,
        "diff": _diff,
        "matrix": _matrix,
        "conformance": _conformance,
        "schema": _schema,
        "import": _import,
    }
    return actions[given.rules_command](given)


def _describe(given: argparse.Namespace) -> int:
    """Print the description of a rule set."""
    from jobs.common.run.rule_sets import load_rule_set
    from safelight.rules.describe import describe

    print(describe(load_rule_set(given.rules)), end="")
    return 0


def _lint(given: argparse.Namespace) -> int:
    """Print the findings of lint."""
    from jobs.common.run.rule_sets import load_rule_set
    from safelight.rules.lint import has_errors, lint

    advice = lint(load_rule_set(given.rules))
    for one in advice:
        print(one)
    return int(has_errors(advice))


def _plan(given: argparse.Namespace) -> int:
    """Print what a run does to a file."""
    import struct
    from pathlib import Path

    from pydicom.errors import InvalidDicomError

    from jobs.common.cli.errors import UsageError
    from jobs.common.run.lookup_tables import read_lookup_rows
    from jobs.common.run.rule_sets import load_rule_set
    from safelight.object_forecast import forecast
    from safelight.records import Refusal
    from safelight.rules import RulesError

    rules = load_rule_set(given.rules)
    try:
        rows = read_lookup_rows(rules)
    except RulesError as error:
        raise UsageError(f"--rules {given.rules}: {error}") from None
    try:
        data = Path(given.file).read_bytes()
        found = forecast(rules, data, pixels=given.pixels == "on", lookup_rows=rows)
    except (
        Refusal,
        InvalidDicomError,
        OSError,
        EOFError,
        LookupError,
        ValueError,
        TypeError,
        AttributeError,
        NotImplementedError,
        struct.error,
    ) as error:  # all exceptions of pydicom for bad files; their messages may hold values
        raise UsageError(f"{given.file} cannot be read as DICOM ({type(error).__name__})") from None
    for line in found.list_lines(rules):
        print(line)
    return 0


def _diff(given: argparse.Namespace) -> int:
    """Print the differences of two rule sets."""
    from jobs.common.run.rule_sets import load_rule_set
    from safelight.rules.rule_set_diff import describe_differences

    lines = describe_differences(load_rule_set(given.old), load_rule_set(given.new))
    for line in lines:
        print(line)
    return int(bool(lines))


def _matrix(given: argparse.Namespace) -> int:
    """Print the matrix of attributes and options."""
    from jobs.common.run.rule_sets import load_rule_set
    from safelight.rules.option_matrix import make_option_matrix

    print(make_option_matrix(load_rule_set(given.rules)), end="")
    return 0


def _conformance(given: argparse.Namespace) -> int:
    """Print the conformance statement of a rule set."""
    from jobs.common.run.rule_sets import load_rule_set
    from safelight.rules.conformance import make_conformance_statement

    print(make_conformance_statement(load_rule_set(given.rules)), end="")
    return 0


def _schema(_given: argparse.Namespace) -> int:
    """Print the JSON Schema of rules files."""
    import json

    from safelight.rules.schema import make_json_schema

    print(json.dumps(make_json_schema(), indent=1))
    return 0


def _import(given: argparse.Namespace) -> int:
    """Convert the rules of another tool."""
    from pathlib import Path

    from jobs.common.cli.errors import UsageError
    from jobs.common.cli.log import log_event
    from safelight.rules.importers import RulesImportError, import_rules

    path = Path(given.file)
    if given.lookup_table and not given.output:
        raise UsageError("--lookup-table needs --output: its values are written beside that file")
    try:
        text, table = (
            Path(one).read_text(encoding="utf-8-sig") if one else ""
            for one in (path, given.lookup_table)
        )
        imported = import_rules(text, path.name, given.kind, lookup_table=table)
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read ({type(error).__name__})") from None
    except RulesImportError as problem:
        raise UsageError(str(problem)) from None
    for remark in imported.remarks:
        log_event("import_remark", f"{path}, {remark}")
    if lost := len({remark.line for remark in imported.remarks if remark.is_downgrade}):
        log_event(
            "import_downgrades",
            f"{lost} lines of {path} keep less here: read the comments beside their rules, write "
            "an entry of your own where you need another one, and run safelight rules lint",
        )
    if given.output:
        Path(given.output).write_text(imported.text, encoding="utf-8")
        for name, rows in imported.tables.items():
            target = Path(given.output).parent / name
            with open(target, "w", encoding="utf-8", opener=_open_private) as file:
                file.write(rows)
    else:
        print(imported.text, end="")
    return 3 if given.strict and imported.has_downgrades else 0


def _open_private(path: str, flags: int) -> int:
    """Open a file that its owner alone may read, for `open`."""
    return os.open(path, flags, 0o600)


if __name__ == "__main__":
    from jobs.cli import main

    sys.exit(main(["rules", *sys.argv[1:]]))
