"""``--conf FILE``: defaults of a site for the arguments of its jobs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import yaml

from jobs.common.problems import ArgumentProblem


def with_conf(argv: Sequence[str]) -> list[str]:
    """The arguments with those of the ``--conf`` file put before them, so that given ones win.

    Raises
    ------
    ArgumentProblem
        If the file cannot be read or is not a mapping of argument names to values.
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
    return [*arguments[:1], *_as_arguments(path), *arguments[1:]]


def _as_arguments(path: str) -> list[str]:
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
        if value is True and option not in ("--pixels", "--text"):
            arguments.append(option)
        elif isinstance(value, bool):  # YAML 1.1 reads a bare on and off as booleans
            arguments += [option, "on" if value else "off"]
        elif isinstance(value, list):
            arguments += [option, *map(str, value)]
        else:
            arguments += [option, str(value)]
    return arguments
