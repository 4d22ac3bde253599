"""The ``safelight`` command: one sub-command per job module of this package.

A job module has a docstring whose first line is its help, ``add_arguments(parser)`` and
``run(arguments) -> int``. It imports Spark only inside ``run``, so that wrong arguments
are told before Spark starts.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import os
import sys
from collections.abc import Sequence
from types import ModuleType

from jobs.common.cli.config_file import with_conf
from jobs.common.cli.errors import EXIT_FAILED, EXIT_USAGE, ArgumentProblem, JobFailure
from safelight.version import VERSION

#: In the order of the help; a command whose module is not in the package is not listed.
COMMANDS = ("deidentify", "notes", "verify", "export", "reidentify", "report", "rules")


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence, without the usage that nobody reads."""

    def error(self, message: str) -> None:  # type: ignore[override]
        self.exit(EXIT_USAGE, f"{self.prog}: {message} (see {self.prog} --help)\n")


def job_modules() -> dict[str, ModuleType]:
    """The module of each command that is there."""
    return {
        command: importlib.import_module(f"jobs.{command}")
        for command in COMMANDS
        if importlib.util.find_spec(f"jobs.{command}")
    }


def build_parser() -> argparse.ArgumentParser:
    """The parser of the whole command line."""
    parser = Parser(prog="safelight", description="De-identify DICOM and clinical notes.")
    parser.add_argument("--version", action="version", version=f"safelight {VERSION}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command, module in job_modules().items():
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


def options_of(parser: argparse.ArgumentParser) -> dict[str, frozenset[str]]:
    """The options of each command."""
    (commands,) = (a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
    return {
        name: frozenset(option for a in job._actions for option in a.option_strings)
        for name, job in commands.choices.items()
    }


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit code."""
    given = list(sys.argv[1:] if argv is None else argv)
    prog = f"safelight {given[0]}" if given else "safelight"
    try:
        parser = build_parser()
        arguments = parser.parse_args(with_conf(given, options_of(parser)))
        code = int(arguments.run(arguments))
        sys.stdout.flush()
        return code
    except ArgumentProblem as problem:
        print(f"{prog}: {problem}", file=sys.stderr)
        return EXIT_USAGE
    except JobFailure as failure:
        print(f"{prog}: {failure}", file=sys.stderr)
        return EXIT_FAILED
    except KeyboardInterrupt:
        print(f"{prog}: interrupted; the same command goes on from here", file=sys.stderr)
        return EXIT_FAILED
    except BrokenPipeError:  # who reads our output has seen enough, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_FAILED


if __name__ == "__main__":
    sys.exit(main())
