"""New names of columns and members: names that may be PHI are replaced.

The sender chooses the names as well as the values. Words of schemas and dictionaries stay, and so
do the columns that the user names.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable

from safelight.notes.plain_values import is_plain

_MAX_NAME_CHARACTERS = 80
#: Other characters occur in formulas of spreadsheets, in paths and in text.
_NAME_CHARACTERS = re.compile(r"[\w(\[#%.][\w \t.,:/()\[\]%#&?*+°\x1f-]*", re.ASCII)


def is_plain_name(name: str) -> bool:
    """Return whether a name of a column or member can be written to the output."""
    if not name.strip("\x1f"):
        return True
    if len(name) > _MAX_NAME_CHARACTERS or not is_plain(name):
        return False
    ascii_name = "".join(c if c.isascii() or not c.isalpha() else "a" for c in name)
    return _NAME_CHARACTERS.fullmatch(ascii_name) is not None


def rename(names: Iterable[str], kept: Container[str], word: str) -> dict[str, str]:
    """Return the new name of each column or member.

    Parameters
    ----------
    names : iterable of str
        Distinct names, in the order of the table.
    kept : container of str
        Names that the user gives.
    word : str
        A name that may be PHI becomes this word and its position: ``column_3``.

    Returns
    -------
    dict
        Distinct new names by name. They do not depend on the patient.
    """
    listed = list(names)
    taken = set(listed)
    new_names: dict[str, str] = {}
    for position, name in enumerate(listed, 1):
        new = name
        if name not in kept and not is_plain_name(name):
            new = f"{word}_{position}"
            while new in taken:
                new += "_"
        new_names[name] = new
    return new_names
