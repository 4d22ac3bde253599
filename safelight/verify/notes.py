"""The check of notes: an output alone, and an output against its original, row by row.

A row is compared with the row that it was made of. Of the original row, names, identifiers,
contacts, addresses and birth dates are taken by the check's own list of fields (note_fields.yaml)
and looked for everywhere in the new one. A part of a name that the original also writes in lower
case is taken for a word: the ``long`` of a text is not Mr. Long.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.resources import files
from secrets import token_bytes
from typing import Any

import yaml

from safelight.verify.consistency import ConsistencyLink
from safelight.verify.defects import Check, Defect, ValueHasher
from safelight.verify.identifiers import fold, load_vocabulary
from safelight.verify.leaks import normalize_text
from safelight.verify.note_reader import NoteRecord, read_records
from safelight.verify.object_reader import UnreadableError
from safelight.verify.phi_shapes import find_phi_shapes

_PARTS = re.compile(r"[\W_\d]+")
_DATE = re.compile(r"((?:18|19|20)\d\d)-?(\d\d)-?(\d\d)(?:\D|$|\d{4,6}(?:\D|$))")
_NUMBER_CHARACTERS = re.compile(r"\D+")


@dataclass(frozen=True)
class _Fields:
    """The patterns of note_fields.yaml."""

    kinds: dict[str, re.Pattern[str]]
    left_out: frozenset[str]
    public: re.Pattern[str]
    entities: dict[str, str]
    titles: frozenset[str]


@lru_cache(maxsize=1)
def _fields() -> _Fields:
    text = (files("safelight.verify") / "note_fields.yaml").read_text(encoding="utf-8")
    data: dict[str, Any] = yaml.safe_load(text)
    kinds = ("names", "ids", "contacts", "places", "births", "dates", "patients")
    return _Fields(
        {kind: re.compile("|".join(data[kind]), re.IGNORECASE) for kind in kinds},
        frozenset(data["left_out"]),
        re.compile(data["public"], re.IGNORECASE),
        dict(data["entities"]),
        frozenset(data["titles"]),
    )


class NotesVerifier:
    """Checks outputs of the notes job.

    Parameters
    ----------
    key : bytes
        Key of the hashes in defects; without one, defects carry lengths only.
    kept_entities : frozenset of str
        Entities that the rules let stand or invent: shapes of theirs are no defects.
    """

    def __init__(self, key: bytes = b"", kept_entities: frozenset[str] = frozenset()):
        self._hasher = ValueHasher(key)
        self._link_hasher = ValueHasher(key or token_bytes(32))
        self._kept_entities = kept_entities

    def read(self, data: bytes, kind: str) -> list[NoteRecord]:
        """The rows of a file; see ``note_reader``.

        Raises
        ------
        UnreadableError
        """
        return read_records(data, kind)

    def check(self, data: bytes, kind: str) -> tuple[Defect, ...]:
        """Check an output alone: no text of it has the shape of something that identifies."""
        try:
            rows = self.read(data, kind)
        except UnreadableError as problem:
            return (Defect(Check.UNREADABLE, "file", f"cannot be parsed ({problem})"),)
        return tuple(dict.fromkeys(d for row in rows for d in self.check_row(row)))

    def check_row(self, row: NoteRecord) -> Iterator[Defect]:
        """The shapes in one row."""
        fields = _fields()
        for path, text in row.leaves:
            if fields.public.match(text):
                continue
            for shape, found in find_phi_shapes(text, dates=False):
                entity = fields.entities.get(shape, "")
                if shape not in fields.left_out and entity not in self._kept_entities:
                    yield Defect(
                        Check.TEXT, _place(path), f"has the shape of a {shape}", len(found),
                        self._hasher(found),
                    )  # fmt: skip

    def compare(
        self, output: Sequence[NoteRecord], original: Sequence[NoteRecord]
    ) -> Iterator[Defect | ConsistencyLink]:
        """Rows against those that they were made of, in the same order and number.

        Yields
        ------
        Defect
            A value of the original row that stands in the new one.
        ConsistencyLink
            Patient's pseudonym → days that a date was moved by.
        """
        for new, old in zip(output, original, strict=True):
            yield from self._leaks(new, old)
            yield from self._moved(new, old)

    def _leaks(self, new: NoteRecord, old: NoteRecord) -> Iterator[Defect]:
        words = {word for _, text in old.leaves for word in _PARTS.split(text) if word.islower()}
        searched = [(path, normalize_text(text), text) for path, text in new.leaves]
        for kind, path, value in _identifying(old):
            for pattern, folded in _patterns(kind, value, words):
                for place, text, raw in searched:
                    if pattern.search(text if folded else raw):
                        named = pattern.search(normalize_text(place)) is not None
                        yield Defect(
                            Check.LEAK, "name of a member" if named else _place(place),
                            f"holds what {_last(path)} says in the original ({kind})",
                            len(value), self._hasher(fold(value)),
                        )  # fmt: skip

    def _moved(self, new: NoteRecord, old: NoteRecord) -> Iterator[ConsistencyLink]:
        fields = _fields().kinds
        patient = new.first(fields["patients"])
        if not patient:
            return
        after: dict[str, list[str]] = {}
        for path, text in new.leaves:
            after.setdefault(path, []).append(text)
        before: dict[str, list[str]] = {}
        for path, text in old.leaves:
            before.setdefault(path, []).append(text)
        for path, texts in before.items():
            if not fields["dates"].search(path) or fields["births"].search(path):
                continue
            for one, other in zip(texts, after.get(path, ())):
                days = _days(one, other)
                if days is not None and len(texts) == len(after[path]):
                    yield ConsistencyLink(
                        "shift", self._link_hasher(patient), str(days), _place(path)
                    )


def _place(path: str) -> str:
    """A path without names of members, which may be anything, and at most of some length."""
    return "name of a member" if path.endswith("#") else path[:100]


def _last(path: str) -> str:
    """The end of a path, which is one of those that are listed: what stands before may be data."""
    return path.rpartition(".")[2]


def _identifying(row: NoteRecord) -> Iterator[tuple[str, str, str]]:
    kinds = _fields().kinds
    for path, text in row.leaves:
        if path.endswith("#") or not text.strip() or len(text) > 200:
            continue
        for kind in ("names", "ids", "contacts", "places", "births"):
            if kinds[kind].search(path):
                yield kind, path, text.strip()
                break


def _patterns(kind: str, value: str, words: set[str]) -> Iterator[tuple[re.Pattern[str], bool]]:
    """What to look for, and whether in folded text."""
    if kind == "names":
        parts = [part for part in _PARTS.split(fold(value)) if part]
        for part in parts:
            if len(part) > 2 and part not in load_vocabulary() | words | _fields().titles:
                yield (
                    re.compile(rf"(?<![^\W\d_]){re.escape(normalize_text(part))}(?![^\W\d_])"),
                    True,
                )
    elif kind == "births":
        found = _DATE.match(value)
        if found:
            year, month, day = found.groups()
            yield (
                re.compile(
                    rf"(?<!\d){year}-?{month}-?{day}(?!\d)|"
                    rf"(?<!\d)0?{int(month)}/0?{int(day)}/{year}(?!\d)|"
                    rf"(?<!\d)0?{int(day)}\.0?{int(month)}\.{year}(?!\d)"
                ),
                False,
            )
    else:
        text = normalize_text(value)
        digits = _NUMBER_CHARACTERS.sub("", text)
        if kind == "contacts" and len(digits) >= 7:
            spaced = r"[\s().+-]{0,3}".join(digits[-10:])
            yield re.compile(rf"(?<!\d){spaced}(?!\d)"), True
        elif (
            len(text) >= (4 if digits else 6)
            and text not in words
            and text not in load_vocabulary()
        ):
            yield re.compile(rf"(?<![^\W_]){re.escape(text)}(?![^\W_])"), True


def _days(one: str, other: str) -> int | None:
    first, second = _DATE.match(one.strip()), _DATE.match(other.strip())
    if first is None or second is None:
        return None
    try:
        a, b = (date(*map(int, found.groups())) for found in (first, second))
    except ValueError:
        return None
    return (b - a).days
