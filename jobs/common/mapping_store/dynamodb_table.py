"""Read and write the pairs of a mapping in a DynamoDB table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple, Optional

from jobs.common.aws.client_errors import describe_error, error_code
from jobs.common.aws.clients import get_client
from jobs.common.cli.errors import JobError, UsageError
from jobs.common.delta.rows import MappingRow
from jobs.common.mapping_store import table_design as design
from jobs.common.mapping_store.backoff import Backoff, MappingStoreError, call
from jobs.common.mapping_store.items import (
    Item,
    decode_item,
    encode_item,
    make_key,
    make_patient_key,
    make_pseudonym_key,
)

#: Requests at one time. A client has 10 connections.
PARALLEL_REQUESTS = 8

#: Pairs that one thread looks up, then puts one by one. BatchGetItem takes up to 100 keys
#: (Amazon DynamoDB API Reference); a small number keeps all threads busy at the end of a task.
_PAIRS_PER_THREAD = 25

_MAX_BATCH_GET_KEYS = 100

_CONDITION_FAILED = "ConditionalCheckFailedException"


class AddedPairs(NamedTuple):
    """Numbers of pairs that were added, and that the table had already."""

    added: int
    existing: int


class MappingTable:
    """A DynamoDB table of the design of :mod:`jobs.common.mapping_store.table_design`.

    Parameters
    ----------
    name : str
        Name of the table.
    """

    def __init__(self, name: str):
        self.name = name

    def check_design(self) -> None:
        """Check that the table exists, is active, and has the keys and indexes of the design.

        Raises
        ------
        UsageError
            If it does not.
        JobError
            If the table cannot be described.
        """
        try:
            described = get_client("dynamodb").describe_table(TableName=self.name)["Table"]
        except UsageError:
            raise
        except Exception as error:  # classes of botocore
            if error_code(error) == "ResourceNotFoundException":
                raise UsageError(
                    f"the DynamoDB table {self.name} does not exist; create it by the template, "
                    "or check its name and AWS_REGION"
                ) from None
            sentence = f"the DynamoDB table {self.name} cannot be described"
            raise JobError(
                describe_error(sentence, error, "check its name and the permissions")
            ) from None
        if not design.has_design(described):
            raise UsageError(
                f"the DynamoDB table {self.name} does not have the keys and indexes of a mapping; "
                "create a table by the template"
            )
        states = [described, *described["GlobalSecondaryIndexes"]]
        if any(s.get("TableStatus", s.get("IndexStatus")) not in _USABLE for s in states):
            raise UsageError(
                f"the DynamoDB table {self.name} or an index of it is not active yet; wait for it"
            )

    def add(self, rows: Iterable[MappingRow]) -> AddedPairs:
        """Add pairs that the table does not have; pairs that it has are not written again.

        Parameters
        ----------
        rows : iterable of MappingRow
            Pairs with their encrypted originals.

        Raises
        ------
        MappingStoreError
            If the table cannot be read or written. Pairs may have been added then.
        """
        unique = {_identify(make_key(row)): row for row in rows}
        ordered = list(unique.values())
        parts = [
            ordered[begin : begin + _PAIRS_PER_THREAD]
            for begin in range(0, len(ordered), _PAIRS_PER_THREAD)
        ]
        with ThreadPoolExecutor(PARALLEL_REQUESTS) as pool:
            jobs = [pool.submit(self._add_part, part) for part in parts]
            try:
                added = sum(job.result() for job in jobs)
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
        return AddedPairs(added, len(ordered) - added)

    def _add_part(self, rows: Sequence[MappingRow]) -> int:
        """Put the pairs of a part that are missing; return their number."""
        keys = [make_key(row) for row in rows]
        # The read may be of an earlier moment: it saves writes, and the condition decides.
        found = self._get_items(keys, (design.ORIGINAL, design.PAIR), consistent=False)
        existing = {_identify(item) for item in found}
        return sum(self._put(row) for row, key in zip(rows, keys) if _identify(key) not in existing)

    def _put(self, row: MappingRow) -> bool:
        """Put a pair unless the table has it; return whether it was missing."""
        try:
            call(
                self.name,
                get_client("dynamodb").put_item,
                TableName=self.name,
                Item=encode_item(row),
                ConditionExpression="attribute_not_exists(#original)",
                ExpressionAttributeNames={"#original": design.ORIGINAL},
            )
        except MappingStoreError as error:
            if error.code == _CONDITION_FAILED:
                return False
            raise
        return True

    def replace_originals(self, changes: Iterable[tuple[MappingRow, bytes]]) -> int:
        """Replace encrypted originals that no other command has changed since they were read.

        Parameters
        ----------
        changes : iterable of tuple
            Pair as it was read, and its new encrypted original.

        Returns
        -------
        int
            Number of originals that were replaced.

        Raises
        ------
        MappingStoreError
            If the table cannot be written. Some originals may have been replaced then.
        """
        with ThreadPoolExecutor(PARALLEL_REQUESTS) as pool:
            return sum(pool.map(lambda change: self._replace_original(*change), changes))

    def _replace_original(self, row: MappingRow, sealed: bytes) -> bool:
        """Replace one encrypted original; return whether it was still that of the row."""
        try:
            call(
                self.name,
                get_client("dynamodb").update_item,
                TableName=self.name,
                Key=make_key(row),
                UpdateExpression="SET #sealed = :new",
                ConditionExpression="#sealed = :old",
                ExpressionAttributeNames={"#sealed": design.SEALED},
                ExpressionAttributeValues={
                    ":new": {"B": sealed},
                    ":old": {"B": row.original_encrypted},
                },
            )
        except MappingStoreError as error:
            if error.code == _CONDITION_FAILED:
                return False
            raise
        return True

    def find_by_pseudonym(self, namespace: str, key_id: str, pseudonym: str) -> list[MappingRow]:
        """Return the pairs of a pseudonym, or of one that several originals have.

        An index is updated after its table: a pair of the last second may be missing.

        Parameters
        ----------
        namespace, key_id, pseudonym : str

        Raises
        ------
        MappingStoreError
            If the table cannot be read.
        """
        key = make_pseudonym_key(namespace, key_id, pseudonym)
        return self._find(design.PSEUDONYM_INDEX, design.PSEUDONYM, key)

    def find_by_patient(
        self, namespace: str, key_id: str, patient_pseudonym: str
    ) -> list[MappingRow]:
        """Return the pairs of a patient; see :meth:`find_by_pseudonym`.

        Parameters
        ----------
        namespace, key_id, patient_pseudonym : str

        Raises
        ------
        MappingStoreError
            If the table cannot be read.
        """
        key = make_patient_key(namespace, key_id, patient_pseudonym)
        return self._find(design.PATIENT_INDEX, design.PATIENT, key)

    def delete_patient(self, namespace: str, key_id: str, patient_pseudonym: str) -> int:
        """Delete the pairs of a patient, and return their number.

        Originals are not read, so that withdrawing patients needs no access to them.

        Parameters
        ----------
        namespace, key_id, patient_pseudonym : str

        Raises
        ------
        MappingStoreError
            If the table cannot be read or written. Some pairs may have been deleted then.
        """
        key = make_patient_key(namespace, key_id, patient_pseudonym)
        keys = self._find_keys(design.PATIENT_INDEX, design.PATIENT, key)
        with ThreadPoolExecutor(PARALLEL_REQUESTS) as pool:
            return sum(pool.map(self._delete, keys))

    def _delete(self, key: Item) -> bool:
        call(self.name, get_client("dynamodb").delete_item, TableName=self.name, Key=key)
        return True

    def scan(self, segment: int = 0, segments: int = 1) -> Iterator[list[MappingRow]]:
        """Yield all pairs, or those of one of several segments, page by page.

        Parameters
        ----------
        segment, segments : int
            Number of the segment, from 0, and of all segments.

        Raises
        ------
        MappingStoreError
            If the table cannot be read.
        """
        pages = self._pages("scan", ConsistentRead=True, Segment=segment, TotalSegments=segments)
        for items in pages:
            yield [decode_item(item) for item in items]

    def _find(self, index: str, attribute: str, key: str) -> list[MappingRow]:
        """Return the pairs that an index has under a key."""
        keys = self._find_keys(index, attribute, key)
        return [
            decode_item(item)
            for begin in range(0, len(keys), _MAX_BATCH_GET_KEYS)
            for item in self._get_items(
                keys[begin : begin + _MAX_BATCH_GET_KEYS], (), consistent=True
            )
        ]

    def _find_keys(self, index: str, attribute: str, key: str) -> list[Item]:
        """Return the keys of the items that an index has under a key."""
        pages = self._pages(
            "query",
            IndexName=index,
            KeyConditionExpression="#key = :key",
            ExpressionAttributeNames={"#key": attribute},
            ExpressionAttributeValues={":key": {"S": key}},
        )
        return [
            {name: item[name] for name in (design.ORIGINAL, design.PAIR)}
            for items in pages
            for item in items
        ]

    def _pages(self, operation: str, **parameters: Any) -> Iterator[list[Item]]:
        """Yield the items of each page of a query or scan."""
        start: dict[str, Any] = {}
        while True:
            method = getattr(get_client("dynamodb"), operation)
            answer = call(self.name, method, TableName=self.name, **parameters, **start)
            yield answer["Items"]
            if not answer.get("LastEvaluatedKey"):
                return
            start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}

    def _get_items(
        self, keys: Sequence[Item], attributes: Sequence[str], consistent: bool
    ) -> list[Item]:
        """Return the items of up to 100 keys that exist, with the given attributes or all."""
        names = {f"#a{number}": name for number, name in enumerate(attributes)}
        wanted: dict[str, Any] = {"Keys": list(keys), "ConsistentRead": consistent}
        if names:
            wanted |= {
                "ProjectionExpression": ", ".join(names),
                "ExpressionAttributeNames": names,
            }
        found: list[Item] = []
        requested = {self.name: wanted}
        backoff = Backoff()
        while True:
            answer = call(self.name, get_client("dynamodb").batch_get_item, RequestItems=requested)
            found += answer["Responses"].get(self.name, ())
            requested = answer.get("UnprocessedKeys") or {}
            if not requested:
                return found
            if not backoff.wait():
                raise MappingStoreError(self.name, "ProvisionedThroughputExceededException")


def find_table(store: str) -> Optional[MappingTable]:
    """Return the table of ``dynamodb:TABLE``; ``None`` for the store ``delta``."""
    scheme, _, name = store.partition(":")
    return MappingTable(name) if scheme == "dynamodb" else None


#: States in which a table and its indexes can be used.
_USABLE = frozenset({"ACTIVE", "UPDATING"})


def _identify(item: Item) -> tuple[str, str]:
    """Return the key of an item as a hashable value."""
    return item[design.ORIGINAL]["S"], item[design.PAIR]["S"]
