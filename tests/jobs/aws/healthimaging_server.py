"""Stand-in for AWS HealthImaging: an HTTP server with the documented routes, limits and errors.

No emulator of the service exists. Requests are checked against the model of botocore. The routes
of DICOMweb are in :mod:`tests.jobs.aws.dicomweb_routes`.
"""

from __future__ import annotations

import gzip
import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple, Optional, Union
from urllib.parse import parse_qs, unquote, urlsplit

import boto3
import botocore.session

from tests.jobs.aws.healthimaging_store import (
    DataStore,
    ImageSet,
    ImportJob,
    Instance,
    ServiceError,
    invalid,
    not_found,
)
from tests.jobs.aws.image_set_metadata import normalize

_MODEL = botocore.session.get_session().get_service_model("medical-imaging")

#: Rate and burst per second: page "Throttling limits" of the developer guide.
RATES: dict[str, tuple[float, int]] = {
    "StartDICOMImportJob": (1, 2),
    "GetDICOMImportJob": (25, 50),
    "ListDICOMImportJobs": (25, 50),
    "SearchImageSets": (25, 50),
    "GetImageSet": (25, 50),
    "ListImageSetVersions": (25, 50),
    "GetImageSetMetadata": (50, 100),
    "GetImageFrame": (1000, 2000),
    "GetDICOMInstance": (50, 100),
    "GetDICOMSeriesMetadata": (50, 100),
    "UpdateImageSetMetadata": (0.25, 1),
    "CopyImageSet": (0.25, 1),
    "DeleteImageSet": (0.25, 1),
}


@dataclass
class Request:
    """One HTTP request."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    def json(self) -> dict[str, Any]:
        parsed = json.loads(self.body or b"{}")
        if not isinstance(parsed, dict):
            raise invalid("the body is not an object")
        return parsed

    def first(self, name: str, default: str = "") -> str:
        return self.query.get(name, [default])[0]


class Answer(NamedTuple):
    """One HTTP answer; a body that is not bytes is sent as JSON."""

    body: Union[bytes, dict[str, Any], list[Any]]
    status: int = 200
    headers: dict[str, str] = {}


#: Handler of a route: takes the data store, the request and the groups of the path.
Handler = Callable[[DataStore, Request, dict[str, str]], Answer]


class Route(NamedTuple):
    """A route: method, pattern of the path, name of the operation, handler."""

    method: str
    pattern: str
    operation: str
    handler: Handler


class HealthImaging:
    """State of the stand-in.

    Parameters
    ----------
    environment : dict
        Variables with which boto3 finds the S3 server.
    rate_factor : float
        Factor of all rates; 1 is the documented rate, 0 turns throttling off.

    Attributes
    ----------
    stores : dict of DataStore
    calls : list of str
        Operations in the order of their requests, refused ones included.
    throttle_next : dict
        Number of requests that are refused with ThrottlingException, by operation.
    """

    def __init__(self, environment: dict[str, str], rate_factor: float = 0):
        self.stores: dict[str, DataStore] = {}
        self.calls: list[str] = []
        self.throttle_next: dict[str, int] = {}
        self.endpoint = ""
        self._rate_factor = rate_factor
        self._tokens: dict[str, tuple[float, float]] = {}
        self._lock = threading.Lock()
        self.s3 = boto3.client(
            "s3",
            endpoint_url=environment["AWS_ENDPOINT_URL"],
            aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
            region_name=environment["AWS_DEFAULT_REGION"],
        )

    @property
    def environment(self) -> dict[str, str]:
        """Variables with which clients find the stand-in, DICOMweb included."""
        return {
            "AWS_ENDPOINT_URL_MEDICAL_IMAGING": self.endpoint,
            "AWS_ENDPOINT_URL_DICOM_MEDICAL_IMAGING": self.endpoint,
        }

    def add_store(self, datastore_id: Optional[str] = None) -> DataStore:
        """Create an active data store."""
        store = DataStore(self.s3, datastore_id)
        self.stores[store.id] = store
        return store

    def answer(self, request: Request) -> Answer:
        """Return the answer to a request."""
        for route in ROUTES + _dicomweb_routes():
            found = re.fullmatch(route.pattern, request.path)
            if found and route.method == request.method:
                self._admit(route.operation, request)
                groups = {name: unquote(value) for name, value in found.groupdict().items()}
                store = self.stores.get(groups.get("datastore", ""))
                if store is None:
                    raise not_found()
                return route.handler(store, request, groups)
        raise not_found()

    def _admit(self, operation: str, request: Request) -> None:
        """Count a request; raise if it is not signed or comes too fast."""
        if "AWS4-HMAC-SHA256" not in request.headers.get("authorization", ""):
            raise ServiceError("AccessDeniedException", 403, "the request is not signed")
        if "/medical-imaging/aws4_request" not in request.headers["authorization"]:
            raise ServiceError("AccessDeniedException", 403, "signed for another service")
        with self._lock:
            self.calls.append(operation)
            if self.throttle_next.get(operation, 0) > 0:
                self.throttle_next[operation] -= 1
                raise ServiceError("ThrottlingException", 429, "rate exceeded")
            if self._rate_factor and operation in RATES:
                self._take(operation)

    def _take(self, operation: str) -> None:
        rate, burst = RATES[operation]
        moment = time.monotonic()
        tokens, before = self._tokens.get(operation, (float(burst), moment))
        tokens = min(burst, tokens + (moment - before) * rate * self._rate_factor)
        if tokens < 1:
            self._tokens[operation] = (tokens, moment)
            raise ServiceError("ThrottlingException", 429, "rate exceeded")
        self._tokens[operation] = (tokens - 1, moment)


def _dicomweb_routes() -> tuple[Route, ...]:
    from tests.jobs.aws.dicomweb_routes import DICOMWEB_ROUTES

    return DICOMWEB_ROUTES


def check(operation: str, parameters: dict[str, Any]) -> None:
    """Raise if the parameters of an operation do not meet the model of botocore."""
    _check(_MODEL.operation_model(operation).input_shape, parameters)


def _check(shape: Any, value: Any) -> None:
    if shape.type_name == "structure":
        missing = [name for name in shape.required_members if name not in value]
        unknown = [name for name in value if name not in shape.members]
        if missing or unknown:
            raise invalid(f"missing {missing}, unknown {unknown}")
        for name, member in value.items():
            _check(shape.members[name], member)
    elif shape.type_name == "list":
        for member in value:
            _check(shape.member, member)
    elif shape.type_name == "string":
        pattern = shape.metadata.get("pattern", "").replace(r"\p{ASCII}", r"[\x00-\x7f]")
        limits = shape.metadata.get("min", 0), shape.metadata.get("max", 1 << 30)
        if not limits[0] <= len(value) <= limits[1]:
            raise invalid(f"length of {shape.name}")
        if pattern and not re.fullmatch(pattern, value):
            raise invalid(f"pattern of {shape.name}")
        if shape.enum and value not in shape.enum:
            raise invalid(f"value of {shape.name}")


# Import jobs


def _start_job(store: DataStore, request: Request, groups: dict[str, str]) -> Answer:
    parameters = request.json() | {"datastoreId": store.id}
    check("StartDICOMImportJob", parameters)
    job = store.start(parameters)
    return Answer(
        {
            "datastoreId": store.id,
            "jobId": job.id,
            "jobStatus": "SUBMITTED",
            "submittedAt": job.submitted,
        }
    )


def _get_job(store: DataStore, request: Request, groups: dict[str, str]) -> Answer:
    job = store.poll(groups["job"])
    properties = _summarize_job(store, job) | {
        "inputS3Uri": job.request["inputS3Uri"],
        "outputS3Uri": job.output,
    }
    return Answer({"jobProperties": properties})


def _list_jobs(store: DataStore, request: Request, groups: dict[str, str]) -> Answer:
    status = request.first("jobStatus")
    jobs = [job for job in store.jobs.values() if not status or job.status() == status]
    page, token = _page(jobs, request.first("nextToken"), int(request.first("maxResults", "50")))
    return Answer({"jobSummaries": [_summarize_job(store, job) for job in page], **token})


def _summarize_job(store: DataStore, job: ImportJob) -> dict[str, Any]:
    summary = {
        "jobId": job.id,
        "jobName": job.request.get("jobName", "unnamed"),
        "jobStatus": job.status(),
        "datastoreId": store.id,
        "dataAccessRoleArn": job.request["dataAccessRoleArn"],
        "submittedAt": job.submitted,
    }
    if not job.is_open:
        summary |= {"endedAt": job.ended}
        if job.message:
            summary["message"] = job.message
    return summary


def _page(items: list[Any], token: str, size: int) -> tuple[list[Any], dict[str, str]]:
    begin = int(token or 0)
    end = begin + size
    return items[begin:end], {"nextToken": str(end)} if end < len(items) else {}


def _get_datastore(store: DataStore, request: Request, groups: dict[str, str]) -> Answer:
    properties = {
        "datastoreId": store.id,
        "datastoreName": "stand-in",
        "datastoreStatus": store.status,
        "datastoreArn": f"arn:aws:medical-imaging:us-east-1:123456789012:datastore/{store.id}",
    }
    return Answer({"datastoreProperties": properties})


# Image sets

_SEARCH_KEYS = {
    "DICOMPatientId": "PatientID",
    "DICOMAccessionNumber": "AccessionNumber",
    "DICOMStudyId": "StudyID",
    "DICOMStudyInstanceUID": "StudyInstanceUID",
    "DICOMSeriesInstanceUID": "SeriesInstanceUID",
}


def _search(store: DataStore, request: Request, groups: dict[str, str]) -> Answer:
    criteria = request.json()
    parameters: dict[str, Any] = {"datastoreId": store.id}
    check("SearchImageSets", parameters | ({"searchCriteria": criteria} if criteria else {}))
    found = [
        one
        for one in store.image_sets.values()
        if one.state != "DELETED"
        and all(_matches(one, entry) for entry in criteria.get("filters", ()))
    ]
    page, token = _page(found, request.first("nextToken"), int(request.first("maxResults", "50")))
    return Answer({"imageSetsMetadataSummaries": [_summarize(one) for one in page], **token})


def _matches(image_set: ImageSet, condition: dict[str, Any]) -> bool:
    values = [next(iter(value.items())) for value in condition["values"]]
    name, wanted = values[0]
    if name == "isPrimary":
        return bool(wanted) == image_set.is_primary
    if name in ("createdAt", "updatedAt"):
        moment = image_set.created if name == "createdAt" else image_set.updated
        last = values[-1][1]
        return float(wanted) <= moment <= float(last)
    if name not in _SEARCH_KEYS:
        raise invalid("this search value is not supported by the stand-in")
    return str(image_set.first.header.get(_SEARCH_KEYS[name], "")) == wanted


def _summarize(image_set: ImageSet) -> dict[str, Any]:
    header = image_set.first.header
    tags = {key: str(header.get(keyword, "")) for key, keyword in _SEARCH_KEYS.items()}
    return {
        "imageSetId": image_set.id,
        "version": len(image_set.versions),
        "createdAt": image_set.created,
        "updatedAt": image_set.updated,
        "DICOMTags": tags,
        "isPrimary": image_set.is_primary,
    }


def _get_image_set(store: DataStore, request: Request, groups: dict[str, str]) -> Answer:
    found = store.find(groups["image_set"])
    version = int(request.first("version", str(len(found.versions))))
    return Answer(_describe_version(store, found, version) | {"imageSetState": found.state})


def _list_versions(store: DataStore, request: Request, groups: dict[str, str]) -> Answer:
    found = store.find(groups["image_set"])
    versions = [
        _describe_version(store, found, number) | {"imageSetState": found.state}
        for number in range(len(found.versions), 0, -1)
    ]
    for version in versions:
        version["ImageSetWorkflowStatus"] = version.pop("imageSetWorkflowStatus")
        del version["datastoreId"]
    return Answer({"imageSetPropertiesList": versions})


def _describe_version(store: DataStore, image_set: ImageSet, version: int) -> dict[str, Any]:
    if not 1 <= version <= len(image_set.versions):
        raise not_found()
    return {
        "datastoreId": store.id,
        "imageSetId": image_set.id,
        "versionId": str(version),
        "imageSetWorkflowStatus": image_set.workflow,
        "createdAt": image_set.created,
        "updatedAt": image_set.updated,
        "isPrimary": image_set.is_primary,
    }


def _describe_instance(instance: Instance) -> dict[str, Any]:
    *_, elements, vrs = normalize(instance.header)
    frames = [
        {
            "ID": frame.id,
            "FrameSizeInBytes": frame.decoded_bytes,
            "PixelDataChecksumFromBaseToFullResolution": [
                {"Width": frame.columns, "Height": frame.rows, "Checksum": frame.checksum}
            ],
            "MinPixelValue": None,
            "MaxPixelValue": None,
        }
        for frame in instance.frames
    ]
    return {
        "DICOM": elements,
        "DICOMVRs": vrs,
        "StoredTransferSyntaxUID": str(instance.header.file_meta.TransferSyntaxUID),
        "ImageFrames": frames,
    }


def _get_metadata(store: DataStore, request: Request, groups: dict[str, str]) -> Answer:
    found = store.find(groups["image_set"])
    version = int(request.first("version", str(len(found.versions))))
    if not 1 <= version <= len(found.versions):
        raise not_found()
    instances = found.versions[version - 1]
    header = found.first.header
    patient, study, series_level, _, _ = normalize(header)
    series = {
        "DICOM": series_level,
        "Instances": {uid: _describe_instance(one) for uid, one in instances.items()},
    }
    metadata = {
        "SchemaVersion": "1.1",
        "DatastoreID": store.id,
        "ImageSetID": found.id,
        "Patient": {"DICOM": patient},
        "Study": {"DICOM": study, "Series": {str(header.SeriesInstanceUID): series}},
    }
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    return Answer(gzip.compress(json.dumps(metadata).encode()), headers=headers)


def _get_frame(store: DataStore, request: Request, groups: dict[str, str]) -> Answer:
    found = store.find(groups["image_set"])
    wanted = request.json().get("imageFrameId")
    for instances in found.versions:
        for one in instances.values():
            for frame in one.frames:
                if frame.id == wanted:
                    return Answer(frame.data, headers={"Content-Type": "application/octet-stream"})
    raise not_found()


def _delete(store: DataStore, request: Request, groups: dict[str, str]) -> Answer:
    found = store.delete(groups["image_set"])
    return Answer(
        {
            "datastoreId": store.id,
            "imageSetId": found.id,
            "imageSetState": "LOCKED",
            "imageSetWorkflowStatus": "DELETING",
        }
    )


_STORE = "/datastore/(?P<datastore>[^/]+)"
_IMAGE_SET = f"{_STORE}/imageSet/(?P<image_set>[^/]+)"

ROUTES: tuple[Route, ...] = (
    Route("POST", "/startDICOMImportJob" + _STORE, "StartDICOMImportJob", _start_job),
    Route("GET", f"/getDICOMImportJob{_STORE}/job/(?P<job>[^/]+)", "GetDICOMImportJob", _get_job),
    Route("GET", "/listDICOMImportJobs" + _STORE, "ListDICOMImportJobs", _list_jobs),
    Route("GET", _STORE, "GetDatastore", _get_datastore),
    Route("POST", f"{_STORE}/searchImageSets", "SearchImageSets", _search),
    Route("POST", f"{_IMAGE_SET}/getImageSet", "GetImageSet", _get_image_set),
    Route("POST", f"{_IMAGE_SET}/listImageSetVersions", "ListImageSetVersions", _list_versions),
    Route("POST", f"{_IMAGE_SET}/getImageSetMetadata", "GetImageSetMetadata", _get_metadata),
    Route("POST", f"{_IMAGE_SET}/getImageFrame", "GetImageFrame", _get_frame),
    Route("POST", f"{_IMAGE_SET}/deleteImageSet", "DeleteImageSet", _delete),
)


def _make_handler(state: HealthImaging) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _handle(self) -> None:
            parts = urlsplit(self.path)
            request = Request(
                self.command,
                parts.path,
                parse_qs(parts.query, keep_blank_values=True),
                {name.lower(): value for name, value in self.headers.items()},
                self.rfile.read(int(self.headers.get("Content-Length", 0))),
            )
            try:
                answer = state.answer(request)
            except ServiceError as error:
                answer = Answer(
                    {"message": str(error)}, error.status, {"x-amzn-ErrorType": error.code}
                )
            body = answer.body
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            headers = {"Content-Type": "application/json"} | answer.headers
            self.send_response(answer.status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = _handle  # noqa: N815

        def log_message(self, format: str, *arguments: object) -> None:
            """Write no log: the paths of DICOMweb hold UIDs."""

    return Handler


@contextmanager
def healthimaging(environment: dict[str, str], rate_factor: float = 0) -> Iterator[HealthImaging]:
    """Run the stand-in in threads of this process.

    Parameters
    ----------
    environment : dict
        Variables with which boto3 finds the S3 server.
    rate_factor : float
        Factor of all rates; 1 is the documented rate, 0 turns throttling off.
    """
    state = HealthImaging(environment, rate_factor)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _make_handler(state))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    state.endpoint = f"http://127.0.0.1:{server.server_port}"
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
