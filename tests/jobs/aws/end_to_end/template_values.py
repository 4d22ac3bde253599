"""Resolve intrinsic functions of the templates, so that tests use the values of a deployment."""

from __future__ import annotations

import re
from collections.abc import Mapping
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


def resolve(value: Any, known: Mapping[str, str]) -> Any:
    """Return a value of a template without intrinsic functions.

    Parameters
    ----------
    value : object
        Part of a template.
    known : mapping of str to str
        Parameters, and values of attributes as ``Resource.Attribute``.

    Raises
    ------
    UnknownValueError
    """
    if isinstance(value, list):
        return [resolve(part, known) for part in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        ((name, argument),) = value.items()
        if name == "Ref":
            return _find(argument, known)
        if name == "Fn::GetAtt":
            return _find(".".join(argument), known)
        if name == "Fn::Sub":
            return re.sub(r"\$\{([\w.:]+)\}", lambda found: _find(found[1], known), argument)
        if name == "Fn::If":  # the conditions of the tests do not hold
            return resolve(argument[2], known)
    return {name: resolve(part, known) for name, part in value.items()}


def _find(name: str, known: Mapping[str, str]) -> str:
    values = PSEUDO_PARAMETERS | dict(known)
    if name not in values:
        raise UnknownValueError(name)
    return values[name]
