"""Read the CloudFormation templates of conf/aws."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml

#: Template that nests the others.
ROOT_TEMPLATE = "main.yaml"

#: Template of the bucket that holds the templates.
ARTIFACTS_TEMPLATE = "artifacts.yaml"

#: Templates with one stack per entry of a section of the file of parameters.
SECTION_TEMPLATES = {"partners": "partner.yaml", "recipients": "recipient.yaml"}

#: Intrinsic functions whose long form has no prefix.
_WITHOUT_PREFIX = ("Ref", "Condition")


class _TemplateLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Loader that reads the short form of intrinsic functions, such as ``!Ref``."""


def _read_intrinsic(loader: _TemplateLoader, name: str, node: yaml.Node) -> dict[str, Any]:
    """Return the long form of an intrinsic function."""
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        assert isinstance(node, yaml.MappingNode)
        value = loader.construct_mapping(node, deep=True)
    if name == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {name if name in _WITHOUT_PREFIX else f"Fn::{name}": value}


_TemplateLoader.add_multi_constructor("!", _read_intrinsic)


def list_templates() -> tuple[str, ...]:
    """Return the file names of all templates."""
    folder = files("conf") / "aws"
    return tuple(sorted(path.name for path in folder.iterdir() if path.name.endswith(".yaml")))


@lru_cache(maxsize=32)
def read_text(name: str) -> str:
    """Return the text of a template.

    Parameters
    ----------
    name : str
        File name.
    """
    return (files("conf") / "aws" / name).read_text(encoding="utf-8")


def parse(text: str) -> dict[str, Any]:
    """Return a template with intrinsic functions in their long form.

    Parameters
    ----------
    text : str
        Template in YAML.

    Returns
    -------
    dict
        Sections of the template.
    """
    template: dict[str, Any] = yaml.load(text, _TemplateLoader)  # noqa: S506 (a safe loader)
    return template


@lru_cache(maxsize=32)
def read_template(name: str) -> dict[str, Any]:
    """Return a template of conf/aws; see :func:`parse`.

    Parameters
    ----------
    name : str
        File name.
    """
    return parse(read_text(name))


def list_nested(template: dict[str, Any]) -> dict[str, str]:
    """Return the file name of the template of each nested stack.

    Parameters
    ----------
    template : dict
        Template whose nested stacks name files.

    Returns
    -------
    dict of str
        File name by logical ID.
    """
    return {
        identifier: resource["Properties"]["TemplateURL"]
        for identifier, resource in template["Resources"].items()
        if resource["Type"] == "AWS::CloudFormation::Stack"
    }
