"""Convert pairs of the mapping to items of a DynamoDB table, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, unquote

from jobs.common.delta.rows import MappingRow
from jobs.common.mapping_store import table_design as design

#: An item, or a key of one, in the form of the API: type and value by attribute.
Item = dict[str, dict[str, Any]]


def make_key(row: MappingRow) -> Item:
    """Return the key of the item of a pair."""
    return {
        design.ORIGINAL: {"S": _join(row.namespace, row.key_id, row.kind, row.original_hmac)},
        design.PAIR: {"S": _join(row.pseudonym, row.patient_pseudonym)},
    }


def make_pseudonym_key(namespace: str, key_id: str, pseudonym: str) -> str:
    """Return the key of the items of a pseudonym in the index by pseudonym.

    Parameters
    ----------
    namespace, key_id, pseudonym : str
    """
    return _join(namespace, key_id, pseudonym)


def make_patient_key(namespace: str, key_id: str, patient_pseudonym: str) -> str:
    """Return the key of the items of a patient in the index by patient.

    Parameters
    ----------
    namespace, key_id, patient_pseudonym : str
    """
    return _join(namespace, key_id, patient_pseudonym)


def encode_item(row: MappingRow) -> Item:
    """Return the item of a pair with its encrypted original."""
    item = make_key(row) | {
        design.PSEUDONYM: {"S": make_pseudonym_key(row.namespace, row.key_id, row.pseudonym)},
        design.SEALED: {"B": row.original_encrypted},
        design.FIRST_RUN_ID: {"S": row.first_run_id},
        design.BATCH: {"N": str(row.batch)},
    }
    if row.patient_pseudonym:
        key = make_patient_key(row.namespace, row.key_id, row.patient_pseudonym)
        item[design.PATIENT] = {"S": key}
    return item


def decode_item(item: Mapping[str, Mapping[str, Any]]) -> MappingRow:
    """Return the pair of an item.

    Parameters
    ----------
    item : mapping
        Item as DynamoDB returns it, with all attributes.

    Returns
    -------
    MappingRow
        Pair with its encrypted original.
    """
    namespace, key_id, kind, original_hmac = _split(item[design.ORIGINAL]["S"])
    pseudonym, patient_pseudonym = _split(item[design.PAIR]["S"])
    return MappingRow(
        first_run_id=item[design.FIRST_RUN_ID]["S"],
        batch=int(item[design.BATCH]["N"]),
        namespace=namespace,
        kind=kind,
        original_encrypted=bytes(item[design.SEALED]["B"]),
        original_hmac=original_hmac,
        pseudonym=pseudonym,
        patient_pseudonym=patient_pseudonym,
        key_id=key_id,
    )


def _join(*parts: str) -> str:
    """Join parts of a key; a part with a slash remains one part."""
    return "/".join(quote(part, safe="") for part in parts)


def _split(key: str) -> list[str]:
    return [unquote(part) for part in key.split("/")]
