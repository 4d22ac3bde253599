"""What becomes of elements, and where they stand: the records that header modules share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from safelight.dicom.dictionary import keyword_of
from safelight.dicom.elements import Element
from safelight.dicom.encoding import Encoding
from safelight.records import Action, Finding, PseudonymMapping, Span
from safelight.rules import AttributeRule, CompiledLevel


class ElementEdit(NamedTuple):
    """What becomes of one element: its new bytes (empty: removed), and what to record."""

    data: bytes
    actions: tuple[Action, ...] = ()
    mappings: tuple[PseudonymMapping, ...] = ()
    findings: tuple[Finding, ...] = ()


Spans = Mapping[str, Sequence[Span]]


@dataclass
class ChangeLog:
    """What was done while one level, or one object, was written."""

    actions: list[Action] = field(default_factory=list)
    mappings: list[PseudonymMapping] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    #: New bytes of the top-level elements that the catalog shows.
    rewritten: dict[int, bytes] = field(default_factory=dict)
    kept_private: bool = False
    #: Whether what a text model found was asked for.
    read_text: bool = False
    cleaned_content: bool = False

    def add(self, outcome: ElementEdit) -> None:
        self.actions += outcome.actions
        self.mappings += outcome.mappings
        self.findings += outcome.findings

    @property
    def marked(self) -> bool:
        """Whether something was done that the bytes of the element alone do not tell."""
        return self.kept_private or self.read_text or self.cleaned_content

    def add_marks(self, inner: ChangeLog) -> None:
        """Take over what a nested level says of itself."""
        self.kept_private |= inner.kept_private
        self.read_text |= inner.read_text
        self.cleaned_content |= inner.cleaned_content


@dataclass(frozen=True)
class DatasetContext:
    """One nesting level: its rules, how it is encoded, and where it is."""

    level: CompiledLevel
    encoding: Encoding
    encodings: tuple[str, ...]
    path: str = ""
    depth: int = 0
    dummied: bool = False


@dataclass
class Creator:
    """A private creator that is written only if something of its block is kept."""

    name: str
    element: Element
    piece: int
    action: int = -1
    written: bool = False


def action(where: str, element: Element, vr: str, done: str, rule: AttributeRule) -> Action:
    """The audit row of one changed element: what was done and why, never what it was."""
    size = f"{element.stop - element.value} bytes"
    return Action(where, keyword_of(element.tag), vr, done, rule.source, size)
