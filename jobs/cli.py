"""Run the ``safelight`` command: one sub-command per job module of this package.

A job module has a docstring whose first line is its help text, ``add_arguments(parser)`` and
``run(arguments) -> int``. It imports Spark inside ``run`` only, so that wrong arguments are
reported before Spark starts.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial
from types import ModuleType
from typing import NoReturn

from jobs.common.aws.clients import use_region_of_environment
from jobs.common.cli.config_file import insert_config
from jobs.common.cli.errors import JobError, UsageError
from jobs.common.cli.exit_codes import ExitCode
from jobs.common.cli.log import LogFormat, configure_log, log_error
from jobs.common.run.stop_signals import Once, stop_on_signals
from jobs.common.storage.s3_client import use_endpoint
from safelight.version import VERSION

#: Commands in the order of the help text. A command without a module in the package is left out.
COMMANDS = (
    "deidentify",
    "notes",
    "verify",
    "export",
    "withdraw",
    "reidentify",
    "audit",
    "mapping",
    "midi-b",
    "report",
    "tables",
    "status",
    "healthimaging",
    "rules",
    "deploy",
    "submit",
    "keys",
    "trigger",
)


class OneLineErrorParser(argparse.ArgumentParser):
    """Argument parser that prints a one-line error instead of the full usage text."""

    def error(self, message: str) -> NoReturn:
        """Log the error and exit with the code of a usage error."""
        log_error("usage_error", f"{self.prog}: {message} (see {self.prog} --help)")
        self.exit(ExitCode.USAGE)
        raise AssertionError("exit does not return")


def name_module(command: str) -> str:
    """Return the name of the module of a command."""
    return f"jobs.{command.replace('-', '_')}"


def load_job_modules() -> dict[str, ModuleType]:
    """Return the module of each command that is installed."""
    return {
        command: importlib.import_module(name_module(command))
        for command in COMMANDS
        if importlib.util.find_spec(name_module(command))
    }


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    parser = OneLineErrorParser(
        prog="safelight", description="De-identify DICOM objects and clinical notes."
    )
    parser.add_argument("--version", action="version", version=f"safelight {VERSION}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command, module in load_job_modules().items():
        summary, _, rest = (module.__doc__ or "").partition("\n")
        job = commands.add_parser(
            command,
            help=summary.rstrip("."),
            description=summary,
            epilog=rest.strip(),
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        module.add_arguments(job)
        job.set_defaults(run=module.run)
    return parser


def list_options(parser: argparse.ArgumentParser) -> dict[str, frozenset[str]]:
    """Return the options of each command."""
    (commands,) = (a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
    return {
        name: frozenset(option for a in job._actions for option in a.option_strings)
        for name, job in commands.choices.items()
    }


def find_log_format(argv: Sequence[str]) -> LogFormat:
    """Return the format of the log on a command line that may hold errors."""
    wants_json = "--log-format=json" in argv or any(
        pair == ("--log-format", "json") for pair in zip(argv, argv[1:])
    )
    return LogFormat.JSON if wants_json else LogFormat.TEXT


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    given = list(sys.argv[1:] if argv is None else argv)
    prog = f"safelight {given[0]}" if given else "safelight"
    configure_log(find_log_format(given))
    log_interruption = Once(partial(_log_interruption, prog))
    try:
        with stop_on_signals(log_interruption):
            code = _run(given)
            sys.stdout.flush()
        return code
    except UsageError as error:
        log_error("usage_error", f"{prog}: {error}")
        return ExitCode.USAGE
    except JobError as error:
        log_error("run_failed", f"{prog}: {error}")
        return ExitCode.FAILED
    except KeyboardInterrupt:
        log_interruption()
        return ExitCode.FAILED
    except BrokenPipeError:  # the reader of a pipe has closed it, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.FAILED


@dataclass(frozen=True)
class ParsedCommand:
    """A command line after parsing.

    Attributes
    ----------
    words : tuple of str
        Command and arguments, with those of the ``--conf`` file.
    parser : argparse.ArgumentParser
        Parser of the command, or of its sub-command.
    arguments : argparse.Namespace
        Values of the arguments.
    """

    words: tuple[str, ...]
    parser: argparse.ArgumentParser
    arguments: argparse.Namespace


def parse_command(argv: Sequence[str]) -> ParsedCommand:
    """Parse a command line.

    Parameters
    ----------
    argv : sequence of str
        Command and arguments.

    Raises
    ------
    UsageError
        If the ``--conf`` file is wrong.
    SystemExit
        If an argument is unknown, missing or wrong; the error is logged.
    """
    parser = build_parser()
    words = insert_config(argv, list_options(parser))
    arguments, unknown = parser.parse_known_args(words)
    command = _find_parser(parser, arguments)
    if unknown:
        _refuse_unknown(command, unknown)
    return ParsedCommand(tuple(words), command, arguments)


def split_passed_arguments(argv: Sequence[str]) -> tuple[list[str], list[str]]:
    """Split a command line at ``--`` if its command passes arguments on to another command.

    Parameters
    ----------
    argv : sequence of str
        Command and arguments.

    Returns
    -------
    tuple of two lists
        Arguments of the command, and those that it passes on.
    """
    given = list(argv)
    if given[:1] != ["submit"] or "--" not in given:
        return given, []
    position = given.index("--")
    return given[:position], given[position + 1 :]


def _run(given: list[str]) -> int:
    """Parse the arguments and run the command."""
    own, passed = split_passed_arguments(given)
    arguments = parse_command(own).arguments
    arguments.passed = passed
    configure_log(getattr(arguments, "log_format", LogFormat.TEXT), command=arguments.command)
    use_region_of_environment()
    use_endpoint(getattr(arguments, "endpoint_url", None))
    return int(arguments.run(arguments))


def _find_parser(
    parser: argparse.ArgumentParser, arguments: argparse.Namespace
) -> argparse.ArgumentParser:
    """Return the parser of the command, or of its sub-command."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            return _find_parser(action.choices[getattr(arguments, action.dest)], arguments)
    return parser


def _refuse_unknown(parser: argparse.ArgumentParser, unknown: Sequence[str]) -> NoReturn:
    """Report arguments that a command does not take, with the most similar option."""
    known = [option for action in parser._actions for option in action.option_strings]
    names = (argument.partition("=")[0] for argument in unknown if argument.startswith("--"))
    similar = [match for name in names for match in get_close_matches(name, known, 1)]
    hint = f"; did you mean {', '.join(dict.fromkeys(similar))}?" if similar else ""
    parser.error(f"unrecognized arguments: {' '.join(unknown)}{hint}")


def _log_interruption(prog: str) -> None:
    log_error("interrupted", f"{prog}: interrupted; run the same command again to resume")


if __name__ == "__main__":
    sys.exit(main())
