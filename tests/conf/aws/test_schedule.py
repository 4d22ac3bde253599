"""Run the state machine of the night against moto: order, gates, waits, reports, no PHI."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from jobs.aws.deploy.templates import read_template
from jobs.cli import build_parser
from tests.conf.aws.state_machines import REGION, Runs, execute, interpreter, substitute

_INPUT = {"scheduled": "2026-11-30T02:00:00Z"}
_SETTINGS = {"entry_point": "s3://a/main.py", "spark_submit_parameters": "--conf spark.a=b"}
_VALUES = {
    "ExporterRoleArn": "arn:aws:iam::123456789012:role/safelight-exporter",
    "ImporterRoleArn": "arn:aws:iam::123456789012:role/safelight-importer",
    "SettingsBucketName": "artifacts",
    "SettingsKey": "distribution/nightly.json",
    "ImagesUri": "s3://clean/images",
    "TablesUri": "s3://tables/tables",
    "ReleasesUri": "s3://clean/releases",
    "StagingUri": "s3://control/import",
    "LeaseTableName": "safelight-lease",
    "HealthImagingAccessRoleArn": "arn:aws:iam::123456789012:role/safelight-access",
    "Rules": "research",
    "Namespace": "default",
    "Recipient": "research",
    "ClassSize": "5",
    "RestrictedUri": "s3://restricted/restricted",
    "ReleaseKeyReference": "aws-secretsmanager:safelight/release-key",
}


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> Iterator[Runs]:
    with interpreter(monkeypatch) as started:
        boto3.client("s3", REGION).create_bucket(Bucket="artifacts")
        boto3.client("s3", REGION).put_object(
            Bucket="artifacts", Key="distribution/nightly.json", Body=json.dumps(_SETTINGS)
        )
        yield started


def _run_night(datastore: str = "0" * 32, name: str = "night") -> dict[str, Any]:
    """Run the state machine of the template with new resources of moto."""
    application = boto3.client("emr-serverless", REGION).create_application(
        name="safelight", releaseLabel="emr-7.14.0", type="SPARK"
    )
    topic = boto3.client("sns", REGION).create_topic(Name="safelight-alarms")
    machine = read_template("schedule.yaml")["Resources"]["Nightly"]["Properties"]
    values = _VALUES | {
        "ApplicationId": application["applicationId"],
        "AlarmTopicArn": topic["TopicArn"],
        "DatastoreId": datastore,
    }
    assert values.keys() == machine["DefinitionSubstitutions"].keys()
    return execute(substitute(machine["Definition"], values), _INPUT, name)


def _published() -> list[str]:
    """Return the texts that the topic of moto has received."""
    from moto.sns.models import sns_backends

    (backend,) = (backends[REGION] for backends in sns_backends.values())
    return [entry[1] for topic in backend.topics.values() for entry in topic.sent_notifications]


def test_the_night_verifies_releases_and_imports_in_this_order(runs: Runs) -> None:
    assert _run_night()["status"] == "SUCCEEDED"
    assert runs.commands == ["verify", "export", "healthimaging"]
    assert runs.arguments(1)[5:7] == ["--release", "nightly-2026-11-30"]


def test_the_command_line_of_each_step_is_one_that_safelight_takes(runs: Runs) -> None:
    _run_night()
    for number, command in enumerate(runs.commands):
        assert build_parser().parse_args(runs.arguments(number)).command == command


def test_the_release_has_pseudonyms_of_the_recipient_and_classes_of_its_size(runs: Runs) -> None:
    _run_night()
    given = build_parser().parse_args(runs.arguments(1))
    assert (given.recipient, given.k, given.verified_only) == ("research", 5, True)
    assert given.key == _VALUES["ReleaseKeyReference"]
    assert given.mapping == _VALUES["RestrictedUri"]


def test_only_releases_to_the_recipient_are_imported(runs: Runs) -> None:
    _run_night()
    given = build_parser().parse_args(runs.arguments(2))
    assert (given.healthimaging_command, given.recipient) == ("import", "research")
    assert given.fail_on_held and given.role == _VALUES["HealthImagingAccessRoleArn"]


def test_a_step_waits_for_the_end_of_its_run(runs: Runs) -> None:
    runs.states["verify"] = ["SUBMITTED", "QUEUED", "SCHEDULED", "RUNNING", "SUCCESS"]
    assert _run_night()["status"] == "SUCCEEDED"
    assert runs.polls == 5 + 1 + 1


@pytest.mark.parametrize(
    "step, started, state",
    [("verify", 1, "FAILED"), ("export", 2, "CANCELLED"), ("healthimaging", 3, "FAILED")],
)
def test_a_step_that_does_not_succeed_closes_the_gate(
    runs: Runs, step: str, started: int, state: str
) -> None:
    runs.states[step] = ["RUNNING", state]
    assert _run_night()["status"] == "FAILED"
    assert len(runs.commands) == started


def test_a_run_that_cannot_start_closes_the_gate(runs: Runs) -> None:
    runs.refuse = ["export"]
    assert _run_night()["status"] == "FAILED"
    assert runs.commands == ["verify"]


def test_missing_settings_start_no_run(runs: Runs) -> None:
    boto3.client("s3", REGION).delete_object(Bucket="artifacts", Key="distribution/nightly.json")
    assert _run_night()["status"] == "FAILED"
    assert runs.commands == []


def test_a_night_without_a_data_store_ends_with_the_release(runs: Runs) -> None:
    assert _run_night(datastore="")["status"] == "SUCCEEDED"
    assert runs.commands == ["verify", "export"]


def test_a_repeated_request_has_the_same_token_and_another_night_has_another(runs: Runs) -> None:
    _run_night()
    _run_night(name="another")
    tokens = [request["client_token"] for request in runs.requests]
    assert len(set(tokens)) == 6
    assert all(len(token) == 64 for token in tokens)


def test_the_report_names_the_step_and_no_cause(runs: Runs) -> None:
    runs.states["verify"] = ["FAILED"]
    _run_night()
    (text,) = _published()
    assert text.startswith("The step verify of nightly-2026-11-30 did not succeed")


def test_each_step_has_its_own_role_and_the_settings_of_the_distribution(runs: Runs) -> None:
    _run_night()
    roles = [request["execution_role_arn"].rpartition("-")[2] for request in runs.requests]
    assert roles == ["exporter", "exporter", "importer"]
    drivers = [request["job_driver"]["sparkSubmit"] for request in runs.requests]
    assert {driver["entryPoint"] for driver in drivers} == {"s3://a/main.py"}
    assert {driver["sparkSubmitParameters"] for driver in drivers} == {"--conf spark.a=b"}
