"""Errors of the set-up of a cluster, found by the pre-flight task before any work."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cluster.distribution import DELTA_JARS
from tests.cluster.standalone import StandaloneCluster
from tools.distribution.assemble import JARS

PROGRAM = Path(__file__).with_name("setup_cases.py")


@pytest.fixture(scope="module")
def reports(
    cluster: StandaloneCluster, distribution: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    """Run all cases in one driver, whose class path has more jars than the executors get."""
    folder = tmp_path_factory.mktemp("cases")
    plain = folder / "plain"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(plain)], check=True)
    settings = {
        "spark.authenticate": "true",
        "spark.authenticate.secret": cluster.secret,
        "spark.network.crypto.enabled": "true",
        "spark.executor.memory": "512m",
        "spark.driver.extraClassPath": f"{JARS}/*",
        "spark.jars": ",".join(str(jar) for name in DELTA_JARS for jar in JARS.glob(name)),
        "spark.task.maxFailures": "1",
    }
    (folder / "settings.json").write_text(json.dumps(settings))
    (packages,) = (distribution / "environment" / "lib").glob("*/site-packages")
    environment = cluster.environment | {
        "SPARK_CONF_DIR": str(folder),
        "PYSPARK_PYTHON": str(distribution / "environment" / "bin" / "python"),
        "PYTHONPATH": str(packages),
    }
    done = subprocess.run(
        [sys.executable, str(PROGRAM), cluster.master, str(folder / "settings.json"),
         str(plain / "bin" / "python"), str(folder)],
        cwd=folder, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    reports: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
    return reports


def test_a_cluster_with_all_that_is_needed_is_ready(reports: dict[str, str]) -> None:
    assert reports["good"] == "ready"


@pytest.mark.parametrize(
    ("case", "message"),
    [
        ("no secret", "no secret is given: add spark.authenticate.secret"),
        ("too many cores", "no executor has started in 2 s: an executor needs 4 cores"),
        ("no package", "of the executors has no package jobs: submit with the environment of"),
        ("no interpreter", "have no Python interpreter /opt/absent/python: install it there"),
        ("no folder", "the folder of --tables does not exist on the executors: use S3"),
        ("no jar", "the Java of the executors does not find DocumentAssembler: add the jars"),
    ],
)
def test_the_message_names_what_to_change(reports: dict[str, str], case: str, message: str) -> None:
    assert message in reports[case]
