"""Start a local Spark session for measurements; jobs use ``jobs.common.spark.session``."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_JARS = Path(__file__).resolve().parents[2] / "conf" / "jars" / "lib"


def local_session(threads: str | None = None) -> SparkSession:
    """Return a Spark session on two cores.

    Parameters
    ----------
    threads : str, optional
        ONNX Runtime threads of a Spark task (default: as the pipeline sets it).

    Raises
    ------
    FileNotFoundError
        If the jars are missing.
    """
    from pyspark.sql import SparkSession

    if not any(_JARS.glob("spark-nlp_*.jar")):
        raise FileNotFoundError("the jars are missing: run `make jars`")
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    builder = (
        SparkSession.builder.master("local[2]")
        .appName("safelight evaluate")
        .config("spark.driver.extraClassPath", f"{_JARS}/*")
        .config("spark.driver.memory", "3g")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.sql.shuffle.partitions", "4")
        .config("spark.serializer", "org.apache.spark.serializer.KryoSerializer")
        .config("spark.kryoserializer.buffer.max", "512m")
    )
    if threads is not None:
        builder = builder.config("spark.jsl.settings.onnx.intraOpNumThreads", threads)
    return builder.getOrCreate()
