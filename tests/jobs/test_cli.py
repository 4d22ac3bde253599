"""Errors before any work are one sentence with exit code 2 or 1, and Spark does not start."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path
from typing import NoReturn

import pytest

from jobs import cli
from jobs.common.delta.rows import RunRow
from jobs.common.delta.tables.table_set import Tables
from jobs.common.storage.location import parse_uri


@pytest.fixture
def arguments(tmp_path: Path, key_file: str) -> dict[str, str]:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "doe-jane.dcm").write_bytes(b"no DICOM")
    return {
        "--input": str(tmp_path / "in"),
        "--output": str(tmp_path / "out"),
        "--tables": str(tmp_path / "tables"),
        "--key": key_file,
        "--text": "off",
        "--pixels": "off",
    }


@pytest.fixture(autouse=True)
def no_spark(monkeypatch: pytest.MonkeyPatch) -> None:
    def start(*_: object) -> None:
        raise AssertionError("Spark was started")

    monkeypatch.setattr("jobs.common.spark.session.start_session", start)


def run(arguments: dict[str, str], *more: str) -> int:
    argv = ["deidentify", *(part for pair in arguments.items() for part in pair), *more]
    try:
        return cli.main(argv)
    except SystemExit as end:
        return int(end.code or 0)


@pytest.mark.parametrize(
    ("change", "more", "code", "says"),
    [
        ({"--key": "00112233"}, (), 2, "never the key itself"),
        ({"--key": "env:NOT_SET_ANYWHERE"}, (), 2, "is not set"),
        ({"--input": "/nowhere/at/all"}, (), 2, "names no file"),
        ({"--input": "gs://bucket/x"}, (), 2, "is not supported"),
        ({"--rules": "nonesuch"}, (), 2, "--rules nonesuch"),
        ({"--output": "/proc/nothing"}, (), 2, "cannot be created"),
        ({"--run-id": "a b"}, (), 2, "--run-id"),
        ({"--namespace": ""}, (), 2, "--namespace"),
        ({"--namespace": "stüdy"}, (), 2, "--namespace"),
        ({"--master": "nonsense"}, (), 2, "--master"),
        ({"--spark-conf": "x"}, (), 2, "--spark-conf"),
        ({"--pixels": "maybe"}, (), 2, "invalid choice"),
        ({}, ("--colour", "red"), 2, "unrecognized arguments"),
        ({"--conf": "/nowhere.yaml"}, (), 2, "cannot be read"),
    ],
)
def test_a_wrong_argument_is_one_sentence(
    arguments: dict[str, str],
    change: dict[str, str],
    more: tuple[str, ...],
    code: int,
    says: str,
    capfd: pytest.CaptureFixture[str],
) -> None:
    assert run(arguments | change, *more) == code
    out, err = capfd.readouterr()
    assert says in err
    assert err.count("\n") == 1 and out == ""


@pytest.mark.parametrize(
    ("change", "more"),
    [
        ({"--key": "env:NOT_SET_ANYWHERE"}, ("--log-format", "json")),
        ({"--pixels": "maybe"}, ("--log-format", "json")),
        ({"--pixels": "maybe"}, ("--log-format=json",)),
    ],
)
def test_a_wrong_argument_is_one_json_line_if_the_log_is_json(
    arguments: dict[str, str],
    change: dict[str, str],
    more: tuple[str, ...],
    capfd: pytest.CaptureFixture[str],
) -> None:
    assert run(arguments | change, *more) == 2
    (line,) = capfd.readouterr().err.splitlines()
    assert json.loads(line)["event"] == "usage_error"


def test_a_metrics_file_that_cannot_be_written_is_a_wrong_argument(
    arguments: dict[str, str], capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments, "--metrics", "/nowhere/run.prom") == 2
    assert "give a file in an existing folder" in capfd.readouterr().err


def test_rules_that_cannot_be_read_name_the_line(
    arguments: dict[str, str], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text("name: mine\nversion: 1\nprofile: [\n")
    assert run(arguments | {"--rules": str(rules)}) == 2
    assert "line" in capfd.readouterr().err


def test_outputs_inside_the_input_are_refused(
    arguments: dict[str, str], capfd: pytest.CaptureFixture[str]
) -> None:
    inside = {"--tables": arguments["--input"] + "/tables"}
    assert run(arguments | inside) == 2
    assert "is inside --input" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("output", "tables"), [("same", "same"), ("out", "out/tables"), ("tables/out", "tables")]
)
def test_objects_and_tables_in_one_folder_are_refused(
    arguments: dict[str, str],
    tmp_path: Path,
    output: str,
    tables: str,
    capfd: pytest.CaptureFixture[str],
) -> None:
    places = {"--output": str(tmp_path / output), "--tables": str(tmp_path / tables)}
    assert run(arguments | places) == 2
    assert "overlap; give separate folders" in capfd.readouterr().err
    assert not (tmp_path / output).exists() and not (tmp_path / tables).exists()


def test_a_missing_input_leaves_no_folders_behind(
    arguments: dict[str, str], tmp_path: Path
) -> None:
    assert run(arguments | {"--input": str(tmp_path / "nowhere")}) == 2
    assert not (tmp_path / "out").exists() and not (tmp_path / "tables").exists()


@pytest.mark.parametrize(
    "command",
    [
        ("report", "--output", "report.html"),
        ("verify", "--input", "in"),
        ("reidentify", "--reason", "a test", "--uid", "1", "--key", "KEY"),
    ],
)
def test_readers_report_missing_tables_and_create_none(
    arguments: dict[str, str],
    tmp_path: Path,
    command: tuple[str, ...],
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    argv = [arguments["--key"] if part == "KEY" else part for part in command]
    assert cli.main([*argv, "--tables", "nowhere"]) == 2
    out, err = capfd.readouterr()
    assert "nowhere has no table" in err and err.count("\n") == 1 and out == ""
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("home", ["/nowhere", ""])
def test_a_machine_without_java_is_told_what_to_install(
    home: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from jobs.common.spark.session import has_java

    monkeypatch.setenv("JAVA_HOME", home)
    monkeypatch.setenv("PATH", "/nowhere")
    assert not has_java()


def test_a_bucket_that_cannot_be_reached_fails_before_any_work(
    arguments: dict[str, str],
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from jobs.common.storage import s3_client

    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setattr(s3_client, "MAX_ATTEMPTS", 1)
    s3_client.get_client.cache_clear()
    try:
        assert run(arguments | {"--output": "s3://missing-bucket/clean"}) == 1
    finally:
        s3_client.get_client.cache_clear()
    assert "bucket missing-bucket cannot be used" in capfd.readouterr().err


def test_arguments_win_over_a_config_file(
    arguments: dict[str, str], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    conf = tmp_path / "site.yaml"
    conf.write_text("rules: nonesuch\npixels: off\nspark_conf: [spark.a=b, c]\n")
    assert run(arguments | {"--conf": str(conf)}) == 2
    assert "--spark-conf" in capfd.readouterr().err
    assert run(arguments | {"--conf": str(conf), "--spark-conf": "spark.c=d"}) == 2


def test_only_installed_commands_are_listed() -> None:
    text = cli.build_parser().format_help()
    for command in cli.COMMANDS:
        listed = re.search(rf"^ +{command}\b", text, re.MULTILINE) is not None
        assert listed == (importlib.util.find_spec(cli.name_module(command)) is not None)


def test_help_does_not_import_spark_and_states_the_limits() -> None:
    code = (
        "import sys, jobs.cli\n"
        "try: jobs.cli.main(['deidentify', '--help'])\n"
        "finally: assert 'pyspark' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "64 MB or 200 objects" in done.stdout


def test_a_closed_pipe_gives_no_traceback() -> None:
    command = [sys.executable, "-m", "jobs.cli", "rules", "describe", "research"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == ""
    assert process.wait() == 1


def test_the_help_text_needs_no_large_package() -> None:
    program = (
        "import sys; from jobs.cli import build_parser; build_parser(); "
        "print(*{name.partition('.')[0] for name in sys.modules})"
    )
    loaded = set(subprocess.check_output([sys.executable, "-c", program], text=True).split())
    assert "jobs" in loaded
    assert not loaded & {"boto3", "deltalake", "numpy", "pandas", "pyarrow", "pydicom", "pyspark"}


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        (
            ("report", "--tables", "t", "--output", "r", "--run-ids", "x"),
            "safelight report: unrecognized arguments: --run-ids x; did you mean --run-id? "
            "(see safelight report --help)",
        ),
        (
            ("rules", "describe", "research", "--colour"),
            "safelight rules describe: unrecognized arguments: --colour "
            "(see safelight rules describe --help)",
        ),
    ],
)
def test_an_unknown_argument_names_the_help_of_its_command(
    argv: tuple[str, ...], says: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        cli.main(argv)
    assert says in capfd.readouterr().err


def test_a_misspelt_rule_set_gets_a_suggestion(
    arguments: dict[str, str], capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments | {"--rules": "reserch"}) == 2
    assert "did you mean research?" in capfd.readouterr().err


@pytest.fixture
def recorded(tmp_path: Path) -> str:
    """Return a folder of tables with one run and an empty catalog."""
    tables = Tables(no_spark_session, parse_uri(str(tmp_path / "recorded")))
    tables.append_rows([RunRow("r1", "deidentify", datetime(2026, 1, 1, tzinfo=timezone.utc))])
    tables.append_records("catalog", [])
    return str(tmp_path / "recorded")


def no_spark_session() -> NoReturn:
    raise AssertionError("Spark was started")


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        (("report", "--output", "r.html", "--run-id", "nope"), "run nope does not exist"),
        (("report", "--output", "no/r.html"), "the folder of --output no/r.html does not exist"),
        (
            ("export", "--output", "o", "--release", "r", "--where", "modalty = 'MR'"),
            "--where: modalty is not a column of `catalog`; did you mean modality?",
        ),
    ],
)
def test_a_wrong_name_is_reported_before_spark_starts(
    recorded: str,
    tmp_path: Path,
    argv: tuple[str, ...],
    says: str,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main([*argv, "--tables", recorded]) == 2
    assert says in capfd.readouterr().err
    assert not (tmp_path / "no").exists()
