"""Find the text that rules and model must read before an object can be written."""

from __future__ import annotations

from collections.abc import Iterator

from safelight.dicom import character_sets
from safelight.dicom.dictionary import VR_OF, private_vr
from safelight.dicom.elements import Element, Walker
from safelight.dicom.encoding import (
    CHARACTER_SET_VRS,
    IMPLICIT_LITTLE,
    SINGLE_VALUE_VRS,
    STRING_VRS,
    Encoding,
)
from safelight.dicom.parser import ParsedObject
from safelight.headers.patient_identity import SPECIFIC_CHARACTER_SET
from safelight.headers.text_classifier import is_read
from safelight.records import Refusal
from safelight.rules import AttributeRule, CompiledLevel, Operation, Recheck, RuleSet

#: Coded strings, titles and addresses: characters, but no sentence.
TITLE_VRS = frozenset({"CS", "AE", "UR"})
#: VRs of kept values that are looked at word by word.
JUDGED_VRS = CHARACTER_SET_VRS | TITLE_VRS


def text_values(raw: bytes, vr: str, encodings: tuple[str, ...]) -> list[str]:
    """The values of a text element; a value ends at a NUL, as it does for most readers."""
    text = character_sets.decode(raw, vr, encodings)
    values = [text] if vr in SINGLE_VALUE_VRS else text.split("\\")
    return [value.partition("\0")[0] for value in values] if "\0" in text else values


def read_vr(declared: str, expected: str) -> str:
    """The VR by which a value is read: that of PS3.6, where the object's is another kind."""
    if declared == expected or expected not in STRING_VRS:
        return declared
    if declared in CHARACTER_SET_VRS and expected in CHARACTER_SET_VRS:
        return declared
    return expected


def second_guessed(rules: RuleSet, rule: AttributeRule, tag: int, vr: str, value: str) -> bool:
    """Whether rules and model read a value that the rules keep."""
    if rule.recheck is Recheck.NONE or rules.text.second_guess == "off":
        return False
    return is_read(tag, vr, value)


def collect_texts(
    parsed: ParsedObject, rules: RuleSet, level: CompiledLevel, encodings: tuple[str, ...]
) -> frozenset[str]:
    """The distinct values, one string a value, of all elements that the model must read.

    Parameters
    ----------
    parsed : ParsedObject
    rules : RuleSet
    level : CompiledLevel
        Top level of the plan for the object's SOP class.
    encodings : tuple of str
        Python codecs of the object's Specific Character Set.
    """
    return frozenset(_Collector(parsed.data, rules).texts(
        parsed.elements, level, parsed.encoding, encodings, 0
    ))  # fmt: skip


class _Collector:
    """Walks one object as the writer will, and gives the texts that the writer will ask for."""

    def __init__(self, data: bytes, rules: RuleSet):
        self._data = data
        self._rules = rules

    def texts(
        self,
        elements: list[Element],
        level: CompiledLevel,
        encoding: Encoding,
        encodings: tuple[str, ...],
        depth: int,
    ) -> Iterator[str]:
        """Texts of one level and of all below it."""
        data = self._data
        creators: dict[int, str] = {}
        for element in elements:
            tag, vr = element.tag, element.vr
            if tag == SPECIFIC_CHARACTER_SET and depth:
                terms = data[element.value : element.stop].decode("latin-1").rstrip("\0 ")
                encodings = character_sets.encodings_of(terms)
            if tag >> 16 & 1:
                group, number = tag >> 16, tag & 0xFFFF
                if number <= 0xFF:
                    raw = data[element.value : element.stop]
                    creators[group << 8 | number] = character_sets.decode(
                        raw, "LO", encodings
                    ).strip()
                    continue
                creator = creators.get(group << 8 | number >> 8)
                if creator is None:
                    continue
                vr = private_vr(creator, tag) if vr == "UN" else vr
                rule = level.get_private_rule(creator, group, number & 0xFF, vr)
                vr = rule.argument or vr if vr == "UN" else vr
                inside = level.get_private_item_level() if vr == "SQ" else level
            else:
                vr = VR_OF[tag] if vr == "UN" else read_vr(vr, VR_OF[tag])
                rule = level.rules[tag]
                inside = (
                    level.get_item_level(tag) if vr == "SQ" or element.items is not None else level
                )
            if vr == "SQ" or element.items is not None:
                if rule.operation in (
                    Operation.KEEP,
                    Operation.RECURSE,
                    Operation.STRUCTURED_CONTENT,
                ):
                    yield from self._nested(element, inside, encoding, encodings, depth)
            elif rule.operation is Operation.CLEAN or (
                rule.operation is Operation.KEEP and vr in JUDGED_VRS
            ):
                for value in text_values(data[element.value : element.stop], vr, encodings):
                    if self._is_asked_for(rule, tag, vr, value):
                        yield value

    def _is_asked_for(self, rule: AttributeRule, tag: int, vr: str, value: str) -> bool:
        if rule.operation is Operation.CLEAN:
            return bool(value.strip())
        return second_guessed(self._rules, rule, tag, vr, value)

    def _nested(
        self,
        element: Element,
        level: CompiledLevel,
        encoding: Encoding,
        encodings: tuple[str, ...],
        depth: int,
    ) -> Iterator[str]:
        if element.vr == "UN":
            encoding = IMPLICIT_LITTLE
        items = element.items
        if items is None:
            try:
                items, _ = Walker(self._data).items(element, element.stop, encoding, depth)
            except Refusal:
                if element.vr == "SQ":
                    raise
                return  # bytes that are no sequence: the writer removes them
        for item in items:
            yield from self.texts(item.elements, level, encoding, encodings, depth + 1)
