from __future__ import annotations

import pytest

from jobs.aws.deploy.templates import read_template
from jobs.aws.trigger.settings import DEFAULTS, REQUIRED_VARIABLES, BatchLimits, read_settings
from jobs.common.cli.errors import UsageError

VARIABLES = {
    "SAFELIGHT_CONTROL": "s3://control/manifests",
    "SAFELIGHT_BATCHES_TABLE": "safelight-batches",
    "SAFELIGHT_RAW_BUCKET": "raw",
    "SAFELIGHT_APPLICATION_ID": "00fexample",
    "SAFELIGHT_JOB_ROLE_ARN": "arn:aws:iam::123456789012:role/safelight-job",
    "SAFELIGHT_LOGS": "s3://control/logs/",
    "SAFELIGHT_OUTPUT": "s3://clean/images/",
    "SAFELIGHT_TABLES": "s3://tables/tables/",
    "SAFELIGHT_KEY": "aws-secretsmanager:safelight/key",
}


def test_a_run_gets_the_arguments_of_the_settings() -> None:
    more = {
        "SAFELIGHT_ARGUMENTS": "--rules research --namespace 'study a'",
        "SAFELIGHT_MAPPING": "s3://restricted/restricted/",
        "SAFELIGHT_LEASE_TABLE": "safelight-lease",
    }
    settings = read_settings(VARIABLES | more)
    assert settings.arguments == (
        "deidentify", "--output", "s3://clean/images/", "--tables", "s3://tables/tables/",
        "--key", "aws-secretsmanager:safelight/key", "--mapping", "s3://restricted/restricted/",
        "--lease", "safelight-lease", "--rules", "research", "--namespace", "study a",
    )  # fmt: skip


def test_limits_have_defaults() -> None:
    assert read_settings(VARIABLES).limits == BatchLimits()


def test_missing_variables_are_named() -> None:
    with pytest.raises(UsageError, match="lacks SAFELIGHT_CONTROL, SAFELIGHT_KEY; set them"):
        read_settings({k: v for k, v in VARIABLES.items() if k[10:] not in ("CONTROL", "KEY")})


@pytest.mark.parametrize(
    "name, value",
    [
        ("CONTROL", "/local/folder"),
        ("COMMAND", "reidentify"),
        ("KEY", "env:SECRET"),
        ("KEY", "5afe1194" * 8),
        ("ARGUMENTS", "--rules 'open"),
        ("MAX_OBJECTS", "0"),
        ("MAX_AGE_SECONDS", "-1"),
        ("MAX_ATTEMPTS", "many"),
    ],
)
def test_a_wrong_value_is_refused_without_the_value(name: str, value: str) -> None:
    with pytest.raises(UsageError, match=f"^SAFELIGHT_{name}") as raised:
        read_settings(VARIABLES | {f"SAFELIGHT_{name}": value})
    assert value not in str(raised.value) or value in ("0", "-1")


def test_the_template_sets_known_variables_only() -> None:
    function = read_template("trigger.yaml")["Resources"]["Function"]["Properties"]
    given = set(function["Environment"]["Variables"])
    assert set(REQUIRED_VARIABLES) <= given <= set(REQUIRED_VARIABLES) | set(DEFAULTS)


def test_the_defaults_of_the_template_are_those_of_the_code() -> None:
    parameters = read_template("trigger.yaml")["Parameters"]
    assert BatchLimits() == BatchLimits(
        max_objects=parameters["MaximumObjects"]["Default"],
        max_age_seconds=parameters["MaximumAgeSeconds"]["Default"],
        quiet_seconds=parameters["QuietSeconds"]["Default"],
    )
