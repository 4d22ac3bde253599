"""Parse ``lookups`` of a rules file."""

from __future__ import annotations

import re
from pathlib import Path

from safelight.rules.lookups import MISSING_ACTIONS, LookupTable, MissingAction
from safelight.rules.parsing.yaml_node import YamlMapping, YamlNode
from safelight.rules.references import THIS, parse_reference

#: Keys of one table.
LOOKUP_KEYS = ("uri", "key", "missing", "match", "default")


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
    match, default = table.get("match"), table.get("default")
    missing = _parse_missing(table)
    if default and missing != "default":
        raise default.make_error("missing: default, because default is set")
    if missing == "default" and default is None:
        raise table.node.make_error("default: the value that missing: default writes")
    reference = match.as_text() if match else "PatientID"
    if match and reference != THIS:
        match.parse_text(parse_reference)
    return LookupTable(
        name,
        _resolve(table.require("uri").as_text(), folder),
        table.require("key").as_text(),
        missing,
        reference,
        default.as_text() if default else "",
    )


def _parse_missing(table: YamlMapping) -> MissingAction:
    """Return the action for a value that is not in the table."""
    node = table.get("missing")
    return node.as_choice(MISSING_ACTIONS) if node else "quarantine"


def _resolve(uri: str, folder: Path | None) -> str:
    """Return a URI; a relative path starts in the folder of the rules file."""
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", uri) or folder is None:
        return uri
    return str(folder / uri)
