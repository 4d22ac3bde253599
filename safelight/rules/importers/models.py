"""Rules, remarks and results of the importers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

#: Condition of a rules file, as JSON.
ConditionNode = Mapping[str, object]

#: Characters that a comment of the rules file does not have.
UNPRINTABLE = re.compile(r"[^\x20-\x7e]+")


class RulesImportError(ValueError):
    """Raised if a file cannot be imported. The message is one sentence for the user."""


@dataclass(frozen=True, order=True)
class Remark:
    """Remark on a part of the other tool's file.

    Attributes
    ----------
    line : int
        Line of the other tool's file.
    text : str
    is_downgrade : bool
        Whether that part is lost, or is replaced by an action that keeps less.
    """

    line: int
    text: str
    is_downgrade: bool = True

    def __str__(self) -> str:
        return f"line {self.line}: {UNPRINTABLE.sub(' ', self.text)}"


@dataclass(frozen=True)
class ImportedRules:
    """Result of an import.

    Attributes
    ----------
    text : str
        Rules file (YAML), with each remark as a comment beside its rule.
    remarks : tuple of Remark
        Remarks by line.
    tables : mapping of str to str
        Lookup tables of the rules file (CSV) by the name of their file, which belongs into the
        same folder. PHI.
    """

    text: str
    remarks: tuple[Remark, ...]
    tables: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def has_downgrades(self) -> bool:
        """True if a part of the other tool's file is lost or keeps less."""
        return any(remark.is_downgrade for remark in self.remarks)


@dataclass(frozen=True)
class ImportedRule:
    """One entry of ``elements``.

    Attributes
    ----------
    selector : str
        Selector without a prefix for the depth.
    action : str
    parameters : mapping
        Parameters of the action, such as ``value`` of a literal.
    when : mapping or None
        Condition.
    exceptions : sequence of str
        Selectors of ``except``.
    depth : str or None
        Prefix of the selector: empty, ``*/`` or ``+/``; None for the one that fits the action.
    remark : str
        Remark; empty for none.
    is_downgrade : bool
        Whether the remark says that something is lost.
    """

    selector: str
    action: str
    parameters: Mapping[str, object] = field(default_factory=dict)
    when: ConditionNode | None = None
    exceptions: Sequence[str] = ()
    depth: str | None = None
    remark: str = ""
    is_downgrade: bool = True
