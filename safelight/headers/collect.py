"""Find the free text that the rules want cleaned, so that a text model can read it first."""

from __future__ import annotations

from collections.abc import Iterator

from safelight.headers import charset
from safelight.headers.dictionary import VR_OF, private_vr
from safelight.headers.encoding import IMPLICIT_LITTLE, SINGLE_VALUE_VRS, Encoding
from safelight.headers.identity import SPECIFIC_CHARACTER_SET
from safelight.headers.parse import Element, ParsedObject, Walker
from safelight.records import Refusal
from safelight.rules import Level, Op


def collect_texts(parsed: ParsedObject, level: Level, encodings: tuple[str, ...]) -> frozenset[str]:
    """The distinct values, one string a value, of all elements that the plan cleans.

    Parameters
    ----------
    parsed : ParsedObject
    level : Level
        Top level of the plan for the object's SOP class.
    encodings : tuple of str
        Python codecs of the object's Specific Character Set.
    """
    data, encoding = parsed.data, parsed.encoding
    return frozenset(_texts(data, parsed.elements, level, encoding, encodings, 0))


def _texts(
    data: bytes,
    elements: list[Element],
    level: Level,
    encoding: Encoding,
    encodings: tuple[str, ...],
    depth: int,
) -> Iterator[str]:
    creators: dict[int, str] = {}
    for element in elements:
        tag, vr = element.tag, element.vr
        if tag == SPECIFIC_CHARACTER_SET and depth:
            terms = data[element.value : element.stop].decode("latin-1").rstrip("\0 ")
            encodings = charset.encodings_of(terms)
        if tag >> 16 & 1:
            group, number = tag >> 16, tag & 0xFFFF
            if number <= 0xFF:
                raw = data[element.value : element.stop]
                creators[group << 8 | number] = charset.decode(raw, "LO", encodings).strip()
                continue
            creator = creators.get(group << 8 | number >> 8)
            if creator is None:
                continue
            vr = private_vr(creator, tag) if vr == "UN" else vr
            rule = level.private(creator, group, number & 0xFF, vr)
            inside = level.private_item() if vr == "SQ" else level
        else:
            vr = VR_OF[tag] if vr == "UN" else vr
            rule = level.rules[tag]
            inside = level.item(tag) if vr == "SQ" or element.items is not None else level
        if vr == "SQ" or element.items is not None:
            if rule.op in (Op.KEEP, Op.RECURSE, Op.STRUCTURED_CONTENT):
                yield from _nested(data, element, inside, encoding, encodings, depth)
        elif rule.op is Op.CLEAN:
            text = charset.decode(data[element.value : element.stop], vr, encodings)
            for value in [text] if vr in SINGLE_VALUE_VRS else text.split("\\"):
                if value.strip():
                    yield value


def _nested(
    data: bytes,
    element: Element,
    level: Level,
    encoding: Encoding,
    encodings: tuple[str, ...],
    depth: int,
) -> Iterator[str]:
    if element.vr == "UN":
        encoding = IMPLICIT_LITTLE
    items = element.items
    if items is None:
        try:
            items, _ = Walker(data).items(element, element.stop, encoding, depth)
        except Refusal:
            if element.vr == "SQ":
                raise
            return  # bytes that are no sequence: the writer removes them
    for item in items:
        yield from _texts(data, item.elements, level, encoding, encodings, depth + 1)
