"""Create the private elements that a rule set adds to an object, and their private creators."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from safelight.dicom import character_sets
from safelight.dicom.elements import Element
from safelight.dicom.encoding import Encoding, format_tag_path
from safelight.headers.element_additions import AddedValues, encode_value
from safelight.records import Action, Reason, Refusal
from safelight.rules.additions import Addition
from safelight.standard.private_elements import normalize_creator

#: Element numbers of private creators (PS3.5, section 7.8.1).
_BLOCKS = range(0x10, 0x100)


class PrivateBlocks:
    """Blocks of the private creators at the top level of one object. HOLDS PHI.

    Parameters
    ----------
    elements : iterable of Element
        Elements of the source object.
    data : bytes
        Its bytes.
    text_encodings : tuple of str
        Python codecs of its Specific Character Set.
    """

    def __init__(self, elements: Iterable[Element], data: bytes, text_encodings: tuple[str, ...]):
        self._used: set[tuple[int, int]] = set()
        self._blocks: dict[tuple[int, str], int] = {}
        self.own: set[int] = set()
        for element in elements:
            group, number = element.tag >> 16, element.tag & 0xFFFF
            if not group & 1:
                continue
            if number in _BLOCKS:
                raw = data[element.value : element.stop]
                name = character_sets.decode(raw, "LO", text_encodings)
                self._blocks.setdefault((group, normalize_creator(name)), number)
                self.own.add(element.tag)
            self._used.add((group, number if number in _BLOCKS else number >> 8))

    def reserve(self, group: int, creator: str) -> int:
        """Return the number of the block of a private creator, or of a block that is free.

        Parameters
        ----------
        group : int
        creator : str

        Raises
        ------
        Refusal
            ``INVALID_VALUE`` if each block of the group is in use.
        """
        key = group, normalize_creator(creator)
        if key not in self._blocks:
            free = (number for number in _BLOCKS if (group, number) not in self._used)
            number = next(free, None)
            if number is None:
                raise Refusal(
                    Reason.INVALID_VALUE,
                    f"group {group:04X} has no free block for the private elements that the rules "
                    "create; choose another group in the rules",
                )
            self._blocks[key] = number
            self._used.add((group, number))
        return self._blocks[key]


def create_private_elements(
    additions: Sequence[Addition],
    added_values: AddedValues,
    blocks: PrivateBlocks,
    read_new: Callable[[int], str],
    encode_own: Callable[[int], bytes],
    encoding: Encoding,
    text_encodings: tuple[str, ...],
) -> tuple[dict[int, bytes], list[Action]]:
    """Return the encoded private elements that are added to one object, and their audit rows.

    Parameters
    ----------
    additions : sequence of Addition
        Private elements.
    added_values : AddedValues
    blocks : PrivateBlocks
    read_new : callable
        Returns the value of a private element of the new object by tag.
    encode_own : callable
        Returns an element of the source object by tag.
    encoding : Encoding
    text_encodings : tuple of str
        Python codecs of the Specific Character Set.

    Returns
    -------
    tuple
        Elements and private creators by tag, and the rows of those that the source object lacks.

    Raises
    ------
    Refusal
        ``INVALID_VALUE`` if a VR cannot hold a value or a group has no free block,
        ``LOOKUP_MISSING`` as the rules say.
    """
    created: dict[int, bytes] = {}
    actions: list[Action] = []
    for addition in added_values.choose(additions):
        group, vr = addition.tag >> 16, addition.private_vr
        block = blocks.reserve(group, addition.creator)
        tag = group << 16 | block << 8 | addition.tag & 0xFF
        if addition.parameters is None or not addition.always and read_new(tag):
            continue
        text = added_values.make(addition.parameters, vr, added_values.read_source(addition.name))
        if not text:
            continue
        location = format_tag_path("", tag)
        where = location, addition.source, encoding, text_encodings
        created[tag] = encode_value(text, tag, *where, vr)
        owner = group << 16 | block
        if owner in blocks.own:
            created[owner] = encode_own(owner)
        elif owner not in created:
            place = format_tag_path("", owner)
            created[owner] = encode_value(addition.creator, owner, place, *where[1:], "LO")
            actions.append(Action(place, "", "LO", "inserted", addition.source))
        actions.append(Action(location, "", vr, "inserted", addition.source))
    return created, actions
