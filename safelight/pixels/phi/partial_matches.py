"""Known values of which only a part could be read: cut by the edge, drowned by the picture."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from rapidfuzz.distance import Levenshtein

from safelight.pixels.geometry import Box
from safelight.pixels.lexicon.allow_list import is_allowed, tokenize_row
from safelight.pixels.lexicon.field_labels import fold_lookalikes
from safelight.pixels.models import TextLine
from safelight.records import Span
from safelight.text.known.known_phi import KnownPHI
from safelight.text.lexicon.folding import fold_text

#: A written date that breaks off before its day.
_NO_DAY = re.compile(r"^\W*\d{4}[\s./-]*[A-Za-z]{3,9}\W*$")
#: And one that begins after its year.
_NO_YEAR = re.compile(
    r"^\W*\d{0,2}\s*(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*[\s.,/-]*\d{1,2}\b(?!\d)"
)
#: A part of the spine, which is a number of nobody.
_VERTEBRA = re.compile(r"[ctls]\d{1,2}(?:[-/][ctls]?\d{1,2})?")
#: Characters of a number that is looked for only where it stands alone.
_FEW = 6
#: Characters of a known value that have to be there.
SHORTEST = 4


@dataclass(frozen=True)
class PartialMatch:
    """A part of a known value, and how many of its characters are missing on either side."""

    span: Span
    before: int
    after: int

    def extended(self, box: Box, line: TextLine) -> Box:
        """The box with room for the missing characters, in reading direction."""
        if not (self.before or self.after) or not line.text:
            return box
        x, y, w, h = box
        if line.rotation in (90, 270):
            step = line.box.height / len(line.text)
            first, last = (
                (self.before, self.after) if line.rotation == 90 else (self.after, self.before)
            )
            return Box(x, y - round(first * step), w, h + round((first + last) * step))
        step = line.box.width / len(line.text)
        first, last = (self.before, self.after) if not line.rotation else (self.after, self.before)
        return Box(x - round(first * step), y, w + round((first + last) * step), h)


def find_partial_matches(text: str, known: KnownPHI) -> list[PartialMatch]:
    """Words of a text that are a part of a known word, or it with a few letters misread."""
    found = []
    tokens = _tokens(known)
    words = list(tokenize_row(text))
    for index, (begin, end, word) in enumerate(words):
        seen = fold_lookalikes(word)
        if len(seen) < SHORTEST or is_allowed(word) and not any(c.isdigit() for c in word):
            continue
        for token, entity in tokens:
            missing = _missing(seen, token)
            if missing is None:
                continue
            before = missing[0] if index == 0 else 0
            after = missing[1] if index == len(words) - 1 else 0
            span = Span(begin, end, entity, "known", 0.8)
            found.append(PartialMatch(span, before, after))
            break
    return found


def find_short_number(text: str, known: KnownPHI) -> Span | None:
    """The whole of a piece of text, if it is a number of the patient too short to be looked for
    everywhere, such as ``K7``. A vertebra is none.
    """
    seen = fold_text(text).strip()
    if len(seen) > _FEW or not any(map(str.isdigit, seen)) or _VERTEBRA.fullmatch(seen):
        return None
    for value in known.values:
        whole = fold_text(value.text).strip()
        if value.entity == "ID" and seen == whole and len(whole) > 1:
            if not whole.isdigit() or len(whole) > 2:
                return Span(0, len(text), "ID", "known", 0.9)
    return None


def _missing(seen: str, token: str) -> tuple[int, int] | None:
    """Characters missing before and after, or nothing when it is no part of the token."""
    if len(seen) < len(token):
        if token.endswith(seen):
            return len(token) - len(seen), 0
        if token.startswith(seen):
            return 0, len(token) - len(seen)
        if len(seen) >= 6 and seen in token:
            place = token.index(seen)
            return place, len(token) - len(seen) - place
        for spare in (seen[1:], seen[:-1]):  # the character at the cut is misread most often
            if len(spare) >= SHORTEST:
                if token.endswith(spare):
                    return len(token) - len(seen), 0
                if token.startswith(spare):
                    return 0, len(token) - len(seen)
    allowed = max(1, len(token) // 4)
    if len(seen) >= 5 and Levenshtein.distance(seen, token, score_cutoff=allowed) <= allowed:
        return 0, 0
    return None


@lru_cache(maxsize=256)
def _tokens(known: KnownPHI) -> tuple[tuple[str, str], ...]:
    """The words of the known values by shape, longest first; ordinary words left out."""
    tokens: dict[str, str] = {}
    for value in known.values:
        if value.entity == "DATE":
            continue
        for _, _, word in tokenize_row(value.text.replace("^", " ").replace("=", " ")):
            token = fold_lookalikes(word)
            if len(token) >= SHORTEST and (value.entity == "ID" or not is_allowed(word)):
                tokens.setdefault(token, value.entity)
    return tuple(sorted(tokens.items(), key=lambda item: (-len(item[0]), item)))


def count_missing_end(value: str, entity: str, known: KnownPHI) -> int:
    """Characters by which a known value goes on after what was read of it, 0 if it does not."""
    seen = fold_lookalikes(value)
    if len(seen) < 3:
        return 0
    if entity == "DATE":
        return 3 if _NO_DAY.search(value) else 0
    for candidate in known.values:
        whole = fold_lookalikes(candidate.text)
        if candidate.entity != entity or len(whole) <= len(seen) + 1:
            continue
        allowed = len(seen) // 4
        if Levenshtein.distance(whole[: len(seen)], seen, score_cutoff=allowed) <= allowed:
            read = sum(character.isalnum() for character in value)
            total = sum(character.isalnum() for character in candidate.text)
            return max(0, round(len(candidate.text) * (total - read) / total))
    return 0


def count_missing_begin(row: str, known: KnownPHI) -> tuple[int, str]:
    """Characters of a known name or number before a row that is its end, and its entity."""
    if _NO_YEAR.match(row) and any(value.entity == "DATE" for value in known.values):
        return 5, "DATE"
    seen = fold_lookalikes(row)
    if len(seen) < 5:
        return 0, ""
    for candidate in known.values:
        whole = fold_lookalikes(candidate.text)
        if candidate.entity not in ("NAME", "ID") or len(whole) <= len(seen) + 1:
            continue
        allowed = len(seen) // 5
        if Levenshtein.distance(whole[-len(seen) :], seen, score_cutoff=allowed) <= allowed:
            return len(whole) - len(seen), candidate.entity
    return 0, ""


def box_before_line(line: TextLine, characters: int) -> Box:
    """The room of some more characters before the begin of a line, in reading direction."""
    return box_after_line(replace(line, rotation=(line.rotation + 180) % 360), characters)


def box_after_line(line: TextLine, characters: int) -> Box:
    """The room of some more characters behind the end of a line, in reading direction."""
    x, y, w, h = line.box
    count = max(1, len(line.text))
    if line.rotation == 90:
        return Box(x, y + h, w, round(characters * h / count))
    if line.rotation == 270:
        length = round(characters * h / count)
        return Box(x, y - length, w, length)
    length = round(characters * w / count)
    return Box(x - length if line.rotation == 180 else x + w, y, length, h)
