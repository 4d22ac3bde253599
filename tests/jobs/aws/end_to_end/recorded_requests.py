"""Read the requests that moto has recorded as actions of IAM, by who has sent them.

Each program uses an access key of its own, which moto does not check.
"""

from __future__ import annotations

import base64
import json
import re
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.conf.aws.stacks import ACCOUNT, APPLICATION_ARN, NAME, SECRET_ARN, table_arn

#: Access key and service of a signed request.
_CREDENTIAL = re.compile(r"Credential=(?P<key>[^/]+)/\d+/[^/]+/(?P<service>[^/]+)/")

#: Actions of operations of DynamoDB that have another name.
_TRANSACTIONS = {"Put": "PutItem", "Update": "UpdateItem", "ConditionCheck": "ConditionCheckItem"}


@dataclass(frozen=True)
class Action:
    """Action that a request needs.

    Attributes
    ----------
    name : str
        Name in IAM.
    resource : str
        ARN in the account of the tests of the templates.
    context : tuple
        Values of condition keys.
    """

    name: str
    resource: str
    context: tuple[tuple[str, object], ...] = ()


class Recorder:
    """Recorder of all requests to moto.

    Parameters
    ----------
    endpoint : str
        URL of moto.
    deployment : str
        Name of the deployment on moto.
    """

    def __init__(self, endpoint: str, deployment: str):
        self._endpoint = endpoint
        self._deployment = deployment

    def start(self) -> None:
        """Forget earlier requests, and record."""
        self._call("POST", "reset-recording")
        self._call("POST", "start-recording")

    def stop(self) -> None:
        """Record no more, and forget all requests."""
        self._call("POST", "stop-recording")
        self._call("POST", "reset-recording")

    def read(self, access_key: str) -> set[Action]:
        """Return the actions of the requests of one access key."""
        actions: set[Action] = set()
        for entry in _split_entries(self._call("GET", "download-recording")):
            headers = {name.lower(): value for name, value in entry["headers"].items()}
            credential = _CREDENTIAL.search(headers.get("authorization", ""))
            if credential and credential["key"] == access_key:
                body = base64.b64decode(entry["body"]) if entry["body_encoded"] else b""
                url = urlsplit(entry["url"])
                request = _Request(entry["method"], url, headers, body, self._deployment)
                actions.update(_READERS[credential["service"]](request))
        return actions

    def _call(self, method: str, name: str) -> str:
        url = f"{self._endpoint}/moto-api/recorder/{name}"
        request = urllib.request.Request(url, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return str(answer.read().decode())


def _split_entries(text: str) -> Iterator[Any]:
    """Yield the entries of a recording.

    Threads of moto append to one file at one time, so that two entries may be on one line, and a
    long entry may be torn. A torn one is left out.
    """
    decoder, end = json.JSONDecoder(), 0
    while (start := text.find('{"headers"', end)) >= 0:
        try:
            entry, end = decoder.raw_decode(text, start)
        except json.JSONDecodeError:
            end = start + 1
        else:
            yield entry


@dataclass(frozen=True)
class _Request:
    method: str
    url: Any
    headers: Mapping[str, str]
    body: bytes
    deployment: str

    @property
    def query(self) -> dict[str, str]:
        values = parse_qs(self.url.query, keep_blank_values=True)
        return {name: value[0] for name, value in values.items()}

    def rename(self, name: str) -> str:
        """Return the name of a resource in the account of the tests of the templates."""
        return name.replace("123456789012", ACCOUNT).replace(self.deployment, NAME)


#: Actions on an object by method, without a version.
_OBJECT_ACTIONS = {
    "GET": "s3:GetObject",
    "HEAD": "s3:GetObject",
    "PUT": "s3:PutObject",
    "POST": "s3:PutObject",
    "DELETE": "s3:DeleteObject",
}


def _read_s3(request: _Request) -> Iterator[Action]:
    bucket, _, key = unquote(request.url.path[1:]).partition("/")
    arn = f"arn:aws:s3:::{request.rename(bucket)}"
    query = request.query
    if "delete" in query:
        for name in re.findall(rb"<Key>([^<]+)</Key>", request.body):
            yield Action("s3:DeleteObject", f"{arn}/{name.decode()}")
    elif not key and "location" in query:
        yield Action("s3:GetBucketLocation", arn)
    elif not key:
        yield Action("s3:ListBucket", arn, (("s3:prefix", query.get("prefix", "")),))
    elif "uploadId" in query and request.method == "DELETE":
        yield Action("s3:AbortMultipartUpload", f"{arn}/{key}")
    else:
        name = _OBJECT_ACTIONS[request.method]
        yield Action(f"{name}Version" if "versionId" in query else name, f"{arn}/{key}")
        if source := request.headers.get("x-amz-copy-source"):
            yield Action(
                "s3:GetObject", f"arn:aws:s3:::{request.rename(unquote(source)).strip('/')}"
            )


def _read_dynamodb(request: _Request) -> Iterator[Action]:
    operation = request.headers["x-amz-target"].partition(".")[2]
    parameters = json.loads(request.body)
    if operation == "TransactWriteItems":
        for item in parameters["TransactItems"]:
            ((kind, part),) = item.items()
            yield _dynamodb_action(request, _TRANSACTIONS[kind], part["TableName"])
    elif operation == "BatchGetItem":
        for table, part in parameters["RequestItems"].items():
            yield _dynamodb_action(request, operation, table, *_read_projection(part))
    else:
        returned = parameters.get("ReturnValues")
        context = [("dynamodb:ReturnValues", returned)] if returned else []
        yield _dynamodb_action(request, operation, parameters["TableName"], *context)


def _read_projection(part: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    """Yield the condition keys of a projection."""
    if "ProjectionExpression" not in part:
        return
    names = part.get("ExpressionAttributeNames", {})
    words = [word.strip() for word in part["ProjectionExpression"].split(",")]
    yield "dynamodb:Attributes", tuple(names.get(word, word) for word in words)
    yield "dynamodb:Select", "SPECIFIC_ATTRIBUTES"


def _dynamodb_action(
    request: _Request, operation: str, table: str, *context: tuple[str, object]
) -> Action:
    arn = table_arn(request.rename(table).partition("-")[2])
    return Action(f"dynamodb:{operation}", arn, context)


def _read_secretsmanager(request: _Request) -> Iterator[Action]:
    operation = request.headers["x-amz-target"].partition(".")[2]
    yield Action(f"secretsmanager:{operation}", SECRET_ARN)


def _read_emr_serverless(request: _Request) -> Iterator[Action]:
    if request.method == "POST":
        yield Action("emr-serverless:StartJobRun", APPLICATION_ARN)
        if json.loads(request.body).get("tags"):
            yield Action("emr-serverless:TagResource", f"{APPLICATION_ARN}/jobruns/run")
    else:
        yield Action("emr-serverless:GetJobRun", f"{APPLICATION_ARN}/jobruns/run")


def _read_sts(request: _Request) -> Iterator[Action]:
    """Yield nothing: every caller may ask who it is."""
    return iter(())


_READERS = {
    "s3": _read_s3,
    "dynamodb": _read_dynamodb,
    "secretsmanager": _read_secretsmanager,
    "emr-serverless": _read_emr_serverless,
    "sts": _read_sts,
}
