"""Define what the launchers of all services have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from enum import Enum
from typing import Any, Protocol

from jobs.common.aws.client_errors import error_code
from jobs.common.aws.clients import request
from jobs.common.cli.errors import JobError

#: Codes of services for a caller without permission.
_DENIED_CODES = frozenset({"AccessDenied", "AccessDeniedException", "403"})

#: Difference of the clocks of this machine and of a service below which no message is written.
_CLOCK_TOLERANCE = timedelta(minutes=5)


class Outcome(Enum):
    """Outcome of a run."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"


@dataclass(frozen=True)
class RunState:
    """State of a run as its service reports it.

    Attributes
    ----------
    name : str
        Word of the service, such as ``RUNNING``.
    outcome : Outcome or None
        ``None`` while the run is not finished.
    exit_code : int or None
        Exit code of Safelight, if the service reports it.
    reason : str
        Reason of the service for a run that did not start, free of PHI; else empty.
    """

    name: str
    outcome: Outcome | None = None
    exit_code: int | None = None
    reason: str = ""


@dataclass(frozen=True)
class SubmittedRun:
    """A run that a service has accepted.

    Attributes
    ----------
    service : str
        Name of the service on the command line.
    run_id : str
        ID of the run in the service.
    name : str
        Name of the run.
    logs : str
        Place of the logs of the run.
    owner : str
        Application or cluster that the run belongs to; empty without one.
    was_submitted_before : bool
        Whether the service has returned the run of an earlier request with the same token.
    """

    service: str
    run_id: str
    name: str
    logs: str
    owner: str = ""
    was_submitted_before: bool = False


def is_earlier(created: datetime) -> bool:
    """Return whether a run was created well before now, by the clock of the service.

    Parameters
    ----------
    created : datetime
        Time with a time zone at which the service has created the run.
    """
    return datetime.now(timezone.utc) - created > _CLOCK_TOLERANCE


class Launcher(Protocol):
    """Interface to one service. Requests are dicts, as boto3 takes them."""

    #: Longest time in seconds between the end of a run and its complete logs.
    log_delay_seconds: float

    def check(self, parameters: Mapping[str, Any]) -> None:
        """Check that the service can take a request, before anything is copied.

        Raises
        ------
        JobError
            If the application or the cluster is missing, or does not take runs.
        """

    def start(self, parameters: Mapping[str, Any]) -> SubmittedRun:
        """Start a run and return it.

        Raises
        ------
        JobError
            If the service refuses the request.
        """

    def read_state(self, run: SubmittedRun) -> RunState:
        """Return the state of a run.

        Raises
        ------
        JobError
            If the service does not answer.
        """

    def read_output(self, run: SubmittedRun) -> str | None:
        """Return the end of the stdout of the driver; ``None`` if it is not stored yet."""


def describe_place(
    sentence: str, operation: Callable[..., Any], **parameters: Any
) -> Mapping[str, Any]:
    """Return what a service says about an application or a cluster; nothing if it is forbidden.

    A caller may be allowed to start runs and nothing else.

    Parameters
    ----------
    sentence : str
        What failed if the call fails.
    operation : callable
        Method of a client.
    **parameters : object
        Parameters of the operation.

    Raises
    ------
    JobError
        If it does not exist, or the service does not answer.
    """

    def call(**given: Any) -> Any:
        try:
            return operation(**given)
        except Exception as error:  # classes of botocore
            if error_code(error) in _DENIED_CODES:
                return {}
            raise

    found: Mapping[str, Any] = request(sentence, call, **parameters)
    return found


def start_run(
    sentence: str, permissions: str, operation: Callable[..., Any], parameters: Mapping[str, Any]
) -> Any:
    """Call the operation that starts a run.

    Parameters
    ----------
    sentence : str
        What failed if the call fails.
    permissions : str
        Permissions that the caller needs.
    operation : callable
        Method of a client.
    parameters : mapping
        Parameters of the operation.

    Returns
    -------
    dict
        Answer of the service.

    Raises
    ------
    JobError
        If the service refuses the request.
    """

    def call(**given: Any) -> Any:
        try:
            return operation(**given)
        except Exception as error:  # classes of botocore
            if error_code(error) in _DENIED_CODES:
                raise JobError(
                    f"{sentence} ({error_code(error)}); allow the caller {permissions}"
                ) from None
            raise

    return request(sentence, call, **parameters)
