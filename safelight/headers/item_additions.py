"""Create elements in the items of sequences, and whole items, as a rule set adds them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from safelight.dicom.elements import Element, ElementReader, Item
from safelight.dicom.encoding import Encoding, format_tag_path
from safelight.dicom.items import SequenceItems, find_item_encodings, read_sequence
from safelight.headers.element_additions import AddedValues, encode_value, make_insertion
from safelight.headers.object_values import decode_element
from safelight.records import Action
from safelight.rules.action_parameters import ActionParameters
from safelight.rules.additions import AddedItem, Addition
from safelight.rules.attributes import get_vr


@dataclass(frozen=True)
class _Level:
    """The elements of one item, or one element of the top level.

    Attributes
    ----------
    data : bytes
        The encoded elements.
    path : str
        Tag path of the item with a dot at its end; empty at the top level.
    encoding : Encoding
    text_encodings : tuple of str
        Python codecs of the Specific Character Set.
    """

    data: bytes
    path: str
    encoding: Encoding
    text_encodings: tuple[str, ...]

    def read_elements(self) -> list[Element]:
        """Return the elements."""
        return ElementReader(self.data).read_elements(0, len(self.data), self.encoding)[0]

    def read_items(self, element: Element) -> SequenceItems:
        """Return the items of a sequence and their encoding."""
        return read_sequence(self.data, element, self.encoding)

    def enter(self, item: Item, location: str, encoding: Encoding) -> _Level:
        """Return the elements of an item of this level."""
        codecs = find_item_encodings(self.data, item.elements, self.text_encodings)
        return _Level(self.data[item.start : item.stop], f"{location}.", encoding, codecs)

    def encode_sequence(self, own: Element | None, tag: int, items: Sequence[bytes]) -> bytes:
        """Return a sequence with encoded items, in the form of the sequence that it replaces."""
        content = b"".join(items)
        if own is not None and own.vr == "UN":
            return self.encoding.element(tag, "UN", content)
        return self.encoding.sequence(tag, "SQ", content, own is not None and own.undefined)


def read_nested_value(
    encoded: bytes, steps: Sequence[int], encoding: Encoding, text_encodings: tuple[str, ...]
) -> str:
    """Return the first value of an element inside a sequence; empty if there is none.

    Parameters
    ----------
    encoded : bytes
        The whole sequence; empty if there is none.
    steps : sequence of int
        Tags of the sequences, the outermost first, and of the element.
    encoding : Encoding
    text_encodings : tuple of str
        Python codecs of the Specific Character Set.
    """
    return next(_find_values(_Level(encoded, "", encoding, text_encodings), steps), "")


def _find_values(level: _Level, steps: Sequence[int]) -> Iterator[str]:
    """Yield the values of an element at the end of a path that are not empty."""
    for element in level.read_elements():
        if element.tag != steps[0]:
            continue
        if len(steps) == 1:
            data = level.data[element.start : element.stop]
            if value := decode_element(data, level.encoding, level.text_encodings):
                yield value
        elif element.items is not None or element.vr in ("SQ", "UN"):
            items, encoding = level.read_items(element)
            for item in items:
                yield from _find_values(level.enter(item, "", encoding), steps[1:])


@dataclass
class ItemAdder:
    """Writer of the nested elements that are added to one object.

    Attributes
    ----------
    added_values : AddedValues
    encoding : Encoding
    text_encodings : tuple of str
        Python codecs of the Specific Character Set.
    actions : list of Action
        Audit rows of the created elements.
    """

    added_values: AddedValues
    encoding: Encoding
    text_encodings: tuple[str, ...]
    actions: list[Action] = field(default_factory=list)

    def add(self, encoded: bytes, addition: Addition) -> bytes:
        """Return the new encoded sequence of the top level.

        Parameters
        ----------
        encoded : bytes
            The whole element of the first step; empty if the new object lacks it.
        addition : Addition

        Raises
        ------
        Refusal
            ``INVALID_VALUE`` if a VR cannot hold a value, ``LOOKUP_MISSING`` as the rules say.
        """
        level = _Level(encoded, "", self.encoding, self.text_encodings)
        return self._edit_level(level, addition.steps, addition)

    def _edit_level(self, level: _Level, steps: tuple[int, ...], addition: Addition) -> bytes:
        """Return the elements of a level with the addition at the end of a path."""
        tag, elements = steps[0], level.read_elements()
        own = next((one for one in elements if one.tag == tag), None)
        if len(steps) > 1:
            new = self._edit_items(level, own, steps, addition)
        elif addition.item is not None:
            new = self._add_item(level, own, addition.item, addition)
        else:
            new = self._add_value(level, own, addition)
        if new is None:
            return level.data
        if own is not None:
            return level.data[: own.start] + new + level.data[own.stop :]
        last = elements[-1].stop if elements else 0
        start = next((one.start for one in elements if one.tag > tag), last)
        return level.data[:start] + new + level.data[start:]

    def _edit_items(
        self, level: _Level, own: Element | None, steps: tuple[int, ...], addition: Addition
    ) -> bytes | None:
        """Return a sequence with the addition in each of its items; None for no change."""
        if own is None or (own.items is None and own.vr not in ("SQ", "UN")):
            return None
        items, encoding = level.read_items(own)
        location = f"{level.path}{format_tag_path('', own.tag)}"
        new, is_changed = [], False
        for number, item in enumerate(items):
            inner = level.enter(item, f"{location}[{number}]", encoding)
            content = self._edit_level(inner, steps[1:], addition)
            is_changed |= content != inner.data
            new.append(encoding.item(content, item.undefined))
        return level.encode_sequence(own, own.tag, new) if is_changed else None

    def _add_item(
        self, level: _Level, own: Element | None, item: AddedItem, addition: Addition
    ) -> bytes | None:
        """Return a sequence with a new item; None for no change."""
        tag = addition.tag
        items, encoding = level.read_items(own) if own is not None else ([], level.encoding)
        if items and not addition.always and not addition.appends:
            return None
        kept = [] if addition.always else items
        location = f"{level.path}{format_tag_path('', tag)}[{len(kept)}]"
        content = self._encode_item(item, f"{location}.", encoding, level, addition.source)
        if not content:
            return None
        old = [encoding.item(level.data[one.start : one.stop], one.undefined) for one in kept]
        return level.encode_sequence(own, tag, [*old, encoding.item(content, False)])

    def _encode_item(
        self, item: AddedItem, path: str, encoding: Encoding, level: _Level, source: str
    ) -> bytes:
        """Return the encoded elements of a new item that have a value."""
        parts = []
        for tag, content in item.elements:
            location = f"{path}{format_tag_path('', tag)}"
            if isinstance(content, AddedItem):
                inner = self._encode_item(content, f"{location}[0].", encoding, level, source)
                if inner:
                    parts.append(encoding.sequence(tag, "SQ", encoding.item(inner, False), False))
            elif text := self.added_values.make(content, get_vr(tag), ""):
                parts.append(
                    encode_value(text, tag, location, source, encoding, level.text_encodings)
                )
                self.actions.append(make_insertion(location, tag, source))
        return b"".join(parts)

    def _add_value(self, level: _Level, own: Element | None, addition: Addition) -> bytes | None:
        """Return an element with its new value; None for no change."""
        tag, parameters = addition.tag, addition.parameters
        old = b"" if own is None else level.data[own.start : own.stop]
        own_value = decode_element(old, level.encoding, level.text_encodings)
        if not isinstance(parameters, ActionParameters) or (own_value and not addition.always):
            return None
        text = self.added_values.make(parameters, get_vr(tag), own_value)
        if not text:
            return None
        location = f"{level.path}{format_tag_path('', tag)}"
        self.actions.append(make_insertion(location, tag, addition.source))
        return encode_value(
            text, tag, location, addition.source, level.encoding, level.text_encodings
        )
