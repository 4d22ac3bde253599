"""Parse ``lookups`` of a rules file."""

from __future__ import annotations

import re
from pathlib import Path

from safelight.rules.lookups import MISSING_ACTIONS, LookupTable
from safelight.rules.parsing.yaml_node import YamlNode
from safelight.rules.references import THIS, parse_reference

#: Keys of one table.
LOOKUP_KEYS = ("uri", "key", "missing", "match")


def parse_lookups(node: YamlNode, folder: Path | None) -> list[LookupTable]:
    """Return the lookup tables.

    Parameters
    ----------
    node : YamlNode
        Mapping of the names of the tables.
    folder : Path or None
        Folder of the rules file, where a relative path starts.
    """
    tables = node.as_mapping(None)
    return [_parse_table(name, tables.require(name), folder) for name in tables]


def _parse_table(name: str, node: YamlNode, folder: Path | None) -> LookupTable:
    table = node.as_mapping(LOOKUP_KEYS)
    missing, match = table.get("missing"), table.get("match")
    reference = match.as_text() if match else "PatientID"
    if match and reference != THIS:
        match.parse_text(parse_reference)
    return LookupTable(
        name,
        _resolve(table.require("uri").as_text(), folder),
        table.require("key").as_text(),
        missing.as_choice(MISSING_ACTIONS) if missing else "quarantine",
        reference,
    )


def _resolve(uri: str, folder: Path | None) -> str:
    """Return a URI; a relative path starts in the folder of the rules file."""
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", uri) or folder is None:
        return uri
    return str(folder / uri)
