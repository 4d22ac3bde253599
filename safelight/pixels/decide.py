"""Which text of the pixels is hidden: what is known of the patient, what has the form of PHI,
what stands at a key, what the text model says, and in doubt what no vocabulary knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median

from safelight.pixels import forms
from safelight.pixels.keys import find_keys
from safelight.pixels.lines import blocks, overlap, upright
from safelight.pixels.ocr.base import Box
from safelight.pixels.partial import (
    Partial,
    after,
    before,
    find_partial,
    missing_begin,
    missing_end,
)
from safelight.pixels.records import Block, Mask, PixelScan, TextLine
from safelight.pixels.vocabulary import is_allowed, is_setting, words_of
from safelight.records import Span
from safelight.rules.policies import PixelDecision
from safelight.text.carried import identifying
from safelight.text.known import KnownPHI
from safelight.text.patterns import find_patterns

#: A reading below this confidence is taken for text only beside other text.
DOUBTFUL = 0.6
#: An unknown word that stands alone has to be read this surely to be hidden.
SURE = 0.8


@dataclass(frozen=True)
class Row:
    """One row of a block: its text, where it begins in the block, its pieces."""

    begin: int
    text: str
    pieces: tuple[tuple[int, int, int], ...]  # line, begin and end in the row


def decide(
    scan: PixelScan,
    known: KnownPHI,
    spans: Mapping[str, Sequence[Span]],
    decision: PixelDecision = "phi",
    masked: bool = False,
) -> tuple[Mask, ...]:
    """The regions to hide.

    Parameters
    ----------
    scan : PixelScan
    known : KnownPHI
        Values that the header gives of this patient.
    spans : mapping
        Block text → spans of the text model; texts that are missing have none.
    decision : str
        ``phi`` or ``all``.
    masked : bool
        Whether values are masked already, so that a key without one has nothing below it.
    """
    if decision == "all":
        whole = [
            Mask(
                line.frames, padded(line.box, line), "TEXT", line.engine, line.confidence, line.text
            )
            for line in scan.lines
        ]
        return (*scan.scrub, *whole)
    masks: list[Mask] = [mask for mask in scan.scrub if not _harmless(mask, scan, known)]
    for block in scan.blocks:
        masks += _BlockDecision(scan, block, known, spans.get(block.text, ()), masked).masks()
    return tuple(dict.fromkeys(masks))


class _BlockDecision:
    """The decisions on one block; offsets are those of its text."""

    def __init__(
        self,
        scan: PixelScan,
        block: Block,
        known: KnownPHI,
        model: Sequence[Span],
        masked: bool = False,
    ):
        self.masked = masked
        self.lines = scan.lines
        self.block = block
        self.known = known
        self.rows = _rows(scan, block)
        self.spans: list[Span] = []
        self.partials: list[tuple[int, Partial]] = []
        self.extra: list[Mask] = []
        self._find(model)

    def _find(self, model: Sequence[Span]) -> None:
        text = self.block.text
        self.spans += self.known.find(text, fuzzy=True)
        for row in self.rows:
            self._add(row, [*forms.find_forms(row.text), *identifying(find_patterns(row.text))])
            for line, begin, end in row.pieces:
                if self.lines[line].confidence >= DOUBTFUL and not find_keys(row.text[begin:end]):
                    for find in (forms.find_institution, forms.find_person):
                        span = find(row.text[begin:end])
                        if span is not None:
                            self._add(row, [_moved(span, begin)])
                for partial in find_partial(row.text[begin:end], self.known):
                    self.partials.append((line, partial))
                    self._add(row, [_moved(partial.span, begin)])
                self._add(row, self._by_variants(line, begin, end))
            self._unread_begin(row)
        for number, row in enumerate(self.rows):
            self._keys(number, row)
        self.spans += [span for span in identifying(model) if self._stands(span)]
        if self.spans or self.extra:
            for row in self.rows:
                self._phrase(row)
                self._beside(row)
        for row in self.rows:
            self._unknown(row)

    def _add(self, row: Row, spans: Sequence[Span]) -> None:
        self.spans += [_moved(span, row.begin) for span in spans]

    def _by_variants(self, line: int, begin: int, end: int) -> list[Span]:
        """The whole piece, if another rendering read PHI in it that this one did not."""
        for variant in self.lines[line].variants:
            found = [*self.known.find(variant, fuzzy=True), *forms.find_forms(variant)]
            found = [span for span in found if span.end - span.begin >= 4]
            if found:
                best = found[0]
                return [Span(begin, end, best.entity, best.engine, 0.7, best.fine)]
        return []

    def _keys(self, number: int, row: Row) -> None:
        """Values right of a key, or below it when nothing stands there."""
        keys = find_keys(row.text)
        for key, following in zip(keys, [*keys[1:], None]):
            end = following.begin if following else len(row.text)
            value = row.text[key.value : end]
            if any(character.isalnum() for character in value):
                begin = key.value + len(value) - len(value.lstrip())
                self._add(row, [Span(begin, begin + len(value.strip()), key.entity, "key")])
                if following is None:
                    self._unread_end(number, row, begin, key.entity)
                    if key.entity in ("LOCATION", "NAME", "CONTACT"):
                        self._continued(number, self._left(row, begin))
            elif following is None and key.separated and not self.masked:
                self._below(number, row, key.begin, key.entity)

    def _first(self, row: Row) -> TextLine:
        """The first piece of a row that was read with some confidence."""
        pieces = [self.lines[line] for line, _, _ in row.pieces]
        return next((piece for piece in pieces if piece.confidence >= DOUBTFUL), pieces[0])

    def _left(self, row: Row, offset: int) -> float:
        """Where a character of a row stands, along the direction of reading."""
        for line, begin, end in row.pieces:
            if begin <= offset < end:
                piece = self.lines[line]
                box = piece.part(offset - begin, len(piece.text))
                return upright(TextLine(None, box, "", 1, "", piece.turn))[0]
        return 0.0

    def _continued(self, number: int, left: float) -> None:
        """Following rows that begin below the value and not below the key: it was wrapped."""
        for row in self.rows[number + 1 :]:
            box = upright(self._first(row))
            if abs(box[0] - left) > 1.6 * box[3] or find_keys(row.text):
                return
            own = self.lines[self.rows[number].pieces[0][0]]
            if abs(upright(own)[0] - left) <= 1.6 * box[3]:
                return
            self._add(row, [Span(0, len(row.text), "LOCATION", "key")])

    def _below(self, number: int, row: Row, begin: int, entity: str) -> None:
        """The piece below a key whose value does not stand right of it."""
        if number + 1 >= len(self.rows):
            return
        holder = next((line for line, first, end in row.pieces if first <= begin < end), None)
        if holder is None:
            return
        box, below = upright(self.lines[holder]), self.rows[number + 1]
        if find_keys(below.text):
            return
        for line, first, end in below.pieces:
            if overlap(box, upright(self.lines[line]), 0) > 0.3:
                self._add(below, [Span(first, end, entity, "key", 0.8)])

    def _unread_end(self, number: int, row: Row, begin: int, entity: str) -> None:
        """Room for the rest of a known value that breaks off at the end of its row."""
        if number + 1 < len(self.rows):
            following = self._first(self.rows[number + 1])
            if abs(upright(following)[0] - self._left(row, begin)) <= 1.6 * upright(following)[3]:
                return  # it goes on there
        line = self.lines[row.pieces[-1][0]]
        missing = missing_end(row.text[begin:], entity, self.known)
        if missing:
            rest = after(line, missing)
            others = (other for other in self.lines if other is not line)
            if not any(_crosses(rest, o.box) and o.confidence >= SURE for o in others):
                self.extra.append(Mask(line.frames, rest, entity, "known", 0.5))

    def _unread_begin(self, row: Row) -> None:
        """Room for the begin of a known value whose end a row begins with."""
        line, begin, end = row.pieces[0]
        missing, entity = missing_begin(row.text[begin:end], self.known)
        if missing:
            room = before(self.lines[line], missing)
            self._add(row, [Span(begin, end, entity, "known", 0.9)])
            self.extra.append(Mask(self.lines[line].frames, room, entity, "known", 0.5))

    def _phrase(self, row: Row) -> None:
        """A row that is nothing but a piece of a value that is found elsewhere in the block."""
        phrases = [v for v in self.known.values if v.entity in ("LOCATION", "NAME")]
        keys = find_keys(row.text)
        begin = keys[-1].value if keys else 0
        shown = " ".join(word for _, _, word in words_of(row.text[begin:])).lower()
        for value in phrases:
            plain = " ".join(w for _, _, w in words_of(value.text.replace("^", " "))).lower()
            here = any(s.entity == value.entity and s.engine == "known" for s in self.spans)
            if here and len(shown) > 2 and shown in plain:
                self._add(row, [Span(begin, len(row.text), value.entity, "known", 0.9)])

    def _stands(self, span: Span) -> bool:
        """Whether a guess of the model alone stands against the allow list."""
        if span.engine != "ner":
            return True
        words = [word for _, _, word in words_of(self.block.text[span.begin : span.end])]
        return not all(is_allowed(word) for word in words)

    def _beside(self, row: Row) -> None:
        """In a block that holds PHI: age and sex beside a name, bare numbers, what is unread."""
        named = any(
            span.entity in ("NAME", "ID", "AGE")
            and row.begin <= span.begin < row.begin + len(row.text)
            for span in self.spans
        )
        for line, begin, end in row.pieces:
            piece, text = self.lines[line], row.text[begin:end]
            if piece.confidence < DOUBTFUL or not text:
                if self._aligned(piece):
                    self._add(row, [Span(begin, end, "TEXT", "layout", 0.5)])
                    if not text:
                        box = padded(piece.box, piece)
                        self.extra.append(Mask(piece.frames, box, "TEXT", "layout", 0.5))
                continue
            lone = len(list(words_of(text))) == 1
            for first, last, word in words_of(text):
                sex = word.upper() in ("M", "F", "MALE", "FEMALE")
                number = word.isdigit() and (len(word) >= 4 and lone or named and len(word) <= 3)
                if sex and named or number and (lone or named):
                    self._add(
                        row,
                        [
                            Span(
                                begin + first,
                                begin + last,
                                "AGE" if sex or len(word) < 4 else "ID",
                                "layout",
                                0.8,
                            )
                        ],
                    )

    def _aligned(self, piece: TextLine) -> bool:
        """Whether an unread piece stands in line with a row or with the left edge of PHI."""
        box = upright(piece)
        if not piece.text:
            return True  # the layout of this block showed it
        if box[2] < box[3]:
            return False
        for line, _ in self.block.places:
            other = self.lines[line]
            if other is piece or other.confidence < SURE or other.turn != piece.turn:
                continue
            theirs = upright(other)
            if max(theirs[3], box[3]) > 1.6 * min(theirs[3], box[3]):
                continue
            if abs(theirs[0] - box[0]) <= 0.8 * theirs[3]:
                return True
            if overlap(theirs, box, 1) > 0.6:
                return True
        return False

    def _unknown(self, row: Row) -> None:
        """Words that no vocabulary knows: in doubt they are names."""
        marked = [
            (span.begin - row.begin, span.end - row.begin)
            for span in self.spans
            if span.begin < row.begin + len(row.text) and span.end > row.begin
        ]
        keys = [(key.begin, key.value) for key in find_keys(row.text)]
        beside = bool(self.spans)
        for line, begin, end in row.pieces:
            piece = self.lines[line]
            needed = DOUBTFUL if beside else SURE
            if piece.confidence < needed:
                continue
            for first, last, word in words_of(row.text[begin:end]):
                first, last = first + begin, last + begin
                if any(b < last and e > first for b, e in (*marked, *keys)):
                    continue
                letters = sum(character.isalpha() for character in word)
                if letters >= (
                    2 if beside and piece.confidence > 0.9 and letters == len(word) else 3
                ):
                    if not is_allowed(word) and not is_setting(word):
                        self._add(row, [Span(first, last, "NAME", "unknown", 0.5)])

    def _apart(self, box: Box, piece: TextLine) -> Box:
        """The box of a line that is too tall for its block, cut between it and the rows beside."""
        heights = [self.lines[i].box[3] for i, _ in self.block.places if self.lines[i].text]
        if piece.turn or piece.box[3] <= 1.4 * median(heights or [piece.box[3]]):
            return box
        x, y, w, h = box
        middle = piece.box[1] + piece.box[3] / 2
        top, bottom = float(y), float(y + h)
        for other in self.lines:
            if other is piece or other.turn or other.confidence < SURE:
                continue
            theirs = other.box[1] + other.box[3] / 2
            apart = abs(theirs - middle)
            if overlap(box, other.box, 0) <= 0 or apart < 0.5 * min(piece.box[3], other.box[3]):
                continue
            if theirs < middle:
                top = max(top, (theirs + middle) / 2)
            else:
                bottom = min(bottom, (theirs + middle) / 2)
        return (x, int(top), w, max(1, -int(-bottom // 1) - int(top)))

    def masks(self) -> list[Mask]:
        """The boxes of all spans, parts of one line that touch in one box."""
        found = list(self.extra)
        for line, begin in self.block.places:
            piece = self.lines[line]
            inside = [
                (max(0, s.begin - begin), min(len(piece.text), s.end - begin), s)
                for s in self.spans
                if s.begin < begin + len(piece.text) and s.end > begin
            ]
            for first, last, span in _joined(
                sorted(inside, key=lambda i: (i[0], -i[1])), piece.text
            ):
                box = piece.part(first, last)
                for owner, partial in self.partials:
                    if owner == line and partial.span.begin < last and partial.span.end > first:
                        box = partial.extended(box, piece)
                sure = min(1.0, span.confidence * piece.confidence)
                box = self._apart(padded(box, piece, last - first == len(piece.text)), piece)
                text = piece.text[first:last]
                found.append(Mask(piece.frames, box, span.entity, span.engine, sure, text))
        return found


def _harmless(scrub: Mask, scan: PixelScan, known: KnownPHI) -> bool:
    """Whether the text in a catalog's box was read, all of it surely, and none is in doubt.

    A box in which nothing was read is hidden: the catalog knows that text stands there.
    """
    inside = [line for line in scan.lines if _crosses(scrub.box, line.box)]
    if not inside or any(line.confidence < SURE or not line.text for line in inside):
        return False
    words = [word for line in inside for _, _, word in words_of(line.text)]
    if not all(is_allowed(word) for word in words):
        return False
    chosen = tuple(replace(line, variants=()) for line in inside)
    own = PixelScan(lines=chosen, blocks=blocks(chosen))
    return not decide(own, known, {})


def _joined(parts: Sequence[tuple[int, int, Span]], text: str) -> list[tuple[int, int, Span]]:
    """Overlapping parts, and parts with no letter or digit between them, made one."""
    found: list[tuple[int, int, Span]] = []
    for first, last, span in parts:
        if found and not any(c.isalnum() for c in text[found[-1][1] : first]):
            before = found[-1]
            found[-1] = (before[0], max(before[1], last), before[2])
        else:
            found.append((first, last, span))
    return found


def padded(box: Box, line: TextLine, whole: bool = True) -> Box:
    """The box with room for what the detector cut off, which at a line's ends is more."""
    height = upright(line)[3]
    margin = max(2, round((0.25 if whole else 0.12) * height))
    x, y, w, h = box
    if line.turn in (90, 270):
        return (x - 1, y - margin, w + 2, h + 2 * margin)
    return (x - margin, y - 1, w + 2 * margin, h + 2)


def _crosses(one: Box, other: Box) -> bool:
    wide = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    high = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    return wide > 2 and high > 0.4 * min(one[3], other[3])


def _moved(span: Span, by: int) -> Span:
    return Span(
        span.begin + by, span.end + by, span.entity, span.engine, span.confidence, span.fine
    )


def _rows(scan: PixelScan, block: Block) -> list[Row]:
    rows = []
    begin = 0
    for text in block.text.split("\n"):
        pieces = tuple(
            (line, at - begin, at - begin + len(scan.lines[line].text))
            for line, at in block.places
            if begin <= at <= begin + len(text)
            and at + len(scan.lines[line].text) <= begin + len(text)
        )
        if pieces:
            rows.append(Row(begin, text, pieces))
        begin += len(text) + 1
    return rows
