"""Read default arguments from the file that ``--conf FILE`` names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from typing import Any

import yaml

from jobs.common.cli.errors import UsageError

#: Options whose values ``on`` and ``off`` YAML 1.1 reads as booleans.
_ON_OFF_OPTIONS = ("--pixels", "--text")


def insert_config(argv: Sequence[str], options: Mapping[str, Set[str]]) -> list[str]:
    """Insert the arguments of the ``--conf`` file before those of the command line.

    Arguments of the command line come last, so that they win. One file serves all commands:
    arguments that only other commands take are left out.

    Parameters
    ----------
    argv : sequence of str
        Command, followed by its arguments.
    options : mapping of str to set of str
        Options of each command.

    Returns
    -------
    list of str
        All arguments, the command first.

    Raises
    ------
    UsageError
        If the file cannot be read, does not map argument names to values, or holds a name that
        no command takes.
    """
    arguments = list(argv)
    path = _config_path(arguments)
    if not path:
        return arguments
    command_options = options.get(arguments[0], frozenset())
    found = _read_arguments(path, command_options, options)
    return [*arguments[:1], *found, *arguments[1:]]


def _config_path(arguments: Sequence[str]) -> str:
    """Return the value of the last ``--conf`` argument, or an empty string."""
    path = ""
    for position, argument in enumerate(arguments):
        if argument.startswith("--conf="):
            path = argument.partition("=")[2]
        elif argument == "--conf" and position + 1 < len(arguments):
            path = arguments[position + 1]
    return path


def _read_arguments(
    path: str, command_options: Set[str], options: Mapping[str, Set[str]]
) -> list[str]:
    """Return the settings of the file that the command takes, as arguments."""
    arguments: list[str] = []
    for name, value in _load_settings(path).items():
        option = f"--{str(name).replace('_', '-')}"
        if option in command_options:
            arguments += _format_argument(option, value)
        elif not any(option in others for others in options.values()):
            raise UsageError(f"--conf {path}: no command takes {name}")
    return arguments


def _load_settings(path: str) -> dict[Any, Any]:
    """Return the mapping that the file holds."""
    try:
        with open(path, encoding="utf-8") as file:
            settings: Any = yaml.safe_load(file)
    except OSError as error:
        raise UsageError(f"--conf {path} cannot be read: {error.strerror}") from None
    except yaml.YAMLError as error:
        line = getattr(getattr(error, "problem_mark", None), "line", -1) + 1
        raise UsageError(f"--conf {path} is not YAML, see line {line}") from None
    if not isinstance(settings, dict):
        raise UsageError(f"--conf {path} must map argument names to values")
    return settings


def _format_argument(option: str, value: Any) -> list[str]:
    """Return one setting as it is written on a command line."""
    if value is True and option not in _ON_OFF_OPTIONS:
        return [option]
    if isinstance(value, bool):
        return [option, "on" if value else "off"]
    if isinstance(value, list):
        return [option, *map(str, value)]
    return [option, str(value)]
