"""Client of DICOMweb (PS3.18): QIDO-RS, WADO-RS and STOW-RS, as AWS HealthImaging offers them.

boto3 has no client for it. The paths and limits are those of the pages "Searching DICOM data in
HealthImaging", "Getting a DICOM instance from HealthImaging" and "Storing instances with STOW-RS"
of the developer guide. The client also works with other servers of DICOMweb.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Optional
from urllib.parse import quote, urlencode

from jobs.common.aws.clients import get_client
from jobs.common.aws.healthimaging_rates import action_bucket
from jobs.common.aws.multipart import MultipartError, is_multipart, join_parts, split_parts
from jobs.common.aws.signed_http import Answer, HttpError, Request, SignedSession
from jobs.common.cli.errors import JobError

#: Variables of the endpoint, the first one that is set wins. Stand-ins have one host for all.
ENDPOINT_VARIABLES = (
    "AWS_ENDPOINT_URL_DICOM_MEDICAL_IMAGING",
    "AWS_ENDPOINT_URL_MEDICAL_IMAGING",
    "AWS_ENDPOINT_URL",
)

#: Results of one page, and offset of the last page, that HealthImaging allows.
PAGE_RESULTS = 1000
MAX_OFFSET = 1_000_000

#: Bytes of one request of STOW-RS that HealthImaging accepts.
STORE_MAX_BYTES = 1 << 30

#: Bytes of one answer with JSON. The metadata of an image set has at most 50 MB.
_JSON_MAX_BYTES = 256 << 20

#: State of a store whose instances were all refused; its answer has the reasons (PS3.18, 10.5.3).
_STORE_STATES = frozenset({409})

_JSON = "application/dicom+json"
_DICOM = "application/dicom"

#: Attributes in DICOM JSON (PS3.18 F.2).
STUDY_UID, SERIES_UID, SOP_UID = "0020000D", "0020000E", "00080018"
WARNING_REASON = "00081196"
_REFERENCED_SOP_UID, _FAILURE_REASON = "00081155", "00081197"
_REFERENCED_SOPS, _FAILED_SOPS = "00081199", "00081198"

#: Data set in DICOM JSON. HOLDS PHI.
JsonDataset = Mapping[str, Any]


@dataclass(frozen=True)
class InstancePath:
    """UIDs that name an instance. HOLDS PHI.

    Attributes
    ----------
    study, series, instance : str
        UIDs.
    image_set : str
        ID of the image set that has the instance; empty for the primary one.
    """

    study: str = field(repr=False)
    series: str = field(repr=False)
    instance: str = field(repr=False)
    image_set: str = ""


@dataclass(frozen=True)
class StoreOutcome:
    """Outcome of STOW-RS. HOLDS the UIDs that were sent.

    Attributes
    ----------
    stored : tuple of str
        SOP Instance UIDs of stored instances.
    warnings, failures : mapping
        Warning and failure reasons by SOP Instance UID (PS3.18, table I.2-2); 0 without a reason.
        An instance with a warning is stored as well.
    """

    stored: tuple[str, ...] = field(default=(), repr=False)
    warnings: Mapping[str, int] = field(default_factory=dict, repr=False)
    failures: Mapping[str, int] = field(default_factory=dict, repr=False)


class DicomwebClient:
    """Send requests of DICOMweb to one server or data store.

    Parameters
    ----------
    base_url : str
        URL of the service, without a slash at the end.
    session : SignedSession
        Sends the requests.
    """

    def __init__(self, base_url: str, session: SignedSession):
        self._base_url = base_url
        self._session = session

    def search(
        self,
        resource: str,
        query: Sequence[tuple[str, str]] = (),
        page_results: int = PAGE_RESULTS,
    ) -> Iterator[JsonDataset]:
        """Yield the results of a search (QIDO-RS), page by page.

        An update of the data store between two pages can move a result to a page that was read:
        the search is a sample of a store that is being written, not a snapshot.

        Parameters
        ----------
        resource : str
            ``studies``, ``series``, ``instances``, or a path such as ``studies/UID/series``.
        query : sequence of (str, str)
            Matching keys, ``includefield`` and others, as names and values.
        page_results : int, optional
            Results of a page.

        Raises
        ------
        HttpError
            If a request fails permanently.
        JobError
            If there are more results than the service can page through.
        """
        offset = 0
        while True:
            if offset > MAX_OFFSET:
                raise JobError(
                    f"the search has more than {MAX_OFFSET:,} results, which DICOMweb of "
                    "HealthImaging cannot page through; narrow it by study or by query"
                )
            page = [*query, ("limit", str(page_results)), ("offset", str(offset))]
            results = self._get_json("SearchDICOM", f"{resource}?{urlencode(page)}")
            yield from results
            if len(results) < page_results:
                return
            offset += len(results)

    def instance(self, path: InstancePath, max_bytes: int, transfer_syntax: str = "*") -> bytes:
        """Return an instance as a file of PS3.10 (WADO-RS).

        Parameters
        ----------
        path : InstancePath
            The instance.
        max_bytes : int
            Largest size.
        transfer_syntax : str, optional
            UID of the transfer syntax (default: that in which the frames are stored).

        Raises
        ------
        HttpError
            If the request fails permanently, or the instance is larger.
        """
        accept = f"{_DICOM}; transfer-syntax={transfer_syntax}"
        related = f'multipart/related; type="{_DICOM}"; transfer-syntax={transfer_syntax}'
        # HealthImaging returns the file itself; other servers may have it as a part only.
        accepted = accept if self._is_healthimaging else f"{related}, {accept}"
        answer = self._get("GetDICOMInstance", _instance_url(path), accepted, max_bytes)
        if not is_multipart(answer.content_type):
            return answer.body
        return _only_part(answer)

    def instance_metadata(self, path: InstancePath) -> JsonDataset:
        """Return the attributes of an instance in DICOM JSON (WADO-RS).

        Raises
        ------
        HttpError
            If the request fails permanently.
        """
        found = self._get_json("GetDICOMInstanceMetadata", _instance_url(path, "/metadata"))
        if len(found) != 1:
            raise HttpError("UnexpectedAnswer")
        return found[0]

    def series_metadata(self, study: str, series: str, image_set: str = "") -> list[JsonDataset]:
        """Return the attributes of all instances of a series in DICOM JSON (WADO-RS).

        Parameters
        ----------
        study, series : str
            UIDs.
        image_set : str, optional
            ID of an image set that is not primary.

        Raises
        ------
        HttpError
            If the request fails permanently.
        """
        url = f"studies/{_segment(study)}/series/{_segment(series)}/metadata"
        return self._get_json("GetDICOMSeriesMetadata", url + _image_set_query(image_set))

    def store(self, instances: Sequence[bytes], study: str = "") -> StoreOutcome:
        """Store instances (STOW-RS): one as it is, several as parts of one request.

        Parameters
        ----------
        instances : sequence of bytes
            Files of PS3.10, in all at most :data:`STORE_MAX_BYTES`.
        study : str, optional
            Study Instance UID that all of them must have.

        Returns
        -------
        StoreOutcome
            Outcome of each instance.

        Raises
        ------
        HttpError
            If the request fails permanently. Instances may have been stored then.
        JobError
            If the instances are too large.
        """
        if sum(map(len, instances)) > STORE_MAX_BYTES:
            raise JobError(
                "the instances of one request of STOW-RS are larger than 1 GB; send fewer at once"
            )
        content_type, body = _DICOM, instances[0]
        if len(instances) > 1 or not self._is_healthimaging:
            content_type, body = join_parts(instances, _DICOM)
        request = Request(
            "POST",
            f"{self._base_url}/studies" + (f"/{_segment(study)}" if study else ""),
            {"Accept": _JSON, "Content-Type": content_type},
            body,
            _JSON_MAX_BYTES,
            _STORE_STATES,
        )
        return _read_outcome(_parse_json(self._send("StoreDICOM", request)))

    @property
    def _is_healthimaging(self) -> bool:
        return "/datastore/" in self._base_url

    def _get_json(self, action: str, url: str) -> list[JsonDataset]:
        answer = self._get(action, url, _JSON, _JSON_MAX_BYTES)
        found = _parse_json(answer)
        if isinstance(found, Mapping):  # HealthImaging: one instance without a list
            found = [found]
        if not isinstance(found, list):
            raise HttpError("UnexpectedAnswer")
        return found

    def _get(self, action: str, url: str, accept: str, max_bytes: int) -> Answer:
        request = Request("GET", f"{self._base_url}/{url}", {"Accept": accept}, max_bytes=max_bytes)
        return self._send(action, request)

    def _send(self, action: str, request: Request) -> Answer:
        bucket = action_bucket(action)
        return self._session.send(request, bucket.take, bucket.drain)


def healthimaging_client(datastore: str, region: Optional[str] = None) -> DicomwebClient:
    """Return the client of DICOMweb of a data store.

    Parameters
    ----------
    datastore : str
        ID of the data store.
    region : str, optional
        Region (default: that of the environment or the configuration file).

    Raises
    ------
    UsageError
        If no region is configured.
    """
    region = str(get_client("medical-imaging", region).meta.region_name)
    endpoint = next((os.environ[name] for name in ENDPOINT_VARIABLES if os.environ.get(name)), None)
    base = (endpoint or f"https://dicom-medical-imaging.{region}.amazonaws.com").rstrip("/")
    return DicomwebClient(f"{base}/datastore/{datastore}", SignedSession("medical-imaging", region))


def first_value(dataset: JsonDataset, tag: str) -> str:
    """Return the first value of an attribute in DICOM JSON as text; empty if there is none.

    Parameters
    ----------
    dataset : mapping
        Data set in DICOM JSON.
    tag : str
        Tag as 8 hexadecimal digits.
    """
    values = dataset.get(tag, {}).get("Value") or [""]
    return str(values[0])


def _segment(uid: str) -> str:
    return quote(uid, safe="")


def _instance_url(path: InstancePath, end: str = "") -> str:
    uids = (_segment(uid) for uid in (path.study, path.series, path.instance))
    url = "studies/{}/series/{}/instances/{}".format(*uids)
    return url + end + _image_set_query(path.image_set)


def _image_set_query(image_set: str) -> str:
    return f"?{urlencode({'imageSetId': image_set})}" if image_set else ""


def _parse_json(answer: Answer) -> Any:
    if not answer.body:  # 204: a search without results
        return []
    try:
        return json.loads(answer.body)
    except ValueError:
        raise HttpError("UnexpectedAnswer") from None


def _only_part(answer: Answer) -> bytes:
    try:
        (part,) = split_parts(answer.content_type, answer.body)
    except (MultipartError, ValueError):
        raise HttpError("UnexpectedAnswer") from None
    return part


def _read_outcome(found: Any) -> StoreOutcome:
    """Return the outcome that a store answers (PS3.18, section 10.5.3)."""
    dataset = found[0] if isinstance(found, list) and found else found
    if not isinstance(dataset, Mapping):
        raise HttpError("UnexpectedAnswer")
    stored = dataset.get(_REFERENCED_SOPS, {}).get("Value") or []
    failed = dataset.get(_FAILED_SOPS, {}).get("Value") or []
    if not stored and not failed:
        raise HttpError("UnexpectedAnswer")
    with_warning = [item for item in stored if WARNING_REASON in item]
    return StoreOutcome(
        tuple(first_value(item, _REFERENCED_SOP_UID) for item in stored),
        _reasons(with_warning, WARNING_REASON),
        _reasons(failed, _FAILURE_REASON),
    )


def _reasons(items: Sequence[JsonDataset], tag: str) -> dict[str, int]:
    """Return the reasons of items by SOP Instance UID; 0 if none is given."""
    return {
        first_value(item, _REFERENCED_SOP_UID): int(first_value(item, tag) or 0) for item in items
    }
