"""``--conf FILE``: defaults of a site for the arguments of its jobs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from typing import Any

import yaml

from jobs.common.cli.errors import ArgumentProblem


def with_conf(argv: Sequence[str], options: Mapping[str, Set[str]]) -> list[str]:
    """The arguments with those of the ``--conf`` file put before them, so that given ones win.

    One file serves all jobs of a site: what only other jobs take is left out.

    Parameters
    ----------
    argv : sequence of str
        The command, then its arguments.
    options : mapping
        What each command takes.

    Raises
    ------
    ArgumentProblem
        If the file cannot be read, is not a mapping of argument names to values, or names what
        no job takes.
    """
    arguments = list(argv)
    path = ""
    for position, argument in enumerate(arguments):
        if argument.startswith("--conf="):
            path = argument.partition("=")[2]
        elif argument == "--conf" and position + 1 < len(arguments):
            path = arguments[position + 1]
    if not path:
        return arguments
    own = options.get(arguments[0], frozenset())
    return [*arguments[:1], *_as_arguments(path, own, options), *arguments[1:]]


def _as_arguments(path: str, own: Set[str], options: Mapping[str, Set[str]]) -> list[str]:
    try:
        with open(path, encoding="utf-8") as file:
            settings: Any = yaml.safe_load(file)
    except OSError as error:
        raise ArgumentProblem(f"--conf {path} cannot be read: {error.strerror}") from None
    except yaml.YAMLError as error:
        line = getattr(getattr(error, "problem_mark", None), "line", -1) + 1
        raise ArgumentProblem(f"--conf {path} is not YAML, see line {line}") from None
    if not isinstance(settings, dict):
        raise ArgumentProblem(f"--conf {path} must map argument names to values")
    arguments: list[str] = []
    for name, value in settings.items():
        option = f"--{str(name).replace('_', '-')}"
        if option not in own:
            if any(option in others for others in options.values()):
                continue
            raise ArgumentProblem(f"--conf {path}: no job takes {name}")
        if value is True and option not in ("--pixels", "--text"):
            arguments.append(option)
        elif isinstance(value, bool):  # YAML 1.1 reads a bare on and off as booleans
            arguments += [option, "on" if value else "off"]
        elif isinstance(value, list):
            arguments += [option, *map(str, value)]
        else:
            arguments += [option, str(value)]
    return arguments
