from __future__ import annotations

import subprocess
import sys

import pytest

from jobs.cli import build_parser, main


@pytest.mark.parametrize("command", ["import", "status", "delete"])
def test_each_command_has_a_help_text(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["healthimaging", command, "--help"])
    assert stop.value.code == 0 and "--datastore ID" in capsys.readouterr().out


def test_defaults_are_the_quotas_of_the_service() -> None:
    argv = ["healthimaging", "import", "--tables", "t", "--datastore", "d", "--staging", "s"]
    given = build_parser().parse_args(argv)
    assert (given.job_files, given.jobs) == (5000, 100)


def test_no_command_imports_spark() -> None:
    code = (
        "import sys\n"
        "import jobs.healthimaging, jobs.aws.healthimaging.imports.importer\n"
        "import jobs.aws.healthimaging.deletion, jobs.aws.healthimaging.status\n"
        "assert 'pyspark' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
