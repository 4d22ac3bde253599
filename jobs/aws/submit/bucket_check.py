"""Check that the buckets of a run exist, before anything is submitted."""

from __future__ import annotations

from collections.abc import Iterable

from jobs.common.aws.client_errors import describe_error, error_code
from jobs.common.cli.errors import JobError, UsageError
from jobs.common.storage import s3_client
from jobs.common.storage.location import parse_uri

_SCHEMES = ("s3://", "s3a://")

#: Codes for a bucket that exists, but not for this caller or not in this region. The role of the
#: run may have access.
_EXISTS_CODES = s3_client.DENIED_CODES | {"301", "PermanentRedirect", "400"}


def check_buckets(words: Iterable[str]) -> None:
    """Raise if a bucket does not exist.

    Parameters
    ----------
    words : iterable of str
        Words of command lines; those that are URIs of S3 are checked.

    Raises
    ------
    UsageError
        If a bucket does not exist.
    JobError
        If S3 does not answer.
    """
    for bucket in sorted({parse_uri(word).bucket for word in words if word.startswith(_SCHEMES)}):
        try:
            s3_client.get_client().head_bucket(Bucket=bucket)
        except Exception as error:  # classes of botocore
            code = error_code(error)
            if code in s3_client.NOT_FOUND_CODES:
                raise UsageError(
                    f"the bucket {bucket} does not exist; check its name and the endpoint"
                ) from None
            if code not in _EXISTS_CODES:
                sentence = f"the bucket {bucket} cannot be checked"
                raise JobError(describe_error(sentence, error, "check the network")) from None
