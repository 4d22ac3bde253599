from __future__ import annotations

import re
from pathlib import Path

import pytest

from jobs.aws.submit.command_check import check_command
from jobs.common.cli.errors import UsageError

_PLACES = ["--input", "s3://raw/batch/", "--output", "s3://clean/", "--tables", "s3a://tables/"]
COMMAND = ["deidentify", *_PLACES, "--key", "aws-secretsmanager:safelight-key"]


def test_run_id_is_added_unless_it_is_given() -> None:
    words = check_command(COMMAND)
    assert words[:-2] == tuple(COMMAND)
    assert re.fullmatch(r"\d{8}T\d{6}Z-[0-9a-f]{8}", words[-1])
    assert check_command([*COMMAND, "--run-id", "night"]) == (*COMMAND, "--run-id", "night")


@pytest.mark.parametrize(
    ("uri", "warns"), [("s3://raw", False), ("s3://raw/batch/", False), ("s3://raw/DOE.dcm", True)]
)
def test_names_of_objects_in_the_request_are_reported(
    uri: str, warns: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    check_command([*COMMAND, "--input", uri])
    error = capsys.readouterr().err
    assert ("give --manifest instead" in error) == warns
    assert "DOE" not in error


def test_command_without_run_id_stays_as_it_is() -> None:
    command = ["verify", "--input", "s3://clean/", "--tables", "s3://tables/"]
    assert check_command(command) == tuple(command)


def test_file_of_defaults_becomes_arguments(tmp_path: Path) -> None:
    path = tmp_path / "defaults.yaml"
    path.write_text("pixels: off\nnamespace: study-a\n")
    words = check_command([*COMMAND, "--conf", str(path), "--run-id", "x"])
    assert ("--namespace", "study-a") == words[words.index("--namespace") :][:2]
    assert str(path) not in words and "--conf" not in words


@pytest.mark.parametrize("rules", ["research", "s3://control/rules.yaml"])
def test_rules_are_a_shipped_name_or_on_s3(rules: str) -> None:
    assert rules in check_command([*COMMAND, "--rules", rules])


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--input", "/scans"], "--input must be on S3"),
        (["--rules", "./rules.yaml"], "--rules must be on S3"),
        (["--mapping", "restricted/"], "--mapping must be on S3"),
        (["--key", "00112233445566778899aabbccddeeff" * 2], "never the key itself"),
        (["--key", "file:/key.hex"], "a file or a variable of this machine"),
        (["--key", "env:KEY"], "a file or a variable of this machine"),
        (["--master", "yarn"], "the service sets it"),
        (["--metrics", "m.prom"], "--metrics-cloudwatch"),
        (["--spark-conf", "spark.hadoop.fs.s3a.secret.key=x"], "names a secret"),
    ],
)
def test_arguments_that_a_cluster_cannot_use_are_refused(more: list[str], message: str) -> None:
    with pytest.raises(UsageError, match=message) as raised:
        check_command([*COMMAND, *more])
    assert "00112233" not in str(raised.value)


@pytest.mark.parametrize("command", [[], ["reidentify", "--uid", "1.2"], ["--input", "x"]])
def test_other_commands_are_refused(command: list[str]) -> None:
    with pytest.raises(UsageError, match="deidentify, notes, verify, export"):
        check_command(command)


def test_unknown_option_ends_with_a_suggestion(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        check_command([*COMMAND, "--name-space", "x"])
    assert ended.value.code == 2
    assert "did you mean --namespace?" in capsys.readouterr().err
