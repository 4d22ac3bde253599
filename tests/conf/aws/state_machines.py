"""Run state machines of the templates in the interpreter of moto.

moto 5.2.5 calls the service of an `aws-sdk:` task by the name in the resource, and passes
parameters as they are. Step Functions has names of its own (`emrserverless`), and writes all
parameters in Pascal case ("Learning to use AWS service SDK integrations", Step Functions Developer
Guide), so that this module translates both. Runs of EMR Serverless succeed at once in moto; here
they have the states that a test gives.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.model import OperationModel
from botocore.session import Session
from botocore.validate import ParamValidator
from moto import mock_aws
from moto.emrserverless.exceptions import ResourceNotFoundException
from moto.emrserverless.models import EMRServerlessBackend
from moto.stepfunctions.parser.asl.component.common.retry import retrier_decl
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import (
    state_task_service_aws_sdk as aws_sdk,
)
from moto.stepfunctions.parser.asl.component.state.wait.wait_function import wait_function

REGION = "us-east-1"
_SERVICES = {"emrserverless": "emr-serverless"}


@dataclass
class Runs:
    """Runs that a state machine has started.

    Attributes
    ----------
    states : dict
        States of the run of each command, one a request; the last one remains.
    requests : list of dict
        Parameters of each start.
    refuse : list of str
        Commands whose start is refused.
    """

    states: dict[str, list[str]] = field(default_factory=dict)
    requests: list[dict[str, Any]] = field(default_factory=list)
    refuse: list[str] = field(default_factory=list)
    polls: int = 0

    @property
    def commands(self) -> list[str]:
        """Return the command of each run."""
        return [self.arguments(number)[0] for number in range(len(self.requests))]

    def arguments(self, number: int) -> list[str]:
        """Return the arguments of a run."""
        driver = self.requests[number]["job_driver"]["sparkSubmit"]
        return list(driver["entryPointArguments"])


@contextmanager
def interpreter(monkeypatch: pytest.MonkeyPatch) -> Iterator[Runs]:
    """Run moto with its interpreter in this process, without waits."""
    runs = Runs()
    _translate_names(monkeypatch)
    _follow(monkeypatch, runs)
    monkeypatch.setattr(wait_function.WaitFunction, "_wait_interval", lambda *_, **__: None)
    monkeypatch.setattr(retrier_decl, "time", SimpleNamespace(sleep=lambda _: None))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"):
        monkeypatch.delenv(name, raising=False)
    with mock_aws(config={"stepfunctions": {"execute_state_machine": True}}):
        yield runs


def execute(
    definition: dict[str, Any], execution_input: dict[str, Any], name: str
) -> dict[str, Any]:
    """Run a state machine and return its execution, with its history.

    Parameters
    ----------
    definition : dict
        Definition in the Amazon States Language.
    execution_input : dict
        Input of the execution.
    name : str
        Name of the execution.
    """
    client = boto3.client("stepfunctions", REGION)
    machine = client.create_state_machine(
        name="machine",
        definition=json.dumps(definition),
        roleArn="arn:aws:iam::123456789012:role/machine",
    )["stateMachineArn"]
    execution = client.start_execution(
        stateMachineArn=machine, name=name, input=json.dumps(execution_input)
    )["executionArn"]
    for _ in range(600):
        described = client.describe_execution(executionArn=execution)
        if described["status"] != "RUNNING":
            break
        time.sleep(0.05)
    described["history"] = client.get_execution_history(executionArn=execution)["events"]
    return dict(described)


def substitute(definition: Any, values: dict[str, str]) -> dict[str, Any]:
    """Return a definition with its substitutions, as CloudFormation makes them."""
    text = re.sub(
        r"\$\{(\w+)\}", lambda match: json.dumps(values[match[1]])[1:-1], json.dumps(definition)
    )
    return dict(json.loads(text))


@cache
def _find_operation(service: str, operation: str) -> OperationModel:
    """Return the shapes of an operation in the models of botocore."""
    return Session().get_service_model(service).operation_model(operation)


def _translate_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let tasks of `aws-sdk:` have the names and the cases of Step Functions."""
    task = aws_sdk.StateTaskServiceAwsSdk
    evaluate = task._eval_service_task

    def service_name(self: Any, name: str | None = None) -> str:
        given = name or self.resource.api_name
        return _SERVICES.get(given, given)

    def evaluate_translated(self: Any, env: Any, normalised_parameters: Any, **others: Any) -> None:
        action = self.resource.api_action
        operation = _find_operation(self._get_boto_service_name(), action[0].upper() + action[1:])
        self._to_boto_request(normalised_parameters, operation.input_shape)
        report = ParamValidator().validate(normalised_parameters, operation.input_shape)
        assert not report.has_errors(), report.generate_report()
        evaluate(self, env=env, normalised_parameters=normalised_parameters, **others)
        response = env.stack.pop()
        self._from_boto_response(response, operation.output_shape)
        env.stack.append(response)

    monkeypatch.setattr(task, "_get_boto_service_name", service_name)
    monkeypatch.setattr(task, "_eval_service_task", evaluate_translated)


def _follow(monkeypatch: pytest.MonkeyPatch, runs: Runs) -> None:
    """Record the runs that are started, and give them the states of the test."""
    start, read = EMRServerlessBackend.start_job_run, EMRServerlessBackend.get_job_run

    def start_job_run(self: EMRServerlessBackend, **request: Any) -> Any:
        command = request["job_driver"]["sparkSubmit"]["entryPointArguments"][0]
        if command in runs.refuse:
            raise ResourceNotFoundException(request["application_id"], "Application")
        run = start(self, **request)
        run.pending = list(runs.states.get(command, ["SUCCESS"]))
        runs.requests.append(request)
        return run

    def get_job_run(self: EMRServerlessBackend, **request: Any) -> Any:
        run: Any = read(self, **request)
        run.state = run.pending.pop(0) if len(run.pending) > 1 else run.pending[0]
        runs.polls += 1
        return run

    monkeypatch.setattr(EMRServerlessBackend, "start_job_run", start_job_run)
    monkeypatch.setattr(EMRServerlessBackend, "get_job_run", get_job_run)
