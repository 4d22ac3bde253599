"""Values that stand right of a key such as ``Name:``, below it, or go on below themselves."""

from __future__ import annotations

import re

from safelight.pixels.lexicon.allow_list import (
    is_allowed,
    is_sequence_name,
    is_technical_term,
    tokenize_row,
)
from safelight.pixels.lexicon.field_labels import FieldLabel, find_field_labels, is_field_label
from safelight.pixels.models import Mask
from safelight.pixels.ocr.line_merging import overlaps_line
from safelight.pixels.phi.block_findings import SURE, BlockFindings, Piece, Row
from safelight.pixels.phi.partial_matches import box_after_line, count_missing_end

#: Rows of keys that make a column of them, and how surely a row is read that stands in it as
#: something else.
KEYED, READ = 3, 0.9
#: Entity of keys whose values stay, and which end the value of another key.
HARMLESS = "NONE"
#: Pieces of a row that are nearer than this, in heights, are parts of one value.
NEAR = 3.0
#: Values of settings whose key is written as one of a person is: a short number is no name, a
#: position of the table no place, an age before birth no date.
_NOT = {
    "NAME": re.compile(r"\d{1,3}(?:\.\d+)?(?:\s?[a-zA-Z%]{1,3})?"),
    "LOCATION": re.compile(r"[A-Z]?\s?(?:[+-]\s?\d{1,4}(?:\.\d+)?|\d{1,4}\.\d{2,})(?:\s?mm)?"),
    "DATE": re.compile(r"[):=\s]*\d{1,2}\s?w(?:ee)?k?s?\s?\d?\s?d?", re.IGNORECASE),
}
#: What stands below a key begins within this many heights of it.
BELOW = 1.2
#: Left edges that differ by less than this, in heights, are the same.
EDGE = 1.6


def add_label_values(found: BlockFindings, number: int) -> None:
    """Add the values of the keys of a row."""
    row = found.rows[number]
    keys = find_field_labels(row.text)
    for key, following in zip(keys, [*keys[1:], None]):
        end = _end(found, row, key, following.begin if following else len(row.text))
        value = row.text[key.value_begin : end]
        if key.entity == HARMLESS:
            continue
        if key.entity == "DATE":
            end = _end_of_date(found, row, key.value_begin, end)
            value = row.text[key.value_begin : end]
        if key.entity == "ID":
            end = key.value_begin + _end_of_number(value)
            value = row.text[key.value_begin : end]
        if _is_no(key.entity, value.strip()):
            continue
        if any(character.isalnum() for character in value):
            if not key.has_separator and _harmless(value) and not _alone(found, row):
                continue  # a heading, not a key
            begin = key.value_begin + len(value) - len(value.lstrip())
            found.add(row, begin, begin + len(value.strip()), key.entity, "key", 1.0)
            if following is None:
                _unread_end(found, number, begin, key.entity)
                if key.entity in ("LOCATION", "NAME", "CONTACT"):
                    _continued(found, number, begin)
        elif following is None and key.has_separator and not found.masked:
            _below(found, number, key)


def _is_no(entity: str, value: str) -> bool:
    """Whether a value is none of what its key says: nobody is called 120 kV, no room is -12.5."""
    pattern = _NOT.get(entity)
    if pattern is not None and pattern.fullmatch(value):
        return True
    if entity != "ID":
        return False
    if is_sequence_name(value):
        return True
    words = [word for _, _, word in tokenize_row(value)]
    return (
        len(words) > 1 and not any(map(str.isdigit, value)) and all(map(is_technical_term, words))
    )


def add_values_of_misread_labels(found: BlockFindings) -> None:
    """Values of rows that stand in line with rows of keys, and whose own key was misread.

    All after the first word of such a row is its value, or all of it if there is no other.
    """
    keyed = [
        found.upright(row.pieces[0])
        for row in found.rows
        if any(key.begin <= 1 and key.has_separator for key in find_field_labels(row.text))
    ]
    if len(keyed) < KEYED:
        return
    for row in found.rows:
        box, line = found.upright(row.pieces[0]), found.lines[row.pieces[0].line]
        beside = sum(abs(other.left - box.left) <= 0.8 * box.height for other in keyed) >= KEYED
        if not beside or line.confidence >= READ or find_field_labels(row.text):
            continue
        words = [(begin, end) for begin, end, _ in tokenize_row(row.text)]
        if words:
            begin = words[1][0] if len(words) > 1 else 0
            found.add(row, begin, words[-1][1], "ID", "key", 0.8)


def _end(found: BlockFindings, row: Row, key: FieldLabel, end: int) -> int:
    """Where the value of a key ends: at the next key, or at a gap between pieces."""
    before: Piece | None = None
    for piece in row.pieces:
        if piece.end <= key.value_begin:
            before = piece if row.text[key.value_begin : piece.end].strip() else None
            continue
        if before is not None and found.gap(before, piece) > NEAR:
            return min(end, before.end)
        if found.text(row, piece)[max(0, key.value_begin - piece.begin) :].strip():
            before = piece
    return end


def _end_of_date(found: BlockFindings, row: Row, begin: int, end: int) -> int:
    """Where the date at the begin of a value ends; where the value does if there is none."""
    dates = [s.end for s in found.inside(row, begin, end) if s.entity == "DATE"
             and not row.text[begin : max(begin, s.begin)].strip()]  # fmt: skip
    return min(end, max(dates)) if dates else end


def _end_of_number(value: str) -> int:
    """Where a number ends that words of the trade follow; where the value does without any."""
    words = list(tokenize_row(value))
    for (_, end, word), following in zip(words, (words[n:] for n in range(1, len(words)))):
        if any(map(str.isdigit, word)) and not any(map(str.isdigit, following[0][2])):
            harmless = all(is_allowed(other) for _, _, other in following)
            return end if harmless and is_technical_term(following[0][2]) else len(value)
    return len(value)


def _alone(found: BlockFindings, row: Row) -> bool:
    """Whether a row is a key in one column and one value in another, as forms have them."""
    texts = [found.text(row, piece) for piece in row.pieces]
    return len(texts) == 2 and is_field_label(texts[0]) and not find_field_labels(texts[1])


def _harmless(value: str) -> bool:
    """Whether a value could be the rest of a heading: words of the vocabulary, no numbers."""
    return not any(c.isdigit() for c in value) and all(
        is_allowed(w) for _, _, w in tokenize_row(value)
    )


def _continued(found: BlockFindings, number: int, begin: int) -> None:
    """Pieces of following rows that stand below the value and not below the key: wrapped."""
    row = found.rows[number]
    left = found.left(row, begin)
    own = found.upright(row.pieces[0])
    if abs(own[0] - left) <= EDGE * own[3]:
        return
    for following in found.rows[number + 1 :]:
        if find_field_labels(following.text):
            return
        below = [
            piece
            for piece in following.pieces
            if abs(found.upright(piece)[0] - left) <= EDGE * found.upright(piece)[3]
        ]
        if not below or below[0] is not following.pieces[0]:
            return
        found.add(following, below[0].begin, below[0].end, "LOCATION", "key", 1.0)


def _below(found: BlockFindings, number: int, key: FieldLabel) -> None:
    """The piece below a key whose value does not stand right of it."""
    row = found.rows[number]
    holder = next((p for p in row.pieces if p.begin <= key.begin < p.end), None)
    if holder is None or number + 1 >= len(found.rows):
        return
    box, following = found.upright(holder), found.rows[number + 1]
    if find_field_labels(following.text):
        return
    for piece in following.pieces:
        other = found.upright(piece)
        near = other.top - box.bottom <= BELOW * min(box.height, other.height)
        if near and box.horizontal_overlap(other) > 0.3:
            found.add(following, piece.begin, piece.end, key.entity, "key", 0.8)


def _unread_end(found: BlockFindings, number: int, begin: int, entity: str) -> None:
    """Room for the rest of a known value that breaks off at the end of its row."""
    row = found.rows[number]
    if number + 1 < len(found.rows):
        following = found.upright(_first(found, found.rows[number + 1]))
        if abs(following[0] - found.left(row, begin)) <= EDGE * following[3]:
            return  # it goes on there
    line = found.lines[row.pieces[-1].line]
    missing = count_missing_end(row.text[begin:], entity, found.known)
    if missing:
        rest = box_after_line(line, missing)
        others = (other for other in found.lines if other is not line)
        if not any(overlaps_line(rest, o.box) and o.confidence >= SURE for o in others):
            found.extra.append(Mask(line.frames, rest, entity, "known", 0.5))


def _first(found: BlockFindings, row: Row) -> Piece:
    """The first piece of a row that was read with some confidence."""
    sure = (piece for piece in row.pieces if found.lines[piece.line].confidence >= SURE)
    return next(sure, row.pieces[0])
