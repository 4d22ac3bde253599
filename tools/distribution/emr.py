"""Write the settings of Spark as EMR takes them: a list of classifications in JSON.

source: https://docs.aws.amazon.com/emr/latest/ReleaseGuide/emr-configure-apps.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping


def write_classifications(settings: Mapping[str, str]) -> str:
    """Return the configuration of EMR.

    Parameters
    ----------
    settings : mapping
        Settings of Spark by name.

    Returns
    -------
    str
        JSON: the settings of Spark, Delta and the log, and the authentication of the shuffle
        service of YARN, without which it refuses executors that authenticate.
    """
    classifications = [
        {"Classification": "spark-defaults", "Properties": dict(settings)},
        {"Classification": "delta-defaults", "Properties": {"delta.enabled": "true"}},
        # Spark names files at level INFO, and the names may hold PHI.
        {"Classification": "spark-log4j2", "Properties": {"rootLogger.level": "error"}},
    ]
    if settings.get("spark.authenticate") == "true":
        classifications.append(
            {"Classification": "yarn-site", "Properties": {"spark.authenticate": "true"}}
        )
    return json.dumps(classifications, indent=2) + "\n"
