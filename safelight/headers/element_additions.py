"""Create the elements that a rule set adds to an object."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from pydicom.datadict import keyword_for_tag

from safelight.dicom import character_sets
from safelight.dicom.encoding import NUMBER_LAYOUTS, Encoding, format_tag_path
from safelight.dicom.value_formats import can_hold
from safelight.dicom.values import encode_numbers
from safelight.headers.new_values import replace_uid, tokenize_identifier
from safelight.headers.object_values import FoundValue, ObjectValues
from safelight.pseudonyms import Pseudonyms
from safelight.records import Action, Reason, Refusal
from safelight.rules.action_parameters import ActionParameters
from safelight.rules.additions import Addition
from safelight.rules.attributes import get_vr
from safelight.rules.conditions import AttributeGetter
from safelight.standard.private_elements import normalize_creator


@dataclass(frozen=True)
class AddedValues:
    """Values of the elements that are added to one object. HOLDS PHI.

    Attributes
    ----------
    values : ObjectValues
    read_source : callable
        Returns the text of an element of the source object by reference.
    pseudonyms : Pseudonyms
        Derives values that a lookup table lacks.
    """

    values: ObjectValues
    read_source: AttributeGetter
    pseudonyms: Pseudonyms

    def choose(self, additions: Sequence[Addition]) -> Iterator[Addition]:
        """Yield the additions that apply: of one element, the first whose condition is met.

        Items that are appended apply all.

        Parameters
        ----------
        additions : sequence of Addition
        """
        decided: set[tuple[str, tuple[int, ...]]] = set()
        for one in additions:
            target = normalize_creator(one.creator), one.steps
            if target in decided and not one.appends:
                continue
            if one.condition is not None and not one.condition.is_met(self.read_source):
                continue
            decided.add(target)
            yield one

    def make(self, parameters: ActionParameters, vr: str, own_value: str) -> str:
        """Return the value of an element that is created; empty if there is none.

        Parameters
        ----------
        parameters : ActionParameters
        vr : str
        own_value : str
            Value of the element in the source object. PHI.

        Raises
        ------
        Refusal
            ``LOOKUP_MISSING`` as the rules say.
        """
        if parameters.action == "text":
            return self.values.compose(parameters, vr)
        found = self.values.look_up(parameters, own_value)
        return derive_missing(found, vr, self.pseudonyms) or ""


def create_elements(
    additions: Sequence[Addition],
    added_values: AddedValues,
    read_new: Callable[[int], str],
    encoding: Encoding,
    text_encodings: tuple[str, ...],
) -> tuple[dict[int, bytes], list[Action]]:
    """Return the encoded elements that are added to one object, by tag, and their audit rows.

    Parameters
    ----------
    additions : sequence of Addition
        Elements with a value at the top level.
    added_values : AddedValues
    read_new : callable
        Returns the value of an element of the new object by tag.
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
    for addition in added_values.choose(additions):
        tag, parameters = addition.tag, addition.parameters
        if parameters is None or not addition.always and read_new(tag):
            continue
        vr, location = get_vr(tag), format_tag_path("", tag)
        text = added_values.make(parameters, vr, added_values.read_source(location))
        if text:
            created[tag] = encode_value(
                text, tag, location, addition.source, encoding, text_encodings
            )
            actions.append(make_insertion(location, tag, addition.source))
    return created, actions


def make_insertion(location: str, tag: int, source: str) -> Action:
    """Return the audit row of an element that is created.

    Parameters
    ----------
    location : str
        Tag path of the element.
    tag : int
    source : str
        Entry of ``add``.
    """
    return Action(location, keyword_for_tag(tag), get_vr(tag), "inserted", source)


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


def encode_value(
    text: str,
    tag: int,
    location: str,
    source: str,
    encoding: Encoding,
    text_encodings: tuple[str, ...],
    vr: str = "",
) -> bytes:
    """Return the encoded element for a value.

    Parameters
    ----------
    text : str
    tag : int
    location : str
        Tag path of the element.
    source : str
        Entry of ``add``.
    encoding : Encoding
    text_encodings : tuple of str
        Python codecs of the Specific Character Set.
    vr : str
        VR of a private element; empty for the one of the data dictionary.

    Raises
    ------
    Refusal
        ``INVALID_VALUE`` if the VR cannot hold the value.
    """
    vr = vr or get_vr(tag)
    data: bytes | None = None
    if vr in NUMBER_LAYOUTS:
        data = encode_numbers(text.split("\\"), vr, encoding)
    elif can_hold(vr, text):
        data = character_sets.encode(text, vr, text_encodings)
    if data is None:
        raise Refusal(
            Reason.INVALID_VALUE,
            f"the rules give {location} a value that its VR {vr} cannot hold; correct {source}",
        )
    return encoding.element(tag, vr, data)
