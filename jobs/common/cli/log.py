"""Write log lines to stderr, as text or as one JSON object a line. They never hold PHI.

A log line has the name of an event, a sentence and fields. The names of the fields are an allow
list, so that no value of an object and no path of a source can become a field by mistake.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timezone
from enum import Enum
from typing import Union

#: Value of a field of a log line.
LogValue = Union[str, int, float, Mapping[str, int], None]

#: Names that the fields of a log line may have.
FIELD_NAMES = frozenset(
    {
        "command", "run_id", "stage", "batch", "source_id", "status", "reason", "count",
        "objects", "total", "bytes", "bytes_in", "bytes_out", "seconds", "rate", "seconds_left",
        "deidentified", "filtered", "quarantined", "skipped", "statuses", "reasons", "check",
        "entry", "entry_hash",
    }
)  # fmt: skip

_LOGGER = logging.getLogger("safelight")


class LogFormat(str, Enum):
    """Format of the log lines.

    Attributes
    ----------
    TEXT
        The sentence alone.
    JSON
        One JSON object a line: time, level, event, message, command, run_id and other fields.
    """

    TEXT = "text"
    JSON = "json"


class _StderrHandler(logging.Handler):
    """Handler that writes each line to the current ``sys.stderr`` in one call."""

    def __init__(self) -> None:
        super().__init__()
        self.log_format = LogFormat.TEXT
        self.context: dict[str, LogValue] = {}
        self.around_line: Callable[[], AbstractContextManager[None]] = nullcontext

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line; a closed or full stderr does not end a run."""
        text = self._format_json(record) if self.is_json else record.getMessage()
        try:
            with self.around_line():
                sys.stderr.write(f"{text}\n")
                sys.stderr.flush()
        except (OSError, ValueError):
            return

    @property
    def is_json(self) -> bool:
        """Return whether lines are JSON objects."""
        return self.log_format is LogFormat.JSON

    def _format_json(self, record: logging.LogRecord) -> str:
        time = datetime.fromtimestamp(record.created, timezone.utc)
        fields: dict[str, LogValue] = {
            "time": time.isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": getattr(record, "event", "message"),
            "message": record.getMessage(),
        }
        return json.dumps(fields | self.context | getattr(record, "fields", {}))


_HANDLER = _StderrHandler()
_LOGGER.addHandler(_HANDLER)
_LOGGER.setLevel(logging.INFO)
_LOGGER.propagate = False


def configure_log(log_format: Union[LogFormat, str], **context: LogValue) -> None:
    """Set the format of all log lines of this process, and fields that each of them has.

    Parameters
    ----------
    log_format : LogFormat or str
    **context
        Fields of each line, such as ``command`` and ``run_id``.

    Raises
    ------
    ValueError
        If the name of a field is not in :data:`FIELD_NAMES`.
    """
    _check_names(context)
    _HANDLER.log_format = LogFormat(log_format)
    _HANDLER.context = dict(context)


def is_json_log() -> bool:
    """Return whether log lines are JSON objects."""
    return _HANDLER.is_json


def set_line_guard(guard: Callable[[], AbstractContextManager[None]]) -> None:
    """Set the context manager that is entered around each line.

    A display on the same terminal removes itself before a line and draws itself after it.
    """
    _HANDLER.around_line = guard


def add_log_context(**context: LogValue) -> None:
    """Add fields that each later log line of this process has.

    Raises
    ------
    ValueError
        If the name of a field is not in :data:`FIELD_NAMES`.
    """
    _check_names(context)
    _HANDLER.context |= context


def log_event(event: str, message: str, **fields: LogValue) -> None:
    """Write one log line to stderr.

    Parameters
    ----------
    event : str
        Name of the event, in lower case with underscores.
    message : str
        Sentence for people, free of PHI. It is the whole line in the text format.
    **fields
        Values for programs, which only the JSON format shows.

    Raises
    ------
    ValueError
        If the name of a field is not in :data:`FIELD_NAMES`.
    """
    _log(logging.INFO, event, message, fields)


def log_error(event: str, message: str, **fields: LogValue) -> None:
    """Write one log line about an error to stderr; see :func:`log_event`.

    Parameters
    ----------
    event : str
        Name of the event.
    message : str
        What happened, then what to do; free of PHI.
    **fields
        Values for programs.

    Raises
    ------
    ValueError
        If the name of a field is not in :data:`FIELD_NAMES`.
    """
    _log(logging.ERROR, event, message, fields)


def _log(level: int, event: str, message: str, fields: Mapping[str, LogValue]) -> None:
    _check_names(fields)
    _LOGGER.log(level, "%s", message, extra={"event": event, "fields": fields})


def _check_names(fields: Mapping[str, LogValue]) -> None:
    unknown = sorted(fields.keys() - FIELD_NAMES)
    if unknown:
        raise ValueError(f"log fields are not in the allow list: {', '.join(unknown)}")
