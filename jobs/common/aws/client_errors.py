"""Read the codes of errors of AWS, and describe them in one sentence."""

from __future__ import annotations

from jobs.common.cli.error_advice import advise


def error_code(error: Exception) -> str:
    """Return the code of a ClientError, or the class of another exception.

    Parameters
    ----------
    error : Exception
        Exception of botocore or boto3.
    """
    response = getattr(error, "response", None)
    return str(response["Error"]["Code"]) if response else type(error).__name__


def describe_error(sentence: str, error: Exception, otherwise: str) -> str:
    """Return a sentence with the code of an error and what to do about it.

    The message of the error is left out: it may hold keys of objects, which may hold PHI.

    Parameters
    ----------
    sentence : str
        What happened, without a full stop.
    error : Exception
        Exception of botocore or boto3.
    otherwise : str
        What to do if the code is not known.
    """
    code = error_code(error)
    return f"{sentence} ({code}); {advise(code) or otherwise}"
