"""Read a lookup table of the CTP anonymizer, a Java properties file."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping

#: Columns of a converted table.
KEY_COLUMN, VALUE_COLUMN = "key", "value"

_LINE = re.compile(r"[ \t]*((?:\\.|[^=:\\#!])(?:\\.|[^=:\\])*)[=:](.*)")


def read_lookup_table(text: str) -> dict[str, dict[str, str]]:
    """Return the values of a table by the type of the key and by the key.

    Parameters
    ----------
    text : str
        Lines such as ``ptid/1234 = S-001``: type and value of the key, and the new value.

    Returns
    -------
    dict of str to dict
        PHI.
    """
    types: dict[str, dict[str, str]] = {}
    joined = re.sub(r"\\\r?\n[ \t]*", "", text)
    for line in joined.splitlines():
        match = _LINE.fullmatch(line)
        if match is None:
            continue
        key, value = (re.sub(r"\\(.)", r"\1", part).strip() for part in match.groups())
        kind, separator, key = key.partition("/")
        if separator:
            types.setdefault(kind.strip(), {})[key.strip()] = value
    return types


def write_rows(rows: Mapping[str, str]) -> str:
    """Return the values by key as CSV with the columns ``key`` and ``value``.

    Parameters
    ----------
    rows : mapping of str to str
        PHI.
    """
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow((KEY_COLUMN, VALUE_COLUMN))
    writer.writerows(rows.items())
    return stream.getvalue()
