"""Builder of a rules file: collects rules and remarks of an importer, and returns YAML."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

from pydicom.datadict import tag_for_keyword

from safelight.rules.attributes import DATE_VRS, get_vr
from safelight.rules.compiled_rules import ALWAYS_REMOVED
from safelight.rules.profile import PATIENT_ID
from safelight.rules.selectors import parse_selector

#: Actions that keep or write a value. They are applied only at the depth where the other tool
#: keeps the element; all other actions at every depth.
_REVEALING_ACTIONS = frozenset({"keep", "literal"})


class RulesImportError(ValueError):
    """Raised if a file cannot be imported. The message is one sentence for the user."""


@dataclass(frozen=True)
class ImportedRules:
    """Result of an import.

    Attributes
    ----------
    text : str
        Rules file (YAML).
    remarks : tuple of (int, str)
        Line of the other tool's file, and the part of it that has no counterpart.
    """

    text: str
    remarks: tuple[tuple[int, str], ...]


@dataclass
class RulesFileBuilder:
    """Collects the rules and remarks of one import.

    Attributes
    ----------
    file : str
        Name of the other tool's file.
    tool : str
        Name of the other tool.
    default : str
        Value of ``default`` in the rules file.
    elements : list of str
        Lines of ``elements``.
    remarks : list of (int, str)
        Line of the other tool's file and remark.
    """

    file: str
    tool: str
    default: str = "keep"
    elements: list[str] = field(default_factory=list)
    remarks: list[tuple[int, str]] = field(default_factory=list)
    _selectors: set[str] = field(default_factory=set)

    def add_remark(self, line: int, text: str) -> None:
        """Record that a part of the other tool's file has no counterpart.

        Parameters
        ----------
        line : int
            Line of the other tool's file.
        text : str
        """
        self.remarks.append((line, text))

    def add_rule(self, line: int, selector: str, action: str, value: str | None = None) -> None:
        """Add a rule. As in a rules file, the first rule for a selector decides.

        Parameters
        ----------
        line : int
            Line of the other tool's file.
        selector : str
        action : str
        value : str or None
            Value of the action ``literal``.
        """
        try:
            tag = parse_selector(selector).tag
        except ValueError as error:
            self.add_remark(line, f"left out: expected {error}")
            return
        if tag is not None and (tag in ALWAYS_REMOVED or tag >> 16 < 8 or tag & 0xFFFF == 0):
            if action in _REVEALING_ACTIONS:
                self.add_remark(line, f"left out: {selector} is never kept")
            return
        if selector in self._selectors:
            return
        self._selectors.add(selector)
        path = selector if action in _REVEALING_ACTIONS else f"*/{selector}"
        entry = f"tag: {json.dumps(path)}, action: {action}"
        if value is not None:
            entry += f", value: {json.dumps(value, ensure_ascii=False)}"
        self.elements.append(f"  - {{{entry}}}")

    def build(self) -> ImportedRules:
        """Return the rules file and the remarks."""
        name = re.sub(r"[^A-Za-z0-9_-]+", "-", self.file.rsplit(".", 1)[0]).strip("-") or "imported"
        lines = [
            f"# Imported from {self.file} ({self.tool}).",
            "# The Basic Profile of DICOM PS3.15 applies to all attributes that it does not name.",
            f"name: {name}",
            'version: "1"',
            "profile: basic",
            f"default: {self.default}",
        ]
        if self.elements:
            lines += ["elements:", *self.elements]
        return ImportedRules("\n".join(lines) + "\n", tuple(sorted(self.remarks)))


def choose_pseudonym_action(selector: str) -> str:
    """Return the action that replaces an element by a pseudonym that fits its VR."""
    try:
        tag = parse_selector(selector).tag
    except ValueError:
        return "token"
    if tag == PATIENT_ID:
        return "patient_id"
    vr = get_vr(tag) if tag is not None else ""
    if vr in DATE_VRS:
        return "shift"
    return {"UI": "uid", "PN": "name", "AS": "age"}.get(vr, "token")


def is_keyword(text: str) -> bool:
    """Return whether a text is a keyword of the data dictionary."""
    return tag_for_keyword(text) is not None
