"""Elements that a rule set adds to objects."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pydicom.datadict import keyword_for_tag

from safelight.dicom.encoding import format_tag_path
from safelight.rules.action_parameters import ActionParameters
from safelight.rules.attributes import get_vr
from safelight.rules.conditions import Condition


@dataclass(frozen=True)
class AddedItem:
    """Item of a sequence that is created.

    Attributes
    ----------
    elements : tuple of tuple
        Tag and content of each element, by tag: the parameters of a text, or the item of a
        nested sequence.
    """

    elements: tuple[tuple[int, ActionParameters | AddedItem], ...]

    def list_values(self) -> Iterator[tuple[int, ActionParameters]]:
        """Yield tag and parameters of each value in the item and in its own items."""
        for tag, content in self.elements:
            if isinstance(content, AddedItem):
                yield from content.list_values()
            else:
                yield tag, content

    def list_settings(self) -> dict[str, object]:
        """Return the elements by tag, for the hash and the description of rules."""
        return {
            format_tag_path("", tag): content.template
            if isinstance(content, ActionParameters)
            else content.list_settings()
            for tag, content in self.elements
        }


@dataclass(frozen=True)
class Addition:
    """One entry of ``add``: an element that is created.

    Attributes
    ----------
    tag : int
        Tag; of a private element with the block number 10, whatever block the object gets.
    parameters : ActionParameters or None
        A value of ``text``, or a ``lookup``; None for a sequence.
    always : bool
        Whether an element that the object has is replaced; otherwise it is created only if the
        new object has no value for it.
    condition : Comparison, Combination or None
        Objects that get the element; None for all.
    source : str
        Name of the rule set and index of the entry: ``NAME add[I]``.
    line : int
        Line in the file, counted from 1.
    path : tuple of int
        Sequences in whose items the element is created, the outermost first; empty for the top
        level.
    item : AddedItem or None
        Item of a sequence that is created; None for an element with a value.
    appends : bool
        Whether the item is appended to those that the new object has.
    creator : str
        Private creator of a private element; empty for a standard attribute.
    private_vr : str
        VR of a private element.
    """

    tag: int
    parameters: ActionParameters | None
    always: bool
    condition: Condition | None
    source: str
    line: int
    path: tuple[int, ...] = ()
    item: AddedItem | None = None
    appends: bool = False
    creator: str = ""
    private_vr: str = ""

    @property
    def steps(self) -> tuple[int, ...]:
        """The sequences of the path and the element."""
        return (*self.path, self.tag)

    @property
    def name(self) -> str:
        """Path as in a rules file: ``Sequence/Element``, or the private element."""
        if self.creator:
            return f'({self.tag >> 16:04X},"{self.creator}",{self.tag & 0xFF:02X})'
        return "/".join(keyword_for_tag(tag) or format_tag_path("", tag) for tag in self.steps)

    @property
    def is_nested(self) -> bool:
        """True if the element is a sequence, or is inside one."""
        return bool(self.path) or self.item is not None

    def find_vr(self, tag: int) -> str:
        """Return the VR of an element that is created.

        Parameters
        ----------
        tag : int
            A tag of `list_values`.
        """
        return self.private_vr or get_vr(tag)

    def list_values(self) -> Iterator[tuple[int, ActionParameters]]:
        """Yield tag and parameters of each value that is created."""
        if self.parameters is not None:
            yield self.tag, self.parameters
        if self.item is not None:
            yield from self.item.list_values()

    def list_settings(self) -> dict[str, object]:
        """Return what is created, for the hash of a rule set."""
        settings: dict[str, object] = {}
        if self.creator:
            settings |= {"creator": self.creator, "vr": self.private_vr}
        if self.path:
            settings["path"] = list(self.path)
        if self.item is not None:
            settings["item"] = self.item.list_settings()
        if self.appends:
            settings["append"] = True
        return settings if self.parameters is None else settings | self.parameters.list_settings()
