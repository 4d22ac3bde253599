"""Derive the names and the idempotency tokens of runs."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence

#: Length of a client token of EMR Serverless and EMR on EKS (their API references, StartJobRun).
TOKEN_MAX_LENGTH = 64

#: Length of the name of a processing job of SageMaker, the shortest of all services.
NAME_MAX_LENGTH = 63


def client_token(request: Mapping[str, object]) -> str:
    """Return the token of a request: equal requests have equal tokens.

    Parameters
    ----------
    request : mapping
        Request without a token.
    """
    text = json.dumps(request, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:TOKEN_MAX_LENGTH]


def run_name(arguments: Sequence[str]) -> str:
    """Return the name of a run: its command and its run ID, never an argument that may hold PHI.

    Parameters
    ----------
    arguments : sequence of str
        Command of Safelight and its arguments.

    Returns
    -------
    str
        At most 63 letters, digits and dashes.
    """
    run_id = find_value(arguments, "--run-id") or client_token({"arguments": list(arguments)})[:12]
    return clean_name(f"safelight-{arguments[0]}-{run_id}")


def clean_name(name: str) -> str:
    """Return a name that every service accepts: at most 63 letters, digits and dashes.

    Parameters
    ----------
    name : str
        Name with at least one letter or digit.
    """
    return re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-")[:NAME_MAX_LENGTH].strip("-")


def find_value(arguments: Sequence[str], option: str) -> str | None:
    """Return the last value of an option of a command line; ``None`` if it is not given.

    Parameters
    ----------
    arguments : sequence of str
        Command line.
    option : str
        Option with one value, with its dashes.
    """
    value = None
    for position, argument in enumerate(arguments):
        if argument.startswith(f"{option}="):
            value = argument.partition("=")[2]
        elif argument == option and position + 1 < len(arguments):
            value = arguments[position + 1]
    return value
