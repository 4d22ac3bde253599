"""Issue presigned URLs for uploads: the Lambda function behind the upload API.

A partner sends the size and the checksum of each object, never its name. The keys are generated, so
that uploads by this API have no PHI in their keys. A URL accepts exactly these bytes, once, under
the key of the raw bucket. API Gateway authorizes the caller for the partner in the path by IAM.

What runs in Lambda imports the standard library and boto3 only.

sources: Amazon S3 User Guide, "Download and upload objects with presigned URLs" and "How to prevent
object overwrites with conditional writes"; API Gateway Developer Guide, "Create AWS Lambda proxy
integrations for HTTP APIs".
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from jobs.common.aws.clients import get_client
from jobs.common.cli.errors import UsageError

#: Objects of one request. The answer has about 2.5 KB an object, and may have 6 MB.
MAX_OBJECTS = 1000

#: Bytes of an object: the limit of one PutObject ("Uploading objects" in the user guide of S3).
MAX_BYTES = 5 << 30

#: Suffixes of the objects, by which `safelight notes` recognizes formats.
SUFFIXES = frozenset(
    {"dcm", "txt", "csv", "json", "jsonl", "ndjson", "parquet", "xml", "hl7", "pdf"}
)

#: Time for which a URL is valid, unless the environment gives another.
DEFAULT_URL_SECONDS = 900

_PARTNER = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
_SHA256_BYTES = 32


class RequestError(Exception):
    """Raised if a request is wrong; the message is one sentence without a value of the request."""


@dataclass(frozen=True)
class UploadSettings:
    """Settings of the function.

    Attributes
    ----------
    bucket, prefix : str
        Where uploads are stored; below the prefix, each partner has a folder.
    key_arn : str
        KMS key of the raw bucket.
    url_seconds : int
        Time for which a URL is valid.
    """

    bucket: str
    prefix: str
    key_arn: str
    url_seconds: int


@dataclass(frozen=True)
class Upload:
    """One object that a partner wants to upload.

    Attributes
    ----------
    size : int
        Bytes.
    sha256 : str
        SHA-256 of the content in base64.
    suffix : str
        Suffix of the key.
    """

    size: int
    sha256: str
    suffix: str


def handle(event: Mapping[str, Any], _context: object = None) -> dict[str, Any]:
    """Answer one request of the upload API.

    Parameters
    ----------
    event : mapping
        Request in version 2.0 of the payload format of HTTP APIs.

    Returns
    -------
    dict
        Status 200 and the URLs, or 400 and a sentence.
    """
    try:
        partner = read_partner(event)
        uploads = read_uploads(event)
    except RequestError as error:
        return _answer(400, {"error": str(error)})
    settings = read_settings(os.environ)
    upload_id = f"{datetime.now(timezone.utc):%Y%m%dT%H%M%SZ}-{secrets.token_hex(8)}"
    folder = f"{settings.prefix}{partner}/{upload_id}"
    objects = [
        presign(settings, f"{folder}/{number:06}.{upload.suffix}", upload)
        for number, upload in enumerate(uploads, 1)
    ]
    return _answer(
        200, {"upload": upload_id, "expires_in": settings.url_seconds, "objects": objects}
    )


def read_settings(environment: Mapping[str, str]) -> UploadSettings:
    """Return the settings in environment variables.

    Parameters
    ----------
    environment : mapping of str to str
        ``SAFELIGHT_RAW_BUCKET``, ``SAFELIGHT_RAW_KEY_ARN``, and optionally
        ``SAFELIGHT_RAW_PREFIX`` and ``SAFELIGHT_URL_SECONDS``.

    Raises
    ------
    UsageError
        If a variable is missing.
    """
    try:
        return UploadSettings(
            environment["SAFELIGHT_RAW_BUCKET"],
            environment.get("SAFELIGHT_RAW_PREFIX", ""),
            environment["SAFELIGHT_RAW_KEY_ARN"],
            int(environment.get("SAFELIGHT_URL_SECONDS") or DEFAULT_URL_SECONDS),
        )
    except KeyError as error:
        raise UsageError(f"the function lacks {error.args[0]}; set it as ingress.yaml") from None


def read_partner(event: Mapping[str, Any]) -> str:
    """Return the name of the partner in the path, for which API Gateway authorized the caller.

    Parameters
    ----------
    event : mapping
        Request; see :func:`handle`.

    Raises
    ------
    RequestError
        If the name has other characters.
    """
    partner = (event.get("pathParameters") or {}).get("partner", "")
    if not isinstance(partner, str) or not _PARTNER.fullmatch(partner):
        raise RequestError("the partner has 1 to 32 lower-case letters, digits and dashes")
    return partner


def read_uploads(event: Mapping[str, Any]) -> list[Upload]:
    """Return the objects that a request describes.

    Parameters
    ----------
    event : mapping
        Request; see :func:`handle`.

    Raises
    ------
    RequestError
        If the body is not the JSON that the message describes.
    """
    try:
        body = event.get("body") or ""
        text = base64.b64decode(body) if event.get("isBase64Encoded") else body
        described = json.loads(text)["objects"]
        count = len(described) if isinstance(described, list) else 0
    except (KeyError, TypeError, ValueError, RecursionError):
        raise RequestError(
            'send JSON: {"objects": [{"size": BYTES, "sha256": BASE64, "suffix": "dcm"}]}'
        ) from None
    if not 1 <= count <= MAX_OBJECTS:
        raise RequestError(f"send 1 to {MAX_OBJECTS} objects")
    return [_read_upload(number, entry) for number, entry in enumerate(described, 1)]


def _read_upload(number: int, entry: object) -> Upload:
    """Return one object of a request."""
    if not isinstance(entry, dict):
        raise RequestError(f"object {number} is not a JSON object")
    size, sha256 = entry.get("size"), entry.get("sha256")
    suffix = entry.get("suffix", "dcm")
    if type(size) is not int or not 1 <= size <= MAX_BYTES:
        raise RequestError(f"object {number} needs a size of 1 to {MAX_BYTES} bytes")
    if not isinstance(sha256, str) or not _is_sha256(sha256):
        raise RequestError(f"object {number} needs its SHA-256 in base64")
    if not isinstance(suffix, str) or suffix not in SUFFIXES:
        raise RequestError(f"object {number} needs a suffix of {', '.join(sorted(SUFFIXES))}")
    return Upload(size, sha256, suffix)


def _is_sha256(text: str) -> bool:
    """Return whether a text is 32 bytes in base64."""
    try:
        return len(base64.b64decode(text, validate=True)) == _SHA256_BYTES
    except (binascii.Error, ValueError):
        return False


def presign(settings: UploadSettings, key: str, upload: Upload) -> dict[str, Any]:
    """Return the URL for one object and the headers that the upload must have.

    Parameters
    ----------
    settings : UploadSettings
        Bucket and KMS key.
    key : str
        Key of the new object.
    upload : Upload
        Size and checksum, which the signature covers.
    """
    url = get_client("s3").generate_presigned_url(
        "put_object",
        Params={
            "Bucket": settings.bucket,
            "Key": key,
            "ContentLength": upload.size,
            "ChecksumSHA256": upload.sha256,
            "IfNoneMatch": "*",
            "ServerSideEncryption": "aws:kms",
            "SSEKMSKeyId": settings.key_arn,
        },
        ExpiresIn=settings.url_seconds,
    )
    headers = {
        "content-length": str(upload.size),
        "if-none-match": "*",
        "x-amz-checksum-sha256": upload.sha256,
        "x-amz-server-side-encryption": "aws:kms",
        "x-amz-server-side-encryption-aws-kms-key-id": settings.key_arn,
    }
    return {"url": url, "headers": headers}


def _answer(status: int, body: Mapping[str, Any]) -> dict[str, Any]:
    """Return an answer of the API."""
    headers = {"content-type": "application/json", "cache-control": "no-store"}
    return {"statusCode": status, "headers": headers, "body": json.dumps(body)}
