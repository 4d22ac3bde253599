"""Known values that were read in part only: cut by an edge, or covered by the image."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from rapidfuzz.distance import Levenshtein

from safelight.named_rules import Rule, RuleList
from safelight.pixels.geometry import Box
from safelight.pixels.lexicon.allow_list import is_allowed, tokenize_row
from safelight.pixels.lexicon.field_labels import fold_lookalikes
from safelight.pixels.models import TextLine
from safelight.pixels.thresholds import (
    KNOWN_FINDING_CONFIDENCE,
    MISSING_BEGIN_CHARACTERS_PER_ERROR,
    MISSING_BEGIN_MIN_CHARACTERS,
    MISSING_DAY_CHARACTERS,
    MISSING_END_MIN_CHARACTERS,
    MISSING_YEAR_CHARACTERS,
    PARTIAL_FINDING_CONFIDENCE,
    PARTIAL_MATCH_CHARACTERS_PER_ERROR,
    PARTIAL_MATCH_INNER_MIN_CHARACTERS,
    PARTIAL_MATCH_MIN_CHARACTERS,
    PARTIAL_MATCH_MISREAD_MIN_CHARACTERS,
    SHORT_NUMBER_MAX_CHARACTERS,
    SHORT_NUMBER_OF_DIGITS_MIN_CHARACTERS,
)
from safelight.records import Span
from safelight.text.known.known_phi import KnownPHI
from safelight.text.lexicon.folding import fold_text

#: A written date that breaks off before its day.
_DATE_WITHOUT_DAY = re.compile(r"^\W*\d{4}[\s./-]*[A-Za-z]{3,9}\W*$")
#: A written date that begins after its year.
_DATE_WITHOUT_YEAR = re.compile(
    r"^\W*\d{0,2}\s*(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*[\s.,/-]*\d{1,2}\b(?!\d)"
)
#: A vertebra, or several.
_VERTEBRA = re.compile(r"[ctls]\d{1,2}(?:[-/][ctls]?\d{1,2})?")


@dataclass(frozen=True)
class PartialMatch:
    """A part of a known value.

    Attributes
    ----------
    span : Span
        The part, with offsets in the text that was searched.
    before, after : int
        Characters of the value that are missing on either side.
    """

    span: Span
    before: int
    after: int

    def extend(self, box: Box, line: TextLine) -> Box:
        """Return the box with room for the missing characters, in reading direction.

        Parameters
        ----------
        box : Box
            Box of the part that was read, in pixels of the frame.
        line : TextLine
            Line that holds the part; it sets the rotation and the mean width of a character.

        Returns
        -------
        Box
            It may extend beyond the frame.
        """
        if not (self.before or self.after) or not line.text:
            return box
        reads_forward = line.rotation in (0, 90)
        first, last = (self.before, self.after) if reads_forward else (self.after, self.before)
        x, y, w, h = box
        if line.rotation in (90, 270):
            step = line.box.height / len(line.text)
            return Box(x, y - round(first * step), w, h + round((first + last) * step))
        step = line.box.width / len(line.text)
        return Box(x - round(first * step), y, w + round((first + last) * step), h)


def find_partial_matches(text: str, known: KnownPHI) -> list[PartialMatch]:
    """Return the words of a text that are parts of a known word, or misreadings of it.

    Parameters
    ----------
    text : str
        Text of one line.
    known : KnownPHI
        Values that the header gives of this patient.

    Returns
    -------
    list of PartialMatch
        At most one for each word of the text. Only the first word can have characters missing
        before it, and only the last word characters missing after it.
    """
    found = []
    known_words = _split_known_words(known)
    words = list(tokenize_row(text))
    for index, (begin, end, word) in enumerate(words):
        seen = fold_lookalikes(word)
        if len(seen) < PARTIAL_MATCH_MIN_CHARACTERS:
            continue
        if is_allowed(word) and not any(map(str.isdigit, word)):
            continue
        for known_word, entity in known_words:
            missing = _COUNT_MISSING_RULES(seen, known_word)
            if missing is None:
                continue
            before = missing[0] if index == 0 else 0
            after = missing[1] if index == len(words) - 1 else 0
            span = Span(begin, end, entity, "known", PARTIAL_FINDING_CONFIDENCE)
            found.append(PartialMatch(span, before, after))
            break
    return found


def find_short_number(text: str, known: KnownPHI) -> Span | None:
    """Return the span of a whole piece of text if it is a short number of the patient.

    Numbers such as ``K7`` are too short to be searched within a text. A vertebra is excluded.

    Parameters
    ----------
    text : str
        Text of one line.
    known : KnownPHI
        Values that the header gives of this patient.

    Returns
    -------
    Span or None
        Span of the whole text, with the entity ID; ``None`` if it is not such a number.
    """
    seen = fold_text(text).strip()
    if len(seen) > SHORT_NUMBER_MAX_CHARACTERS or not any(map(str.isdigit, seen)):
        return None
    if _VERTEBRA.fullmatch(seen):
        return None
    for value in known.values:
        whole = fold_text(value.text).strip()
        if value.entity == "ID" and seen == whole and len(whole) > 1:
            if not whole.isdigit() or len(whole) >= SHORT_NUMBER_OF_DIGITS_MIN_CHARACTERS:
                return Span(0, len(text), "ID", "known", KNOWN_FINDING_CONFIDENCE)
    return None


def _match_end(seen: str, word: str) -> tuple[int, int] | None:
    """Return the missing characters if a text is the end of a known word."""
    if len(seen) < len(word) and word.endswith(seen):
        return len(word) - len(seen), 0
    return None


def _match_begin(seen: str, word: str) -> tuple[int, int] | None:
    """Return the missing characters if a text is the begin of a known word."""
    if len(seen) < len(word) and word.startswith(seen):
        return 0, len(word) - len(seen)
    return None


def _match_middle(seen: str, word: str) -> tuple[int, int] | None:
    """Return the missing characters if a longer text is from the middle of a known word."""
    if PARTIAL_MATCH_INNER_MIN_CHARACTERS <= len(seen) < len(word) and seen in word:
        place = word.index(seen)
        return place, len(word) - len(seen) - place
    return None


def _match_misread_cut(seen: str, word: str) -> tuple[int, int] | None:
    """Return the missing characters if a text without its first or last character matches.

    The character at a cut is the one that is misread most often.
    """
    if len(seen) >= len(word) or len(seen) - 1 < PARTIAL_MATCH_MIN_CHARACTERS:
        return None
    for rest in (seen[1:], seen[:-1]):
        if word.endswith(rest):
            return len(word) - len(seen), 0
        if word.startswith(rest):
            return 0, len(word) - len(seen)
    return None


def _match_misread(seen: str, word: str) -> tuple[int, int] | None:
    """Return that nothing is missing if a text is a misreading of a known word."""
    if len(seen) < PARTIAL_MATCH_MISREAD_MIN_CHARACTERS:
        return None
    allowed = max(1, len(word) // PARTIAL_MATCH_CHARACTERS_PER_ERROR)
    is_close = Levenshtein.distance(seen, word, score_cutoff=allowed) <= allowed
    return (0, 0) if is_close else None


#: Characters missing before and after a text that is a part of a known word; both are folded.
_COUNT_MISSING_RULES = RuleList[[str, str], "tuple[int, int] | None"](
    "pixels.partial_match",
    Rule("end", _match_end),
    Rule("begin", _match_begin),
    Rule("middle", _match_middle),
    Rule("misread_cut", _match_misread_cut),
    Rule("misread", _match_misread),
    default=None,
)


@lru_cache(maxsize=256)
def _split_known_words(known: KnownPHI) -> tuple[tuple[str, str], ...]:
    """Return the folded words of the known values with their entity, longest first.

    Dates are left out, and ordinary words of other values than numbers.
    """
    words: dict[str, str] = {}
    for value in known.values:
        if value.entity == "DATE":
            continue
        for _, _, word in tokenize_row(value.text.replace("^", " ").replace("=", " ")):
            folded = fold_lookalikes(word)
            if len(folded) < PARTIAL_MATCH_MIN_CHARACTERS:
                continue
            if value.entity == "ID" or not is_allowed(word):
                words.setdefault(folded, value.entity)
    return tuple(sorted(words.items(), key=lambda item: (-len(item[0]), item)))


def count_missing_end(value: str, entity: str, known: KnownPHI) -> int:
    """Return by how many characters a known value is longer than the begin of it that was read.

    Parameters
    ----------
    value : str
        Value of a field label, at the end of its row.
    entity : str
        Entity of the value.
    known : KnownPHI
        Values that the header gives of this patient.

    Returns
    -------
    int
        0 if the value is not the begin of a known one.
    """
    seen = fold_lookalikes(value)
    if len(seen) < MISSING_END_MIN_CHARACTERS:
        return 0
    if entity == "DATE":
        return MISSING_DAY_CHARACTERS if _DATE_WITHOUT_DAY.search(value) else 0
    for candidate in known.values:
        whole = fold_lookalikes(candidate.text)
        if candidate.entity != entity or len(whole) <= len(seen) + 1:
            continue
        allowed = len(seen) // PARTIAL_MATCH_CHARACTERS_PER_ERROR
        if Levenshtein.distance(whole[: len(seen)], seen, score_cutoff=allowed) <= allowed:
            read = sum(character.isalnum() for character in value)
            total = sum(character.isalnum() for character in candidate.text)
            return max(0, round(len(candidate.text) * (total - read) / total))
    return 0


def count_missing_begin(row: str, known: KnownPHI) -> tuple[int, str]:
    """Return by how many characters a known name or number is longer than its end in a row.

    Parameters
    ----------
    row : str
        Text of the first piece of a row.
    known : KnownPHI
        Values that the header gives of this patient.

    Returns
    -------
    count : int
        0 if the row is not the end of a known value.
    entity : str
        Entity of the value, or empty.
    """
    if _DATE_WITHOUT_YEAR.match(row) and any(value.entity == "DATE" for value in known.values):
        return MISSING_YEAR_CHARACTERS, "DATE"
    seen = fold_lookalikes(row)
    if len(seen) < MISSING_BEGIN_MIN_CHARACTERS:
        return 0, ""
    for candidate in known.values:
        whole = fold_lookalikes(candidate.text)
        if candidate.entity not in ("NAME", "ID") or len(whole) <= len(seen) + 1:
            continue
        allowed = len(seen) // MISSING_BEGIN_CHARACTERS_PER_ERROR
        if Levenshtein.distance(whole[-len(seen) :], seen, score_cutoff=allowed) <= allowed:
            return len(whole) - len(seen), candidate.entity
    return 0, ""


def get_box_before_line(line: TextLine, characters: int) -> Box:
    """Return the room of some characters before the begin of a line, in reading direction.

    Parameters
    ----------
    line : TextLine
        Line that sets the position, the rotation and the mean width of a character.
    characters : int
        Number of characters.

    Returns
    -------
    Box
        In pixels of the frame; it may extend beyond the frame.
    """
    return get_box_after_line(replace(line, rotation=(line.rotation + 180) % 360), characters)


def get_box_after_line(line: TextLine, characters: int) -> Box:
    """Return the room of some characters after the end of a line, in reading direction.

    Parameters
    ----------
    line : TextLine
        Line that sets the position, the rotation and the mean width of a character.
    characters : int
        Number of characters.

    Returns
    -------
    Box
        In pixels of the frame; it may extend beyond the frame.
    """
    x, y, w, h = line.box
    count = max(1, len(line.text))
    if line.rotation == 90:
        return Box(x, y + h, w, round(characters * h / count))
    if line.rotation == 270:
        length = round(characters * h / count)
        return Box(x, y - length, w, length)
    length = round(characters * w / count)
    return Box(x - length if line.rotation == 180 else x + w, y, length, h)
