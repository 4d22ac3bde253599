from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from jobs.common.aws.clients import get_client
from jobs.common.cli.errors import JobError, UsageError
from jobs.common.delta.rows import MappingRow
from jobs.common.mapping_store import backoff, dynamodb_table
from jobs.common.mapping_store.dynamodb_table import MappingTable
from jobs.common.mapping_store.table_design import make_create_request

ROW = MappingRow("r1", 0, "study-a", "uid", b"sealed", "ff" * 32, "2.25.7", "P1", "k1")


def make_rows(count: int) -> list[MappingRow]:
    return [replace(ROW, original_hmac=f"{n:064x}", pseudonym=f"2.25.{n}") for n in range(count)]


def all_rows(table: MappingTable) -> list[MappingRow]:
    return [row for page in table.scan() for row in page]


class Requests:
    """Counter of the requests of the client, which may fail some of them."""

    def __init__(self, fail: tuple[str, int, str] = ("", 0, "")):
        self.count: Counter[str] = Counter()
        self._fail = fail
        get_client("dynamodb").meta.events.register("before-send.dynamodb", self._send)

    def _send(self, request: Any, **_: Any) -> Any:
        from botocore.awsrequest import AWSResponse

        operation = request.headers["X-Amz-Target"].decode().rpartition(".")[2]
        self.count[operation] += 1
        name, failures, code = self._fail
        if operation != name or self.count[operation] > failures:
            return None
        body = f'{{"__type": "com.amazonaws.dynamodb.v20120810#{code}", "message": "JANE"}}'

        class Raw:
            def stream(self) -> list[bytes]:
                return [body.encode()]

        return AWSResponse(request.url, 400, {}, Raw())


@pytest.fixture
def no_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    import botocore.endpoint
    from botocore.retries.bucket import TokenBucket

    monkeypatch.setattr(backoff.time, "sleep", lambda seconds: None)
    monkeypatch.setattr(botocore.endpoint.time, "sleep", lambda seconds: None)
    monkeypatch.setattr(TokenBucket, "acquire", lambda self: True)


def test_pairs_are_added_once(mapping_table: MappingTable) -> None:
    rows = make_rows(60)
    assert mapping_table.add([*rows, *rows]) == (60, 0)
    assert mapping_table.add(make_rows(61)) == (1, 60)
    assert sorted(all_rows(mapping_table), key=lambda row: row.original_hmac) == make_rows(61)


def test_pairs_that_exist_are_not_written(mapping_table: MappingTable) -> None:
    mapping_table.add(make_rows(30))
    requests = Requests()
    mapping_table.add([replace(row, first_run_id="r2") for row in make_rows(30)])
    assert requests.count == {"BatchGetItem": 2}
    assert {row.first_run_id for row in all_rows(mapping_table)} == {"r1"}


def test_a_pair_that_another_worker_adds_at_the_same_time_is_kept(
    mapping_table: MappingTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    mapping_table.add([ROW])
    monkeypatch.setattr(MappingTable, "_get_items", lambda *args, **named: [])
    assert mapping_table.add([replace(ROW, first_run_id="r2")]) == (0, 1)
    assert all_rows(mapping_table) == [ROW]


def test_all_pseudonyms_and_patients_of_an_original_are_kept(mapping_table: MappingTable) -> None:
    rows = [
        replace(ROW, pseudonym=pseudonym, patient_pseudonym=patient)
        for pseudonym, patient in (("A", "A"), ("B", "B"), ("A", "B"))
    ]
    assert mapping_table.add(rows) == (3, 0)


def test_a_pair_is_found_by_its_pseudonym(mapping_table: MappingTable) -> None:
    mapping_table.add([*make_rows(3), replace(ROW, namespace="study-b", pseudonym="2.25.1")])
    assert mapping_table.find_by_pseudonym("study-a", "k1", "2.25.1") == [make_rows(3)[1]]
    assert mapping_table.find_by_pseudonym("study-a", "k2", "2.25.1") == []


def test_the_pairs_of_a_patient_are_found_over_several_pages(
    mapping_table: MappingTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    mapping_table.add([*make_rows(130), replace(ROW, patient_pseudonym="P2")])
    pages = MappingTable._pages
    monkeypatch.setattr(
        MappingTable, "_pages", lambda self, name, **more: pages(self, name, **more, Limit=40)
    )
    found = mapping_table.find_by_patient("study-a", "k1", "P1")
    assert sorted(row.original_hmac for row in found) == [r.original_hmac for r in make_rows(130)]


def test_the_segments_of_a_scan_hold_each_pair_once(mapping_table: MappingTable) -> None:
    mapping_table.add(make_rows(40))
    pages = [page for segment in range(3) for page in mapping_table.scan(segment, 3)]
    assert sorted(row.pseudonym for page in pages for row in page) == sorted(
        row.pseudonym for row in make_rows(40)
    )


@pytest.mark.usefixtures("no_waits")
@pytest.mark.parametrize("operation", ["PutItem", "BatchGetItem"])
def test_throttled_requests_are_repeated(mapping_table: MappingTable, operation: str) -> None:
    requests = Requests((operation, 5, "ThrottlingException"))
    assert mapping_table.add([ROW]) == (1, 0)
    assert requests.count[operation] == 6


@pytest.mark.usefixtures("no_waits")
def test_a_refused_request_ends_the_work(mapping_table: MappingTable) -> None:
    requests = Requests(("PutItem", 10**6, "AccessDeniedException"))
    with pytest.raises(backoff.MappingStoreError, match="AccessDeniedException") as raised:
        mapping_table.add(make_rows(2000))
    assert requests.count["PutItem"] < 100
    assert mapping_table.name in str(raised.value) and "JANE" not in str(raised.value)


def test_keys_that_were_not_processed_are_requested_again(
    mapping_table: MappingTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    mapping_table.add(make_rows(5))
    monkeypatch.setattr(backoff.time, "sleep", lambda seconds: None)
    answers = []

    def split(table: str, operation: Any, **parameters: Any) -> Any:
        requested = parameters.get("RequestItems")
        if requested and len(keys := requested[table]["Keys"]) > 1:
            first = {table: requested[table] | {"Keys": keys[:1]}}
            answer = operation(RequestItems=first)
            answer["UnprocessedKeys"] = {table: requested[table] | {"Keys": keys[1:]}}
            answers.append(answer)
            return answer
        return operation(**parameters)

    monkeypatch.setattr(dynamodb_table, "call", split)
    assert mapping_table.add(make_rows(5)) == (0, 5)
    assert len(answers) == 4


def test_a_table_of_the_design_passes(mapping_table: MappingTable) -> None:
    mapping_table.check_design()


def test_a_missing_table_is_a_usage_error(mapping_table: MappingTable) -> None:
    with pytest.raises(UsageError, match="other-table does not exist"):
        MappingTable("other-table").check_design()


def test_a_table_of_another_design_is_a_usage_error(mapping_table: MappingTable) -> None:
    name = f"{mapping_table.name}-other"
    request = make_create_request(name)
    del request["GlobalSecondaryIndexes"][1:]
    request["AttributeDefinitions"] = request["AttributeDefinitions"][:3]
    get_client("dynamodb").create_table(**request)
    with pytest.raises(UsageError, match="keys and indexes of a mapping"):
        MappingTable(name).check_design()


@pytest.mark.usefixtures("no_waits")
def test_a_table_without_permission_is_a_sentence(mapping_table: MappingTable) -> None:
    Requests(("DescribeTable", 10**6, "AccessDeniedException"))
    with pytest.raises(JobError, match="AccessDeniedException.*grant"):
        mapping_table.check_design()
