"""Routes of DICOMweb of the stand-in for AWS HealthImaging.

Sources: pages "Searching DICOM data in HealthImaging", "Getting a DICOM instance from
HealthImaging", "Getting DICOM series metadata" and "Storing instances with STOW-RS" of the
developer guide. Without ``imageSetId``, only primary image sets are read.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydicom.dataset import Dataset

from jobs.common.aws.multipart import split_parts
from tests.jobs.aws.healthimaging_server import Answer, Request, Route
from tests.jobs.aws.healthimaging_store import (
    WARNING_CODES,
    DataStore,
    ImageSet,
    Instance,
    ServiceError,
    invalid,
    not_found,
    read_header,
)

MAX_LIMIT = 1000
MAX_OFFSET = 1_000_000
MAX_STORE_BYTES = 1 << 30

_KEYS = {
    "PatientID", "Modality", "StudyDate", "StudyInstanceUID", "SeriesInstanceUID",
    "SOPInstanceUID", "WarningReason",
}  # fmt: skip
_JSON = {"Content-Type": "application/dicom+json"}


def _primary(store: DataStore) -> Iterator[ImageSet]:
    return (one for one in store.image_sets.values() if one.is_primary and one.state == "ACTIVE")


def _value(header: Dataset, instance: Instance, keyword: str) -> str:
    if keyword == "WarningReason":
        return str(WARNING_CODES[instance.warning]) if instance.warning else ""
    return str(header.get(keyword, ""))


def _matches(instance: Instance, request: Request, groups: dict[str, str]) -> bool:
    header = instance.header
    if header.StudyInstanceUID != groups.get("study", header.StudyInstanceUID):
        return False
    if header.SeriesInstanceUID != groups.get("series", header.SeriesInstanceUID):
        return False
    for keyword in request.query.keys() & _KEYS:
        found, wanted = _value(header, instance, keyword), request.first(keyword)
        if wanted == "*" and found:
            continue
        first, dash, last = wanted.partition("-")
        if not (first <= found <= last if dash and keyword == "StudyDate" else found == wanted):
            return False
    return True


def _paged(results: list[dict[str, Any]], request: Request) -> Answer:
    limit, offset = int(request.first("limit", "1000")), int(request.first("offset", "0"))
    if not 0 < limit <= MAX_LIMIT or not 0 <= offset <= MAX_OFFSET:
        raise invalid("limit or offset")
    unknown = request.query.keys() - _KEYS - {"limit", "offset", "includefield"}
    if unknown:
        raise invalid("a query element is not supported")
    page = results[offset : offset + limit]
    return Answer(page, headers=_JSON) if page else Answer(b"", 204)


def _element(vr: str, value: Any) -> dict[str, Any]:
    return {"vr": vr, "Value": [value]}


def _search_level(store: DataStore, request: Request, groups: dict[str, str], level: str) -> Answer:
    found: dict[str, dict[str, Any]] = {}
    for image_set in _primary(store):
        for instance in image_set.instances.values():
            if not _matches(instance, request, groups):
                continue
            header = instance.header
            result = {"0020000D": _element("UI", str(header.StudyInstanceUID))}
            if level != "StudyInstanceUID":
                result["0020000E"] = _element("UI", str(header.SeriesInstanceUID))
            if level == "SOPInstanceUID":
                result["00080018"] = _element("UI", instance.sop_uid)
                result["00080016"] = _element("UI", str(header.SOPClassUID))
                included = {int(tag, 16) for tag in request.query.get("includefield", ())}
                for tag in sorted(included & set(header.keys())):
                    result[f"{tag:08X}"] = header[tag].to_json_dict(None, 0)
                if instance.warning:
                    result["00081196"] = _element("US", WARNING_CODES[instance.warning])
            found[str(header[level].value)] = result
    return _paged(list(found.values()), request)


def _search_studies(store: DataStore, request: Request, groups: dict[str, str]) -> Answer:
    return _search_level(store, request, groups, "StudyInstanceUID")


def _search_series(store: DataStore, request: Request, groups: dict[str, str]) -> Answer:
    return _search_level(store, request, groups, "SeriesInstanceUID")


def _search_instances(store: DataStore, request: Request, groups: dict[str, str]) -> Answer:
    return _search_level(store, request, groups, "SOPInstanceUID")


def _selected(store: DataStore, request: Request) -> Iterator[ImageSet]:
    chosen = request.first("imageSetId")
    return iter([store.find(chosen)]) if chosen else _primary(store)


def _find(store: DataStore, request: Request, groups: dict[str, str]) -> Instance:
    for image_set in _selected(store, request):
        instance = image_set.instances.get(groups["instance"])
        if instance is not None and _matches(instance, Request("GET", "", {}, {}, b""), groups):
            return instance
    raise not_found()


def _get_instance(store: DataStore, request: Request, groups: dict[str, str]) -> Answer:
    accept = request.headers.get("accept", "")
    if not accept.startswith("application/dicom"):
        raise ServiceError("NotAcceptableException", 406)
    data = _find(store, request, groups).data
    return Answer(data, headers={"Content-Type": "application/dicom"})


def _get_instance_metadata(store: DataStore, request: Request, groups: dict[str, str]) -> Answer:
    return Answer([_find(store, request, groups).header.to_json_dict()], headers=_JSON)


def _get_series_metadata(store: DataStore, request: Request, groups: dict[str, str]) -> Answer:
    everything = Request("GET", "", {}, {}, b"")
    found = [
        instance.header.to_json_dict()
        for image_set in _selected(store, request)
        for instance in image_set.instances.values()
        if _matches(instance, everything, groups)
    ]
    if not found:
        raise not_found()
    return Answer(found, headers=_JSON)


def _store(store: DataStore, request: Request, groups: dict[str, str]) -> Answer:
    if len(request.body) > MAX_STORE_BYTES:
        raise ServiceError("RequestEntityTooLarge", 413)
    content_type = request.headers.get("content-type", "")
    parts = [request.body]
    if content_type.startswith("multipart/related"):
        parts = split_parts(content_type, request.body)
    elif content_type != "application/dicom":
        raise ServiceError("UnsupportedMediaType", 415)
    stored, failed = [], []
    for part in parts:
        header = read_header(part)
        item: dict[str, Any] = {"00081155": _element("UI", str(header.get("SOPInstanceUID", "")))}
        try:
            if header.StudyInstanceUID != groups.get("study", header.StudyInstanceUID):
                raise invalid("another study")
            image_set = store.add(part)
            warning = image_set.instances[str(header.SOPInstanceUID)].warning
            if warning:
                item["00081196"] = _element("US", WARNING_CODES[warning])
            stored.append(item)
        except ServiceError:
            failed.append(item | {"00081197": _element("US", 0xC000)})
    answer = {
        tag: {"vr": "SQ", "Value": items}
        for tag, items in (("00081199", stored), ("00081198", failed))
        if items
    }
    status = 200 if not failed else 202 if stored else 409
    return Answer(answer, status, _JSON)


_ROOT = "/datastore/(?P<datastore>[^/]+)"
_STUDY = f"{_ROOT}/studies/(?P<study>[^/]+)"
_SERIES = f"{_STUDY}/series/(?P<series>[^/]+)"
_INSTANCE = f"{_SERIES}/instances/(?P<instance>[^/]+)"

DICOMWEB_ROUTES: tuple[Route, ...] = (
    Route("GET", f"{_ROOT}/studies", "SearchDICOMStudies", _search_studies),
    Route("GET", f"{_ROOT}/series", "SearchDICOMAllSeries", _search_series),
    Route("GET", f"{_ROOT}/instances", "SearchDICOMAllInstances", _search_instances),
    Route("GET", f"{_STUDY}/series", "SearchDICOMSeries", _search_series),
    Route("GET", f"{_STUDY}/instances", "SearchDICOMStudyInstances", _search_instances),
    Route("GET", f"{_SERIES}/instances", "SearchDICOMInstances", _search_instances),
    Route("GET", f"{_SERIES}/metadata", "GetDICOMSeriesMetadata", _get_series_metadata),
    Route("GET", _INSTANCE, "GetDICOMInstance", _get_instance),
    Route("GET", f"{_INSTANCE}/metadata", "GetDICOMInstanceMetadata", _get_instance_metadata),
    Route("POST", f"{_ROOT}/studies", "StoreDICOM", _store),
    Route("POST", _STUDY, "StoreDICOMStudy", _store),
)
