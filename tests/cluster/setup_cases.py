"""Program of a driver: report what the pre-flight check says in several cases, as JSON.

    python setup_cases.py MASTER SETTINGS.json PLAIN_PYTHON FOLDER

The environment of the driver is that of the distribution. PLAIN_PYTHON is an interpreter without
packages, and FOLDER an existing folder.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

from jobs.common.cli.errors import JobError
from jobs.common.spark.cluster_check import ClusterNeeds, check_cluster
from jobs.common.spark.session import session
from jobs.common.storage.location import Location

Settings = dict[str, str]


def report(check: Callable[[], None]) -> str:
    """Return the message of the error of a check, or ``ready``."""
    try:
        check()
    except JobError as error:
        return str(error)
    return "ready"


def main(master: str, settings: Settings, plain_python: str, folder: str) -> dict[str, str]:
    """Return the report of each case."""

    def start(settings: Settings) -> Callable[[], None]:
        def check() -> None:
            with session("check", master, settings):
                pass

        return check

    def needs(folder: str, text_model: bool = False) -> ClusterNeeds:
        return ClusterNeeds((("--tables", Location("", folder)),), text_model)

    secret = "spark.authenticate.secret"
    reports = {
        # First: Java keeps the settings that it is started with.
        "no secret": report(start({k: v for k, v in settings.items() if k != secret})),
        "too many cores": report(
            start(
                settings | {"spark.executor.cores": "4", "spark.safelight.executorWaitSeconds": "2"}
            )
        ),
    }
    with session("check", master, settings) as spark:
        own_python = spark.sparkContext.pythonExec
        for case, python in (
            ("no package", plain_python),
            ("no interpreter", "/opt/absent/python"),
        ):
            spark.sparkContext.pythonExec = python
            reports[case] = report(lambda: check_cluster(spark, needs(folder)))
        spark.sparkContext.pythonExec = own_python
        reports["good"] = report(lambda: check_cluster(spark, needs(folder)))
        reports["no folder"] = report(lambda: check_cluster(spark, needs(f"{folder}/absent")))
        reports["no jar"] = report(lambda: check_cluster(spark, needs(folder, text_model=True)))
    return reports


if __name__ == "__main__":
    given = sys.argv[1:]
    print(json.dumps(main(given[0], json.loads(Path(given[1]).read_text()), given[2], given[3])))
