"""What an importer writes into: rules with remarks, and the YAML that comes of them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

from pydicom.datadict import tag_for_keyword

from safelight.rules.attributes import DATE_VRS, get_vr
from safelight.rules.compiled_rules import ALWAYS_REMOVED
from safelight.rules.profile import PATIENT_ID
from safelight.rules.selectors import parse_selector

#: Actions that let a value through; they stay at the depth where the other tool keeps it.
_REVEALING = frozenset({"keep", "literal"})


class RulesImportError(ValueError):
    """A file that cannot be imported: one sentence for the person who gave it."""


@dataclass(frozen=True)
class ImportedRules:
    """A rules file in the making.

    Attributes
    ----------
    text : str
        YAML.
    remarks : tuple of (int, str)
        Line of the other file, and what of it has no counterpart.
    """

    text: str
    remarks: tuple[tuple[int, str], ...]


@dataclass
class RulesFileBuilder:
    """Collects the rules of one file."""

    file: str
    tool: str
    default: str = "keep"
    elements: list[str] = field(default_factory=list)
    filters: list[str] = field(default_factory=list)
    remarks: list[tuple[int, str]] = field(default_factory=list)
    _seen: set[str] = field(default_factory=set)

    def remark(self, line: int, text: str) -> None:
        """Note what could not be taken over."""
        self.remarks.append((line, text))

    def rule(self, line: int, selector: str, action: str, value: str | None = None) -> None:
        """Add a rule; the first one for a selector stands, as in a rules file."""
        try:
            tag = parse_selector(selector).tag
        except ValueError as error:
            self.remark(line, f"left out: expected {error}")
            return
        if tag is not None and (tag in ALWAYS_REMOVED or tag >> 16 < 8 or tag & 0xFFFF == 0):
            if action in _REVEALING:
                self.remark(line, f"left out: {selector} is never kept")
            return
        if selector in self._seen:
            return
        self._seen.add(selector)
        path = selector if action in _REVEALING else f"*/{selector}"
        entry = f"tag: {json.dumps(path)}, action: {action}"
        if value is not None:
            entry += f", value: {json.dumps(value, ensure_ascii=False)}"
        self.elements.append(f"  - {{{entry}}}")

    def finish(self) -> ImportedRules:
        """The YAML."""
        name = re.sub(r"[^A-Za-z0-9_-]+", "-", self.file.rsplit(".", 1)[0]).strip("-") or "imported"
        lines = [
            f"# Imported from {self.file} ({self.tool}).",
            "# What that file leaves out is decided by the Basic Profile of DICOM PS3.15.",
            f"name: {name}",
            'version: "1"',
            "profile: basic",
            f"default: {self.default}",
        ]
        if self.elements:
            lines += ["elements:", *self.elements]
        if self.filters:
            lines += ["filters:", *self.filters]
        return ImportedRules("\n".join(lines) + "\n", tuple(sorted(self.remarks)))


def pseudonym_action(selector: str) -> str:
    """The action that replaces an element by something derived from it, by its VR."""
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


def known_keyword(text: str) -> bool:
    """Whether the data dictionary has a keyword."""
    return tag_for_keyword(text) is not None
