"""Verify notes: an output alone, and each record against the original record.

Names, IDs, contacts, addresses and birth dates of the original record are found by field names
(``note_fields.yaml``), and the new record is searched for them. A part of a name that the
original record also has in lower case counts as a word: ``long`` in a text is not Mr. Long.
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
from safelight.verify.identifiers import fold_case, load_vocabulary
from safelight.verify.note_reader import NoteRecord, read_records
from safelight.verify.object_reader import UnreadableError
from safelight.verify.phi_shapes import find_phi_shapes
from safelight.verify.value_patterns import normalize_text

_WORD_SEPARATORS = re.compile(r"[\W_\d]+")
_DATE = re.compile(r"((?:18|19|20)\d\d)-?(\d\d)-?(\d\d)(?:\D|$|\d{4,6}(?:\D|$))")
_NON_DIGITS = re.compile(r"\D+")

_IDENTIFYING_KINDS = ("names", "ids", "contacts", "places", "births")
_TEMPORARY_KEY_BYTES = 32
#: Longer values are texts, not identifiers.
_MAX_VALUE_CHARACTERS = 200
_MAX_LOCATION_CHARACTERS = 100
_MIN_NAME_CHARACTERS = 3
_MIN_PHONE_DIGITS = 7
#: Digits of a telephone number without country code.
_NATIONAL_PHONE_DIGITS = 10
_MIN_CHARACTERS_WITH_DIGIT = 4
_MIN_CHARACTERS = 6


@dataclass(frozen=True)
class _NoteFields:
    """Content of ``note_fields.yaml``.

    Attributes
    ----------
    kinds : dict of str to re.Pattern
        Pattern of the paths of each kind of field.
    ignored_shapes : frozenset of str
        Shapes that are not reported in notes.
    public : re.Pattern
        Texts that are not reported: addresses of standards.
    entities : dict of str to str
        Entity of each shape.
    titles : frozenset of str
        Parts of names that are not searched for.
    """

    kinds: dict[str, re.Pattern[str]]
    ignored_shapes: frozenset[str]
    public: re.Pattern[str]
    entities: dict[str, str]
    titles: frozenset[str]


@lru_cache(maxsize=1)
def _load_fields() -> _NoteFields:
    """Return the content of ``note_fields.yaml``."""
    text = (files("safelight.verify") / "note_fields.yaml").read_text(encoding="utf-8")
    data: dict[str, Any] = yaml.safe_load(text)
    kinds = (*_IDENTIFYING_KINDS, "dates", "patients")
    return _NoteFields(
        {kind: re.compile("|".join(data[kind]), re.IGNORECASE) for kind in kinds},
        frozenset(data["ignored_shapes"]),
        re.compile(data["public"], re.IGNORECASE),
        dict(data["entities"]),
        frozenset(data["titles"]),
    )


@dataclass(frozen=True)
class _SearchPattern:
    """Pattern of an original value.

    Attributes
    ----------
    pattern : re.Pattern
    is_normalized : bool
        Whether the pattern is searched for in normalized text, or in the text as it is.
    """

    pattern: re.Pattern[str]
    is_normalized: bool


class NotesVerifier:
    """Verifies outputs of the notes job.

    Parameters
    ----------
    key : bytes
        Key of the hashes in defects; without a key, defects have only the length of a value.
    kept_entities : frozenset of str
        Entities that the rules keep or replace by surrogates; their shapes are not reported.
    link_key : bytes
        Key of the hashes in links, equal in all verifiers whose links are compared. Default: `key`,
        or a temporary key.
    """

    def __init__(
        self,
        key: bytes = b"",
        kept_entities: frozenset[str] = frozenset(),
        link_key: bytes = b"",
    ):
        self._hasher = ValueHasher(key)
        self._link_hasher = ValueHasher(link_key or key or token_bytes(_TEMPORARY_KEY_BYTES))
        self._kept_entities = kept_entities

    def read(self, data: bytes, kind: str) -> list[NoteRecord]:
        """Return the records of a file; see `safelight.verify.note_reader.read_records`.

        Parameters
        ----------
        data : bytes
            Content of the file, possibly compressed with gzip.
        kind : str
            Format; see `safelight.verify.note_reader.detect_format`.

        Raises
        ------
        UnreadableError
            If the content does not have that format.
        """
        return read_records(data, kind)

    def check(self, data: bytes, kind: str) -> tuple[Defect, ...]:
        """Return the shapes of identifying text in an output.

        Parameters
        ----------
        data : bytes
        kind : str
            Format; see `safelight.verify.note_reader.detect_format`.
        """
        try:
            records = self.read(data, kind)
        except UnreadableError as error:
            return (Defect(Check.UNREADABLE, "file", f"cannot be parsed ({error})"),)
        defects = (defect for record in records for defect in self.check_record(record))
        return tuple(dict.fromkeys(defects))

    def check_record(self, record: NoteRecord) -> Iterator[Defect]:
        """Yield the shapes of identifying text in one record."""
        fields = _load_fields()
        for path, text in record.leaves:
            if fields.public.match(text):
                continue
            for shape, found in find_phi_shapes(text, with_dates=False):
                entity = fields.entities.get(shape, "")
                if shape not in fields.ignored_shapes and entity not in self._kept_entities:
                    detail = f"has the shape of a {shape}"
                    location = _format_location(path)
                    yield Defect(Check.TEXT, location, detail, len(found), self._hasher(found))

    def compare(
        self, output: Sequence[NoteRecord], original: Sequence[NoteRecord]
    ) -> Iterator[Defect | ConsistencyLink]:
        """Compare records with the original records.

        Parameters
        ----------
        output, original : sequence of NoteRecord
            Records in the same order, of the same number.

        Yields
        ------
        Defect
            Value of the original record in the new record.
        ConsistencyLink
            Pseudonym of the patient, and days by which a date was shifted.
        """
        for new, old in zip(output, original, strict=True):
            yield from self._find_leaks(new, old)
            yield from self._find_shifts(new, old)

    def _find_leaks(self, new: NoteRecord, old: NoteRecord) -> Iterator[Defect]:
        """Yield values of the original record in the new record."""
        words = {
            word
            for _, text in old.leaves
            for word in _WORD_SEPARATORS.split(text)
            if word.islower()
        }
        searched = [(path, text, normalize_text(text)) for path, text in new.leaves]
        for kind, source, value in _collect_identifying(old):
            for search in _compile_patterns(kind, value, words):
                for path, text, normalized in searched:
                    if not search.pattern.search(normalized if search.is_normalized else text):
                        continue
                    is_in_path = search.pattern.search(normalize_text(path)) is not None
                    yield Defect(
                        Check.LEAK,
                        _MEMBER_NAME if is_in_path else _format_location(path),
                        f"has the value of {_get_last_name(source)} of the original ({kind})",
                        len(value),
                        self._hasher(fold_case(value)),
                    )

    def _find_shifts(self, new: NoteRecord, old: NoteRecord) -> Iterator[ConsistencyLink]:
        """Yield the days by which the dates of a record were shifted."""
        kinds = _load_fields().kinds
        patient = new.find_first(kinds["patients"])
        if not patient:
            return
        new_texts = _group_texts(new)
        for path, old_texts in _group_texts(old).items():
            if not kinds["dates"].search(path) or kinds["births"].search(path):
                continue
            texts = new_texts.get(path, [])
            if len(texts) != len(old_texts):
                continue
            for before, after in zip(old_texts, texts, strict=True):
                days = _count_days(before, after)
                if days is not None:
                    location = _format_location(path)
                    yield ConsistencyLink("shift", self._link_hasher(patient), str(days), location)


#: Location of a value in the name of a member, which must not be quoted.
_MEMBER_NAME = "name of a member"


def _format_location(path: str) -> str:
    """Return a path of limited length, without names of members, which may be data."""
    return _MEMBER_NAME if path.endswith("#") else path[:_MAX_LOCATION_CHARACTERS]


def _get_last_name(path: str) -> str:
    """Return the last name of a path, which is a listed one; the others may be data."""
    return path.rpartition(".")[2]


def _group_texts(record: NoteRecord) -> dict[str, list[str]]:
    """Return the texts of a record by path."""
    groups: dict[str, list[str]] = {}
    for path, text in record.leaves:
        groups.setdefault(path, []).append(text)
    return groups


def _collect_identifying(record: NoteRecord) -> Iterator[tuple[str, str, str]]:
    """Yield kind, path and text of the identifying values of a record."""
    kinds = _load_fields().kinds
    for path, text in record.leaves:
        if path.endswith("#") or not text.strip() or len(text) > _MAX_VALUE_CHARACTERS:
            continue
        kind = next((kind for kind in _IDENTIFYING_KINDS if kinds[kind].search(path)), None)
        if kind is not None:
            yield kind, path, text.strip()


def _compile_patterns(kind: str, value: str, words: set[str]) -> Iterator[_SearchPattern]:
    """Yield the patterns of an identifying value.

    Parameters
    ----------
    kind : str
        Kind of the field.
    value : str
    words : set of str
        Words that the original record has in lower case.
    """
    if kind == "names":
        yield from _compile_name_patterns(value, words)
    elif kind == "births":
        yield from _compile_birth_date_patterns(value)
    else:
        yield from _compile_other_patterns(kind, value, words)


def _compile_name_patterns(value: str, words: set[str]) -> Iterator[_SearchPattern]:
    """Yield a pattern for each distinctive part of a name."""
    excluded = load_vocabulary() | words | _load_fields().titles
    for part in _WORD_SEPARATORS.split(fold_case(value)):
        if len(part) >= _MIN_NAME_CHARACTERS and part not in excluded:
            escaped = re.escape(normalize_text(part))
            yield _SearchPattern(re.compile(rf"(?<![^\W\d_]){escaped}(?![^\W\d_])"), True)


def _compile_birth_date_patterns(value: str) -> Iterator[_SearchPattern]:
    """Yield a pattern for the usual formats of a birth date."""
    found = _DATE.match(value)
    if found:
        year, month, day = found.groups()
        pattern = re.compile(
            rf"(?<!\d){year}-?{month}-?{day}(?!\d)|"
            rf"(?<!\d)0?{int(month)}/0?{int(day)}/{year}(?!\d)|"
            rf"(?<!\d)0?{int(day)}\.0?{int(month)}\.{year}(?!\d)"
        )
        yield _SearchPattern(pattern, False)


def _compile_other_patterns(kind: str, value: str, words: set[str]) -> Iterator[_SearchPattern]:
    """Yield a pattern for an ID, a contact or an address."""
    text = normalize_text(value)
    digits = _NON_DIGITS.sub("", text)
    if kind == "contacts" and len(digits) >= _MIN_PHONE_DIGITS:
        spaced = r"[\s().+-]{0,3}".join(digits[-_NATIONAL_PHONE_DIGITS:])
        yield _SearchPattern(re.compile(rf"(?<!\d){spaced}(?!\d)"), True)
        return
    min_characters = _MIN_CHARACTERS_WITH_DIGIT if digits else _MIN_CHARACTERS
    if len(text) >= min_characters and text not in words and text not in load_vocabulary():
        pattern = re.compile(rf"(?<![^\W_]){re.escape(text)}(?![^\W_])")
        yield _SearchPattern(pattern, True)


def _count_days(before: str, after: str) -> int | None:
    """Return the number of days between two dates; None if one is not a date."""
    first, second = _DATE.match(before.strip()), _DATE.match(after.strip())
    if first is None or second is None:
        return None
    try:
        old, new = (date(*map(int, found.groups())) for found in (first, second))
    except ValueError:
        return None
    return (new - old).days
