from __future__ import annotations

import pytest
from pyspark.errors import PySparkRuntimeError

from jobs.common.spark.setup_errors import describe_setup_error


def test_another_version_of_python() -> None:
    error = PySparkRuntimeError(
        error_class="PYTHON_VERSION_MISMATCH",
        message_parameters={"worker_version": "(3, 10)", "driver_version": "3.11"},
    )
    advice = describe_setup_error(error)
    assert advice and "the executors have Python 3.10 and the driver has Python 3.11" in advice


@pytest.mark.parametrize(
    ("message", "advice"),
    [
        ("java.lang.NoClassDefFoundError: org/apache/hadoop/fs/s3a/S3A", "add the jars of"),
        ('UnsupportedFileSystemException: No FileSystem for scheme "s3"', "file system for s3://"),
        ("Cannot call methods on a stopped SparkContext", "does not accept this driver: check"),
        (
            "FileNotFoundException: File /doe/environment.tar.gz does",
            "the file environment",
        ),
        ("Master removed our application: FAILED", "the executors end as soon as they start"),
    ],
)
def test_the_advice_names_what_to_change(message: str, advice: str) -> None:
    assert advice in (describe_setup_error(RuntimeError(message)) or "")


def test_another_error_has_no_advice() -> None:
    assert describe_setup_error(ValueError("file doe-jane.dcm")) is None


def test_no_other_part_of_a_message_is_quoted() -> None:
    message = 'Cannot run program "/opt/python" (in directory "/work/doe-jane")'
    assert "jane" not in (describe_setup_error(OSError(message)) or "")
