"""Execute the commands of docs/aws.md, and check the arguments of those that need an account."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import yaml
from botocore.session import Session

from jobs.aws.deploy.templates import read_template
from jobs.cli import build_parser, main, split_passed_arguments
from tests.jobs.summaries import parse_summary

PAGE = (Path(__file__).parents[2] / "docs" / "aws.md").read_text(encoding="utf-8")
_COMMAND = re.compile(r"^ {4,}((?:safelight|aws|make) .*(?:(?<=\\)\n.*)*)", re.MULTILINE)
_YAML = re.compile(r"```yaml\n(.*?)```", re.DOTALL)
_NEEDS_ACCOUNT = re.compile(r"needs\s+an\s+account:\s*\Z")


def _list_commands() -> list[tuple[list[str], bool]]:
    """Return each command of the page, and whether the paragraph before says it needs an account.

    Several commands may follow one paragraph.
    """
    commands: list[tuple[list[str], bool]] = []
    end, needs_account = 0, False
    for match in _COMMAND.finditer(PAGE):
        between = PAGE[end : match.start()]
        if between.strip():
            needs_account = bool(_NEEDS_ACCOUNT.search(between))
        words = shlex.split(match[1].replace("\\\n", " "))
        commands.append((words, needs_account))
        end = match.end()
    return commands


COMMANDS = _list_commands()


def _name(command: tuple[list[str], bool]) -> str:
    return " ".join(command[0][:3])


def test_the_page_has_commands_of_both_kinds() -> None:
    assert sum(needs_account for _, needs_account in COMMANDS) >= 4
    assert any(words[:2] == ["safelight", "deploy"] and not account for words, account in COMMANDS)


@pytest.mark.parametrize(
    "command", [c for c in COMMANDS if not c[1] and c[0][0] == "safelight"], ids=_name
)
def test_a_command_without_an_account_runs(
    command: tuple[list[str], bool],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (parameters,) = _YAML.findall(PAGE)
    Path("parameters.yaml").write_text(parameters)
    assert main(command[0][1:]) == 0
    assert parse_summary(capsys.readouterr().out)


@pytest.mark.parametrize(
    "command", [c for c in COMMANDS if c[1] and c[0][0] == "safelight"], ids=_name
)
def test_a_command_that_needs_an_account_has_known_arguments(
    command: tuple[list[str], bool],
) -> None:
    own, passed = split_passed_arguments(command[0][1:])
    build_parser().parse_args(own)
    if passed:
        build_parser().parse_args(passed)


@pytest.mark.parametrize("command", [c for c in COMMANDS if c[0][0] == "aws"], ids=_name)
def test_a_command_of_aws_has_known_arguments(command: tuple[list[str], bool]) -> None:
    _, service, operation, *arguments = command[0]
    model = Session().get_service_model(service)
    name = "".join(part.capitalize() for part in operation.split("-"))
    members = model.operation_model(name).input_shape.members
    options = {re.sub(r"(?<!^)([A-Z])", r"-\1", member).lower() for member in members}
    given = {word[2:] for word in arguments if word.startswith("--")}
    assert given <= options


def test_the_parameters_that_the_page_names_exist() -> None:
    declared = read_template("main.yaml")["Parameters"].keys()
    words = set(re.findall(r"`([A-Z][a-z]+(?:[A-Z][a-z]+)+)(?::[^`]*)?`", PAGE))
    states = read_template("schedule.yaml")["Resources"]["Nightly"]["Properties"]["Definition"]
    assert words - declared - states["States"].keys() == set()


def test_the_example_of_parameters_is_yaml_with_partners() -> None:
    (text,) = _YAML.findall(PAGE)
    assert yaml.safe_load(text)["partners"].keys() == {"hospital-a", "hospital-b"}


def test_the_idle_endpoints_of_the_page_are_those_of_the_template() -> None:
    resources = read_template("network.yaml")["Resources"].values()
    conditions = {None, "HasHealthImaging"}
    idle = [
        resource
        for resource in resources
        if resource["Type"] == "AWS::EC2::VPCEndpoint"
        and resource["Properties"].get("VpcEndpointType") == "Interface"
        and resource.get("Condition") in conditions
    ]
    assert f"| {len(idle)} interface endpoints in one zone | {len(idle) * 7.30:.2f} |" in PAGE
