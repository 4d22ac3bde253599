"""Definition of a lookup table of a rules file, and its rows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Literal, TypeAlias

MissingAction = Literal["quarantine", "remove", "derive", "keep", "default"]
MISSING_ACTIONS: tuple[MissingAction, ...] = ("quarantine", "remove", "derive", "keep", "default")

#: Rows of a table: values by column, by the value of the key column. PHI.
LookupRows: TypeAlias = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class LookupTable:
    """Lookup table of a rules file. It holds no row, because keys are identifiers of patients.

    Attributes
    ----------
    name : str
    uri : str
        CSV file, Parquet file or Delta table.
    key : str
        Column that is compared with the value of an element.
    missing : str
        Action for a value that is not in the table: ``quarantine`` the object, ``remove`` the
        element, ``derive`` a keyed pseudonym as without a table, ``keep`` the value, or write the
        ``default``.
    match : str
        Reference to the element whose value is looked up; ``this`` for the element itself.
    default : str
        Value that ``missing: default`` writes.
    digest : str
        SHA-256 of the rows, so that other rows give other rules; empty before they were read.
    """

    name: str
    uri: str
    key: str
    missing: MissingAction = "quarantine"
    match: str = "PatientID"
    default: str = ""
    digest: str = ""

    def list_hash_content(self) -> dict[str, str]:
        """Return what determines the output: the rows decide, wherever they are."""
        content = {**asdict(self), "uri": ""}
        if not self.default:  # tables without one keep the hash that they had
            del content["default"]
        return content


def normalize_key(value: str) -> str:
    """Return a value as it is compared with the key column: without padding, case does not count.

    Parameters
    ----------
    value : str
    """
    return " ".join(value.strip(" \0").split()).casefold()


def digest_rows(rows: LookupRows) -> str:
    """Return the SHA-256 of the rows of a table, whatever their order.

    Parameters
    ----------
    rows : LookupRows
    """
    content = json.dumps({key: dict(row) for key, row in rows.items()}, sort_keys=True)
    return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()
