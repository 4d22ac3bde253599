from __future__ import annotations

import json

from jobs.common.spark.settings_file import read_conf
from tools.check_wheel import ROOT
from tools.distribution.emr import write_classifications


def test_emr_gets_the_settings_by_classification() -> None:
    settings = read_conf(ROOT / "conf" / "spark" / "emr-ec2.conf")
    parsed = {
        entry["Classification"]: entry["Properties"]
        for entry in json.loads(write_classifications(settings))
    }
    assert parsed["spark-defaults"] == settings
    assert parsed["delta-defaults"] == {"delta.enabled": "true"}
    assert parsed["spark-log4j2"] == {"rootLogger.level": "error"}


def test_the_shuffle_service_authenticates_as_spark_does() -> None:
    assert "yarn-site" in write_classifications({"spark.authenticate": "true"})
    assert "yarn-site" not in write_classifications({"spark.authenticate": "false"})
