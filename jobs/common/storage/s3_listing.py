"""Request one page of a listing of keys from S3, or the description of one object.

botocore takes 55 ms to parse a page of 1000 keys, more than S3 takes to make it. This
module lets botocore sign, send and retry the request, and parses the answer itself in 4 ms.
"""

from __future__ import annotations

import time
import xml.etree.ElementTree as ET
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Optional
from urllib.parse import unquote_plus
from weakref import WeakKeyDictionary

from jobs.common.aws.client_errors import error_code
from jobs.common.storage import s3_client

#: Keys of one page: the most that S3 returns.
PAGE_KEYS = 1000

#: Field of the parsed answer that holds the page.
_PAGE_FIELD = "SafelightPage"
_EMPTY_BODY = b"<ListBucketResult/>"

#: Clients for listings, by the client of the process for all other requests.
_listing_clients: WeakKeyDictionary[Any, Any] = WeakKeyDictionary()


class ListedObject(NamedTuple):
    """One object of a page. HOLDS PHI: the key.

    Attributes
    ----------
    key : str
    size : int
        Bytes.
    etag : str
        ETag without quotation marks.
    modified : str
        Time of the last modification in UTC, as ``2026-11-30T03:16:51.000Z``.
    """

    key: str
    size: int
    etag: str
    modified: str


@dataclass(frozen=True)
class KeyPage:
    """One page of a listing. HOLDS PHI: the keys.

    Attributes
    ----------
    objects : list of ListedObject
        Objects in the order of their keys.
    prefixes : list of str
        Common prefixes of other keys, if a delimiter was given.
    token : str or None
        Continuation token; ``None`` if there are no more pages.
    """

    objects: list[ListedObject] = field(repr=False)
    prefixes: list[str] = field(repr=False)
    token: Optional[str] = field(repr=False)


def list_page(
    bucket: str,
    prefix: str,
    *,
    after: str = "",
    token: Optional[str] = None,
    delimiter: str = "",
    max_keys: int = PAGE_KEYS,
) -> KeyPage:
    """Return one page of the keys with a prefix.

    Parameters
    ----------
    bucket, prefix : str
        Bucket, and prefix of the keys.
    after : str
        List only keys after this one. Ignored with ``token``.
    token : str, optional
        Continuation token of the page before.
    delimiter : str
        Return keys with this string after the prefix as common prefixes.
    max_keys : int
        Most keys and common prefixes of the page.

    Raises
    ------
    botocore.exceptions.ClientError or botocore.exceptions.BotoCoreError
        If the bucket cannot be listed.
    """
    from botocore.exceptions import HTTPClientError
    from botocore.parsers import ResponseParserError

    parameters: dict[str, Any] = {"Bucket": bucket, "Prefix": prefix, "MaxKeys": max_keys}
    if token is not None:
        parameters["ContinuationToken"] = token
    elif after:
        parameters["StartAfter"] = after
    if delimiter:
        parameters["Delimiter"] = delimiter
    for wait in (*s3_client.BODY_RETRY_WAITS_SECONDS, None):
        try:
            answer = _listing_client().list_objects_v2(**parameters)
            if _PAGE_FIELD not in answer:
                raise ResponseParserError("the answer of S3 is not a listing")
            page: KeyPage = answer[_PAGE_FIELD]
            return page
        except (HTTPClientError, ResponseParserError):
            if wait is None:
                raise
            time.sleep(wait)
    raise AssertionError("the last attempt returns or raises")


class DescribedObject(NamedTuple):
    """Description of one object.

    Attributes
    ----------
    size : int
        Bytes.
    etag : str
        ETag without quotation marks.
    modified : float
        Time of the last modification, in seconds since the epoch.
    """

    size: int
    etag: str
    modified: float


def describe_object(
    bucket: str, key: str, version_id: Optional[str] = None
) -> Optional[DescribedObject]:
    """Return the description of one object; ``None`` if it is missing.

    Parameters
    ----------
    bucket, key : str
        Bucket and key.
    version_id : str, optional
        Version ID (default: the current version).

    Raises
    ------
    botocore.exceptions.ClientError or botocore.exceptions.BotoCoreError
        If the object cannot be described.
    """
    from botocore.exceptions import ClientError

    parameters = {"VersionId": version_id} if version_id else {}
    try:
        head = s3_client.get_client().head_object(Bucket=bucket, Key=key, **parameters)
    except ClientError as error:
        code = error_code(error)
        if code == s3_client.BAD_REQUEST_CODE and version_id:
            describe_object(bucket, key)  # raises if it is not the version that is wrong
        elif code not in s3_client.MISSING_VERSION_CODES:
            raise
        return None
    etag = head["ETag"].strip('"')
    return DescribedObject(int(head["ContentLength"]), etag, head["LastModified"].timestamp())


def _listing_client() -> Any:
    """Return a client of this process whose pages are parsed by :func:`_parse_answer`.

    It has the settings of the client of all other requests, whose answers botocore parses.
    """
    from botocore import handlers

    main = s3_client.get_client()
    client = _listing_clients.get(main)
    if client is None:
        client = s3_client.new_client()
        client.meta.events.register("before-parse.s3.ListObjectsV2", _parse_answer)
        # This handler of botocore parses the page as well, to find an error of status 200. Such
        # an answer is not a listing, and is requested again by `list_page`.
        find_error = getattr(handlers, "_handle_200_error", None)
        if find_error is not None:
            client.meta.events.unregister("before-parse.s3.*", find_error)
        client = _listing_clients.setdefault(main, client)
    return client


def _parse_answer(
    response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: object
) -> None:
    """Parse a page, and leave nothing of it for botocore to parse; leave it any other answer."""
    if response_dict["status_code"] != 200:
        return
    with suppress(ET.ParseError, KeyError, ValueError):
        customized_response_dict[_PAGE_FIELD] = parse_page(response_dict["body"])
        response_dict["body"] = _EMPTY_BODY


def parse_page(body: bytes) -> KeyPage:
    """Return the page of an answer of ListObjectsV2.

    Parameters
    ----------
    body : bytes
        XML document.

    Raises
    ------
    xml.etree.ElementTree.ParseError, KeyError or ValueError
        If the document is not the answer of ListObjectsV2.
    """
    root = ET.fromstring(body)
    if not root.tag.endswith("ListBucketResult"):
        raise ValueError("the document is not a listing")
    space = root.tag.removesuffix("ListBucketResult")
    is_encoded = root.findtext(f"{space}EncodingType") == "url"
    key_tag, size_tag, etag_tag, time_tag = (
        f"{space}{name}" for name in ("Key", "Size", "ETag", "LastModified")
    )
    objects = []
    for entry in root.iterfind(f"{space}Contents"):
        texts = {child.tag: child.text or "" for child in entry}
        key = _decode(texts[key_tag], is_encoded)
        etag = texts[etag_tag].strip('"')
        objects.append(ListedObject(key, int(texts[size_tag]), etag, texts.get(time_tag, "")))
    prefixes = [
        _decode(entry.findtext(f"{space}Prefix") or "", is_encoded)
        for entry in root.iterfind(f"{space}CommonPrefixes")
    ]
    is_truncated = root.findtext(f"{space}IsTruncated") == "true"
    token = root.findtext(f"{space}NextContinuationToken") if is_truncated else None
    return KeyPage(objects, prefixes, token)


def _decode(text: str, is_encoded: bool) -> str:
    """Return a key that the server encoded if the request asked for it."""
    return unquote_plus(text) if is_encoded and ("%" in text or "+" in text) else text
