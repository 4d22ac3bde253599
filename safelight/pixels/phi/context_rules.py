"""What is hidden because of what stands beside it: ages and times, numbers, what is unread."""

from __future__ import annotations

import re

from safelight.pixels.lexicon.allow_list import (
    is_allowed,
    is_misread_curve,
    is_sequence_name,
    is_setting,
    is_technical_term,
    tokenize_row,
)
from safelight.pixels.lexicon.field_labels import find_field_labels
from safelight.pixels.models import Mask, TextLine
from safelight.pixels.ocr.line_merging import upright_box
from safelight.pixels.phi.block_findings import DOUBTFUL, SURE, BlockFindings, Piece, Row
from safelight.pixels.phi.span_boxes import READ, pad_box

#: What may stand on its own beside PHI: the sex, and a time of day without seconds.
_SEX = re.compile(r"(?:male|female|männlich|weiblich|[mfw])", re.IGNORECASE)
_TIME = re.compile(r"(?:[01]?\d|2[0-3])[:h][0-5]\d(?::[0-5]\d)?", re.IGNORECASE)
_AGE = re.compile(r"(?:1[01]\d|[1-9]?\d)")
_SEX_AND_AGE = re.compile(r"[MFW][\s/,]+\d{1,3}\s?[yj]?|\d{1,3}\s?[yj]?[\s/,]+[MFW]", re.IGNORECASE)
#: A number of a register, which is none beside nothing else that identifies.
_NUMBER = re.compile(r"\d{2,}/\d{4,}|\d{4,}/\d{2,}")
#: A number after one word, which is its key though nobody knows it.
_KEYED = re.compile(r"\W*((?:[^\W\d_][.-]?){2,12})[\s:#]+((?:\d[ ./-]?){5,})\W*")
#: Words of a line that no vocabulary knows, and their letters, from which a line that was read
#: badly is in a script that the engine does not know.
STRANGE, LETTERS = 2, 8
#: Words of a piece that is taken for one name as a whole.
WORDS = 6
#: Technical words after which what follows belongs to a name no more.
TECHNICAL = 2
#: Heights between pieces that belong together.
NEAR = 3.0


def apply_context_rules(found: BlockFindings) -> None:
    """Add what the spans of a block make of the text beside them."""
    if found.spans or found.extra:
        for row in found.rows:
            if _SEX_AND_AGE.fullmatch(row.text.strip()):
                found.add(row, 0, len(row.text), "AGE", "layout", 0.8)
            _phrase(found, row)
            for number in range(len(row.pieces)):
                _piece(found, row, number)
    for row in found.rows:
        keyed = _KEYED.fullmatch(row.text)
        if keyed and not is_technical_term(keyed[1]):
            found.add(row, keyed.start(2), keyed.end(2), "ID", "layout", 0.8)
        _unknown(found, row)


def _phrase(found: BlockFindings, row: Row) -> None:
    """A row that is nothing but a piece of a value that is found elsewhere in the block."""
    keys = find_field_labels(row.text)
    begin = keys[-1].value_begin if keys else 0
    shown = " ".join(word for _, _, word in tokenize_row(row.text[begin:])).lower()
    for value in found.known.values:
        if value.entity not in ("LOCATION", "NAME"):
            continue
        plain = " ".join(w for _, _, w in tokenize_row(value.text.replace("^", " "))).lower()
        here = any(s.entity == value.entity and s.engine == "known" for s in found.spans)
        if here and len(shown) > 2 and shown in plain:
            found.add(row, begin, len(row.text), value.entity, "known", 0.9)


def _piece(found: BlockFindings, row: Row, number: int) -> None:
    piece = row.pieces[number]
    line, text = found.lines[piece.line], found.text(row, piece)
    if line.confidence < DOUBTFUL or not text:
        if _aligned(found, line):
            found.add(row, piece.begin, piece.end, "TEXT", "layout", 0.5)
            if not text:
                box = pad_box(line.box, line)
                found.extra.append(Mask(line.frames, box, "TEXT", "layout", 0.5))
        return
    near = _near(found, row, number)
    entities = {span.entity for one in near for span in found.inside(row, one.begin, one.end)}
    here = bool(found.inside(row, piece.begin, piece.end))
    anywhere = {span.entity for span in found.spans}
    words = list(tokenize_row(text))
    sexes = any(_SEX.fullmatch(word) for _, _, word in words)
    for first, last, word in words:
        begin, end = piece.begin + first, piece.begin + last
        if _SEX.fullmatch(word) and (
            entities & {"NAME", "ID", "AGE", "DATE"} or len(words) == 1 and len(word) > 1
        ):
            found.add(row, begin, end, "AGE", "layout", 0.8)
        elif _TIME.fullmatch(word) and (
            "DATE" in entities or len(words) == 1 and "DATE" in anywhere
        ):
            found.add(row, begin, end, "DATE", "layout", 0.8)
        elif (word.isdigit() and len(word) >= 4 and len(words) == 1) or (
            _NUMBER.fullmatch(word) and here
        ):
            found.add(row, begin, end, "ID", "layout", 0.8)
        elif _AGE.fullmatch(word) and (
            sexes and entities or len(words) == 1 and entities & {"NAME", "AGE"}
        ):
            found.add(row, begin, end, "AGE", "layout", 0.8)


def _near(found: BlockFindings, row: Row, number: int) -> list[Piece]:
    """A piece and those next to it in its row, if the gap is small."""
    pieces = row.pieces
    near = [pieces[number]]
    if number and found.gap(pieces[number - 1], pieces[number]) <= NEAR:
        near.append(pieces[number - 1])
    if number + 1 < len(pieces) and found.gap(pieces[number], pieces[number + 1]) <= NEAR:
        near.append(pieces[number + 1])
    return near


def _aligned(found: BlockFindings, line: TextLine) -> bool:
    """Whether an unread piece stands in line with a row or with the left edge of PHI."""
    box = upright_box(line)
    if line.text and box.width < box.height:
        return False
    for index, _ in found.block.places:
        other = found.lines[index]
        if other is line or other.confidence < SURE or other.rotation != line.rotation:
            continue
        theirs = upright_box(other)
        if max(theirs.height, box.height) > 1.6 * min(theirs.height, box.height):
            continue
        aligned = abs(theirs.left - box.left) <= 0.8 * theirs.height
        if aligned or theirs.vertical_overlap(box) > 0.6:
            return True
    return False


def _unknown(found: BlockFindings, row: Row) -> None:
    """Words that no vocabulary knows: in doubt they are names."""
    marked = [(span.begin, span.end) for span in found.inside(row)]
    keys = [(key.begin, key.value_begin) for key in find_field_labels(row.text)]
    beside = bool(found.spans)
    for piece in row.pieces:
        line = found.lines[piece.line]
        words = list(tokenize_row(found.text(row, piece)))
        if line.confidence < (DOUBTFUL if beside or _strange(words) else SURE):
            continue
        named = any(b < piece.end and e > piece.begin for b, e in marked)
        for first, last, word in words:
            begin, end = first + piece.begin, last + piece.begin
            if any(b < end and e > begin for b, e in (*marked, *keys)):
                continue
            letters = sum(character.isalpha() for character in word)
            if is_misread_curve(word) and line.confidence < READ:
                continue
            initials = named and line.confidence > 0.9 and letters == len(word)
            if letters < (2 if initials else 3) or is_allowed(word) or is_setting(word):
                continue
            if is_sequence_name(word):
                continue
            if len(word) == 3 and word.isupper() and not marked:
                continue  # a code of the device, as far as anyone can tell
            found.add(row, begin, end, "NAME", "unknown", 0.5)
        _whole(found, row, piece, words)


def _strange(words: list[tuple[int, int, str]]) -> bool:
    """Whether the words of a line are such as another script is misread as."""
    unknown = [w for _, _, w in words if len(w) > 2 and w.isalpha() and not is_allowed(w)]
    return len(unknown) >= STRANGE and sum(map(len, unknown)) >= LETTERS


def _whole(found: BlockFindings, row: Row, piece: Piece, words: list[tuple[int, int, str]]) -> None:
    """The words of a short piece that go with a name in it, up to technical ones."""
    spans = found.inside(row, piece.begin, piece.end)
    named = any(span.entity in ("NAME", "LOCATION") and span.engine != "layout" for span in spans)
    if not named or len(words) > WORDS or find_field_labels(found.text(row, piece)):
        return
    marked = [any(s.begin < piece.begin + last and s.end > piece.begin + first for s in spans)
              for first, last, _ in words]  # fmt: skip
    for order in (range(len(words)), range(len(words) - 1, -1, -1)):
        passed = TECHNICAL
        for number in order:
            first, last, word = words[number]
            if marked[number]:
                passed = 0
            elif is_technical_term(word):
                passed += len(word) > 1
            elif passed < TECHNICAL:
                found.add(row, piece.begin + first, piece.begin + last, "NAME", "unknown", 0.5)
