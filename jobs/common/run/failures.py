"""Describe why a run failed, and the next step, without the message of the exception.

Messages may hold paths and values. "Run the same command again" is said only where that can help.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple, Optional

import pyarrow.dataset as ds

from jobs.common.aws.client_errors import error_code
from jobs.common.cli.error_advice import advise, os_error_code
from jobs.common.cli.errors import describe_cause, error_text
from jobs.common.delta.tables.table_set import Tables
from jobs.common.run.run_config import RunConfig
from jobs.common.spark.setup_errors import describe_setup_error
from safelight.records import Reason, Status


class _KnownFailure(NamedTuple):
    """A failure that is recognised by the message of its exception.

    Attributes
    ----------
    pattern : re.Pattern
        Searched in the class and the message of the exception.
    sentence : str
        Cause and next step.
    """

    pattern: re.Pattern[str]
    sentence: str


#: In the order of the search: the first match decides.
_KNOWN_FAILURES = (
    _KnownFailure(
        re.compile(r"\bOcrSelfTestError\b"),
        "the OCR engine of a worker does not read its test picture; install the engine and its "
        "models again on all workers, then run the same command again",
    ),
    _KnownFailure(
        re.compile(r"java\.lang\.OutOfMemoryError"),
        "Java has too little memory; give it more by spark.driver.memory and "
        "spark.executor.memory, then run the same command again",
    ),
    _KnownFailure(
        re.compile(r"No space left on device|Disk quota exceeded"),
        "a disk is full; free space in the output, the tables and the temporary folder, then run "
        "the same command again",
    ),
    _KnownFailure(
        re.compile(
            r"Python worker exited unexpectedly|Python worker faulted|ExecutorLostFailure|"
            r"Container killed|executor \S+ exited|FetchFailed"
        ),
        "workers ended several times, mostly for want of memory; give the executors more memory "
        "or fewer cores, then run the same command again",
    ),
    _KnownFailure(
        re.compile(
            r"Py4JNetworkError|Answer from Java side is empty|Error while sending or receiving|"
            r"ConnectionRefusedError|SparkContext was shut down|stopped SparkContext"
        ),
        "Spark ended during the run, for example because it was stopped or had too little memory; "
        "run the same command again, and give it more by spark.driver.memory if it ends once more",
    ),
)


def describe_failure(error: Exception, what: str = "the run failed") -> str:
    """Return one sentence: what failed, why, and what to do.

    Parameters
    ----------
    error : Exception
        Exception of Python, of Spark or of Java.
    what : str
        Begins the sentence.
    """
    sentence = (
        _describe_output_error(error)
        or _describe_mapping_error(error)
        or describe_setup_error(error)
        or _describe_known_failure(error)
        or _describe_code(error)
    )
    if sentence:
        return f"{what}: {sentence}"
    return (
        f"{what} ({describe_cause(error)}), probably by an error of the software; report "
        "it with this message; what was committed is kept"
    )


def _describe_output_error(error: Exception) -> Optional[str]:
    """Describe an output that a worker could not write."""
    found = re.search(r"OutputError: (\w+)", str(error))
    if not found:
        return None
    return _join(f"the output cannot be written, {error_text(found[1])}", advise(found[1]))


def _describe_mapping_error(error: Exception) -> Optional[str]:
    """Describe a DynamoDB table of the mapping that a worker could not use."""
    found = re.search(r"MappingStoreError: ([\w.-]+) (\w+)", f"{type(error).__name__}: {error}")
    if not found:
        return None
    sentence = f"the DynamoDB table {found[1]} of --mapping-store cannot be used, {found[2]}"
    return _join(sentence, advise(found[2]))


def _describe_known_failure(error: Exception) -> Optional[str]:
    text = f"{type(error).__name__}: {error}"
    return next((known.sentence for known in _KNOWN_FAILURES if known.pattern.search(text)), None)


def _describe_code(error: Exception) -> Optional[str]:
    """Describe an error of a file system or of AWS in the driver."""
    if isinstance(error, OSError):
        code = os_error_code(error)
        cause = os.strerror(error.errno) if error.errno else code
    else:
        code = cause = error_code(error)
    advice = advise(code)
    return _join(cause, advice) if advice else None


def _join(cause: str, advice: Optional[str]) -> str:
    return f"{cause}; {advice}" if advice else cause


def describe_unreadable_run(
    tables: Tables, config: RunConfig, last_table: str, summary: Mapping[str, Any]
) -> Optional[str]:
    """Return why a run read no source at all; ``None`` if it read one, or had none to read.

    The cause of such a run is mostly in the set-up, such as missing credentials.

    Parameters
    ----------
    tables : Tables
        Tables of the run, whose batches are committed.
    config : RunConfig
        Checked arguments of the run.
    last_table : str
        Table of the run that is committed last in a batch.
    summary : mapping
        Counts of the last line of stdout.

    Raises
    ------
    JobError
        If the table cannot be read.
    """
    processed = summary["seen"] - summary["skipped"]
    if not processed or summary[Status.QUARANTINED.value] < processed:
        return None
    reasons: Counter[str] = Counter()
    columns = ("reason_code", "reason")
    for batch in tables.batches(last_table, columns, ds.field("run_id") == config.run_id):
        codes, sentences = (batch[column].to_pylist() for column in columns)
        if any(code != Reason.UNREADABLE_SOURCE.value for code in codes):
            return None
        reasons.update(sentences)
    if not reasons:
        return None
    (sentence, count), *others = reasons.most_common()
    more = f" ({count} of {processed})" if others else ""
    return f"no source of this run could be read: {sentence}{more}"
