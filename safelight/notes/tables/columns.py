"""Which rule a column has, by its name (``conf/notes/columns.yaml``)."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from typing import Any, Optional

import yaml

from safelight.notes.field_actions import FieldOp, FieldRule, parse_rule

#: Names whose rules are kept at hand.
_REMEMBERED = 10_000

_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_BOUNDARIES = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def read_table(name: str) -> Any:
    """A table of ``conf/notes``."""
    text = (resources.files("conf") / "notes" / f"{name}.yaml").read_text(encoding="utf-8")
    return yaml.safe_load(text)


@lru_cache(maxsize=1)
def tables_hash() -> str:
    """SHA-256 over all field tables, so that a changed table is another way of doing it."""
    digest = hashlib.sha256()
    for file in sorted((resources.files("conf") / "notes").iterdir(), key=lambda f: f.name):
        if file.name.endswith(".yaml"):
            digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def words_of(name: str) -> str:
    """A column name as lower-case words: ``patientID`` and ``PATIENT_ID`` are ``patient id``.

    What stands in brackets is a unit or a format: ``Age (years)``.
    """
    name = _BRACKETS.sub(" ", name) if _BRACKETS.sub("", name).strip() else name
    return " ".join(re.findall(r"[^\W_]+", _BOUNDARIES.sub(" ", name))).lower()


def _alternatives(phrases: list[Any]) -> str:
    return "|".join(re.escape(str(phrase)) for phrase in phrases)


@dataclass(frozen=True)
class _Entry:
    rule: FieldRule
    names: tuple[str, ...]
    pattern: Optional[re.Pattern[str]]
    exceptions: Optional[re.Pattern[str]]

    def matches(self, words: str) -> bool:
        if words in self.names:
            return True
        if self.pattern is None or not self.pattern.search(words):
            return False
        return self.exceptions is None or not self.exceptions.search(words)


@dataclass(frozen=True)
class ColumnTable:
    """The table of column names."""

    entries: tuple[_Entry, ...]
    _found: dict[str, Optional[FieldRule]] = field(default_factory=dict, compare=False)

    def rule(self, name: str) -> Optional[FieldRule]:
        """The rule of a column, or ``None`` where the table does not know the name."""
        if name not in self._found:
            if len(self._found) >= _REMEMBERED:  # members of JSON objects may be of any name
                self._found.clear()
            words = words_of(name)
            rules = (entry.rule for entry in self.entries if entry.matches(words))
            self._found[name] = next(rules, None)
        return self._found[name]

    def first(self, op: FieldOp, names: list[str]) -> Optional[str]:
        """Of some columns the one that comes first in the table under an action."""
        by_words = {words_of(name): name for name in reversed(names)}
        for entry in self.entries:
            if entry.rule.op is op:
                for words in entry.names:
                    if words in by_words:
                        return by_words[words]
        return None


@lru_cache(maxsize=1)
def column_table() -> ColumnTable:
    """The shipped table."""
    table = read_table("columns")
    entries = []
    for entry in table["columns"]:
        patterns = []
        if entry.get("ends"):
            patterns.append(rf"(?:^| )(?:{_alternatives(entry['ends'])})$")
        if entry.get("holds"):
            patterns.append(rf"(?:^| )(?:{_alternatives(entry['holds'])})(?:$| )")
        but = entry.get("but")
        entries.append(
            _Entry(
                parse_rule(entry["action"]),
                tuple(map(str, entry.get("names", ()))),
                re.compile("|".join(patterns)) if patterns else None,
                re.compile(rf"(?:^| )(?:{_alternatives(but)})(?:$| )") if but else None,
            )
        )
    return ColumnTable(tuple(entries))
