"""Resolve intrinsic functions of the templates, so that tests use the values of a deployment."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from jobs.aws.deploy import templates

#: Pseudo parameters of CloudFormation in moto.
PSEUDO_PARAMETERS = {
    "AWS::AccountId": "123456789012",
    "AWS::Region": "us-east-1",
    "AWS::Partition": "aws",
    "AWS::URLSuffix": "amazonaws.com",
}


@lru_cache(maxsize=16)
def read_template(name: str) -> dict[str, Any]:
    """Return a template with intrinsic functions in their long form."""
    return templates.parse(templates.read_text(name))


def read_properties(name: str, resource: str) -> dict[str, Any]:
    """Return the properties of a resource of a template."""
    properties: dict[str, Any] = read_template(name)["Resources"][resource]["Properties"]
    return properties


def default_parameters(name: str) -> dict[str, str]:
    """Return the parameters of a template that have a default."""
    parameters = read_template(name)["Parameters"]
    return {key: str(p["Default"]) for key, p in parameters.items() if "Default" in p}


class UnknownValueError(Exception):
    """Raised if a value depends on a resource that the test has not named."""


def resolve(name: str, value: Any, known: Mapping[str, str]) -> Any:
    """Return a value of a template without intrinsic functions.

    Parameters
    ----------
    name : str
        File name of the template, whose conditions count.
    value : object
        Part of the template.
    known : mapping of str to str
        Parameters, and values of attributes as ``Resource.Attribute``.

    Raises
    ------
    UnknownValueError
    """
    if isinstance(value, list):
        return [resolve(name, part, known) for part in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        ((function, argument),) = value.items()
        if function in _FUNCTIONS:
            return _FUNCTIONS[function](name, argument, known)
    return {key: resolve(name, part, known) for key, part in value.items()}


def _find(name: str, known: Mapping[str, str]) -> str:
    values = PSEUDO_PARAMETERS | dict(known)
    if name not in values:
        raise UnknownValueError(name)
    return values[name]


def _ref(name: str, argument: str, known: Mapping[str, str]) -> str:
    return _find(argument, known)


def _get_attribute(name: str, argument: list[str], known: Mapping[str, str]) -> str:
    return _find(".".join(argument), known)


def _substitute(name: str, argument: str, known: Mapping[str, str]) -> str:
    return re.sub(r"\$\{([\w.:]+)\}", lambda found: _find(found[1], known), argument)


def _choose(name: str, argument: list[Any], known: Mapping[str, str]) -> Any:
    condition, chosen, otherwise = argument
    holds = resolve(name, read_template(name)["Conditions"][condition], known)
    return resolve(name, chosen if holds else otherwise, known)


def _equals(name: str, argument: list[Any], known: Mapping[str, str]) -> bool:
    first, second = (resolve(name, part, known) for part in argument)
    return bool(first == second)


def _negate(name: str, argument: list[Any], known: Mapping[str, str]) -> bool:
    return not resolve(name, argument[0], known)


_FUNCTIONS: dict[str, Callable[[str, Any, Mapping[str, str]], Any]] = {
    "Ref": _ref,
    "Fn::GetAtt": _get_attribute,
    "Fn::Sub": _substitute,
    "Fn::If": _choose,
    "Fn::Equals": _equals,
    "Fn::Not": _negate,
}
