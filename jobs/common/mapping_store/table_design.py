"""Design of the DynamoDB table of the mapping: attributes, keys, indexes and permissions.

The constants have the form of the API (CreateTable, DescribeTable) and of the properties of
AWS::DynamoDB::Table. Standard library only, so that tests of templates may import it.

The key of an item names the pair completely, so a conditional put never replaces a pair. Both
indexes hold keys only: the encrypted originals are in the table alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: Partition key: namespace, key ID, kind, and keyed hash of the original.
ORIGINAL = "original"
#: Sort key: pseudonym and patient pseudonym. One original may have several pseudonyms, for example
#: a Patient ID of two issuers.
PAIR = "pair"
#: Key of the index by pseudonym: namespace, key ID, and pseudonym.
PSEUDONYM = "pseudonym"
#: Key of the index by patient: namespace, key ID, and patient pseudonym. Items without a patient
#: do not have it.
PATIENT = "patient"
#: Encrypted original.
SEALED = "sealed"
#: Run and batch that added the item.
FIRST_RUN_ID = "first_run_id"
BATCH = "batch"

PSEUDONYM_INDEX = "by-pseudonym"
PATIENT_INDEX = "by-patient"

ATTRIBUTE_DEFINITIONS = tuple(
    {"AttributeName": name, "AttributeType": "S"} for name in (ORIGINAL, PAIR, PSEUDONYM, PATIENT)
)

KEY_SCHEMA = (
    {"AttributeName": ORIGINAL, "KeyType": "HASH"},
    {"AttributeName": PAIR, "KeyType": "RANGE"},
)

#: The index by patient has a sort key so that DynamoDB can divide the pairs of a patient with many
#: writes among partitions, each of which takes 1,000 a second (Amazon DynamoDB Developer Guide,
#: "Burst and adaptive capacity").
GLOBAL_SECONDARY_INDEXES = (
    {
        "IndexName": PSEUDONYM_INDEX,
        "KeySchema": [{"AttributeName": PSEUDONYM, "KeyType": "HASH"}],
        "Projection": {"ProjectionType": "KEYS_ONLY"},
    },
    {
        "IndexName": PATIENT_INDEX,
        "KeySchema": [
            {"AttributeName": PATIENT, "KeyType": "HASH"},
            {"AttributeName": ORIGINAL, "KeyType": "RANGE"},
        ],
        "Projection": {"ProjectionType": "KEYS_ONLY"},
    },
)

#: Actions of a run on the table. It needs none on the indexes.
WRITER_ACTIONS = ("dynamodb:DescribeTable", "dynamodb:BatchGetItem", "dynamodb:PutItem")

#: Attributes that a run reads, for the condition key ``dynamodb:Attributes`` of a statement for
#: ``dynamodb:BatchGetItem``. A run cannot read encrypted originals then.
WRITER_READ_ATTRIBUTES = (ORIGINAL, PAIR)

#: Actions of a re-identification: on the table, and on its indexes (``dynamodb:Query``).
READER_ACTIONS = ("dynamodb:DescribeTable", "dynamodb:BatchGetItem", "dynamodb:Query")

#: Actions of ``safelight withdraw`` on the table, and on the index of patients
#: (``dynamodb:Query``). It deletes pairs and reads no original.
WITHDRAW_ACTIONS = ("dynamodb:DescribeTable", "dynamodb:Query", "dynamodb:DeleteItem")


def make_create_request(table: str) -> dict[str, Any]:
    """Return the parameters of CreateTable for a table that is billed per request.

    Parameters
    ----------
    table : str
        Name of the table.
    """
    return {
        "TableName": table,
        "AttributeDefinitions": list(ATTRIBUTE_DEFINITIONS),
        "KeySchema": list(KEY_SCHEMA),
        "GlobalSecondaryIndexes": list(GLOBAL_SECONDARY_INDEXES),
        "BillingMode": "PAY_PER_REQUEST",
    }


def has_design(description: Mapping[str, Any]) -> bool:
    """Return whether a table has the keys and the indexes of this design.

    Parameters
    ----------
    description : mapping
        ``Table`` of the answer of DescribeTable, or the properties of AWS::DynamoDB::Table.
    """
    indexes = {index["IndexName"]: index for index in description.get("GlobalSecondaryIndexes", ())}
    return (
        _names_by_role(description["KeySchema"]) == _names_by_role(KEY_SCHEMA)
        and _types(description) >= {(ORIGINAL, "S"), (PAIR, "S"), (PSEUDONYM, "S"), (PATIENT, "S")}
        and all(
            index["IndexName"] in indexes
            and _names_by_role(indexes[index["IndexName"]]["KeySchema"])
            == _names_by_role(index["KeySchema"])
            for index in GLOBAL_SECONDARY_INDEXES
        )
    )


def _names_by_role(schema: Any) -> dict[str, str]:
    return {element["KeyType"]: element["AttributeName"] for element in schema}


def _types(description: Mapping[str, Any]) -> set[tuple[str, str]]:
    definitions = description["AttributeDefinitions"]
    return {(entry["AttributeName"], entry["AttributeType"]) for entry in definitions}
