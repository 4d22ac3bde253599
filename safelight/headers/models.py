"""Records of the header stage: the context of a data set, and the edits of its elements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from pydicom.datadict import keyword_for_tag

from safelight.dicom.elements import Element
from safelight.dicom.encoding import Encoding
from safelight.headers.retained_information import RetainedBits
from safelight.records import Action, Finding, PseudonymMapping, Span
from safelight.rules import AttributeRule, CompiledLevel

if TYPE_CHECKING:
    from safelight.headers.object_values import ObjectValues

#: Spans of each distinct text of an object.
Spans: TypeAlias = Mapping[str, Sequence[Span]]


#: Values of ``Action.action`` after which an element still holds something of its value.
_RETAINING_ACTIONS = frozenset({"cleaned", "generalised", "shifted"})


class ElementEdit(NamedTuple):
    """Edit of one element.

    Attributes
    ----------
    data : bytes
        The new encoded element; empty if the element is removed.
    actions, mappings, findings : tuple
        Rows to record.
    """

    data: bytes
    actions: tuple[Action, ...] = ()
    mappings: tuple[PseudonymMapping, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(slots=True)
class ChangeLog:
    """Record of the edits in one data set, or in the items of one sequence.

    Attributes
    ----------
    actions, mappings, findings : list
        Rows to record.
    catalog_elements : dict of int to bytes
        New encoded top-level elements that the catalog reads, by tag.
    retained : int
        Bits of ``Retained``: what the elements of the new object still say.
    read_text : bool
        True if the spans of a text model were used.
    cleaned_content : bool
        True if the content tree of a structured report was cleaned.
    reads_object : bool
        True if an edit depends on other elements of the object.
    """

    actions: list[Action] = field(default_factory=list)
    mappings: list[PseudonymMapping] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    catalog_elements: dict[int, bytes] = field(default_factory=dict)
    retained: RetainedBits = 0
    read_text: bool = False
    cleaned_content: bool = False
    reads_object: bool = False

    def add(self, edit: ElementEdit) -> None:
        """Append the rows of one edit."""
        self.actions += edit.actions
        self.mappings += edit.mappings
        self.findings += edit.findings

    def extend(self, other: ChangeLog) -> None:
        """Append the rows of the log of other edits in the same data set, and set its flags."""
        self.actions += other.actions
        self.mappings += other.mappings
        self.findings += other.findings
        self.add_flags(other)

    @property
    def has_flags(self) -> bool:
        """Return whether a flag is set, so that an edit is more than its new bytes."""
        return self.read_text or self.cleaned_content or self.reads_object

    def add_flags(self, inner: ChangeLog) -> None:
        """Set the flags that are set in the log of a nested data set."""
        self.retained |= inner.retained
        self.read_text |= inner.read_text
        self.cleaned_content |= inner.cleaned_content
        self.reads_object |= inner.reads_object


class DatasetContext(NamedTuple):
    """A data set or an item: its bytes, encoding, rules and position.

    Attributes
    ----------
    data : bytes
        The bytes that the offsets of elements refer to.
    spans : Spans or None
        Spans of each distinct text of the object; None if no text model was used.
    level : CompiledLevel
        Rules of this nesting level.
    encoding : Encoding
        Encoding of the elements.
    text_encodings : tuple of str
        Python codecs of the Specific Character Set.
    path : str
        Tag path of the item with a dot at its end; empty at the top level.
    depth : int
        Number of sequences around the item.
    dummied : bool
        True inside a sequence whose values are replaced by dummy values.
    object_values : ObjectValues or None
        Values of the object, if the rules look up or compose values.
    elements : sequence of Element
        Elements of the data set or item.
    study_day : bytes
        Study Date (0008,0020) of the object as eight digits; empty if it has none. PHI.
    """

    data: bytes
    spans: Spans | None
    level: CompiledLevel
    encoding: Encoding
    text_encodings: tuple[str, ...]
    path: str = ""
    depth: int = 0
    dummied: bool = False
    object_values: ObjectValues | None = None
    elements: Sequence[Element] = ()
    study_day: bytes = b""


@dataclass
class PrivateCreator:
    """A private creator, which is written only if an element of its block is kept.

    Attributes
    ----------
    name : str
        Value of the private creator element.
    element : Element
        The private creator element.
    piece_index : int
        Index of the element in the pieces of the new data set.
    action_index : int
        Index of its audit row in the change log.
    written : bool
        True if the element was written.
    """

    name: str
    element: Element
    piece_index: int
    action_index: int
    written: bool = False


def holds_original_value(element: Element, edit: ElementEdit | None, data: bytes) -> bool:
    """Return whether the new element still holds something of the original value.

    Parameters
    ----------
    element : Element
        The element of the source object.
    edit : ElementEdit or None
        Its edit; None if its bytes are kept.
    data : bytes
        The bytes that the offsets of the element refer to.
    """
    if edit is not None:
        actions = edit.actions
        return bool(edit.data and actions) and actions[0].action in _RETAINING_ACTIONS
    return bool(data[element.value : element.stop].strip(b"\0 "))


def make_action(location: str, element: Element, vr: str, done: str, rule: AttributeRule) -> Action:
    """Return the audit row of one changed element.

    Parameters
    ----------
    location : str
        Tag path of the element.
    element : Element
        The element of the source object; its length is recorded, never its value.
    vr : str
        VR by which the value was read.
    done : str
        The change, such as ``removed`` or ``shifted``.
    rule : AttributeRule
        The rule that was applied.

    Returns
    -------
    Action
    """
    size = f"{element.stop - element.value} bytes"
    return Action(location, keyword_for_tag(element.tag), vr, done, rule.source, size)
