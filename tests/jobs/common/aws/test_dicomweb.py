from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest

from jobs.common.aws import clients, dicomweb, signed_http
from jobs.common.aws.dicomweb import (
    DicomwebClient,
    InstancePath,
    StoreOutcome,
    first_value,
    healthimaging_client,
)
from jobs.common.aws.multipart import join_parts, split_parts
from jobs.common.aws.signed_http import HttpError
from jobs.common.cli.errors import JobError
from tests.jobs.common.aws.http_server import Planned, Received, serving

STORE = "0123456789abcdef0123456789abcdef"
PATH = InstancePath("1.2", "1.2.3", "1.2.3.4")


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "an-identity")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a-secret")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    signed_http._credential_source.cache_clear()
    clients.get_client.cache_clear()
    yield
    signed_http._credential_source.cache_clear()
    clients.get_client.cache_clear()


def client(url: str, monkeypatch: pytest.MonkeyPatch) -> DicomwebClient:
    monkeypatch.setenv("AWS_ENDPOINT_URL_DICOM_MEDICAL_IMAGING", f"{url}/")
    return healthimaging_client(STORE, "eu-west-1")


def uid(value: str) -> dict[str, object]:
    return {dicomweb.SOP_UID: {"vr": "UI", "Value": [value]}}


def json_answer(content: object, status: int = 200) -> Planned:
    return Planned(status, json.dumps(content).encode(), {"Content-Type": "application/dicom+json"})


def test_a_search_reads_all_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    results = [uid(f"1.{n}") for n in range(7)]

    def page(request: Received) -> Planned:
        query = parse_qs(urlsplit(request.path).query)
        offset, limit = int(query["offset"][0]), int(query["limit"][0])
        return json_answer(results[offset : offset + limit])

    with serving(page) as server:
        found = client(server.url, monkeypatch).search("series", [("Modality", "CT")], 3)
        assert [first_value(item, dicomweb.SOP_UID) for item in found] == [
            f"1.{n}" for n in range(7)
        ]
    paths = [request.path for request in server.received]
    assert paths == [
        f"/datastore/{STORE}/series?Modality=CT&limit=3&offset={offset}" for offset in (0, 3, 6)
    ]


def test_a_search_without_results_may_have_no_content(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(lambda _: Planned(204)) as server:
        assert list(client(server.url, monkeypatch).search("studies")) == []


def test_a_search_that_cannot_be_paged_through_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dicomweb, "MAX_OFFSET", 3)
    with serving(lambda _: json_answer([uid("1.2")] * 2)) as server:
        with pytest.raises(JobError, match="narrow it by study or by query"):
            list(client(server.url, monkeypatch).search("instances", (), 2))


def test_an_instance_is_requested_in_its_stored_syntax(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(lambda _: Planned(200, b"DICM", {"Content-Type": "application/dicom"})) as server:
        dicom = client(server.url, monkeypatch)
        assert dicom.instance(PATH, 100) == b"DICM"
        dicom.instance(InstancePath("1.2", "a/b", "1?", "f" * 32), 100, "1.2.840.10008.1.2.1")
    first, second = server.received
    assert first.path == f"/datastore/{STORE}/studies/1.2/series/1.2.3/instances/1.2.3.4"
    assert first.headers["accept"] == "application/dicom; transfer-syntax=*"
    assert second.path == (
        f"/datastore/{STORE}/studies/1.2/series/a%2Fb/instances/1%3F?imageSetId={'f' * 32}"
    )
    assert second.headers["accept"] == "application/dicom; transfer-syntax=1.2.840.10008.1.2.1"


def test_an_instance_may_come_as_the_only_part(monkeypatch: pytest.MonkeyPatch) -> None:
    contents: list[bytes] = [b"DICM"]

    def answer(_: Received) -> Planned:
        content_type, body = join_parts(contents, "application/dicom")
        return Planned(200, body, {"Content-Type": content_type})

    with serving(answer) as server:
        dicom = client(server.url, monkeypatch)
        assert dicom.instance(PATH, 1000) == b"DICM"
        contents.append(b"another")
        with pytest.raises(HttpError, match="UnexpectedAnswer"):
            dicom.instance(PATH, 1000)


def test_metadata_is_one_data_set_or_a_list(monkeypatch: pytest.MonkeyPatch) -> None:
    planned = [json_answer(uid("1")), json_answer([uid("2")]), json_answer([uid("3"), uid("4")])]
    with serving(lambda _: planned.pop(0)) as server:
        dicom = client(server.url, monkeypatch)
        assert dicom.instance_metadata(PATH) == uid("1")
        assert dicom.instance_metadata(PATH) == uid("2")
        assert dicom.series_metadata("1.2", "1.2.3", "a" * 32) == [uid("3"), uid("4")]
    assert server.received[0].path.endswith("/instances/1.2.3.4/metadata")
    assert server.received[2].path.endswith(f"/series/1.2.3/metadata?imageSetId={'a' * 32}")


@pytest.mark.parametrize("body", [b"no JSON: JANE", b'"JANE"', b"<html>JANE</html>"])
def test_an_answer_of_another_form_is_an_error_without_it(
    body: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(lambda _: Planned(200, body)) as server:
        with pytest.raises(HttpError) as raised:
            list(client(server.url, monkeypatch).search("studies"))
    assert str(raised.value) == "UnexpectedAnswer"


def test_a_single_instance_is_stored_as_it_is_and_several_as_parts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stored = {"00081199": {"Value": [{"00081155": {"Value": ["1.2.3.4"]}}]}}
    with serving(lambda _: json_answer(stored)) as server:
        dicom = client(server.url, monkeypatch)
        assert dicom.store([b"DICM1"]) == StoreOutcome(("1.2.3.4",))
        dicom.store([b"DICM1", b"DICM2"], "1.2")
    first, second = server.received
    assert (first.method, first.path) == ("POST", f"/datastore/{STORE}/studies")
    assert (first.headers["content-type"], first.body) == ("application/dicom", b"DICM1")
    assert second.path == f"/datastore/{STORE}/studies/1.2"
    assert split_parts(second.headers["content-type"], second.body) == [b"DICM1", b"DICM2"]


@pytest.mark.parametrize("status", [202, 409])
def test_warnings_and_failures_of_a_store_are_returned(
    status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = {
        "00081199": {
            "Value": [
                {"00081155": {"Value": ["1.1"]}},
                {"00081155": {"Value": ["1.2"]}, "00081196": {"Value": [45056]}},
            ]
        },
        "00081198": {
            "Value": [
                {"00081155": {"Value": ["1.3"]}, "00081197": {"Value": [272]}},
                {"00081155": {"Value": ["1.4"]}},
            ]
        },
    }
    with serving(lambda _: json_answer(content, status)) as server:
        outcome = client(server.url, monkeypatch).store([b"a", b"b"])
    assert outcome.stored == ("1.1", "1.2")
    assert outcome.warnings == {"1.2": 45056}
    assert outcome.failures == {"1.3": 272, "1.4": 0}
    assert "1.2" not in repr(outcome)


def test_a_store_that_names_no_instance_is_not_a_success(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(lambda _: json_answer({})) as server:
        with pytest.raises(HttpError, match="UnexpectedAnswer"):
            client(server.url, monkeypatch).store([b"a"])


def test_a_store_above_the_limit_is_refused_before_it_is_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(dicomweb, "STORE_MAX_BYTES", 3)
    with serving(lambda _: Planned()) as server:
        with pytest.raises(JobError, match="larger than 1 GB"):
            client(server.url, monkeypatch).store([b"ab", b"cd"])
    assert not server.received


def test_the_host_is_that_of_the_region(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in dicomweb.ENDPOINT_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    expected = f"https://dicom-medical-imaging.us-west-2.amazonaws.com/datastore/{STORE}"
    assert healthimaging_client(STORE, "us-west-2")._base_url == expected
    assert "dicom-medical-imaging.eu-west-1." in healthimaging_client(STORE)._base_url
