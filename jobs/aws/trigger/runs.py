"""Start the run of a batch on EMR Serverless, and ask for its state."""

from __future__ import annotations

import hashlib
from enum import Enum
from typing import Protocol

from jobs.aws.trigger.batch_table import Batch


class RunState(Enum):
    """State of a run, in what the trigger needs to know.

    Attributes
    ----------
    ACTIVE
        The run waits or works.
    SUCCEEDED
        The run has ended with exit code 0.
    FAILED
        The run has failed, was cancelled, or is not known any more.
    """

    ACTIVE = "active"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class Runs(Protocol):
    """Service that executes runs."""

    def start(self, batch: Batch, manifest_uri: str) -> str:
        """Start the run of a batch; the same attempt of a batch is started once only.

        Parameters
        ----------
        batch : Batch
            Batch with the number of the attempt.
        manifest_uri : str
            Manifest of the batch.

        Returns
        -------
        str
            ID of the job run.

        Raises
        ------
        JobError
            If the service refuses the run.
        """

    def get_state(self, job_run_id: str) -> RunState:
        """Return the state of a run.

        Raises
        ------
        JobError
            If the service does not answer.
        """


def make_client_token(batch: Batch) -> str:
    """Return the client token of an attempt: the hash of the manifest for the first one.

    The service returns the existing run for a token that it knows ("StartJobRun" in the API
    reference of EMR Serverless).
    """
    if batch.attempt == 1:
        return batch.digest
    return hashlib.sha256(f"{batch.digest} {batch.attempt}".encode()).hexdigest()


def make_run_id(batch: Batch) -> str:
    """Return Safelight's run ID of a batch: all attempts resume one run."""
    return f"upload-{batch.digest[:16]}"
