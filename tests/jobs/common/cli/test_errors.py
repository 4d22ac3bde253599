from __future__ import annotations

from jobs.common.cli.errors import describe_cause

QUOTED = """An error occurred while calling z:org.apache.spark.api.python.PythonRDD.collectAndServe.
: org.apache.spark.SparkException: Job aborted due to stage failure: Lost task 0.0:
org.apache.spark.api.python.PythonException: Traceback (most recent call last):
  File "/usr/lib/pyspark.zip/pyspark/worker.py", line 1247, in main
    process()
  File "/home/o.quill/jobs/common/worker.py", line 40, in _meet
    raise KeyError(name)
KeyError: 'QUILLFEATHER'

\tat org.apache.spark.api.python.BasePythonRunner
"""


def test_the_cause_in_a_worker_is_named_by_class_and_line_without_its_message() -> None:
    assert describe_cause(RuntimeError(QUOTED)) == "KeyError in worker.py, line 40"


def test_other_causes_are_named_by_their_class() -> None:
    assert describe_cause(RuntimeError("/home/o.quill/x")) == "RuntimeError"
