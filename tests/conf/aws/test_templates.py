"""Check all templates of conf/aws: cfn-lint, names, parameters, limits of CloudFormation."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from cfnlint.api import lint_file
from cfnlint.config import ManualArgs

import conf
from jobs.aws.deploy.templates import list_nested, list_templates, read_template, read_text
from jobs.aws.trigger.settings import DEFAULTS, REQUIRED_VARIABLES

FOLDER = Path(conf.__file__).parent / "aws"

#: "Maximum template size" from S3 in "AWS CloudFormation quotas".
_MAX_TEMPLATE_BYTES = 1_000_000


#: "This code may only work with 'package' cli command": `safelight deploy` puts in URLs.
_LOCAL_TEMPLATE_URL = "W3002"


def _list_problems(path: Path) -> list[str]:
    arguments = ManualArgs(regions=["us-east-1"], ignore_checks=[_LOCAL_TEMPLATE_URL])
    found = lint_file(path, config=arguments)
    return [f"{path.name}:{match.linenumber} {match.rule.id} {match.message}" for match in found]


@pytest.mark.parametrize("name", list_templates())
def test_cfn_lint_finds_nothing(name: str) -> None:
    assert _list_problems(FOLDER / name) == []


def test_cfn_lint_sees_a_wrong_property(tmp_path: Path) -> None:
    path = tmp_path / "compute.yaml"
    path.write_text(read_text("compute.yaml").replace("AutoStopConfiguration", "AutoStop"))
    assert any(" E3002 " in problem for problem in _list_problems(path))


@pytest.mark.parametrize("name", list_templates())
def test_cloudformation_accepts_the_size_of_a_template(name: str) -> None:
    assert len(read_text(name).encode()) < _MAX_TEMPLATE_BYTES


@pytest.mark.parametrize("name", list_templates())
def test_every_parameter_has_a_description(name: str) -> None:
    parameters: dict[str, Any] = read_template(name).get("Parameters", {})
    assert [key for key, value in parameters.items() if not value.get("Description")] == []


def test_cfn_lint_sees_a_parameter_that_a_nested_template_lacks(tmp_path: Path) -> None:
    for name in list_templates():
        (tmp_path / name).write_text(read_text(name).replace("  ImageUri:\n", "  Image:\n", 1))
    problems = _list_problems(tmp_path / "main.yaml")
    assert any(" E3043 " in problem for problem in problems)


def _find_outputs(node: Any) -> Iterator[tuple[str, str]]:
    """Yield nested stack and output of each reference to an output of a nested stack."""
    if isinstance(node, dict):
        stack, _, output = _read_attribute(node)
        if output:
            yield stack, output
        node = list(node.values())
    if isinstance(node, list):
        for child in node:
            yield from _find_outputs(child)


def _read_attribute(node: dict[str, Any]) -> tuple[str, str, str]:
    attribute = node.get("Fn::GetAtt")
    if isinstance(attribute, list) and str(attribute[1]).startswith("Outputs."):
        return attribute[0], "Outputs", attribute[1].partition(".")[2]
    return "", "", ""


def test_every_output_that_the_root_stack_passes_on_exists() -> None:
    root = read_template("main.yaml")
    nested = list_nested(root)
    outputs = {stack: read_template(name).get("Outputs", {}) for stack, name in nested.items()}
    used = set(_find_outputs(root))
    assert len(used) > 20
    assert {(stack, output) for stack, output in used if output not in outputs[stack]} == set()


def test_no_template_has_an_alias_of_yaml_which_cloudformation_refuses() -> None:
    for name in list_templates():
        tokens = yaml.scan(read_text(name))
        assert not any(isinstance(token, yaml.AliasToken) for token in tokens), name


def test_the_function_of_the_trigger_has_all_variables_that_it_needs() -> None:
    function = read_template("trigger.yaml")["Resources"]["Function"]["Properties"]
    given = function["Environment"]["Variables"].keys()
    assert REQUIRED_VARIABLES.keys() <= given
    assert given <= REQUIRED_VARIABLES.keys() | DEFAULTS.keys()


def test_outputs_are_passed_to_parameters_that_take_any_text() -> None:
    """Nested change sets have placeholders for outputs, which typed parameters refuse."""
    root = read_template("main.yaml")
    refused = [
        (name, parameter)
        for stack, name in list_nested(root).items()
        for parameter, value in root["Resources"][stack]["Properties"]["Parameters"].items()
        if isinstance(value, dict)
        and "Fn::GetAtt" in value
        and not _takes_any_text(read_template(name)["Parameters"][parameter])
    ]
    assert refused == []


def _takes_any_text(parameter: dict[str, Any]) -> bool:
    constraints = {"AllowedPattern", "AllowedValues", "MinLength"}
    return (
        parameter["Type"] in ("String", "CommaDelimitedList") and not constraints & parameter.keys()
    )
