"""Say what to do about an error of a file system or of AWS, by its code.

"Run it again" is said only where that can help.
"""

from __future__ import annotations

import errno
import re
from typing import Optional

_AGAIN = "run the same command again"

#: What to do by kind of error, and the codes of errors of that kind: codes of AWS, classes of
#: Python and botocore, and names of errno.
_ADVICE = (
    (
        "give the driver and the executors valid AWS credentials",
        (
            "NoCredentialsError", "PartialCredentialsError", "CredentialRetrievalError",
            "ProfileNotFound", "InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidToken",
            "InvalidClientTokenId", "UnrecognizedClientException", "AuthFailure", "401",
        ),
    ),
    (
        f"renew the AWS credentials, then {_AGAIN}",
        (
            "ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired",
            "UnauthorizedSSOTokenError", "SSOTokenLoadError",
        ),
    ),
    (
        f"grant the driver and the executors permission, then {_AGAIN}",
        (
            "403", "AccessDenied", "AccessDeniedException", "Forbidden", "AllAccessDisabled",
            "PermissionError", "EACCES", "EPERM",
        ),
    ),
    (
        "check its name or ARN, and the region (AWS_REGION)",
        (
            "ResourceNotFoundException", "NotFoundException",
            "AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist",
        ),
    ),
    (
        "grant the use of the KMS key in its policy and to the role",
        ("DecryptionFailure", "EncryptionFailure", "KMSAccessDeniedException"),
    ),
    (
        "enable the KMS key, or cancel its deletion",
        ("DisabledException", "KMSInvalidStateException", "KMSInvalidState"),
    ),
    (
        "give the KMS key and the namespace under which it was encrypted",
        ("InvalidCiphertextException", "IncorrectKeyException"),
    ),
    (
        "it exists; give another name",
        ("ResourceExistsException",),
    ),
    ("check the name of the bucket and its region", ("NoSuchBucket", "301", "PermanentRedirect")),
    (
        f"restore it from its archive storage class, then {_AGAIN}",
        ("InvalidObjectState",),
    ),
    (
        "check that it exists and is not being moved",
        (
            "404", "405", "NoSuchKey", "NoSuchVersion", "NotFound", "MethodNotAllowed",
            "FileNotFoundError", "NotADirectoryError", "IsADirectoryError", "ENOENT", "ENOTDIR",
        ),
    ),
    (
        f"request a higher quota in Service Quotas or wait for other runs to end, then {_AGAIN}",
        (
            "ServiceQuotaExceededException", "ResourceLimitExceeded", "LimitExceededException",
            "ResourceLimitExceededException",
        ),
    ),
    (
        "check the arguments: the service does not accept one of them",
        ("ValidationException", "InvalidRequestException", "InvalidParameterValueException"),
    ),
    (f"free some space, then {_AGAIN}", ("ENOSPC", "EDQUOT", "EFBIG", "QuotaExceeded")),
    ("give a folder that can be written", ("EROFS", "EEXIST", "ENAMETOOLONG")),
    (
        f"check the endpoint and the network, then {_AGAIN}",
        (
            "EndpointConnectionError", "ConnectTimeoutError", "ProxyConnectionError", "SSLError",
            "ConnectionRefusedError", "ECONNREFUSED", "EHOSTUNREACH", "ENETUNREACH",
        ),
    ),
    (
        _AGAIN,
        (
            "500", "502", "503", "504", "InternalError", "ServiceUnavailable", "SlowDown",
            "Throttling", "ThrottlingException", "TooManyRequestsException", "RequestTimeout",
            "RequestLimitExceeded", "ProvisionedThroughputExceededException",
            "ReadTimeoutError", "ConnectionClosedError", "ConnectionError", "IncompleteReadError",
            "ResponseStreamingError", "ConnectionResetError", "BrokenPipeError", "TimeoutError",
            "EIO", "ESTALE", "ECONNRESET", "EPIPE", "ETIMEDOUT", "EAGAIN", "EBUSY",
            "CommitFailedError", "409", "OperationAborted", "ConditionalRequestConflict",
        ),
    ),
)  # fmt: skip

_ADVICE_BY_CODE = {code: advice for advice, codes in _ADVICE for code in codes}


def advise(code: str) -> Optional[str]:
    """Return what to do about an error; ``None`` if its code is not known.

    Parameters
    ----------
    code : str
        Code of AWS, name of an exception class, or name of an error of the operating system.
    """
    return _ADVICE_BY_CODE.get(code)


def find_code(text: str) -> Optional[str]:
    """Return the first known code that a message holds; ``None`` if it holds none.

    Parameters
    ----------
    text : str
        Message of an exception of a library that gives its cause in words only.
    """
    words = re.findall(r"[A-Za-z]{2,}", text)
    return next((word for word in words if word in _ADVICE_BY_CODE), None)


def add_advice(sentence: str, code: str) -> str:
    """Return a sentence with the code of an error and what to do about it.

    Parameters
    ----------
    sentence : str
        Says what happened.
    code : str
        See :func:`advise`.
    """
    advice = advise(code)
    return f"{sentence} ({code}); {advice}" if advice else f"{sentence} ({code})"


def os_error_code(error: OSError) -> str:
    """Return the name of the error number, or the name of the class without one."""
    return errno.errorcode.get(error.errno or 0, type(error).__name__)
