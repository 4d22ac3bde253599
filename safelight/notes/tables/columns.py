"""Rules of table columns by their names (``conf/notes/columns.yaml``)."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from importlib import resources
from typing import Any, Optional

import yaml

from safelight.notes.field_actions import FieldOp, FieldRule, parse_rule

#: The members of JSON objects may have any number of names, so the cache of rules is bounded.
_MAX_CACHED_NAMES = 10_000

_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_BOUNDARIES = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def read_rule_file(name: str) -> Any:
    """Return the content of a file of ``conf/notes``."""
    text = (resources.files("conf") / "notes" / f"{name}.yaml").read_text(encoding="utf-8")
    return yaml.safe_load(text)


@lru_cache(maxsize=1)
def rule_files_hash() -> str:
    """Return the SHA-256 of the content of ``conf/notes``, without comments.

    The job processes a file of notes again if these rules have changed since the last run.
    """
    digest = hashlib.sha256()
    for file in sorted((resources.files("conf") / "notes").iterdir(), key=lambda f: f.name):
        if file.name.endswith(".yaml"):
            content = json.dumps(read_rule_file(file.name.removesuffix(".yaml")), sort_keys=True)
            digest.update(f"{file.name}\0{content}\0".encode())
    return digest.hexdigest()


def column_words(name: str) -> str:
    """Return a column name as lower-case words: ``patientID`` becomes ``patient id``.

    Text in brackets is removed: it is a unit or a format, as in ``Age (years)``.
    """
    name = _BRACKETS.sub(" ", name) if _BRACKETS.sub("", name).strip() else name
    return " ".join(re.findall(r"[^\W_]+", _BOUNDARIES.sub(" ", name))).lower()


def _alternatives(phrases: list[Any]) -> str:
    return "|".join(re.escape(str(phrase)) for phrase in phrases)


@dataclass(frozen=True)
class _ColumnEntry:
    """One entry of the file: a rule, the names of the columns that have it, and all its words."""

    rule: FieldRule
    names: tuple[str, ...]
    pattern: Optional[re.Pattern[str]]
    exceptions: Optional[re.Pattern[str]]
    words: frozenset[str]

    def matches(self, words: str) -> bool:
        if words in self.names:
            return True
        if self.pattern is None or not self.pattern.search(words):
            return False
        return self.exceptions is None or not self.exceptions.search(words)


@dataclass(frozen=True)
class ColumnRuleTable:
    """Content of ``conf/notes/columns.yaml``; the first entry that matches a name decides."""

    entries: tuple[_ColumnEntry, ...]
    _cache: dict[str, Optional[FieldRule]] = field(default_factory=dict, compare=False)

    def rule(self, name: str) -> Optional[FieldRule]:
        """Return the rule of a column; ``None`` if the table does not contain its name."""
        if name not in self._cache:
            if len(self._cache) >= _MAX_CACHED_NAMES:
                self._cache.clear()
            words = column_words(name)
            rules = (entry.rule for entry in self.entries if entry.matches(words))
            self._cache[name] = next(rules, None)
        return self._cache[name]

    @cached_property
    def words(self) -> frozenset[str]:
        """Return all words of the names that the table contains."""
        return frozenset().union(*(entry.words for entry in self.entries))

    def first(self, op: FieldOp, names: list[str]) -> Optional[str]:
        """Return the column that the table lists first under an action; ``None`` if none is.

        Parameters
        ----------
        op : FieldOp
        names : list of str
            Columns to choose from.
        """
        by_words = {column_words(name): name for name in reversed(names)}
        for entry in self.entries:
            if entry.rule.op is op:
                for words in entry.names:
                    if words in by_words:
                        return by_words[words]
        return None


@lru_cache(maxsize=1)
def load_column_rules() -> ColumnRuleTable:
    """Return the table that ships with Safelight."""
    return ColumnRuleTable(tuple(map(_parse_entry, read_rule_file("columns")["columns"])))


def _parse_entry(entry: dict[str, Any]) -> _ColumnEntry:
    patterns = []
    if entry.get("ends"):
        patterns.append(rf"(?:^| )(?:{_alternatives(entry['ends'])})$")
    if entry.get("holds"):
        patterns.append(rf"(?:^| )(?:{_alternatives(entry['holds'])})(?:$| )")
    exceptions = entry.get("but")
    phrases = [*entry.get("names", ()), *entry.get("ends", ()), *entry.get("holds", ())]
    return _ColumnEntry(
        parse_rule(entry["action"]),
        tuple(map(str, entry.get("names", ()))),
        re.compile("|".join(patterns)) if patterns else None,
        re.compile(rf"(?:^| )(?:{_alternatives(exceptions)})(?:$| )") if exceptions else None,
        frozenset(word for phrase in phrases for word in str(phrase).split()),
    )
