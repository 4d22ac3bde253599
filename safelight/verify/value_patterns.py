"""Match original values in texts: as they are, and in forms that still identify.

An identifier matches with other separators (``ZQ 7731-0942`` for ``ZQ77310942``), in reverse order
and by its number in hexadecimal digits, a UID with hyphens or low lines for its points, a long name
with one letter changed, missing, added or exchanged, with digits for letters (``M0ntague``), and
with its letters in reverse order.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cached_property

from safelight.verify.identifiers import fold_case, load_vocabulary
from safelight.verify.original_values import OriginalValue

_NAME_SEPARATORS = re.compile(r"[\^=_,\\]+")
#: Separators of the components of a UID, also in names of files.
_UID_SEPARATORS = re.compile("[._-]")
#: Unicode category of format characters.
_NOT_DISPLAYED = "Cf"
_SEPARATOR = r"[\s._/:#-]{0,2}"
_NOT_ALPHANUMERIC = re.compile(r"[\W_]+")
#: Five letters or more, each followed by a space, and a hyphen between letters.
_SPACED_LETTERS = re.compile(r"(?<!\w)(?:[^\W\d_] ){4,}[^\W\d_](?!\w)")
_HYPHEN = re.compile(r"(?<=[^\W\d_])-\s?(?=[^\W\d_])")
_WORD = re.compile(r"[^\W\d_]+")
_WORD_OR_SIGNS = re.compile(r"(?:[^\W_]|[@$]){6,}")
#: Initials with points, which may be missing after a label.
_INITIALS = (
    re.compile(r"(?<![\w.])((?:[^\W\d_]\. ?){1,3}[^\W\d_])(?!\w)"),
    re.compile(r"(?i:\b(?:pt|patient|initials?)[.:]? )([^\W\d_]{2,4})(?!\w)"),
)
#: Letters that digits and signs replace; 1 is I or L.
_LETTERS_BY_DIGIT = tuple(str.maketrans("0134578@$", f"o{letter}eastbas") for letter in "il")

#: Shortest identifier that is searched for with other separators, and separators of one match.
_MIN_SPACED_CHARACTERS = 7
_MIN_SPACED_DIGITS = 4
_MAX_SEPARATORS = 3

#: Shortest identifier that is searched for in reverse order or in hexadecimal digits.
_MIN_REVERSED_ID_CHARACTERS = 6
#: Fewest different characters of it: ``000001`` in reverse order is a round number.
_MIN_DIFFERENT_CHARACTERS = 4
_HEXADECIMAL = re.compile(r"(?<![^\W_])(?:0x)?([0-9a-f]{6,16})(?![^\W_])")

#: Shortest name that is searched for with a mistake in one letter: shorter words differ from
#: another word in one letter by chance.
_MIN_MISSPELT_CHARACTERS = 7
#: Letters of a word in which other letters may be written as digits.
_MIN_LETTERS_BESIDE_DIGITS = 4
#: Shortest name that is searched for in reverse order.
_MIN_REVERSED_CHARACTERS = 6


def normalize_text(text: str) -> str:
    """Return a text for comparison: case-folded, with separators of names as spaces.

    Letters of another width and letters with separate accents become the usual ones, and characters
    that are not displayed, such as zero-width spaces, are left out.
    """
    if not text.isascii():
        composed = unicodedata.normalize("NFKC", text)
        text = "".join(c for c in composed if unicodedata.category(c) != _NOT_DISPLAYED)
    return fold_case(_NAME_SEPARATORS.sub(" ", text.replace("\0", " ")))


def normalize_uid(text: str) -> str:
    """Return a UID with points as separators."""
    return _UID_SEPARATORS.sub(".", text)


def compile_pattern(values: Iterable[OriginalValue]) -> re.Pattern[str]:
    """Return a pattern that matches any of the values, but not as part of a word or number."""
    names, others = [], []
    for value in values:
        text = value.text if value.kind == "uid" else normalize_text(value.text)
        if value.kind == "uid":
            components = map(re.escape, text.split("."))
            separated = _UID_SEPARATORS.pattern.join(components)
            others.append(rf"(?<![\d.]){separated}(?![\d])(?!\.\d)")
        elif value.kind == "digits":
            others.append(rf"(?<![\d.])0*{re.escape(text)}(?!\d)(?!\.\d)")
        elif value.kind == "name":
            names.append(rf"(?<![^\W\d_]){re.escape(text)}(?![^\W\d_])")
        else:
            others.append(rf"(?<![^\W_]){re.escape(text)}(?![^\W_])(?!\.\d)")
    return re.compile("|".join([*others, *names]) or r"(?!)")


class ValuePattern:
    """Search of texts for any of some original values.

    Parameters
    ----------
    values : list of OriginalValue
        Names, IDs and texts. If two have the same text, the last one is reported.
    with_variants : bool
        Whether other separators, hexadecimal digits, misspelt and reversed names are searched for.
    """

    def __init__(self, values: list[OriginalValue], with_variants: bool = False):
        self._has_variants = with_variants
        self._initials = {value.text: value for value in values if value.kind == "initials"}
        values = [value for value in values if value.kind != "initials"]
        self._pattern = compile_pattern(values)
        self._values = {normalize_text(value.text): value for value in values}
        self._spaced = [_SpacedId(v, _compact(v.text)[::-1]) for v in values if _is_id(v)]
        self._hexadecimal: dict[str, OriginalValue] = {}
        self._reversed: dict[str, OriginalValue] = {}
        self._misspelt: dict[str, OriginalValue] = {}
        self._words: frozenset[str] = frozenset()
        if with_variants:
            self._spaced += [_SpacedId(v, _compact(v.text)) for v in values if _is_spaced(v)]
            self._hexadecimal = {digits: v for v in values for digits in _list_hexadecimal(v)}
            self._add_variants_of_names(values)

    def _add_variants_of_names(self, values: list[OriginalValue]) -> None:
        """Prepare the search for misspelt and reversed names."""
        names = {v.text: v for v in values if v.kind == "name" and _WORD.fullmatch(v.text)}
        self._words = frozenset(names)
        for text, value in names.items():
            if len(text) >= _MIN_REVERSED_CHARACTERS and text != text[::-1]:
                self._reversed[text[::-1]] = value
            if len(text) >= _MIN_MISSPELT_CHARACTERS:
                self._misspelt[text] = value
                for shorter in _delete_each_letter(text):
                    self._misspelt.setdefault(shorter, value)

    def find(self, text: str) -> Iterator[OriginalValue]:
        """Yield the value of each match in a text."""
        normalized = normalize_text(text)
        for reading in _list_readings(normalized) if self._has_variants else (normalized,):
            for match in self._pattern.finditer(reading):
                yield self._values.get(match[0]) or self._values[match[0].lstrip("0")]
        if self._spaced:
            compact = _compact(normalized)
            for spaced in self._spaced:
                if spaced.compact in compact:
                    yield from spaced.find(normalized)
        if self._hexadecimal:
            for digits in _HEXADECIMAL.findall(normalized):
                if digits in self._hexadecimal:
                    yield self._hexadecimal[digits]
        if self._reversed:
            yield from self._find_variants_of_names(normalized)
        if self._initials:
            yield from self._find_initials(text)

    def _find_initials(self, text: str) -> Iterator[OriginalValue]:
        """Yield the initials in capitals in a text."""
        for pattern in _INITIALS:
            for match in pattern.finditer(text):
                letters = match[1].replace(".", "").replace(" ", "")
                value = self._initials.get(letters.casefold()) if letters.isupper() else None
                if value is not None:
                    yield value

    def _find_variants_of_names(self, normalized: str) -> Iterator[OriginalValue]:
        """Yield the names whose reversed or misspelt form is a word of a text."""
        for word in _WORD.findall(normalized):
            if word in self._reversed:
                yield self._reversed[word]
            elif (
                len(word) >= _MIN_MISSPELT_CHARACTERS - 1
                and word not in self._words
                and word not in load_vocabulary()
            ):
                value = self._find_misspelt(word)
                if value is not None:
                    yield value

    def _find_misspelt(self, word: str) -> OriginalValue | None:
        """Return the name that differs from a word in one letter, or in two exchanged ones."""
        for form in (word, *_delete_each_letter(word)):
            value = self._misspelt.get(form)
            if value is not None and _is_one_edit(word, value.text):
                return value
        return None


def _list_readings(normalized: str) -> Iterator[str]:
    """Yield a text, also with letters for digits, and without spaces or hyphens between letters."""
    yield normalized
    if _SPACED_LETTERS.search(normalized):
        yield _SPACED_LETTERS.sub(lambda match: match[0].replace(" ", ""), normalized)
    if _HYPHEN.search(normalized):
        yield _HYPHEN.sub("", normalized)
    for word in _WORD_OR_SIGNS.findall(normalized):
        if _MIN_LETTERS_BESIDE_DIGITS <= sum(map(str.isalpha, word)) < len(word):
            yield from (word.translate(letters) for letters in _LETTERS_BY_DIGIT)


def _is_spaced(value: OriginalValue) -> bool:
    """Return whether an identifier is long enough to be searched for with other separators."""
    compact = _NOT_ALPHANUMERIC.sub("", value.text)
    digits = sum(c.isdigit() for c in compact)
    return (
        value.kind == "id"
        and len(compact) >= _MIN_SPACED_CHARACTERS
        and digits >= _MIN_SPACED_DIGITS
        and compact.isascii()
    )


def _is_id(value: OriginalValue) -> bool:
    """Return whether an identifier is long enough to be searched for in other notations."""
    compact = _compact(value.text)
    return (
        value.kind in ("id", "digits")
        and len(compact) >= _MIN_REVERSED_ID_CHARACTERS
        and len(set(compact)) >= _MIN_DIFFERENT_CHARACTERS
        and sum(map(str.isdigit, compact)) >= _MIN_SPACED_DIGITS
        and compact.isascii()
        and compact != compact[::-1]
    )


def _list_hexadecimal(value: OriginalValue) -> Iterator[str]:
    """Yield the number of an identifier in hexadecimal digits, if it has a letter."""
    digits = "".join(filter(str.isdigit, value.text)) if _is_id(value) else ""
    written = f"{int(digits or 0):x}"
    if len(written) >= _MIN_REVERSED_ID_CHARACTERS and not written.isdigit():
        yield written


def _compact(text: str) -> str:
    """Return a text without separators."""
    return _NOT_ALPHANUMERIC.sub("", text)


class _SpacedId:
    """Search for an identifier with any separators between its characters.

    Parameters
    ----------
    value : OriginalValue
    compact : str
        Its characters without separators, in the order that is searched for.
    """

    def __init__(self, value: OriginalValue, compact: str):
        self._value = value
        self.compact = compact

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile(rf"(?<![^\W_]){_SEPARATOR.join(self.compact)}(?![^\W_])(?!\.\d)")

    def find(self, normalized: str) -> Iterator[OriginalValue]:
        """Yield the value of each match in a text that has the characters of the identifier."""
        for match in self._pattern.finditer(normalized):
            separators = len(_NOT_ALPHANUMERIC.findall(match[0]))
            if match[0] != self._value.text and separators <= _MAX_SEPARATORS:
                yield self._value


def _delete_each_letter(word: str) -> Iterator[str]:
    """Yield the forms of a word without one of its letters."""
    for position in range(len(word)):
        yield word[:position] + word[position + 1 :]


def _is_one_edit(first: str, second: str) -> bool:
    """Return whether two different words differ in one letter, or in two exchanged neighbors."""
    if abs(len(first) - len(second)) > 1:
        return False
    shorter, longer = sorted((first, second), key=len)
    if len(shorter) < len(longer):
        return shorter in _delete_each_letter(longer)
    differing = [n for n, (a, b) in enumerate(zip(first, second, strict=True)) if a != b]
    if len(differing) == 1:
        return True
    if len(differing) != 2 or differing[1] != differing[0] + 1:
        return False
    left, right = differing
    return first[left] == second[right] and first[right] == second[left]
