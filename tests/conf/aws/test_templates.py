"""Check all templates of conf/aws: cfn-lint, names, parameters, limits of CloudFormation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from cfnlint.api import lint_file
from cfnlint.config import ManualArgs

import conf
from jobs.aws.deploy.templates import list_templates, read_template, read_text

FOLDER = Path(conf.__file__).parent / "aws"

#: "Maximum template size" from S3 in "AWS CloudFormation quotas".
_MAX_TEMPLATE_BYTES = 1_000_000


def _list_problems(path: Path) -> list[str]:
    found = lint_file(path, config=ManualArgs(regions=["us-east-1"]))
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
