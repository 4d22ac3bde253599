"""Recognise errors of the set-up of Spark by their messages, and say what to change.

The messages hold paths and values, and are never printed. Only names of modules, classes and
interpreters are quoted.
"""

from __future__ import annotations

import re
from typing import NamedTuple


class SetupError(NamedTuple):
    """A known error of the set-up.

    Attributes
    ----------
    name : str
    pattern : re.Pattern
        Searched in the message of the exception and of its Java causes.
    advice : str
        Sentence for the user. ``{0}``, ``{1}`` are the groups of the pattern.
    """

    name: str
    pattern: re.Pattern[str]
    advice: str


#: In the order of the search: the first match decides.
SETUP_ERRORS = (
    SetupError(
        "secret",
        re.compile(r"A secret key must be specified via the spark\.authenticate\.secret"),
        "spark.authenticate is true and no secret is given: add spark.authenticate.secret with the "
        "secret of the cluster to the settings file, or set spark.authenticate to false",
    ),
    SetupError(
        "interpreter",
        re.compile(r'Cannot run program "([^"\s]+)"'),
        "the executors have no Python interpreter {0}: install it there, or give another one by "
        "`make dist CLUSTER_PYTHON=PATH` or spark.pyspark.python",
    ),
    SetupError(
        "version",
        re.compile(
            r"Python in worker has different version \(?([\d., ]+?)\)? than that in driver ([\d.]+)"
        ),
        "the executors have Python {0} and the driver has Python {1}: use the same minor version, "
        "by spark.pyspark.python and spark.pyspark.driver.python",
    ),
    SetupError(
        "module",
        re.compile(r"ModuleNotFoundError: No module named '?([\w.]+)"),
        "the Python environment of the executors has no package {0}: submit with the environment "
        "of `make dist`, by spark.archives and spark.pyspark.python",
    ),
    SetupError(
        "class",
        re.compile(r"(?:ClassNotFoundException|NoClassDefFoundError): ([\w.$/]+)"),
        "the Java class {0} is missing: add the jars of `make dist` by spark.jars",
    ),
    SetupError(
        "file system",
        re.compile(r'No (?:File|Abstract)System for (?:scheme:? )?"?(\w+)'),
        "Spark has no file system for {0}://: add the jars hadoop-aws and aws-java-sdk-bundle of "
        "`make dist` by spark.jars",
    ),
    SetupError(
        "master",
        re.compile(
            r"All masters are unresponsive|Cannot call methods on a stopped SparkContext|"
            r"Spark context stopped while waiting for backend"
        ),
        "the Spark master does not accept this driver: check that spark.authenticate, "
        "spark.authenticate.secret and spark.network.crypto.enabled are those of the cluster, and "
        "that both have the same version of Spark",
    ),
    SetupError(
        "file",
        re.compile(r"FileNotFoundException: .*?([\w.-]+\.(?:tar\.gz|zip|jar))\b"),
        "the file {0} of spark.archives or spark.jars does not exist: run spark-submit in the "
        "folder that `make dist` has made",
    ),
    SetupError(
        "executors",
        re.compile(r"Master removed our application|Max number of executor failures"),
        "the executors end as soon as they start: see their logs on the workers; a common cause is "
        "another version of Java or Spark than that of the driver",
    ),
)


def describe_setup_error(error: BaseException) -> str | None:
    """Return what to change after an error of the set-up, or ``None`` for another error.

    Parameters
    ----------
    error : BaseException
        Exception of Python, of Spark or of Java.
    """
    text = _read_messages(error)
    for known in SETUP_ERRORS:
        if found := known.pattern.search(text):
            return known.advice.format(*(group.replace(", ", ".") for group in found.groups()))
    return None


def _read_messages(error: BaseException) -> str:
    """Return the message of an exception and those of its causes in Java."""
    messages = [str(error)]
    cause = getattr(error, "java_exception", None)
    while cause is not None:
        messages.append(str(cause.toString()))
        cause = cause.getCause()
    return "\n".join(messages)
