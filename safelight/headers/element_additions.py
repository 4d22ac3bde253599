"""Create the elements that a rule set adds to an object."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pydicom.datadict import keyword_for_tag

from safelight.dicom import character_sets
from safelight.dicom.encoding import NUMBER_LAYOUTS, Encoding, format_tag_path
from safelight.dicom.value_formats import can_hold
from safelight.dicom.values import encode_numbers
from safelight.headers.new_values import replace_uid, tokenize_identifier
from safelight.headers.object_values import FoundValue, ObjectValues
from safelight.pseudonyms import Pseudonyms
from safelight.records import Action, Reason, Refusal
from safelight.rules.additions import Addition
from safelight.rules.attributes import get_vr
from safelight.rules.conditions import AttributeGetter


def create_elements(
    additions: Sequence[Addition],
    values: ObjectValues,
    read_source: AttributeGetter,
    read_new: Callable[[int], str],
    pseudonyms: Pseudonyms,
    encoding: Encoding,
    text_encodings: tuple[str, ...],
) -> tuple[dict[int, bytes], list[Action]]:
    """Return the encoded elements that are added to one object, by tag, and their audit rows.

    Parameters
    ----------
    additions : sequence of Addition
        Of one tag, the first one whose condition is met is applied.
    values : ObjectValues
    read_source : callable
        Returns the text of an element of the source object by reference.
    read_new : callable
        Returns the value of an element of the new object by tag.
    pseudonyms : Pseudonyms
        Derives values that a lookup table lacks.
    encoding : Encoding
    text_encodings : tuple of str
        Python codecs of the Specific Character Set.

    Raises
    ------
    Refusal
        ``INVALID_VALUE`` if a VR cannot hold a value, ``LOOKUP_MISSING`` as the rules say.
    """
    created: dict[int, bytes] = {}
    actions: list[Action] = []
    decided: set[int] = set()
    for addition in additions:
        tag = addition.tag
        if tag in decided:
            continue
        if addition.condition is not None and not addition.condition.is_met(read_source):
            continue
        decided.add(tag)
        if not addition.always and read_new(tag):
            continue
        vr = get_vr(tag)
        location, keyword = format_tag_path("", tag), keyword_for_tag(tag)
        text = _make_value(addition, vr, values, read_source(location), pseudonyms)
        if not text:
            continue
        data = _encode(text, vr, encoding, text_encodings)
        if data is None:
            raise Refusal(
                Reason.INVALID_VALUE,
                f"the rules give {location} a value that its VR {vr} cannot hold; correct "
                f"{addition.source}",
            )
        created[tag] = encoding.element(tag, vr, data)
        actions.append(Action(location, keyword, vr, "inserted", addition.source))
    return created, actions


def _make_value(
    addition: Addition, vr: str, values: ObjectValues, own_value: str, pseudonyms: Pseudonyms
) -> str:
    """Return the value of an element that is created; empty if there is none."""
    if addition.parameters.action == "text":
        return values.compose(addition.parameters, vr)
    found = values.look_up(addition.parameters, own_value)
    return derive_missing(found, vr, pseudonyms) or ""


def derive_missing(found: FoundValue, vr: str, pseudonyms: Pseudonyms) -> str | None:
    """Return the value of a lookup, or a keyed one if the rules say so; None if there is none.

    Parameters
    ----------
    found : FoundValue
    vr : str
    pseudonyms : Pseudonyms
    """
    if found.value is not None or found.missing != "derive":
        return found.value
    if vr == "UI":
        return replace_uid(found.key, pseudonyms)
    return tokenize_identifier(found.key, vr, pseudonyms)


def _encode(
    text: str, vr: str, encoding: Encoding, text_encodings: tuple[str, ...]
) -> bytes | None:
    """Return an encoded value; None if the VR cannot hold it."""
    if vr in NUMBER_LAYOUTS:
        return encode_numbers(text.split("\\"), vr, encoding)
    return character_sets.encode(text, vr, text_encodings) if can_hold(vr, text) else None
