"""Run `safelight deploy` without an account, and against moto.

moto 5.2.5 deploys nested stacks, but a stack from a change set has no outputs, and no output of one
stack reaches another, so that a small root template and fixed outputs replace ours here.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from jobs.aws.deploy import deployment, rendering
from jobs.aws.deploy.change_sets import StackDeployment
from jobs.aws.deploy.templates import read_text
from jobs.cli import main
from jobs.common.aws import clients
from jobs.common.cli.exit_codes import ExitCode
from tests.jobs.summaries import parse_summary

_ROOT = """
Parameters:
  Name: {Type: String}
  CodeKey: {Type: String}
  SettingsKey: {Type: String}
  ReleaseUri: {Type: String, Default: ""}
  ImageUri: {Type: String, Default: ""}
  Nodes: {Type: Number, Default: 1}
  Sftp: {Type: String, Default: "no"}
Resources:
  Artifacts:
    Type: AWS::CloudFormation::Stack
    Properties:
      TemplateURL: compute.yaml
      Parameters: {Name: !Ref Name}
Outputs:
  Used: {Value: !Sub "${CodeKey}${SettingsKey}${ReleaseUri}${ImageUri}${Nodes}${Sftp}"}
"""
_OUTPUTS = {
    "RawUri": "s3://first-raw/",
    "BoundaryArn": "arn:aws:iam::123456789012:policy/boundary",
    "UploadApiId": "api",
    "RawKeyArn": "arn:aws:kms:us-east-1:123456789012:key/1",
    "SftpServerId": "s-0123456789abcdef0",
}
_NESTED = """
Parameters:
  Name: {Type: String}
Resources:
  Topic:
    Type: AWS::SNS::Topic
    Properties: {TopicName: !Sub "${Name}-alarms"}
"""
_TEXTS = {"main.yaml": _ROOT, "compute.yaml": _NESTED}
_PARTNER = {"PrincipalArn": "arn:aws:iam::210987654321:role/a", "ExternalId": "0123456789abcdef"}


@pytest.fixture
def small_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendering, "read_text", lambda name: _TEXTS.get(name) or read_text(name))
    nested = {"Artifacts": "compute.yaml"}
    monkeypatch.setattr(
        rendering, "list_nested", lambda template: nested if "Storage" in template["Resources"]
        else {"Artifacts": template["Resources"]["Artifacts"]["Properties"]["TemplateURL"]},
    )  # fmt: skip


@pytest.fixture
def no_validation(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out ValidateTemplate, for which moto takes seconds."""
    monkeypatch.setattr(StackDeployment, "validate", lambda *_: None)


@pytest.fixture
def distribution(tmp_path: Path) -> Path:
    folder = tmp_path / "dist"
    (folder / "jars").mkdir(parents=True)
    for name in ("environment.tar.gz", "main.py", "jars/spark-nlp.jar"):
        (folder / name).write_text(name)
    return folder


@pytest.fixture
def parameters(tmp_path: Path) -> Path:
    path = tmp_path / "parameters.yaml"
    path.write_text(json.dumps({"partners": {"hospital-a": _PARTNER}}))
    return path


@pytest.fixture
def account(bucket: str, small_root: None) -> Iterator[Any]:
    """Let the command use moto, and remove its stacks after the test."""
    client = boto3.client("cloudformation")
    yield client
    for stack in client.describe_stacks()["Stacks"]:
        client.delete_stack(StackName=stack["StackName"])


def test_a_dry_run_renders_all_files_without_an_account(
    tmp_path: Path, distribution: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "rendered"
    code = main(
        ["deploy", "--dry-run", "--distribution", str(distribution), "--output", str(output)]
    )
    assert code == ExitCode.DONE
    summary = parse_summary(capsys.readouterr().out)
    assert summary["distribution_files"] == 3
    assert all((output / key).stat().st_size == size for key, size in summary["files"].items())
    listed = json.loads((output / "parameters.json").read_text())
    assert {entry["ParameterKey"] for entry in listed} == {
        "Name", "CodeKey", "SettingsKey", "ReleaseUri",
    }  # fmt: skip


def test_a_deployment_creates_stacks_and_uploads_files(
    account: Any,
    distribution: Path,
    parameters: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(StackDeployment, "read_outputs", lambda _: _OUTPUTS)
    command = ["deploy", "--name", "first", "--distribution", str(distribution)]
    command += ["--parameters", str(parameters)]
    assert main(command) == ExitCode.DONE
    last = parse_summary(capsys.readouterr().out)
    assert last["changed"] is True
    assert last["outputs"] == _OUTPUTS
    names = {stack["StackName"] for stack in account.describe_stacks()["Stacks"]}
    assert {"first", "first-artifacts", "first-partner-hospital-a"} <= names
    assert [topic["TopicArn"] for topic in boto3.client("sns").list_topics()["Topics"]]
    listed = boto3.client("s3").list_objects_v2(
        Bucket="first-123456789012-us-east-1-artifacts", Prefix="distribution/"
    )["Contents"]
    assert len(listed) == 3 + len(("release.json", "nightly.json"))
    role = boto3.client("iam").get_role(RoleName="first-partner-hospital-a")["Role"]
    assert role["PermissionsBoundary"]["PermissionsBoundaryArn"].endswith(":policy/boundary")

    monkeypatch.setattr(StackDeployment, "validate", lambda *_: None)
    assert main(command) == ExitCode.DONE
    again = capsys.readouterr()
    assert parse_summary(again.out)["changed"] is False
    assert "deploy again with ImageUri" in again.err


@pytest.mark.usefixtures("no_validation")
def test_no_execute_leaves_a_change_set_for_review(
    account: Any, distribution: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["deploy", "--name", "second", "--distribution", str(distribution), "--no-execute"]
    assert main(command) == ExitCode.DONE
    assert parse_summary(capsys.readouterr().out)["outputs"] == {}
    found = account.list_change_sets(StackName="second")["Summaries"]
    states = [entry["ExecutionStatus"] for entry in found if entry["StackName"] == "second"]
    assert states == ["AVAILABLE"]


@pytest.mark.usefixtures("no_validation")
def test_a_change_that_loses_data_is_refused(
    account: Any,
    distribution: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    command = ["deploy", "--name", "third", "--distribution", str(distribution)]
    assert main(command) == ExitCode.DONE
    table = """
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      KeySchema: [{AttributeName: a, KeyType: HASH}]
      AttributeDefinitions: [{AttributeName: a, AttributeType: S}]
Outputs:"""
    monkeypatch.setitem(_TEXTS, "main.yaml", _ROOT.replace("\nOutputs:", table))
    assert main(command) == ExitCode.DONE
    monkeypatch.setitem(_TEXTS, "main.yaml", _ROOT)
    assert main(command) == ExitCode.FAILED
    assert "hold data: Table; undo the change" in capsys.readouterr().err
    assert main([*command, "--allow-replacement"]) == ExitCode.DONE


@pytest.mark.parametrize(
    "arguments, message",
    [
        ([], "the runs need Safelight: give --distribution"),
        (["--output", "rendered"], "--output is a folder for --dry-run"),
        (["--name", "Safe_Light"], "must have 2 to 15 lower-case letters"),
        (["--dry-run", "--distribution", "none"], "run `make dist`"),
        (["--parameters", "none.yaml"], "cannot be read"),
    ],
)
def test_a_wrong_argument_is_refused_before_any_call(
    arguments: list[str],
    message: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(deployment, "get_client", None)
    try:
        code = main(["deploy", *arguments])
    except SystemExit as ended:
        code = int(str(ended.code))
    assert code == ExitCode.USAGE
    assert message in capsys.readouterr().err


@pytest.fixture
def no_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Remove credentials, region and endpoint from this process."""
    for name in list(os.environ):
        if name.startswith("AWS_"):
            monkeypatch.delenv(name)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    deployment.get_client.cache_clear()
    yield
    deployment.get_client.cache_clear()


@pytest.mark.usefixtures("no_configuration")
@pytest.mark.parametrize(
    "environment, code, message",
    [
        ({}, ExitCode.USAGE, "set AWS_REGION"),
        ({"AWS_REGION": "us-east-1"}, ExitCode.FAILED, "valid AWS credentials"),
        (
            {
                "AWS_REGION": "us-east-1",
                "AWS_ACCESS_KEY_ID": "a",
                "AWS_SECRET_ACCESS_KEY": "b",
                "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
            },
            ExitCode.FAILED,
            "check the endpoint and the network",
        ),
    ],
)
def test_a_wrong_set_up_is_one_sentence_before_any_work(
    environment: dict[str, str],
    code: ExitCode,
    message: str,
    distribution: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(clients, "MAX_ATTEMPTS", 1)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert main(["deploy", "--distribution", str(distribution)]) == code
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
